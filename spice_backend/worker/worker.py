"""The process that owns libngspice; it can crash, run out of time or be killed, and nobody dies.

Started by `spice_backend.session.session` as ``python -m spice_backend.worker.worker FD LIMITS``;
speaks over that socket. Runs go on in the library's own thread, so that they can be halted and gone
on with, while this one listens to the socket; when the session's end of it closes, for whatever
reason, or the session's process is gone, so is this one.
"""

from __future__ import annotations

import json
import os
import queue
import resource
import sys
import threading
import time
from collections.abc import Iterable
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

import numpy as np

from spice_backend.arrays import Floats
from spice_backend.protocol.channel import Channel
from spice_backend.protocol.drive import Stretch
from spice_backend.protocol.messages import (
    Alter,
    Ended,
    Halt,
    Load,
    Loaded,
    Ready,
    Request,
    Run,
    Solution,
    Solve,
    Unable,
    decode_request,
    encode,
    printable,
)
from spice_backend.protocol.probe_names import vector_name
from spice_backend.safety.confinement import Limits, confine
from spice_backend.worker.bindings import Ngspice
from spice_backend.worker.stream import Stream

_OPERATING_POINT = "op"
_WATCH_SECONDS = 1.0
_TRY_AGAIN_SECONDS = 1.0
"""The library gives up halting after a fifth of a second, which a slow step outlasts."""


class _Worker:
    """Serves the requests of a session, one at a time."""

    def __init__(self, channel: Channel, ngspice: Ngspice) -> None:
        self._channel, self._ngspice = channel, ngspice
        self._stretches: queue.SimpleQueue[Stretch | None] = queue.SimpleQueue()
        self._halting = False

    def serve(self) -> None:
        while not self._ngspice.left:
            self._answer(self._next())

    def _next(self) -> Request:
        body = self._channel.receive()
        if body is None:
            raise EOFError
        return decode_request(body)

    def _listen(self) -> None:
        """What may be said while a run goes on."""
        match self._next():
            case Stretch() as stretch:
                self._stretches.put(stretch)
            case Halt():
                self._halt()
                self._stretches.put(None)

    def _halt(self) -> None:
        self._halting = True
        self._ngspice.wake()

    def _answer(self, request: Request) -> None:
        began = time.monotonic()
        match request:
            case Run():
                self._run(request, began)
            case Load():
                code = self._ngspice.load(request.deck)
                self._ngspice.command("save none")
                self._end(began, code=code)
            case Solve():
                self._solve(request, began)
            case Alter():
                self._alter(request.names, request.values)
                self._end(began)

    def _alter(self, names: Iterable[str], values: Floats) -> None:
        for name, value in zip(names, values.tolist(), strict=True):
            self._ngspice.command(f"alter {name} = {value!r}")

    def _run(self, request: Run, began: float) -> None:
        ngspice, code = self._ngspice, 0
        self._halting = False
        while not self._stretches.empty():
            self._stretches.get()
        if request.deck is not None:
            code = ngspice.load(request.deck)
            self._channel.send(encode(Loaded()))
            ngspice.command(f"set num_threads={request.threads}")
            if request.probes is not None:
                ngspice.command("save none")
        elif not request.again:
            ngspice.log.clear()
        if not _a_thread():
            self._ngspice.log.append("Error: no thread is available for this run")
            self._end(began, code=1)
            return
        stream = self._stream(request)
        if not code and not ngspice.left:
            self._go(stream, again=request.again)
        self._end(
            began + stream.waited_s,
            code=code,
            missing=stream.missing,
            steps=stream.steps,
            last=stream.last,
        )

    def _stream(self, request: Run) -> Stream:
        if request.driven:
            # The first stretch is needed before there is a run to listen beside.
            threading.Thread(target=self._listen, daemon=True).start()
        return Stream(
            self._channel,
            request.probes,
            self._stretches,
            driven=request.driven,
            snapshots_s=request.snapshots_s,
            breakpoint=self._ngspice.breakpoint,
            give_up=self._halt,
        )

    def _go(self, stream: Stream, *, again: bool) -> None:
        ngspice = self._ngspice
        ngspice.listener = stream
        ngspice.start(again=again)
        while not ngspice.ended.is_set():
            heard = wait((self._channel.fileno(), ngspice.news), _TRY_AGAIN_SECONDS)
            if ngspice.news in heard:
                os.read(ngspice.news, 4096)
            if self._channel.fileno() in heard:
                self._listen()
            if self._halting and not ngspice.ended.is_set():
                ngspice.halt()
        ngspice.listener = None
        stream.flush()

    def _solve(self, request: Solve, began: float) -> None:
        """Alter values, find the operating point, send the probes: one message each way."""
        ngspice, point = self._ngspice, _Point(request.probes)
        ngspice.log.clear()
        ngspice.listener = point
        entered = time.monotonic()
        self._alter(request.names, request.values)
        ngspice.command("destroy all")
        ngspice.command(_OPERATING_POINT)
        spent_s = time.monotonic() - entered
        ngspice.listener = None
        if point.values is not None and not point.missing:
            self._channel.send(encode(Solution(spent_s, point.values)))
        else:
            self._end(began, missing=point.missing)

    def _end(
        self,
        began: float,
        *,
        code: int = 0,
        missing: tuple[str, ...] = (),
        steps: int = 0,
        last: float = 0.0,
    ) -> None:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        ended = Ended(
            code=code,
            missing=tuple(map(printable, missing)),
            steps=steps,
            last=last,
            solver_time_s=max(0.0, time.monotonic() - began),
            peak_memory_bytes=usage.ru_maxrss * 1024,
            memory_bytes=_resident_bytes(),
            left=self._ngspice.left,
            log=tuple(map(printable, self._ngspice.log)),
        )
        self._channel.send(encode(ended))


