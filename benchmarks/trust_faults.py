"""Faults of trust: spoiled measurements, and inputs that would reach for what is not theirs.

A spoiled start, bill or audit of a run must show by itself, with exit code 1, unless what it moved
is below what the run resolves; the truth is the same run unspoiled. Everything else must be read as
it was meant, or refused in words, and may touch nothing of ours. Each fault is a function of a
random source and a fresh folder that says what was wrong, or nothing.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from learning.errors import LearningError
from learning.measure.audit import RESIDUAL_LIMIT
from learning.measure.disagreement import BILL_LIMIT
from learning.tasks.records import read_records

PATIENCE_S = 300.0
ROOT = Path(__file__).parents[1]
CELLS = ROOT / "circuits" / "cells"

SHORT = ("schedule.epochs=1", "schedule.evaluate_every=1", "task.examples=2")
DESIGNS = ("regression", "regression_twin")
MAIN = "import sys; from learning.cli import main; sys.exit(main())"
SOUND = 5e-3
"""Within this share of itself every figure counts as the unspoiled run's, for blocks of a hundredth
of the bill at least; a bill has three more digits, a start is believed within 1 % of its power."""

START = """
import random
from dataclasses import replace
from learning.fidelity import spice
rng, found = random.Random({seed}), spice.find_rest
def moved(*words):
    rest = found(*words)
    state = dict(rest.state_V)
    names = sorted(name for name, volts in state.items() if volts)
    for name in rng.sample(names, {count} or len(names)):
        state[name] = {how}
    return replace(rest, state_V=state)
spice.find_rest = moved
"""
MOVES = (
    "state[name] + rng.choice((-1, 1)) * rng.uniform(0.2, 1.5)",
    "0.0",
    "state[name] * rng.uniform(0.3, 1.7)",
)
BILL = """
import random
from learning.measure import ledger
rng, power, names = random.Random({seed}), ledger.Ledger.power, list(ledger.BLOCKS)
block, factor = rng.randrange(len(names)), {factor}
def scaled(self, *words):
    watts = power(self, *words)
    watts[:, block] *= factor
    return watts
ledger.Ledger.power = scaled
"""
FORGOTTEN = """
import random
from learning.measure import ledger
rng, entries = random.Random({seed}), ledger._entries
def fewer(assembly):
    every = list(entries(assembly))
    place = random.Random({seed}).randrange(len(every))
    return iter(every[:place] + every[place + 1:])
ledger._entries = fewer
"""
UNSEEN = """
import random
from learning.measure import audit
terms, lost = audit._terms, random.Random({seed}).sample(range(100), {count})
calls = [0]
def fewer(leaf, models):
    calls[0] += 1
    found = list(terms(leaf, models))
    return iter(found[:1] if calls[0] % 100 in lost else found)
