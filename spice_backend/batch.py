"""Plain ``ngspice -b``: the second opinion on every deck, with none of our code in the way.

It has your rights and sees your files, so what it runs must be harmless or trusted; its memory, its
processor time and what it writes are limited all the same, and it does not outlive this process
(`spice_backend.safety.launch`).
"""

from __future__ import annotations

import contextlib
import math
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

from spice_backend.errors import SpiceError
from spice_backend.safety import launch
from spice_backend.safety.confinement import Limits
from spice_backend.session.outcome import Outcome, Status, diagnose
from spice_backend.setup.find_ngspice import environment, find_ngspice

LIMITS = Limits(memory_bytes=8 << 30, file_bytes=8 << 30, cpu_s=7 * 86400, confined=False)
"""Far above what a run needs and far below what takes a machine down."""

_LOG_BYTES, _LOG_LINES = 1 << 16, 200
_GRACE_SECONDS = 60
_TOO_MUCH = {
    signal.SIGXFSZ: "it wrote a larger file than it may",
    signal.SIGXCPU: "it used more processor time than it may",
}


def run_batch(
    deck: Path, raw: Path, timeout_s: float | None = None, limits: Limits = LIMITS
) -> Outcome:
    """Run a deck in a plain ngspice process, one thread, in the raw file's folder.

    No ``.spiceinit`` is read.

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
    program = find_ngspice()
    if program is None:
        raise SpiceError("no ngspice executable", hint="make setup, or install package ngspice")
    began = time.monotonic()
    words = [str(program), "-b", "-n", "-r", str(raw.resolve()), str(deck.resolve())]
    with tempfile.TemporaryFile() as said:
        command = [*_launcher(limits, timeout_s), *words]
        code = _ended(command, raw.resolve().parent, said, timeout_s)
        log = _tail(said)
    elapsed_s = time.monotonic() - began
    if code is None:
        message = f"no end after {timeout_s:g} s"
        return Outcome(Status.TIMED_OUT, message, "raise the time-out", engine=str(program))
    status, message, hint = _judged(code, log)
    return Outcome(status, message, hint, 0.0, 0, elapsed_s, 0, str(program), log)


def _launcher(limits: Limits, timeout_s: float | None) -> list[str]:
    cpu_s = limits.cpu_s
    if timeout_s is not None:
        allowed_s = math.ceil(timeout_s) + _GRACE_SECONDS
        cpu_s = min(cpu_s, allowed_s) if cpu_s else allowed_s
    amounts = (os.getpid(), limits.memory_bytes, limits.file_bytes, cpu_s)
    return [sys.executable, "-I", "-S", str(launch.__file__), *map(str, amounts)]


def _ended(
    command: list[str], folder: Path, said: IO[bytes], timeout_s: float | None
) -> int | None:
    """Exit code of a command, below zero for a signal; None when it had to be killed."""
    with subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=said,
        stderr=subprocess.STDOUT,
        env=environment(),
        start_new_session=True,
    ) as process:
        try:
            return process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None
        finally:
            # With what a trusted deck's shell lines have started, also on Ctrl-C.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)


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
