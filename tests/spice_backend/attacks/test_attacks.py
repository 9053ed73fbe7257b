"""A campaign of attacks, seeded: nobody gets in, nothing hangs, every refusal is an error of ours.

Every kind has a second spelling, and most have many. What passes the guard is run in plain ngspice,
which bars nothing, so that a guard that is wrong is found out by what it lets through.
"""

import importlib.util
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from learning.design.read import find_design, load_design
from learning.experiment.experiment import deck as deck_of
from learning.experiment.prepare import prepare
from netlist.errors import NetlistError
from spice_backend.batch import run_batch
from spice_backend.conformance.crosscheck import crosscheck
from spice_backend.conformance.roundtrip import Result, check_folder
from spice_backend.decks.whole_deck import read_deck
from spice_backend.errors import DeckError
from spice_backend.protocol.drive import Stretch
from spice_backend.protocol.messages import (
    Analysis,
    Due,
    Ended,
    Garbled,
    Loaded,
    Moment,
    Points,
    Ready,
    Run,
    Solution,
    Unable,
)
from spice_backend.safety.guard import refusal
from spice_backend.session.engine import Engine
from spice_backend.session.exchange import Exchange
from spice_backend.session.outcome import Status
from spice_backend.session.session import Session
from spice_backend.setup.features import program_features

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[3]
_spec = importlib.util.spec_from_file_location("malice", HERE.parent / "safety" / "malice.py")
assert _spec is not None
assert _spec.loader is not None
malice = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(malice)

SPELLINGS = 5
DIVIDER = "t\nV1 a 0 2\nR1 a b 1k\nR2 b 0 1k\n.op\n.print op v(b)\n.end\n"
BREAKS = [
    "\r",
    "\f",
    "\v",
    "\x1c",
    "\x1d",
    "\x1e",
    "\x85",
    "\u2028",
    "\u2029",
    "\u00a0",
    "\u3000",
    "\ufeff",
]