audit._terms = fewer
"""


def false_start(rng: random.Random, folder: Path) -> str:
    """A machine that starts from voltages that are not its operating point."""
    words = {"seed": rng.randrange(1 << 30), "count": rng.choice((0, 1, 3, 20))}
    return _spoiled(rng, folder, START.format(how=rng.choice(MOVES), **words))


def wrong_bill(rng: random.Random, folder: Path) -> str:
    """A block whose power is read too large or too small, or a source that nobody bills."""
    seed, factor = rng.randrange(1 << 30), rng.choice((0.0, 0.5, 0.9, 0.99, 1.01, 1.1, 2.0, -1.0))
    way = rng.choice((BILL, FORGOTTEN))
    return _spoiled(rng, folder, way.format(seed=seed, factor=factor))


def blind_audit(rng: random.Random, folder: Path) -> str:
    """An audit that does not see everything that some devices do."""
    words = {"seed": rng.randrange(1 << 30), "count": rng.choice((1, 5, 30))}
    return _spoiled(rng, folder, UNSEEN.format(**words))


def settings_of_the_folder(rng: random.Random, folder: Path) -> str:
    """A current folder full of settings and modules that would run something."""
    mark = folder / "mark"
    python = f"open({str(mark)!r}, 'w').close()\n"
    spice = f".control\nshell touch {mark}\n.endc\n"
    files = {
        **dict.fromkeys((".spiceinit", "spice.rc", ".ngspice"), f"*\nshell touch {mark}\n{spice}"),
        ".numba_config.yaml": "cache_dir: evil\n",
        "matplotlibrc": "backend: module://evil\n",
        **dict.fromkeys((f"{name}.py" for name in ("evil", "numpy", "numba", "learning")), python),
        **dict.fromkeys(("sitecustomize.py", "usercustomize.py", "conftest.py"), python),
    }
    for name in rng.sample(sorted(files), rng.randint(3, len(files))):
        (folder / name).write_text(files[name])
    (folder / "deck.cir").write_text("t\nV1 a 0 1\nR1 a 0 1\n.op\n.end\n")
    commands = (
        *(["show", "regression"], ["check", "deck.cir"], ["stats", "deck.cir"]),
        *(["check", "--roundtrip", "."], ["simulate", "deck.cir", "--out", "out"]),
        ["netlist", "regression", "-o", "out.cir"],
        ["draw", str(CELLS / "edge.cir"), "-o", "edge.png"],
    )
    code, said = _joulearn(rng.choice(commands), folder)
    if mark.exists():
        return "what lay in the folder ran"
    return said or ("" if code == 0 else f"exit code {code}")


def foreign_package(rng: random.Random, folder: Path) -> str:
    """A process whose package is an option, a folder or an address of the installer."""
    mark = folder / "mark"
    build = folder / "evil"
    build.mkdir()
    (build / "setup.py").write_text(f"open({str(mark)!r}, 'w').close()\n")
    names = (
        *("./evil", "--editable=./evil", "-e./evil", f"file://{build}", "-r evil.txt", "evil @ ."),
        *(str(build), "--index-url=http://127.0.0.1:9", "git+file:///evil", "evil\\n--pre", "../x"),
    )
    name, version = rng.choice(names), rng.choice(("1.0", "1.0 --pre", "./evil", "@ ./evil"))
    text = (ROOT / "circuits" / "processes" / "sky130.toml").read_text()
    text, changed = re.subn(
        r'(\[foundry\.package\][^\[]*?\bname = )"[^"]*"', rf'\1"{_escaped(name)}"', text, count=1
    )
    text = re.sub(
        r'(\[foundry\.package\][^\[]*?\bversion = )"[^"]*"', rf'\1"{version}"', text, count=1
    )
    if not changed:
        return "the process has no package to replace"
    (folder / "evil.toml").write_text(text)
    began = time.monotonic()
    code, said = _joulearn(["pdk", "add", "./evil.toml"], folder)
    if mark.exists():
        return f"{name!r} was built"
    quick = time.monotonic() - began < 20  # noqa: PLR2004 - no index was asked
    right = code == 2 and quick and not said  # noqa: PLR2004 - bad input
    return "" if right else f"{name!r}: exit code {code}: {said[-300:]}"


def commands_in_a_cell(rng: random.Random, folder: Path) -> str:
    """A cell with commands of the simulator in one of many spellings."""
    mark = folder / "mark"
    block = rng.choice(
        (
            ".control\nshell touch {m}\n.endc\n",
            "  .CONTROL\nshell touch {m}\n.ENDC\n",
            ".contr\nshell touch {m}\n.endc\n",
            "* comment\r.control\rshell touch {m}\r.endc\r",
            "*\u2028.control\nshell touch {m}\n.endc\n",
            "\x85.control\nshell touch {m}\n.endc\n",
            "*ng_script\n.control\nshell touch {m}\n.endc\n",
            ".if (1)\n.control\nshell touch {m}\n.endc\n.endif\n",
            ".exec shell touch {m}\n",
            ".include evil.inc\n",
            ".codemodel evil.cm\n",
            ".pre_codemodel evil.cm\n",
        )
    ).format(m=mark)
    (folder / "evil.inc").write_text(f".control\nshell touch {mark}\n.endc\n")
    text = (CELLS / "update_memory.cir").read_text()
    at = rng.choice((0, len(text), text.index("\n") + 1, text.lower().index(".ends")))
    (folder / "mine.cir").write_text(text[:at] + block + text[at:], encoding="utf-8")
    words = ["netlist", "regression", "--set", f"cells.update={folder / 'mine.cir'}", "-o", "d.cir"]
    code, said = _joulearn(words, folder)
    if said:
        return said
    if (folder / "d.cir").exists() and code == 0:
        deck = (folder / "d.cir").read_text().replace(".end\n", ".op\n.end\n")
        deck = re.sub(r"(?im)^\.tran.*$", "", deck)
        (folder / "run.cir").write_text(deck)
        subprocess.run(
            ["ngspice", "-n", "-b", "run.cir"],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
        )
    return f"it ran: {block!r}" if mark.exists() else ""


def not_its_file(rng: random.Random, folder: Path) -> str:
    """A design or a process that names a file of somebody else's where one of its own belongs."""
    secret = folder / "elsewhere" / "secret"
    secret.parent.mkdir()
    secret.write_text("4c6f73t:x:0:0 = [unclosed\n")
    own = folder / "own"
    own.mkdir()
    link = own / "link"
    link.symlink_to(secret)
    named = rng.choice((str(secret), "../elsewhere/secret", "link"))
    design, what = rng.choice(
        (
            *(("csv", "task.csv"), ("regression", "cells.update"), ("regression", "process")),
            ("regression", "network.file"),
        )
    )
    if rng.random() < 0.5:  # noqa: PLR2004 - half of them in a process of somebody else's
        text = (ROOT / "circuits" / "processes" / "generic180.toml").read_text()
        text = re.sub(r'(?m)^models = ".*"', f'models = "{named}"', text)
        (own / "p.toml").write_text(text)
        design, what, named = "regression", "process", "p.toml"
    words = ["show", design, "--set", f"{what}={named}"]
    words += ["--set", "network.topology=file"] if what == "network.file" else []
    code, said = _joulearn(words, own, every=True)
    if "4c6f73t" in said:
        return f"{what}: it quotes what it was not given: {said[-300:]}"
    clean = _clean(said) or ("it hangs" if code is None else "")
    return clean or ("" if code else f"{what}={named} was taken")


