"""Faults in files: numbers with two meanings, mutated inputs, what is no file, decks that fan out.

Each is a function of a random source and a fresh folder that says what was wrong, or nothing.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from learning.design.read import load_design
from learning.errors import LearningError
from learning.result.read import load_waveforms
from learning.tasks.records import read_records
from netlist.checks import check_file
from netlist.errors import NetlistError
from netlist.machine.topology import read_network
from netlist.text.emitter import emit
from netlist.text.parser import parse, survey
from netlist.views.pyspice import from_pyspice, to_pyspice
from spice_backend.errors import SpiceError
from spice_backend.simulate import simulate
from spice_backend.waveforms.rawfile import read_plots
from spice_backend.waveforms.waveform import label, read_raw, write_netcdf

PATIENCE_S = 300.0
ROOT = Path(__file__).parents[1]

NUMBERS = (
    "2A",
    "500aF",
    "1e-3A",
    "4k7",
    "1mil",
    "50%",
    "1.5.7",
    "1_000",
    "3M",
    "1Meg",
    "2k2",
    "7µA",
)
ODD = (b"\x00", b"\r", b"(", b"}", b'"', b"e999", b"\xff", b"=", b"\xed\xa0\x80")
LISTS = ("{n}", "dc {n}", "({n}", "dc {n} ac (1", "pwl(0 {n} 1 {n})", "{n} pulse({n} {n})")
DESIGN = ROOT / "circuits" / "designs" / "regression_twin.toml"
FAN = ".subckt l{i} a\nX1 a l{j}\nX2 a l{j}\n.ends\n"
OUT = (
    "out\nv1 a 0 1\nr1 a 0 1k\n.op\n.control\nrun\nwrite mine.raw v(a)\n"
    "shell sh {script}\n.endc\n.end\n"
)


def two_meanings(rng: random.Random, folder: Path) -> str:
    """A number that two readers might read in two ways, written again by every way we write."""
    line = rng.choice(LISTS).format(n=rng.choice(NUMBERS))
    text = f"t\nI1 0 n {line}\nR1 n 0 1\n.op\n.end\n"
    circuit = parse(text)
    through = emit(from_pyspice(to_pyspice(circuit))).replace(".end\n", ".op\n.end\n")
    values = [_operating_point(deck, folder) for deck in (text, emit(circuit), through)]
    same = len(set(values)) == 1 and values[0] is not None
    return "" if same else f"{line!r} was {values[0]} and became {values[1:]}"


def mutated_deck(rng: random.Random, folder: Path) -> str:
    """A shipped cell with a few characters changed: read, checked, and written so that it reads."""
    source = rng.choice(sorted((ROOT / "circuits" / "cells").glob("*.cir")))
    path = _mutated(rng, folder, source, "deck.cir")
    began = time.process_time()
    try:
        check_file(path)
        circuit, problems = survey(path.read_text(encoding="utf-8", errors="replace"))
        if not problems and parse(emit(circuit)) != circuit:
            return f"it does not read back: {path.read_bytes()!r}"
    except NetlistError:
        pass
    spent_s = time.process_time() - began
    return "" if spent_s < 10 else f"it took {spent_s:.0f} s"  # noqa: PLR2004 - a small file


def mutated_input(rng: random.Random, folder: Path) -> str:
    """A design, a table or a network with a few characters changed: read, or refused in words."""
    table, network = folder / "t.csv", folder / "n.graphml"
    table.write_text("a,b,label\n1.5,2,0\n3,4.25,1\n-1e-3,6,0\n")
    network.write_text(
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><graph edgedefault="directed">'
        '<node id="a"/><node id="b"/><node id="c"/><edge source="a" target="b"/>'
        '<edge source="b" target="c"/></graph></graphml>\n'
    )
    readers: dict[str, tuple[Path, Callable[[Path], object]]] = {
        "d.toml": (DESIGN, load_design),
        "m.csv": (table, lambda path: read_records(path, path.name)),
        "m.graphml": (network, read_network),
    }
    name = rng.choice(sorted(readers))
    source, read = readers[name]
    try:
        read(_mutated(rng, folder, source, name))
    except (LearningError, NetlistError):
        return ""
    return ""


def mutated_raw(rng: random.Random, folder: Path) -> str:
    """A raw file in text with a few characters changed: read, or refused in words."""
    source = folder / "s.raw"
    source.write_text(
        "Title: t\nDate: now\nPlotname: AC Analysis\nFlags: complex\nNo. Variables: 2\n"
        "No. Points: 2\nVariables:\n\t0\tfrequency\tfrequency grid=3\n\t1\tv(a)\tvoltage\n"
        "Values:\n 0\t1.0,0.0\n\t0.99,-0.1\n\n 1\t2.0,0.0\n\t0.98,-0.2\n"
    )
    try:
        read_raw(_mutated(rng, folder, source, "m.raw"))
    except SpiceError:
        return ""
    return ""


def mutated_waveforms(rng: random.Random, folder: Path) -> str:
    """Recorded waveforms with a few bytes changed: read, or refused in words."""
    source = folder / "s.nc"
    time_s = np.linspace(0.0, 1.0, 5)
    write_netcdf(label(["time", "v(a)"], ["s", "V"], time_s, time_s[:, None]), source)
    try:
        load_waveforms(_mutated(rng, folder, source, "waveforms.nc"))
    except LearningError:
        return ""
    return ""


def no_regular_file(rng: random.Random, folder: Path) -> str:
    """A pipe, a device, a folder, or a file of a terabyte of nothing where a deck is wanted."""
    path = folder / "deck.cir"
    what = rng.choice(("pipe", "device", "folder", "sparse", "link to itself"))
    if what == "pipe":
        os.mkfifo(path)
    elif what == "device":
        path.symlink_to(rng.choice(("/dev/zero", "/dev/random", "/dev/stdin")))
    elif what == "folder":
        path.mkdir()
    elif what == "sparse":
        with path.open("wb") as stream:
            stream.truncate(1 << 40)
    else:
        path.symlink_to(path)
    command = rng.choice((["check"], ["stats"], ["simulate", "--out", str(folder / "out")]))
    code, said = _joulearn([command[0], str(path), *command[1:]])
    return said if code == 2 else f"{what}: exit code {code}: {said[-300:]}"  # noqa: PLR2004


def fan(rng: random.Random, folder: Path) -> str:
    """Includes that include twice, or subcircuits that use two, forty deep."""
    depth = rng.randrange(20, 45)
    deck = folder / "deck.cir"
    if rng.random() < 0.5:  # noqa: PLR2004 - half of them
        levels = "".join(FAN.format(i=i, j=i + 1) for i in range(depth))
        deck.write_text(f"t\nV1 a 0 1\nX1 a l0\n{levels}.subckt l{depth} a\nR1 a 0 1\n.ends\n.op\n")
        command = ["check"]
    else:
        for i in range(depth):
            (folder / f"i{i}.inc").write_text(f".include i{i + 1}.inc\n" * 2)
        (folder / f"i{depth}.inc").write_text("* the last\n")
        deck.write_text("t\n.include i0.inc\nV1 a 0 1\nR1 a 0 1\n.op\n")
        command = ["simulate", "--out", str(folder / "out")]
    began = time.monotonic()
    code, said = _joulearn([command[0], str(deck), *command[1:]])
    spent_s = time.monotonic() - began
    right = code in (0, 2) and spent_s < 60  # noqa: PLR2004 - seconds on an idle machine
    return "" if right and not said else f"exit code {code} after {spent_s:.0f} s: {said[-300:]}"


def reaching_out(rng: random.Random, folder: Path) -> str:
    """A trusted deck whose shell lines would change, remove or call something outside."""
    outside, out = folder / "outside", folder / "out"
    outside.mkdir()
    kept = outside / "kept"
    kept.write_text("kept")
    with socket.create_server(("127.0.0.1", 0)) as here:
        port = here.getsockname()[1]
        call = f"import socket; socket.create_connection(('127.0.0.1', {port}), 5)"
        harm = rng.choice(
            (
                *(f"echo x > {kept}", f"rm {kept}", f"mv {kept} here", f"mkdir {outside}/more"),
                *(f"ln {kept} here", f"chmod 0 {outside}", f"kill -9 {os.getpid()}"),
                f'python3 -c "{call}" && touch {out}/connected',
            )
        )
        script = folder / "script.sh"
        script.write_text(harm)
        deck = folder / "deck.cir"
        deck.write_text(OUT.format(script=script))
        simulate(deck, out, trust=True, timeout_s=60)
    if not (out / "mine.raw").exists():
        return "what it wrote itself is gone"
    outside.chmod(0o700)
    untouched = [path.name for path in outside.iterdir()] == ["kept"] and kept.read_text() == "kept"
    return "" if untouched and not (out / "connected").exists() else f"it got out: {harm}"


def odd_streams(rng: random.Random, folder: Path) -> str:
    """An output that is closed, full, or takes ASCII alone."""
    deck = folder / "Ω\u202e.cir"
    deck.write_text("t\u0007\nV1 n\u00f6de 0 1\nR1 n\u00f6de \u03a9 1\n.op\n", encoding="utf-8")
    output = rng.choice((">&-", "> /dev/full", "| head -c 1 > /dev/null", "> /dev/null"))
    coding = rng.choice(("ascii", "latin-1", "utf-8"))
    words = [sys.executable, "-P", "-m", "learning.cli", "check", "$DECK"]
    done = subprocess.run(
        ["sh", "-c", f'{" ".join(words[:5])} "$DECK" {output}'],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": coding, "DECK": str(deck)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=PATIENCE_S,
        check=False,
    )
    return _clean(done.stderr)


def _mutated(rng: random.Random, folder: Path, source: Path, name: str) -> Path:
    """A copy of a file with a few of its bytes changed, doubled or left out."""
    data = bytearray(source.read_bytes())
    for _ in range(rng.randint(1, 6)):
        place = rng.randrange(len(data))
        edit = rng.randrange(4)
        if edit == 0:
            data[place] = rng.randrange(256)
        elif edit == 1:
            del data[place : place + rng.randint(1, 30)]
        elif edit == 2:  # noqa: PLR2004 - one of four
            data[place:place] = data[place : place + rng.randint(1, 60)] * rng.randint(1, 3)
        else:
            data[place:place] = rng.choice(
                (b"\x00", b"\r", b"(", b"}", b'"', b"e999", b"\xff", b"=")
            )
        data = data or bytearray(b"x")
    path = folder / name
    path.write_bytes(data)
    return path


def _operating_point(deck: str, folder: Path) -> float | None:
    """The voltage of node n in plain ngspice; None when it is refused."""
    path, raw = folder / "deck.cir", folder / "deck.raw"
    path.write_text(deck, encoding="utf-8")
    raw.unlink(missing_ok=True)
    subprocess.run(
        ["ngspice", "-n", "-b", "-r", str(raw), str(path)],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    if not raw.exists():
        return None
    (plot,) = read_plots(raw)
    return float(plot.values[0, [name.lower() for name in plot.vectors].index("v(n)")].real)


def _joulearn(words: list[str]) -> tuple[int | None, str]:
    """Exit code and traceback of the command line; None when it had to be ended."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "learning.cli", *words],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        _, said = process.communicate(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return None, "it hangs"
    return process.returncode, _clean(said)


def _clean(said: str) -> str:
    return f"a traceback: {said[-600:]}" if "Traceback" in said else ""


KINDS: dict[str, Callable[[random.Random, Path], str]] = {
    "netlist: number with two meanings": two_meanings,
    "netlist: mutated deck": mutated_deck,
    "netlist: includes or subcircuits that fan out": fan,
    "files: mutated design, table or network": mutated_input,
    "files: mutated raw file in text": mutated_raw,
    "files: mutated waveforms": mutated_waveforms,
    "files: no regular file": no_regular_file,
    "files: trusted deck that reaches out": reaching_out,
    "start: closed, full or ASCII output": odd_streams,
}