def respelled(text, rng):
    """A deck that means the same, or looks as if it did, in another spelling."""
    lines = text.split("\n")
    at = rng.randrange(1, len(lines))
    match rng.randrange(7):
        case 0:
            text = "".join(rng.choice((c.upper(), c.lower())) for c in text)
        case 1:
            text = "\n".join(rng.choice(("", " ", "\t", "\v", "\f")) + line for line in lines)
        case 2:
            text = text.replace("\n", "\r\n")
        case 3:
            lines[at] = lines[at].replace(" ", rng.choice(BREAKS), 1)
            text = "\n".join(lines)
        case 4:
            lines[at] = (
                rng.choice(("* x", "r77 a 0 1k ;", "r77 a 0 1k $ "))
                + rng.choice(BREAKS)
                + lines[at]
            )
            text = "\n".join(lines)
        case 5:
            lines[at] = lines[at].replace(" ", "\n* between\n+ ", 1)
            text = "\n".join(lines)
        case 6:
            lines[at] = rng.choice(BREAKS) + lines[at]
            text = "\n".join(lines)
    return text


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Folders for a deck and around it, a secret, commands, and a mark that must not come to be."""
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    (outside / "secret.txt").write_text("r_secret_word a 0 12345\n")
    (outside / "commands.inc").write_text(f".control\nshell touch {outside / 'mark'}\n.endc\n")
    monkeypatch.chdir(inside)
    return inside, outside


def test_no_spelling_of_a_malicious_deck_passes_the_guard_and_does_harm(place):
    inside, outside = place
    mark, rng, passed, attempts = outside / "mark", random.Random(1), [], 0
    for way in malice.WAYS.values():
        whole = malice.deck(way, str(outside), str(mark), str(outside / "secret.txt"))
        for _ in range(SPELLINGS):
            attempts += 1
            deck = inside / "deck.cir"
            deck.write_bytes(respelled(whole, rng).encode())
            if not refusal(deck.read_bytes()):
                passed.append(deck.read_bytes())
                outcome = run_batch(deck, inside / "x.raw", 20)
                assert not mark.exists(), passed[-1]
                assert not any("12345" in line for line in outcome.log), passed[-1]
    assert attempts >= 250
    # Only spellings that undo themselves, such as a command moved behind a comment sign.
    assert len(passed) <= attempts / 10


@pytest.mark.parametrize("sign", list(BREAKS[:9]))
def test_what_only_looks_like_the_end_of_a_line_hides_nothing(place, sign):
    """ngspice ends lines at line feeds: what stands behind another sign belongs to the line."""
    inside, outside = place
    mark = outside / "mark"
    for text in (
        f"t\nv1 a 0 1\n* x{sign}.control\nshell touch {mark}\n.endc\n.op\n.end\n",
        f't\nv1 a 0 1\n.model fs{sign}* filesource (file="{outside}/secret.txt")\n.op\n.end\n',
        f"t\nv1 a 0 1\n.model x{sign}sw d_process (process_file=/bin/touch)\n.op\n.end\n",
    ):
        deck = inside / "deck.cir"
        deck.write_bytes(text.encode())
        reason = refusal(deck.read_bytes())
        assert reason
        assert re.search(r"\(line [2-5]", reason)


INCLUDES = [
    "../outside/secret.txt",
    "{outside}/secret.txt",
    "~/secret.txt",
    "link.inc",
    "folder/../../outside/secret.txt",
    "linked/secret.txt",
    "/dev/zero",
    "/etc/passwd",
    "pipe",
    "folder",
    "",
    "\0",
]


@pytest.mark.parametrize("word", [".include", ".INC", ".incl", ".lib", ".Include\t"])
def test_nothing_outside_is_included(place, word, monkeypatch):
    inside, outside = place
    monkeypatch.setenv("HOME", str(outside))
    (inside / "folder").mkdir()
    (inside / "link.inc").symlink_to(outside / "secret.txt")
    (inside / "linked").symlink_to(outside)
    os.mkfifo(inside / "pipe")
    for name in INCLUDES:
        deck = inside / "deck.cir"
        section = " tt" if word == ".lib" else ""
        target = name.replace("{outside}", str(outside))
        deck.write_text(f't\nv1 a 0 1\n{word} "{target}"{section}\n.op\n.end\n')
        try:
            text = read_deck(deck)
        except DeckError as error:
            assert "12345" not in str(error)
            continue
        assert "12345" not in text
        assert refusal(text)


CELLS = [
    ".control\nshell touch {mark}\n.endc",
    "  .CONTROL\nshell touch {mark}\n.ENDC",
    "+ x\n.controls\nshell touch {mark}\n.endc",
    ".include {folder}/commands.inc",
    '.INCL "{folder}/commands.inc"',
    ".lib {folder}/commands.inc tt",
    "*#shell touch {mark}",
    "*ng_script",
    ".param x=`touch {mark}`",
    "r9 update 0 1k\u2028.control\nshell touch {mark}\n.endc",
    "r9 update 0 1k\r.control\rshell touch {mark}\r.endc",
    'a9 [x] ds\n.model ds d_source (input_file="{folder}/commands.inc")',
]


@pytest.mark.parametrize("way", CELLS)
def test_no_command_survives_in_a_deck_that_is_written(place, way):
    inside, outside = place
    mark = outside / "mark"
    (shipped,) = ROOT.glob("circuits/cells/update_ideal.cir")
    text = way.replace("{mark}", str(mark)).replace("{folder}", str(outside))
    whole = shipped.read_text(encoding="utf-8")
    end = whole.lower().index(".ends")
    for cell in (whole[:end] + text + "\n" + whole[end:], whole + "\n" + text + "\n"):
        (inside / "evil.cir").write_bytes(cell.encode())
        design = load_design(
            find_design("regression_twin"), [f"cells.update={inside}/evil.cir"], None
        )
        try:
            experiment = prepare(design)
            deck = deck_of(experiment.whole, experiment.transient(experiment.schedule, ("all",)))
        except (DeckError, NetlistError):
            continue
        # What is dropped on the way does no harm.
        assert "touch" not in deck
        assert "commands.inc" not in deck
    assert not mark.exists()


def test_no_call_of_a_taken_over_simulator_gets_out(tmp_path):
    results = {}
    for how in ("bare", "confined"):
        folder = tmp_path / how
        folder.mkdir()
        done = subprocess.run(
            [sys.executable, HERE / "confined_calls.py", how, tmp_path / f"{how}-mark", ROOT],
            cwd=folder, capture_output=True, text=True, timeout=120, check=True,
        )  # fmt: skip
        results[how] = json.loads(done.stdout)
    _, tried, worked = results["bare"]
    assert len(worked) > tried / 2
    bars, tried, worked = results["confined"]
    assert bars == ["limits", "files", "programs and network"]
    assert tried >= 55
    assert worked == []
    assert not (tmp_path / "confined-mark").exists()
    left = sum(path.stat().st_size for path in (tmp_path / "confined").iterdir())
    assert left <= 2 << 20


HOSTILE = (
    *("pickle", "pickled_block", "pickled_vectors", "greeting", "odd_block", "nowhere", "escape"),
    *("decision", "random", "half", "half_a_length", "announced", "silent", "flood", "gone"),
)


@pytest.mark.parametrize("way", HOSTILE)
def test_a_taken_over_worker_can_only_die(tmp_path, monkeypatch, way):
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    evil = Engine("ngspice", "hostile_worker", "", closed_loop=True, warm=True, asks_solver=True)
    mark = tmp_path / "mark"
    with Session(timeout_s=3, engine=evil) as session:
        began = time.monotonic()
        session.start()
        outcome = session.run(f"{way} {mark}\nv1 a 0 1\n.op\n.end\n", ["v(a)"], lambda _: True)
        late = way in ("half", "half_a_length", "silent")
        assert outcome.status is (Status.TIMED_OUT if late else Status.DIED)
        assert time.monotonic() - began < 60
        assert session.process_id is None
    assert not mark.exists()


class FakeLink:
    def __init__(self, *answers):
        self.answers = list(answers)

    def send(self, request):
        pass

    def receive(self, _wait_s):
        return self.answers.pop(0)

    def loading_too_long(self):
        return False


NUMBERS = np.array([0.0, 1.0])
UNASKED = {
    "a greeting": ([Ready(engine="x", barred=(), memory_bytes=1)], ["v(a)"], None),
    "an excuse": ([Unable("x")], ["v(a)"], None),
    "a solution": ([Solution(0.0, NUMBERS)], ["v(a)"], None),
    "vectors": ([Analysis(("time",), ("s",), real=True)], ["v(a)"], None),
    "a moment": ([Moment(0.0, ("a",), np.array([1.0]))], ["v(a)"], None),
    "a decision": ([Due(0.0)], ["v(a)"], None),
    "a decision too early": ([Due(0.0), Due(0.1)], ["v(a)"], lambda *_: Stretch(1.0, {})),
    "a decision nobody waits for": ([Due(0.0), Due(9.0)], ["v(a)"], lambda *_: Stretch(np.inf, {})),
    "a block before its vectors": ([Points(NUMBERS)], None, None),
    "a block of another width": ([Points(np.zeros(3))], ["v(a)"], None),
    "a complex block of another width": (
        [Analysis(("f", "a"), ("Hz", "V"), real=False), Points(NUMBERS)], None, None,
    ),
    "a point nowhere": ([Points(np.array([np.inf, 0.0]))], ["v(a)"], None),
    "a deck loaded that nobody sent": ([Loaded()], ["v(a)"], "again"),
}  # fmt: skip


@pytest.mark.parametrize("way", UNASKED)
def test_what_nobody_asked_for_is_garbled(way):
    answers, probes, drive = UNASKED[way]
    deck, drive = (None, None) if drive == "again" else (b"t", drive)
    request = Run(deck=deck, probes=probes and tuple(probes), driven=drive is not None)
    exchange = Exchange(FakeLink(*answers, Ended()), request, lambda _: True, drive)
    with pytest.raises(Garbled):
        exchange.until_end(10, threading.Event())


INITS = (".spiceinit", "spice.rc", ".SPICEINIT", "spinit", "scripts/spinit")


def test_no_init_file_is_run_wherever_it_lies(place, monkeypatch):
    inside, outside = place
    mark = outside / "mark"
    for folder in (inside, outside):
        for name in INITS:
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(f"shell touch {mark}\n")
    for name in ("HOME", "SPICE_SCRIPTS", "SPICE_LIB_DIR", "SPICE_PATH", "USERPROFILE"):
        monkeypatch.setenv(name, str(outside))
    (inside / "same.cir").write_text(DIVIDER)
    (inside / "-r-c.cir").write_text(DIVIDER)
    verdicts = {str(v.path): v.result for v in check_folder(inside, timeout_s=30)}
    assert verdicts == {"same.cir": Result.SAME, "-r-c.cir": Result.SAME}
    verdicts = [v.result for v in check_folder(inside, trust=True, timeout_s=30)]
    assert verdicts == [Result.SAME] * 2
    assert run_batch(inside / "same.cir", inside / "x.raw", 30).ok
    assert program_features().version
    crosscheck(DIVIDER, 60)
    assert not mark.exists()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_round_trip_leaves_nothing_behind(tmp_path, number):
    scratch, decks = tmp_path / "scratch", tmp_path / "decks"
    scratch.mkdir()
    decks.mkdir()
    # Commands that never end, and what they start.
    text = DIVIDER.replace(".op", ".control\nshell sleep 300\nwhile 1\nlet x = 1\nend\n.endc\n.op")
    (decks / "endless.cir").write_text(text)
    program = (
        "from pathlib import Path; from spice_backend.conformance.roundtrip import check_folder\n"
        f"list(check_folder(Path({str(decks)!r}), trust=True, timeout_s=300))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(scratch)}
    with subprocess.Popen([sys.executable, "-c", program], env=environment) as owner:
        assert wait_until(lambda: list(scratch.glob("*/copy/*.cir")) and of(owner.pid))
        started = of(owner.pid)
        owner.send_signal(number)
    assert wait_until(lambda: not list(scratch.iterdir()))
    assert wait_until(lambda: not any(Path(f"/proc/{process}/exe").exists() for process in started))


def of(process_id):
    """The processes that one has started."""
    return Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split()


def wait_until(condition, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def test_no_folder_of_somebody_else_is_swept(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").write_text("mine")
    (tmp_path / "joulearn-4194999-x").symlink_to(tmp_path / "kept")
    (tmp_path / "joulearn-4194999-y").mkdir()
    (tmp_path / "joulearn-4194999-y" / "link").symlink_to(tmp_path / "kept")
    with Session(timeout_s=60) as session:
        session.start()
    assert (tmp_path / "kept" / "file").read_text() == "mine"
    assert not (tmp_path / "joulearn-4194999-y").exists()


def test_there_are_four_hundred_attempts():
    ours = len(malice.WAYS) * SPELLINGS + 9 * 3 + 5 * len(INCLUDES) + 2 * len(CELLS) + 91
    ours += len(HOSTILE) + len(UNASKED) + 2 * len(INITS) + 2 + 2
    assert ours >= 400