class _Point:
    """Listens to an operating point."""

    def __init__(self, probes: tuple[str, ...]) -> None:
        self._wanted = [vector_name(probe) for probe in probes]
        self._columns: list[int] = []
        self.missing: tuple[str, ...] = ()
        self.values: Any = None

    def begin(self, names: Any, units: Any, *, real: bool) -> None:
        del units, real
        places = {vector_name(name): index for index, name in enumerate(names)}
        self.missing = tuple(name for name in self._wanted if name not in places)
        self._columns = [places.get(name, 0) for name in self._wanted]

    def point(self, vectors: Any) -> None:
        self.values = np.array([vectors[column].creal for column in self._columns])

    def voltage(self, source: str, time_s: float) -> float:
        del source, time_s
        return 0.0


def _a_thread() -> bool:
    """Whether there can be one more thread: without one, the library would wait for ever."""
    thread = threading.Thread(target=lambda: None)
    try:
        thread.start()
    except (RuntimeError, MemoryError):
        return False
    thread.join()
    return True


def _resident_bytes() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return pages * os.sysconf("SC_PAGE_SIZE")


def _vanish() -> None:
    """The session is gone: do not wait for a simulation to end."""
    os._exit(0)


def main() -> None:
    """Serve requests until the session closes the connection."""
    channel = Channel(int(sys.argv[1]))
    try:
        ngspice = Ngspice()
        barred = confine(Limits(**json.loads(sys.argv[2])))
    except Exception as error:  # noqa: BLE001 - reported to the session, which raises it there
        channel.send(encode(Unable(printable(str(error)))))
        return
    features = ngspice.features
    greeting = Ready(
        engine=f"ngspice {features.version}",
        barred=tuple(barred),
        memory_bytes=_resident_bytes(),
        version=features.version,
        features=features.names,
    )
    channel.send(encode(greeting))
    threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()
    try:
        _Worker(channel, ngspice).serve()
    except (EOFError, OSError):
        _vanish()
    os._exit(0)


def _watch(parent: int) -> None:
    """End this process when the session's is gone, also while the simulator has this thread."""
    while os.getppid() == parent:
        time.sleep(_WATCH_SECONDS)
    _vanish()


if __name__ == "__main__":
    main()
