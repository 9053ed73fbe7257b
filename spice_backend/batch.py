"""Plain ``ngspice -b``: the second opinion on every deck, with none of our code in the way."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from spice_backend.errors import SpiceError
from spice_backend.library import environment, find_ngspice
from spice_backend.outcome import Outcome, Status, diagnose


def run_batch(deck: Path, raw: Path, timeout_s: float | None = None) -> Outcome:
    """Run a deck in a plain ngspice process, one thread, in the raw file's folder.

    Args:
        deck: The deck.
        raw: Where ngspice writes its raw file.
        timeout_s: Wall time after which it is killed, seconds.

    Returns:
        How it ended; `Outcome.solver_time_s` is the wall time of the whole process.

    Raises:
        SpiceError: When there is no ngspice executable.
    """
    program = find_ngspice()
    if program is None:
        raise SpiceError("no ngspice executable", hint="make setup, or install package ngspice")
    began = time.monotonic()
    try:
        done = subprocess.run(
            [str(program), "-b", "-n", "-r", str(raw.resolve()), str(deck.resolve())],
            cwd=raw.resolve().parent,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_s,
            check=False,
            stdin=subprocess.DEVNULL,
            env=environment(),
        )
    except subprocess.TimeoutExpired:
        message = f"no end after {timeout_s:g} s"
        return Outcome(Status.TIMED_OUT, message, "raise the time-out", engine=str(program))
    log = tuple((done.stdout + done.stderr).splitlines()[-200:])
    elapsed_s = time.monotonic() - began
    if done.returncode or any("aborted" in line.lower() for line in log):
        status, message, hint = diagnose(log)
        return Outcome(status, message, hint, 0.0, 0, elapsed_s, 0, str(program), log)
    return Outcome(Status.COMPLETED, "", "", 0.0, 0, elapsed_s, 0, str(program), log)
