"""A seeded campaign of faults: nothing hangs, nothing is lost, every ending has its right name.

Six kinds of victims. A *session* meets killed, crashed, stopped and overfed workers and decks
that crash the library, never end or never converge; it must name each and serve the next deck. A
*run* of the command line meets kills of its whole process group, of its worker, full disks,
read-only folders and a jumping clock; resumed, it must end like the undisturbed run (1 mV, 0.5 %).
A *checkpoint* is truncated or has bits flipped; it must come back with every epoch it had. From
*outside* (`benchmarks.outside_faults`) come nonsense, links, kills and machines with nothing left.
*Files* (`benchmarks.file_faults`) hold numbers with two meanings, are mutated, are no files at all,
fan out, or reach out; they must mean the same after a round trip, or be refused in words. And
*trust* (`benchmarks.trust_faults`): spoiled starts, bills and audits, which must show, and inputs
that would reach for what is not theirs.

    python -m benchmarks.faults [--count N] [--seed S]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import file_faults, outside_faults, trust_faults
from learning.running.checkpoint import CheckpointFile
from learning.running.folder import RunFolder
from learning.running.tally import Tally, load_tally
from spice_backend.errors import DeckError
from spice_backend.safety.confinement import Limits
from spice_backend.session.ladder import climb
from spice_backend.session.outcome import Status
from spice_backend.session.session import Session

PATIENCE_S = 300.0
"""What has not ended by then hangs; every fault ends in seconds on an idle machine."""

SETS = (
    "cells.update=update_ideal",
    "cells.clamp=clamp_ideal",
    "cells.driver=driver_ideal",
    "schedule.epochs=5",
    "schedule.evaluate_every=2",
    "task.examples=2",
    "measure.audit=false",
)
"""A short run: what is tested is how it is kept, not what it learns."""

LONG = "long\nv1 a 0 sin(0 1 1e6)\nr1 a b 1e3\nc1 b 0 1e-9\n.tran 1e-9 {stop} 0 1e-9\n.end\n"
SMALL = "small\nv1 a 0 1\nr1 a b 1e3\nr2 b 0 1e3\n.op\n.end\n"
CRASH = "recursion\n.func f(x) {f(x)}\nb1 a 0 v=f(time)\nr1 a 0 1\n.tran 1 2\n.end\n"
NEVER = "never\nr1 a 0 1e3\nb1 0 a i = v(a) > 0.5 ? -1e-3 : 1e-3\n.op\n.end\n"


@dataclass(frozen=True)
class Verdict:
    """What a fault did.

    Attributes:
        kind: The fault.
        wrong: What was wrong; empty when all was right.
    """

    kind: str
    wrong: str = ""


class Campaign:
    """Strikes, and looks what comes of it.

    Args:
        seed: Of everything random.
        scratch: A folder of its own.
    """

    def __init__(self, seed: int, scratch: Path) -> None:
        self._rng = random.Random(seed)
        self._scratch = scratch
        self._session = Session(timeout_s=60)
        self._whole: Tally | None = None
        self._number = 0

    def close(self) -> None:
        """End what it started."""
        self._session.close()

    def strike(self, kind: str) -> Verdict:
        """One fault.

        Args:
            kind: A key of `KINDS`.

        Returns:
            What it did.
        """
        self._number += 1
        if kind in _OURS:
            return Verdict(kind, _OURS[kind](self))
        folder = self._scratch / f"outside{self._number}"
        folder.mkdir()
        return Verdict(kind, _OTHERS[kind](self._rng, folder))

    # --- sessions

    def killed_worker(self, number: signal.Signals) -> str:
        """A signal to the worker at a random time of a run."""
        self._session.start()
        worker = self._session.process_id or 0
        timer = threading.Timer(self._rng.uniform(0, 0.4), os.kill, (worker, number))
        timer.start()
        outcome = self._session.run(LONG.format(stop=1), ["v(b)"], _go_on)
        timer.join()
        name = f"its process ended with {number.name}"
        right = outcome.status is Status.DIED and outcome.message == name
        return self._then(right, f"{outcome.status}: {outcome.message}")

    def hung_worker(self) -> str:
        """A worker that is stopped in the middle."""
        with Session(timeout_s=3) as session:
            session.start()
            worker = session.process_id or 0
            timer = threading.Timer(self._rng.uniform(0, 0.4), os.kill, (worker, signal.SIGSTOP))
            timer.start()
            outcome = session.run(LONG.format(stop=1), ["v(b)"], _go_on)
            timer.join()
        return "" if outcome.status is Status.TIMED_OUT else str(outcome)

    def crashing_deck(self) -> str:
        """A deck that crashes the library."""
        outcome = self._session.run(CRASH, ["v(a)"], _go_on)
        return self._then(outcome.status is Status.DIED, str(outcome))

    def never_converging(self) -> str:
        """A deck that converges on no rung of the ladder."""
        outcome = climb(self._session, NEVER, ["v(a)"], lambda: _go_on)
        right = outcome.status is Status.NO_CONVERGENCE and outcome.node == "a"
        return self._then(right and len(outcome.tried) > 1, str(outcome))

    def endless_deck(self) -> str:
        """A deck that does not end in its time."""
        with Session(timeout_s=2) as session:
            outcome = session.run(LONG.format(stop=100), ["v(b)"], _go_on)
            return "" if outcome.status is Status.TIMED_OUT else str(outcome)

    def cancelled(self) -> str:
        """A caller that changes its mind."""
        timer = threading.Timer(self._rng.uniform(0, 0.4), self._session.cancel)
        timer.start()
        outcome = self._session.run(LONG.format(stop=1), ["v(b)"], _go_on)
        timer.join()
        return self._then(outcome.status is Status.CANCELLED, str(outcome))

    def greedy_deck(self) -> str:
        """A deck that wants more processor time than it may have."""
        with Session(timeout_s=120, limits=Limits(cpu_s=2)) as session:
            outcome = session.run(LONG.format(stop=100), ["v(b)"], _go_on)
            right = outcome.status is Status.DIED and "SIG" in outcome.message
            return "" if right else str(outcome)

    def malicious_deck(self) -> str:
        """A deck that would run a command."""
        mark = self._scratch / "mark"
        text = SMALL.replace(".op", f".control\nshell touch {mark}\n.endc\n.op")
        outcome = self._session.run(text, ["v(b)"], _go_on)
        try:
            outcome.check()
        except DeckError:
            return self._then(not mark.exists(), "it ran")
        return str(outcome)

    def _then(self, right: bool, what: str) -> str:
        """The same session must serve the next deck."""
        if not right:
            return what
        after = self._session.run(SMALL, ["v(b)"], _go_on)
        return "" if after.ok else f"afterwards: {after}"

    # --- checkpoints

    def damaged_checkpoint(self, *, flip: bool) -> str:
        """The newest checkpoint truncated, or with a bit flipped."""
        whole = self._undisturbed()
        out = self._scratch / f"damaged{self._number}"
        shutil.copytree(self._scratch / "whole", out)
        file = CheckpointFile(RunFolder(out).checkpoint)
        data = bytearray(file.path.read_bytes())
        place = self._rng.randrange(len(file.load()[0]))
        if flip:
            data[place] ^= 1 << self._rng.randrange(8)
        else:
            del data[place:]
        file.path.write_bytes(data)
        tally = load_tally(file.path)
        shutil.rmtree(out)
        if tally.epochs != whole.epochs:
            return f"{whole.epochs - tally.epochs} epochs lost"
        return "" if any("damaged" in warning for warning in tally.warnings) else "not said"

    # --- runs

    def two_at_once(self) -> str:
        """A second run in the folder of one that goes on: refused in words, and the first ends."""
        out = self._scratch / f"two{self._number}"
        process = self._start(out)
        self._wait_for_a_checkpoint(out, process)
        second = _popen([sys.executable, "-m", "learning.cli", *_words(out), "--resume"])
        refused, said = self._finish(second), self._finish(process)
        if said is None or refused is None:
            return "it hangs"
        wrong = _clean(said) or _clean(refused) or self._resumed(out, process.returncode)
        late = process.returncode == 0 and second.returncode == 0  # the first had ended by then
        return wrong or ("" if late or "in use" in refused or second.returncode else refused)

    def killed_run(self, number: signal.Signals, victim: str) -> str:
        """A signal to a run's whole group, or to its worker, at a random time."""
        out = self._scratch / f"run{self._number}"
        process = self._start(out)
        self._wait_for_a_checkpoint(out, process)
        time.sleep(self._rng.uniform(0, 0.5))
        if victim == "group":
            os.killpg(process.pid, number)
        else:
            for child in _children(process.pid):
                os.kill(child, number)
        said = self._finish(process)
        if said is None:
            return "it hangs"
        return _clean(said) or self._resumed(out, process.returncode)

    def full_disk(self) -> str:
        """A disk that is filled to the last byte while a run goes on, then freed."""
        return self._on_a_small_disk(
            "head -c 100m /dev/zero > $M/filler 2>/dev/null",
            "rm -f $M/filler",
        )

    def read_only(self) -> str:
        """A folder that turns read-only while a run goes on, and back."""
        return self._on_a_small_disk("mount -o remount,ro $M", "mount -o remount,rw $M")

    def clock_jump(self) -> str:
        """A clock that jumps by days at random."""
        out = self._scratch / f"clock{self._number}"
        program = (
            "import random, sys, time\n"
            "rng, real = random.Random(int(sys.argv.pop(1))), time.time\n"
            "time.time = lambda: real() + rng.uniform(-1e6, 1e6)\n"
            "from learning.cli import main; sys.exit(main())"
        )
        words = [sys.executable, "-c", program, str(self._number), *_words(out)]
        said = self._finish(_popen(words))
        return "it hangs" if said is None else _clean(said) or self._compared(out)

    def _on_a_small_disk(self, harm: str, cure: str) -> str:
        out, kept = "$M/run", self._scratch / f"disk{self._number}"
        kept.mkdir()
        run = " ".join([sys.executable, "-m", "learning.cli", *_words(Path("RUN"))])
        run = run.replace("RUN", out)
        script = f"""
            M={kept}; mount -t tmpfs -o size=6m none $M
            {run} & P=$!
            until [ -s {out}/checkpoint.dat ] || ! kill -0 $P 2>/dev/null; do sleep 0.05; done
            sleep {self._rng.uniform(0, 0.4):.3f}
            {harm}
            wait $P; echo "code $?" >&2
            {cure}
            {run} --resume; C=$?
            mkdir {kept}.out; cp -r $M/run {kept}.out/; exit $C
        """
        process = _popen(["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script])
        said = self._finish(process)
        if said is None:
            return "it hangs"
        if process.returncode:
            return f"resuming failed: {said[-400:]}"
        return _clean(said) or self._compared(Path(f"{kept}.out") / "run")

    def _undisturbed(self) -> Tally:
        if self._whole is None:
            process = self._start(self._scratch / "whole")
            said = self._finish(process)
            if process.returncode:
                raise RuntimeError(f"the undisturbed run failed: {said}")
            self._whole = load_tally(RunFolder(self._scratch / "whole").checkpoint)
        return self._whole

    def _start(self, out: Path) -> subprocess.Popen[str]:
        return _popen([sys.executable, "-m", "learning.cli", *_words(out)])

    def _wait_for_a_checkpoint(self, out: Path, process: subprocess.Popen[str]) -> None:
        checkpoint, began = RunFolder(out).checkpoint, time.monotonic()
        while not checkpoint.exists() and process.poll() is None:
            if time.monotonic() - began > PATIENCE_S:
                return
            time.sleep(0.02)

    def _finish(self, process: subprocess.Popen[str]) -> str | None:
        try:
            _, said = process.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return None
        return said

    def _resumed(self, out: Path, code: int) -> str:
        if code == 0:
            return self._compared(out)
        before = load_tally(RunFolder(out).checkpoint)
        process = _popen([sys.executable, "-m", "learning.cli", *_words(out), "--resume"])
        said = self._finish(process)
        if said is None:
            return "resuming hangs"
        if process.returncode:
            return f"resuming failed: {said[-400:]}"
        logged = RunFolder(out).log.read_text(encoding="utf-8")
        whole = [line for line in logged.splitlines() if ": error " in line and " epoch " in line]
        if len(whole) != len({line.rpartition(" epoch ")[2].split(":")[0] for line in whole}):
            return "an epoch that was over was learned again"
        return self._compared(out) if before.epochs >= 0 else "epochs lost"

    def _compared(self, out: Path) -> str:
        whole, tally = self._undisturbed(), load_tally(RunFolder(out).checkpoint)
        apart_V = float(np.abs(whole.gates_V[-1] - tally.gates_V[-1]).max())
        ratio = float(tally.energy_J.sum() / whole.energy_J.sum())
        json.loads(RunFolder(out).result.read_text(encoding="utf-8"))
        if tally.epochs != whole.epochs or len(tally.history) != len(whole.history):
            return "it ended elsewhere"
        good = apart_V <= 1e-3 and abs(ratio - 1.0) <= 5e-3  # noqa: PLR2004 - what is promised
        return "" if good else f"gates {1e3 * apart_V:.2f} mV, energy {ratio - 1:+.2%} off"


def _go_on(_samples: object) -> bool:
    return True


def _words(out: Path) -> list[str]:
    return ["learn", "regression_twin", "--out", str(out), *(f"--set={key}" for key in SETS)]


def _popen(words: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        words,
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def _children(process_id: int) -> list[int]:
    try:
        listed = Path(f"/proc/{process_id}/task/{process_id}/children").read_text()
    except OSError:
        return []
    return [int(child) for child in listed.split()]


def _clean(said: str) -> str:
    return f"a traceback: {said[-600:]}" if "Traceback" in said else ""


_OURS: dict[str, Callable[[Campaign], str]] = {
    "session: SIGKILL in the worker": lambda c: c.killed_worker(signal.SIGKILL),
    "session: SIGSEGV in the worker": lambda c: c.killed_worker(signal.SIGSEGV),
    "session: hung worker": Campaign.hung_worker,
    "session: deck that crashes libngspice": Campaign.crashing_deck,
    "session: deck that never converges": Campaign.never_converging,
    "session: deck that never ends": Campaign.endless_deck,
    "session: cancelled": Campaign.cancelled,
    "session: deck that wants too much": Campaign.greedy_deck,
    "session: malicious deck": Campaign.malicious_deck,
    "checkpoint: truncated": lambda c: c.damaged_checkpoint(flip=False),
    "checkpoint: bit flipped": lambda c: c.damaged_checkpoint(flip=True),
    "run: SIGKILL of the process group": lambda c: c.killed_run(signal.SIGKILL, "group"),
    "run: another in its folder": Campaign.two_at_once,
    "run: Ctrl-C": lambda c: c.killed_run(signal.SIGINT, "group"),
    "run: closed terminal": lambda c: c.killed_run(signal.SIGHUP, "group"),
    "run: SIGKILL of the worker": lambda c: c.killed_run(signal.SIGKILL, "worker"),
    "run: SIGSEGV of the worker": lambda c: c.killed_run(signal.SIGSEGV, "worker"),
    "run: full disk": Campaign.full_disk,
    "run: read-only folder": Campaign.read_only,
    "run: clock jump": Campaign.clock_jump,
}
_OTHERS = {**outside_faults.KINDS, **file_faults.KINDS, **trust_faults.KINDS}
KINDS = {**_OURS, **_OTHERS}


def campaign(
    count: int,
    seed: int,
    watch: Callable[[Verdict], None] = lambda _: None,
    kinds: Sequence[str] = tuple(KINDS),
) -> list[Verdict]:
    """Strike, each kind in turn in a shuffled order, sessions and checkpoints more often than runs.

    Args:
        count: How many faults.
        seed: Of everything random.
        watch: Called with every verdict.
        kinds: Which faults.

    Returns:
        The verdicts.
    """
    rng = random.Random(seed)
    cheap = [kind for kind in kinds if not kind.startswith(("run", "start", "files: killed"))]
    deal: list[str] = []
    while len(deal) < count:
        deck = [*kinds, *cheap, *cheap]
        rng.shuffle(deck)
        deal += deck
    verdicts = []
    with tempfile.TemporaryDirectory(prefix="joulearn-faults-") as scratch:
        striker = Campaign(seed, Path(scratch))
        try:
            for kind in deal[:count]:
                verdicts.append(striker.strike(kind))
                watch(verdicts[-1])
        finally:
            striker.close()
    return verdicts


def main() -> None:
    """Print a table, and every fault that was not survived as it should be."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    began = time.monotonic()

    def say(verdict: Verdict) -> None:
        if verdict.wrong:
            print(f"WRONG {verdict.kind}: {verdict.wrong}", flush=True)

    verdicts = campaign(options.count, options.seed, say)
    done = Counter(verdict.kind for verdict in verdicts)
    wrong = Counter(verdict.kind for verdict in verdicts if verdict.wrong)
    for kind in KINDS:
        print(f"{done[kind]:4d} {kind}, {wrong[kind]} wrong")
    spent_s = time.monotonic() - began
    print(
        f"{len(verdicts)} faults, {sum(wrong.values())} wrong, {spent_s:.0f} s, seed {options.seed}"
    )


if __name__ == "__main__":
    main()
