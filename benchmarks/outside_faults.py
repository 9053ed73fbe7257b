"""Faults from outside: nonsense, decks without end, links, kills, machines with nothing left.

Each is a function of a random source and a fresh folder that says what was wrong, or nothing.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from spice_backend.errors import SpiceError
from spice_backend.session.engine import Engine
from spice_backend.session.outcome import Status
from spice_backend.session.record import record
from spice_backend.session.session import Session
from spice_backend.simulate import simulate
from spice_backend.waveforms.waveform import label, read_raws, write_raw

PATIENCE_S = 300.0

RAMP = "ramp\nv1 a 0 1\nr1 a b 1e3\nc1 b 0 1e-9\n.tran 1e-9 {stop} 0 1e-9\n.end\n"
READ_FOR_EVER = "comma\n.param q=1k, z=2k\nv1 a 0 1\nr1 a 0 {q}\n.op\n.end\n"
OWN = "own\nv1 a 0 1\nr1 a 0 1k\n.control\ntran 1u 10u\nwrite mine.raw v(a)\n{more}\n.endc\n.end\n"
FOR_EVER = "while 1\nlet x = 1\nend"
GARBLER = Engine("ngspice", "benchmarks.garbler", "", closed_loop=True, warm=True, asks_solver=True)
NO_THREAD = (
    "import threading\n"
    'def none(*_, **__): raise RuntimeError("can\'t start new thread")\n'
    "threading._start_new_thread = none\n"
)
LITTLE_MEMORY = "import resource; resource.setrlimit(resource.RLIMIT_AS, ({bytes},) * 2)\n"
MAIN = "import sys; from learning.cli import main; sys.exit(main())"


def garbled(rng: random.Random, _folder: Path) -> str:
    """A worker that talks nonsense."""
    with Session(timeout_s=5, engine=GARBLER) as session:
        outcome = session.run(f"{rng.random()}\n.op\n.end\n", ["v(a)"], lambda _: True)
    return "" if outcome.status in (Status.DIED, Status.TIMED_OUT) else str(outcome)


def read_for_ever(_rng: random.Random, _folder: Path) -> str:
    """A deck that ngspice reads without coming to its end."""
    with Session(timeout_s=3) as session:
        outcome = session.run(READ_FOR_EVER, ["v(a)"], lambda _: True)
        after = session.run(RAMP.format(stop=1e-6), ["v(a)"], lambda _: True)
    right = outcome.status is Status.TIMED_OUT and after.ok
    return "" if right else f"{outcome}; afterwards: {after}"


def too_much(rng: random.Random, _folder: Path) -> str:
    """A deck that saves more than is kept."""
    with Session(timeout_s=60) as session:
        most = rng.randrange(1 << 12, 1 << 18)
        outcome, datasets = record(session, RAMP.format(stop=1e-3), most_bytes=most)
    right = outcome.status is Status.FAILED and "saves more than" in outcome.message
    return "" if right and not datasets else str(outcome)


def linked(rng: random.Random, folder: Path) -> str:
    """A folder of results with links in it."""
    out, secret = folder / "out", folder / "secret"
    out.mkdir()
    secret.write_text("secret")
    for name in ("log.txt", "waveforms.nc", "waveforms.raw", "mine.raw"):
        (out / name).symlink_to(secret)
        (out / f"{name}.part").symlink_to(secret)
    trust = rng.random() < 0.5  # noqa: PLR2004 - half of them
    deck = _written(folder, OWN.format(more="") if trust else RAMP.format(stop=1e-6))
    simulate(deck, out, trust=trust, timeout_s=60)
    return "" if secret.read_text() == "secret" else "it wrote through a link"


def damaged_raw(rng: random.Random, folder: Path) -> str:
    """A raw file that is truncated, or has bits flipped."""
    names, units = ["time", "v(a)"], ["s", "V"]
    write_raw([label(names, units, np.arange(9.0), np.arange(9.0)[:, None])], folder / "x.raw")
    data = bytearray((folder / "x.raw").read_bytes())
    for _ in range(rng.randint(1, 3)):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    (folder / "x.raw").write_bytes(data[: rng.choice((len(data), rng.randrange(len(data))))])
    try:
        read_raws(folder / "x.raw")
    except SpiceError:
        return ""
    return ""


def killed_simulate(rng: random.Random, folder: Path) -> str:
    """A trusted run that is killed once it has written something."""
    deck, out = _written(folder, OWN.format(more=FOR_EVER)), folder / "out"
    words = ["simulate", str(deck), "--trust", "--out", str(out)]
    process = _joulearn(words)
    if not _until(lambda: list(out.glob("*/mine.raw"))):
        return "it wrote nothing"
    time.sleep(rng.uniform(0, 0.3))
    os.killpg(process.pid, rng.choice((signal.SIGKILL, signal.SIGTERM, signal.SIGINT)))
    _, said = process.communicate(timeout=PATIENCE_S)
    kept = [*out.glob("mine.raw"), *out.glob("*/mine.raw")]
    return _clean(said) or ("" if kept else "what it had written is gone")


def killed_round_trip(rng: random.Random, folder: Path) -> str:
    """A round trip that is killed in the middle of an endless deck."""
    decks, scratch = folder / "decks", folder / "scratch"
    decks.mkdir()
    scratch.mkdir()
    _written(decks, OWN.format(more=FOR_EVER))
    words = ["check", "--roundtrip", str(decks), "--trust", "--time-limit", "600"]
    process = _joulearn(words, {"TMPDIR": str(scratch)})
    if not _until(lambda: list(scratch.glob("*/copy/*.raw"))):
        return "it did not begin"
    time.sleep(rng.uniform(0, 0.3))
    os.kill(process.pid, rng.choice((signal.SIGKILL, signal.SIGTERM)))
    _, said = process.communicate(timeout=PATIENCE_S)
    left = "" if _until(lambda: not list(scratch.iterdir())) else "it left a folder behind"
    return _clean(said) or left


def interrupted_start(rng: random.Random, _folder: Path) -> str:
    """Ctrl-C at a random time of the first second."""
    process = _joulearn(["show", "regression_twin"])
    time.sleep(rng.uniform(0.2, 1.2))
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=PATIENCE_S)
    # Before our own first line there is only Python, which says it in its own words.
    return _clean(said) if "learning/cli.py" in said else ""


def no_thread(_rng: random.Random, folder: Path) -> str:
    """A machine without a thread to spare."""
    words = ["learn", "regression_twin", "--set", "schedule.epochs=1", "--out", str(folder / "out")]
    return _named(_joulearn(words, before=NO_THREAD), "no thread is available")


def little_memory(rng: random.Random, folder: Path) -> str:
    """A machine with little memory: it works, or says what it lacks."""
    before = LITTLE_MEMORY.format(bytes=rng.randrange(80, 340) << 20)
    words = ["show", "regression_twin"]
    process = _joulearn(words, before=before, folder=folder)
    return _named(process, "emory", may_work=True)


def _named(process: subprocess.Popen[str], words: str, *, may_work: bool = False) -> str:
    try:
        _, said = process.communicate(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return "it hangs"
    if may_work and process.returncode == 0:
        return ""
    return _clean(said) or ("" if words in said else f"not named: {said[-300:]}")


def _clean(said: str) -> str:
    return f"a traceback: {said[-600:]}" if "Traceback" in said else ""


def _written(folder: Path, text: str) -> Path:
    path = folder / "deck.cir"
    path.write_text(text)
    return path


def _until(condition: Callable[[], object]) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return bool(condition())


def _joulearn(
    words: Sequence[str],
    variables: dict[str, str] | None = None,
    *,
    before: str = "",
    folder: Path | None = None,
) -> subprocess.Popen[str]:
    root = str(Path(__file__).parents[1])
    return subprocess.Popen(
        [sys.executable, "-P", "-c", before + MAIN, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": root, **(variables or {})},
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


KINDS: dict[str, Callable[[random.Random, Path], str]] = {
    "session: worker that talks nonsense": garbled,
    "session: deck that is read for ever": read_for_ever,
    "session: deck that saves too much": too_much,
    "files: links in the folder of results": linked,
    "files: damaged raw file": damaged_raw,
    "files: killed trusted run": killed_simulate,
    "files: killed round trip": killed_round_trip,
    "start: Ctrl-C": interrupted_start,
    "start: no thread": no_thread,
    "start: little memory": little_memory,
}
