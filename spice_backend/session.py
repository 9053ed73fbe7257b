"""A session on ngspice: decks in, samples out, in a process that may die without taking us along.

The worker is a plain child process in a session group and an empty folder of its own: no
``.spiceinit`` is read, Ctrl-C reaches us and not it, and halting a run is ending the worker, which
always works; the next run starts a fresh one.
"""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from spice_backend.errors import SpiceError
from spice_backend.library import environment
from spice_backend.outcome import Outcome, Status, diagnose
from spice_backend.refusal import refusal
from spice_backend.samples import Samples

_START_SECONDS = 60.0
_POLL_SECONDS = 0.5


class Session:
    """One simulator, started when first needed and again after it died.

    Args:
        threads: Threads of the simulator; more than one is usually slower.
        timeout_s: Wall time after which a run is given up, seconds; None never.
    """

    def __init__(self, *, threads: int = 1, timeout_s: float | None = None) -> None:
        self._threads = threads
        self._timeout_s = timeout_s
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        self._folder: str | None = None
        self.engine = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def run(
        self,
        deck: str,
        probes: Sequence[str],
        consume: Callable[[Samples], bool],
        *,
        trust: bool = False,
    ) -> Outcome:
        """Run the analysis a deck contains and stream its points.

        Args:
            deck: The whole deck, title first, with a ``.tran`` or ``.dc`` line.
            probes: What to record, as ``.save`` writes it: ``v(a)``, ``i(v1)``, ``@m1[id]``.
            consume: Called with every block in order; returning False halts the run.
            trust: Run a deck even if it contains commands.

        Returns:
            How it ended; never an exception for what a simulator can do wrong.

        Raises:
            SpiceError: When no simulator can be started at all.
            KeyboardInterrupt: Passed on, after the simulator has been stopped.
        """
        reason = "" if trust else refusal(deck)
        if reason:
            return Outcome(Status.REFUSED, reason, "remove it, or say that the deck is trusted")
        self.start()
        try:
            return self._run(deck, tuple(probes), consume)
        except BaseException:
            self._stop()
            raise

    def start(self) -> None:
        """Start the simulator now, if it is not running, so that the first run need not wait.

        Raises:
            SpiceError: When it cannot be started.
        """
        if self._process is not None:
            if self._process.poll() is None:
                return
            self._stop()
        ours, theirs = socket.socketpair()
        self._folder = tempfile.mkdtemp(prefix="joulearn-")
        root = str(Path(__file__).resolve().parent.parent)
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "spice_backend.worker", str(theirs.fileno())],
            cwd=self._folder,
            env={**environment(), "PYTHONPATH": path, "HOME": self._folder},
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        self._connection = Connection(ours.detach())
        self._greet()

    def close(self) -> None:
        """End the simulator."""
        self._stop()

    def _greet(self) -> None:
        connection = self._link()
        try:
            answer = connection.recv_bytes() if connection.poll(_START_SECONDS) else b"Xno answer"
        except (EOFError, ConnectionResetError):
            answer = b"Xthe simulator's process ended at once"
        if answer[:1] != b"R":
            self._stop()
            raise SpiceError(
                f"ngspice does not start: {answer[1:].decode()}",
                hint="make setup, or install the package libngspice0",
            )
        self.engine = answer[1:].decode()

    def _link(self) -> Connection:
        if self._connection is None:
            raise SpiceError("the session is not started", hint="call start()")
        return self._connection

    def _run(
        self, deck: str, probes: tuple[str, ...], consume: Callable[[Samples], bool]
    ) -> Outcome:
        connection, began, last, steps = self._link(), time.monotonic(), 0.0, 0
        connection.send({"deck": deck, "probes": probes, "threads": self._threads})
        while True:
            waited_s = time.monotonic() - began
            if self._timeout_s is not None and waited_s > self._timeout_s:
                self._stop()
                hint = "raise simulator.timeout_s, or shorten the run"
                message = f"no end after {self._timeout_s:g} s"
                return Outcome(Status.TIMED_OUT, message, hint, last, steps, waited_s)
            try:
                if not connection.poll(_POLL_SECONDS):
                    continue
                message_bytes = connection.recv_bytes()
            except (EOFError, OSError):
                return self._died(last, steps, waited_s)
            if message_bytes[:1] != b"S":
                return _ended(pickle.loads(message_bytes), deck)
            block = np.frombuffer(message_bytes, dtype=np.float64, offset=1)
            block = block.reshape(-1, len(probes) + 1)
            last, steps = float(block[-1, 0]), steps + len(block)
            if not consume(Samples(block[:, 0], block[:, 1:])):
                engine = self.engine
                self._stop()
                return Outcome(Status.HALTED, "", "", last, steps, waited_s, 0, engine)

    def _died(self, last: float, steps: int, waited_s: float) -> Outcome:
        process = self._process
        code = process.wait(timeout=10) if process is not None else 0
        self._stop()
        name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        hint = "run the deck with plain ngspice -b; if that dies too, the deck crashes ngspice"
        return Outcome(Status.DIED, f"its process ended with {name}", hint, last, steps, waited_s)

    def _stop(self) -> None:
        process, connection, folder = self._process, self._connection, self._folder
        self._process = self._connection = self._folder = None
        if connection is not None:
            connection.close()
        if process is not None:
            process.kill()
            process.wait()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _ended(end: dict[str, Any], deck: str) -> Outcome:
    facts = {
        "scale": end["last"],
        "steps": end["steps"],
        "solver_time_s": end["solver_time_s"],
        "peak_memory_bytes": end["peak_memory_bytes"],
        "engine": end["engine"],
        "log": end["log"],
    }
    if end["missing"]:
        missing = end["missing"][0]
        close = get_close_matches(missing, deck.lower().split(), n=3)
        hint = f"close names in the deck: {', '.join(close)}" if close else "check the probes"
        return Outcome(Status.REFUSED, f"the deck has no vector {missing}", hint, **facts)
    failed = [line for line in end["log"] if "aborted" in line.lower()]
    if end["code"] or failed or not end["steps"]:
        status, message, hint = diagnose(end["log"])
        return Outcome(status, message, hint, **facts)
    return Outcome(Status.COMPLETED, **facts)
