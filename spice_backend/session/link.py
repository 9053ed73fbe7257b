"""The host's end of a worker: its process, folder and socket, and its last words."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from spice_backend.errors import SpiceError
from spice_backend.safety.confinement import Limits
from spice_backend.setup.features import Features
from spice_backend.setup.find_ngspice import environment

_WORKERS = {"ngspice": "spice_backend.worker.worker", "neospice": "spice_backend.worker.neo_worker"}
_REMEDIES = {
    "ngspice": "make setup, or install the package libngspice0",
    "neospice": "pip install 'joulearn[neospice]'",
}
_START_SECONDS = 60.0
_WORDS = 20
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "NGSPICE_LIBRARY_PATH", "LD_LIBRARY_PATH")
"""All that a worker gets of our environment: a deck can ask for variables by name."""


class Link:
    """A running worker.

    Args:
        limits: What its process may use.
        engine: "ngspice" or "neospice".

    Raises:
        SpiceError: When it does not start.
    """

    def __init__(self, limits: Limits, engine: str = "ngspice") -> None:
        ours, theirs = socket.socketpair()
        _sweep()
        self._folder = Path(tempfile.mkdtemp(prefix=f"joulearn-{os.getpid()}-"))
        self._words = tempfile.TemporaryFile()  # noqa: SIM115 - closed in close()
        with theirs:
            self._process = subprocess.Popen(
                _command(theirs.fileno(), limits, engine),
                cwd=self._folder,
                env=_variables(self._folder),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._words,
                start_new_session=True,
            )
        self._connection = Connection(ours.detach())
        # Kept between calls: the connection's own poll makes one every time.
        self._poll = select.poll()
        self._poll.register(self._connection.fileno(), select.POLLIN)
        self.confined = limits.confined
        greeting = self._greeting(engine)
        self.engine = str(greeting["engine"])
        self.bars = tuple(greeting["barred"])
        self.features = Features(**greeting["features"]) if "features" in greeting else None
        self.holds = bool(greeting.get("holds", True))
        """Whether it holds ``.ic`` nodes while it finds the operating point."""

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    @property
    def process_id(self) -> int:
        """Its number."""
        return self._process.pid

    def send(self, request: Mapping[str, Any]) -> None:
        """Send a request.

        Args:
            request: What to do.
        """
        self._connection.send(request)

    def receive(self, wait_s: float) -> bytes | None:
        """The next message.

        Args:
            wait_s: How long to wait for it, seconds.

        Returns:
            The message, or None when there was none in time.

        Raises:
            EOFError: When the process is gone.
        """
        there = self._poll.poll(1e3 * wait_s)
        return self._connection.recv_bytes() if there else None

    def autopsy(self) -> tuple[str, tuple[str, ...]]:
        """How the process ended and what it said last.

        Returns:
            A signal's name or an exit code, and its last lines on stderr.
        """
        try:
            code = self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            return "a closed connection", ()
        name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        self._words.seek(0)
        lines = self._words.read()[-8192:].decode("utf-8", "replace").splitlines()
        return name, tuple(line for line in lines if line.strip())[-_WORDS:]

    def close(self) -> None:
        """End the process and remove its folder."""
        self._connection.close()
        self._process.kill()
        self._process.wait()
        self._words.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _greeting(self, engine: str) -> dict[str, Any]:
        try:
            answer = self.receive(_START_SECONDS) or b"Xno answer"
        except (EOFError, ConnectionResetError):
            answer = b"Xthe simulator's process ended at once"
        except BaseException:
            self.close()
            raise
        if answer[:1] == b"R":
            return dict(json.loads(answer[1:]))
        self.close()
        raise SpiceError(
            f"{engine} does not start: {answer[1:].decode()}",
            hint=_REMEDIES[engine],
        )


def _sweep() -> None:
    """Remove the empty folders of sessions that were killed and could not do it themselves."""
    for folder in Path(tempfile.gettempdir()).glob("joulearn-[0-9]*-*"):
        owner = folder.name.split("-")[1]
        if owner.isdigit() and not Path("/proc", owner).exists():
            with contextlib.suppress(OSError):
                folder.rmdir()


def _command(socket_number: int, limits: Limits, engine: str) -> list[str]:
    words = json.dumps(asdict(limits))
    return [sys.executable, "-P", "-m", _WORKERS[engine], str(socket_number), words]


def _variables(folder: Path) -> dict[str, str]:
    root = str(Path(__file__).resolve().parents[2])
    kept = {name: value for name, value in environment().items() if name in _PASSED_ON}
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
    own = {"HOME": str(folder), "TMPDIR": str(folder), "OMP_NUM_THREADS": "1"}
    return {**kept, **own, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