def out_of_all_measure(rng: random.Random, folder: Path) -> str:
    """A count or size that no machine holds."""
    huge = rng.choice(("1e9", "1000000000", "9" * 400, "1e308", "-5", "nan", "inf", "1e12"))
    key = rng.choice(
        (
            *("network.rows", "network.columns", "task.examples", "schedule.epochs"),
            *("schedule.presentation_s", "simulator.threads", "measure.queries", "variation.draw"),
        )
    )
    began = time.monotonic()
    words = [rng.choice(("show", "netlist")), "regression", "--set", f"{key}={huge}"]
    words += ["-o", "d.cir"] if words[0] == "netlist" else []
    code, said = _joulearn(words, folder)
    spent_s = time.monotonic() - began
    if said or code is None:
        return said or "it hangs"
    slow = spent_s > 60  # noqa: PLR2004 - seconds on an idle machine
    return f"{key}={huge} took {spent_s:.0f} s" if slow or code == 1 else ""


def two_ways_to_read(rng: random.Random, folder: Path) -> str:
    """A table in one of the ways the world writes them: read as it was meant, or refused."""
    separator, decimal = rng.choice(((",", "."), (";", ","), (";", "."), ("\t", ","), ("\t", ".")))
    columns, rows = rng.randint(1, 4), rng.randint(2, 6)
    meant = [
        [round(rng.uniform(-2000, 2000), rng.choice((0, 1, 3))) for _ in range(columns)]
        for _ in range(rows)
    ]
    names = [
        rng.choice(("a", "x y", "1", "2,5", "é", '"q"', "U/V")) + str(i) for i in range(columns)
    ]
    cells = [[f"{value:.6g}".replace(".", decimal) for value in row] for row in meant]
    head = [f'"{name.replace(chr(34), chr(34) * 2)}"' for name in names]
    mark, end = rng.choice(("", "\ufeff")), rng.choice(("\n", "\r\n"))
    text = mark + end.join(separator.join(row) for row in [head, *cells]) + end
    path = folder / "t.csv"
    path.write_bytes(text.encode("utf-8"))
    try:
        records = read_records(path, "t.csv")
    except LearningError:
        return ""
    point = {"comma": ",", "point": "."}[records.decimal]
    read = [[float(cell.replace(point, ".")) for cell in row] for row in records.rows]
    same = len(read) == rows and all(
        abs(a - b) <= 1e-3 * max(abs(a), 1.0)
        for one, other in zip(read, meant, strict=True)
        for a, b in zip(one, other, strict=True)
    )
    return "" if same and list(records.header) == names else f"{text!r} was read as {records}"


