"""Plain ``ngspice -b``: the second opinion on every deck, with none of our code in the way.

It sees your files, so what it runs must be harmless or trusted; it writes in its own folder alone,
its memory, its processor time and what it writes are limited, and it does not outlive this process
(`spice_backend.setup.plain_ngspice`).
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import IO

from spice_backend.protocol.messages import printable
from spice_backend.safety import patience
from spice_backend.safety.confinement import Limits
from spice_backend.safety.folder import own_folder
from spice_backend.session.outcome import Outcome, Status, diagnose
from spice_backend.setup.plain_ngspice import LIMITS, need_ngspice, run_plain

_LOG_BYTES, _LOG_LINES = 1 << 16, 200
_INCLUDING, _INCLUDING_SECONDS = (
    re.compile(rb"^\s*\.(inc|lib)", re.IGNORECASE | re.MULTILINE),
    600.0,
)
"""A foundry's library is read with the deck that includes it, and may be of any size."""
_TOO_MUCH = {
    signal.SIGXFSZ: "it wrote a larger file than it may",
    signal.SIGXCPU: "it used more processor time than it may",
}


def run_batch(
    deck: Path,
    raw: Path,
    timeout_s: float | None = None,
    limits: Limits = LIMITS,
    timeout_name: str = "the time-out",
) -> Outcome:
    """Run a deck in a plain ngspice process, one thread, in the raw file's folder.

    No ``.spiceinit`` is read, the folder is its home, and it changes no file outside of it.

    Args:
        deck: The deck.
        raw: Where ngspice writes its raw file.
        timeout_s: Wall time after which it is killed, with all that it started, seconds; without
            one it is killed only when it does not come to the end of the deck.
        limits: What it may use.
        timeout_name: What its user calls the time-out, for the hint.

    Returns:
        How it ended; `Outcome.solver_time_s` is the wall time of the whole process.

    Raises:
        SpiceError: When there is no ngspice executable.
    """
    program, began = str(need_ngspice()), time.monotonic()
    with own_folder() as kept, tempfile.TemporaryFile() as said:
        reading = _Reading(kept / "log", deck)
        words = ["-o", str(reading.log), "-r", str(raw.resolve()), str(deck.resolve())]
        code = run_plain(
            words,
            raw.resolve().parent,
            output=said,
            timeout_s=timeout_s,
            limits=limits,
            writes=(kept,),
            go_on=reading.go_on,
        )
        log = (*_tail_of(reading.log), *_tail(said))
    ended = Outcome(
        Status.COMPLETED, solver_time_s=time.monotonic() - began, engine=program, log=log
    )
    if reading.stuck:
        message = "ngspice reads this deck without coming to its end"
        return replace(ended, status=Status.TIMED_OUT, message=message, hint=patience.HINT)
    if code is None:
        message, hint = f"no end after {timeout_s:g} s", f"raise {timeout_name}"
        return replace(ended, status=Status.TIMED_OUT, message=message, hint=hint)
    status, message, hint = _judged(code, log)
    return replace(ended, status=status, message=message, hint=hint)


class _Reading:
    """Whether ngspice has come to the end of a deck: it then names the circuit in its log."""

    def __init__(self, log: Path, deck: Path) -> None:
        self.log = log
        self.stuck = False
        text = deck.read_bytes() if deck.is_file() else b""
        more = _INCLUDING.search(text) is not None
        self._most_s = _INCLUDING_SECONDS if more else patience.loading_s(len(text))

    def go_on(self, process: subprocess.Popen[bytes]) -> bool:
        """Whether the process is to go on."""
        late = patience.processor_s(process.pid) > self._most_s
        self.stuck = late and not self._over()
        return not self.stuck

    def _over(self) -> bool:
        with self.log.open("rb") as stream:
            return b"\nCircuit:" in stream.read(_LOG_BYTES)


def _tail_of(log: Path) -> tuple[str, ...]:
    if not log.is_file():
        return ()
    with log.open("rb") as stream:
        return _tail(stream)


def _tail(said: IO[bytes]) -> tuple[str, ...]:
    size = said.seek(0, os.SEEK_END)
    said.seek(max(0, size - _LOG_BYTES))
    lines = said.read().decode("utf-8", "replace").split("\n")[-_LOG_LINES:]
    return tuple(printable(line) for line in lines if line.strip())


def _judged(code: int, log: tuple[str, ...]) -> tuple[Status, str, str]:
    if code < 0:
        name = signal.Signals(-code)
        reason = _TOO_MUCH.get(name, "its last words are in the log")
        return Status.DIED, f"{name.name}: {reason}", "a smaller deck, or one saving less"
    if code or any("aborted" in line.lower() for line in log):
        return diagnose(log)
    return Status.COMPLETED, "", ""
