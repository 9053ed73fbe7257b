"""The host's end of a worker: its process, folder and socket, and its last words."""

from __future__ import annotations

import contextlib
import json
import math
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from spice_backend.errors import SpiceError
from spice_backend.protocol.channel import Channel
from spice_backend.protocol.messages import (
    Answer,
    Garbled,
    Load,
    Ready,
    Request,
    Run,
    Unable,
    decode_answer,
    encode,
    printable,
)
from spice_backend.safety.confinement import Limits
from spice_backend.safety.patience import loading_s, processor_s
from spice_backend.session.engine import Engine
from spice_backend.setup.features import Features
from spice_backend.setup.find_ngspice import environment

_START_SECONDS = 60.0
_SEND_SECONDS = 60.0
_WORDS = 20


class Link:
    """A running worker.

    Args:
        limits: What its process may use.
        engine: Which simulator.

    Raises:
        SpiceError: When it does not start.
    """

    def __init__(self, limits: Limits, engine: Engine) -> None:
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
        ours.setblocking(False)
        self._channel = Channel(ours.detach())
        self.confined = limits.confined
        self._sent_at_s, self._loading_s = 0.0, math.inf
        greeting = self._greeting(engine)
        self.engine = greeting.engine
        self.bars = greeting.barred
        self.features = Features.named(greeting.version, greeting.features)
        self.holds = greeting.holds
        """Whether it holds ``.ic`` nodes while it finds the operating point."""

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    @property
    def process_id(self) -> int:
        """Its number."""
        return self._process.pid

    def loading_too_long(self) -> bool:
        """Whether it has computed for longer than any deck that was sent last takes to load."""
        return processor_s(self._process.pid) - self._sent_at_s > self._loading_s

    def send(self, request: Request) -> None:
        """Send a request.

        Args:
            request: What to do.

        Raises:
            ConnectionError: When the process is gone or takes nothing in.
        """
        body = encode(request)
        if isinstance(request, Load | Run) and request.deck is not None:
            self._sent_at_s = processor_s(self._process.pid)
            self._loading_s = loading_s(len(body))
        self._channel.send(body, _SEND_SECONDS)

    def receive(self, wait_s: float) -> Answer | None:
        """The next answer.

        Args:
            wait_s: How long to wait for it, seconds.

        Returns:
            The answer, or None when there was none in time.

        Raises:
            EOFError: When the process is gone.
            Garbled: When it says what no worker of ours would.
        """
        body = self._channel.receive(wait_s)
        return None if body is None else decode_answer(body)

    def autopsy(self, *, end: bool = False) -> tuple[str, tuple[str, ...]]:
        """How the process ended and what it said last.

        Args:
            end: End it first.

        Returns:
            A signal's name or an exit code, and its last lines on stderr.
        """
        if end:
            self._process.kill()
        try:
            code = self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            return "a closed connection", ()
        name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        self._words.seek(0)
        lines = self._words.read()[-8192:].decode("utf-8", "replace").split("\n")
        return name, tuple(printable(line) for line in lines if line.strip())[-_WORDS:]

    def close(self) -> None:
        """End the process and remove its folder."""
        self._channel.close()
        self._process.kill()
        self._process.wait()
        self._words.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _greeting(self, engine: Engine) -> Ready:
        try:
            answer: Answer = self.receive(_START_SECONDS) or Unable("no answer")
        except (EOFError, ConnectionResetError):
            answer = Unable("the simulator's process ended at once")
        except Garbled as error:
            answer = Unable(str(error))
        except BaseException:
            self.close()
            raise
        if isinstance(answer, Ready):
            return answer
        reason = answer.reason if isinstance(answer, Unable) else "it does not say what it is"
        self.close()
        raise SpiceError(f"{engine.name} does not start: {reason}", hint=engine.remedy)


def _sweep() -> None:
    """Remove the folders of sessions that were killed and could not do it themselves."""
    for folder in Path(tempfile.gettempdir()).glob("joulearn-[0-9]*-*"):
        owner = folder.name.split("-")[1]
        if owner.isdigit() and not Path("/proc", owner).exists() and _ours(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _ours(folder: Path) -> bool:
    """Whether this is a folder, no link to one, and of this user: anybody can make names here."""
    with contextlib.suppress(OSError):
        status = folder.lstat()
        return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid()
    return False


def _command(socket_number: int, limits: Limits, engine: Engine) -> list[str]:
    words = json.dumps(asdict(limits))
    return [sys.executable, "-P", "-m", engine.worker, str(socket_number), words]


def _variables(folder: Path) -> dict[str, str]:
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
    return {**environment(folder), "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