def _spoiled(rng: random.Random, folder: Path, how: str) -> str:
    """A short run with one thing spoiled: it says so, or nothing moved that it resolves."""
    design = rng.choice(DESIGNS)
    code, said, result = _run(design, folder, how)
    if code is None or "Traceback" in said:
        return f"it hangs, or a traceback: {said[-600:]}"
    if code:
        told = "differ by" in said or "NOT TO BE TRUSTED" in said or "joulearn:" in said
        return "" if told else f"not named: {said[-300:]}"
    apart = _apart(_truth(design), result)
    return f"{design}: {apart}, in green; {how}" if apart else ""


def _apart(truth: dict[str, object], result: dict[str, object]) -> str:
    """By what a run that says nothing differs from the truth; empty when by nothing it resolves."""
    bills, spoiled = _numbers(truth["energy_J"]), _numbers(result["energy_J"])
    total = bills["total"]
    for block, joules in bills.items():
        if abs(spoiled[block] - joules) > max(BILL_LIMIT * total, SOUND * abs(joules)):
            return f"{block} {spoiled[block]:.4g} J for {joules:.4g} J"
    residual = _numbers(result["energy_balance"])["residual"]
    return f"residual {residual:.2g}" if residual > RESIDUAL_LIMIT else ""


def _numbers(table: object) -> dict[str, float]:
    return {k: float(v) for k, v in dict(table).items() if isinstance(v, float | int)}  # type: ignore[call-overload]


@cache
def _truth(design: str) -> dict[str, object]:
    with TemporaryDirectory(prefix="joulearn-truth-") as folder:
        code, said, result = _run(design, Path(folder), "")
    if code != 0:
        raise RuntimeError(f"the unspoiled run of {design} failed: {said}")
    return result


def _run(design: str, folder: Path, before: str) -> tuple[int | None, str, dict[str, object]]:
    words = ["learn", design, "--out", str(folder / "run"), *(f"--set={key}" for key in SHORT)]
    code, said = _joulearn(words, folder, before=before, every=True)
    path = folder / "run" / "result.json"
    result = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return code, said, result


def _joulearn(
    words: Sequence[str], folder: Path, *, before: str = "", every: bool = False
) -> tuple[int | None, str]:
    """Exit code, and what it said: a traceback only, or everything."""
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-c", before + MAIN, *words],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PATIENCE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None, "it hangs"
    said = done.stdout + done.stderr
    return done.returncode, said if every else _clean(said)


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\")


def _clean(said: str) -> str:
    return f"a traceback: {said[-600:]}" if "Traceback" in said else ""


KINDS: dict[str, Callable[[random.Random, Path], str]] = {
    "run: false start": false_start,
    "run: wrong bill": wrong_bill,
    "run: blind audit": blind_audit,
    "start: settings in the current folder": settings_of_the_folder,
    "files: package that is an option": foreign_package,
    "files: commands in a cell": commands_in_a_cell,
    "files: somebody else's named in a design": not_its_file,
    "files: count out of all measure": out_of_all_measure,
    "files: table that could be read in two ways": two_ways_to_read,
}
