"""Plain ``ngspice -b``: the second opinion on every deck, with none of our code in the way.

It has your rights and sees your files, so what it runs must be harmless or trusted; its memory, its
processor time and what it writes are limited all the same, and it does not outlive this process
(`spice_backend.setup.plain_ngspice`).
"""

from __future__ import annotations

import os
import signal
import tempfile
import time
from pathlib import Path
from typing import IO

from spice_backend.safety.confinement import Limits
from spice_backend.session.outcome import Outcome, Status, diagnose
from spice_backend.setup.plain_ngspice import LIMITS, need_ngspice, run_plain

_LOG_BYTES, _LOG_LINES = 1 << 16, 200
_TOO_MUCH = {
    signal.SIGXFSZ: "it wrote a larger file than it may",
    signal.SIGXCPU: "it used more processor time than it may",
}


def run_batch(
    deck: Path, raw: Path, timeout_s: float | None = None, limits: Limits = LIMITS
) -> Outcome:
    """Run a deck in a plain ngspice process, one thread, in the raw file's folder.

    No ``.spiceinit`` is read, and the folder is its home.

    Args:
        deck: The deck.
        raw: Where ngspice writes its raw file.
        timeout_s: Wall time after which it is killed, with all that it started, seconds.
        limits: What it may use; it is not confined besides.

    Returns:
        How it ended; `Outcome.solver_time_s` is the wall time of the whole process.

    Raises:
        SpiceError: When there is no ngspice executable.
    """
    program, began = str(need_ngspice()), time.monotonic()
    words = ["-r", str(raw.resolve()), str(deck.resolve())]
    folder = raw.resolve().parent
    with tempfile.TemporaryFile() as said:
        code = run_plain(words, folder, output=said, timeout_s=timeout_s, limits=limits)
        log = _tail(said)
    elapsed_s = time.monotonic() - began
    if code is None:
        message = f"no end after {timeout_s:g} s"
        hint = "raise the time-out"
        return Outcome(Status.TIMED_OUT, message=message, hint=hint, engine=program)
    status, message, hint = _judged(code, log)
    return Outcome(
        status,
        message=message,
        hint=hint,
        solver_time_s=elapsed_s,
        engine=program,
        log=log,
    )


def _tail(said: IO[bytes]) -> tuple[str, ...]:
    size = said.seek(0, os.SEEK_END)
    said.seek(max(0, size - _LOG_BYTES))
    return tuple(said.read().decode("utf-8", "replace").splitlines()[-_LOG_LINES:])


def _judged(code: int, log: tuple[str, ...]) -> tuple[Status, str, str]:
    if code < 0:
        name = signal.Signals(-code)
        reason = _TOO_MUCH.get(name, "its last words are in the log")
        return Status.DIED, f"{name.name}: {reason}", "a smaller deck, or one saving less"
    if code or any("aborted" in line.lower() for line in log):
        return diagnose(log)
    return Status.COMPLETED, "", ""
