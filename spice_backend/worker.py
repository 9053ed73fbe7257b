"""The process that owns libngspice; it can crash, run out of time or be killed, and nobody dies.

Started by `spice_backend.session` as ``python -m spice_backend.worker FD``; speaks over that
socket. Every accepted time point goes into a block of numbers that is sent as bytes, so nothing
grows with the length of a run: ``save none`` makes libngspice hand out points without keeping any.

PySpice 1.5 is corrected here in three places: it is told where the library is, its complaint about
newer ngspice versions is silenced, and the simulator's lines on stderr are log, not exceptions.
"""

from __future__ import annotations

import logging
import os
import resource
import sys
import time
from collections import deque
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from spice_backend.library import find_library
from spice_backend.vector import vector_name

_BLOCK_STEPS = 256
_BLOCK_SECONDS = 0.2
_LOG_LINES = 200
_SCALES = ("time", "v-sweep", "i-sweep", "temp-sweep", "frequency")


class _Stream:
    """Picks the probes out of the simulator's callback and sends them in blocks."""

    def __init__(self, connection: Connection, probes: tuple[str, ...]) -> None:
        self.connection = connection
        self.wanted = tuple(vector_name(probe) for probe in probes)
        self.missing: tuple[str, ...] = ()
        self.steps = 0
        self.last = 0.0
        self._pointers: list[Any] = []
        self._block = np.empty((_BLOCK_STEPS, len(probes) + 1))
        self._filled = 0
        self._sent_at = time.monotonic()

    def begin(self, names: list[str]) -> list[int]:
        """Where scale and probes stand among the vectors; notes those that are missing."""
        places = {vector_name(name): index for index, name in reversed(list(enumerate(names)))}
        scale = next((places[name] for name in _SCALES if name in places), 0)
        self.missing = tuple(name for name in self.wanted if name not in places)
        return [scale, *(places.get(name, scale) for name in self.wanted)]

    def point(self, data: Any) -> None:
        """One accepted point."""
        if not self._pointers:
            vectors = [data.vecsa[i] for i in range(data.veccount)]
            indices = self.begin([_text(vector.name) for vector in vectors])
            self._pointers = [vectors[index] for index in indices]
        self._block[self._filled] = [pointer.creal for pointer in self._pointers]
        self._filled += 1
        self.steps += 1
        if self._filled == _BLOCK_STEPS or time.monotonic() - self._sent_at > _BLOCK_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Send what is there."""
        if self._filled:
            self.last = float(self._block[self._filled - 1, 0])
            self.connection.send_bytes(b"S" + self._block[: self._filled].tobytes())
            self._filled = 0
        self._sent_at = time.monotonic()


def _text(pointer: Any) -> str:
    from PySpice.Spice.NgSpice.Shared import ffi  # noqa: PLC0415 - needs the library's path set

    return str(ffi.string(pointer).decode("utf-8", "replace"))


class _Simulator:
    """libngspice through PySpice's bindings."""

    def __init__(self) -> None:
        os.environ["NGSPICE_LIBRARY_PATH"] = str(find_library())
        logging.disable(logging.CRITICAL)
        from PySpice.Spice.NgSpice import Shared  # noqa: PLC0415 - reads the environment above

        self.log: deque[str] = deque(maxlen=_LOG_LINES)
        self.stream: _Stream | None = None
        self._ffi = Shared.ffi
        simulator = self

        class Bindings(Shared.NgSpiceShared):  # type: ignore[misc]  # PySpice is untyped
            @staticmethod
            def _send_data(data: Any, _count: int, _ident: int, _user: Any) -> int:
                if simulator.stream is not None:
                    simulator.stream.point(data)
                return 0

            def send_char(self, message: str, _ident: int) -> int:
                simulator.log.append(message.partition(" ")[2])
                return 0

        Shared.NgSpiceShared.setup_platform()
        self._bindings = Bindings(send_data=True)
        self._api = self._bindings._ngspice_shared  # noqa: SLF001 - PySpice offers no other way
        self.engine = f"ngspice {self._bindings.ngspice_version}"

    def command(self, text: str) -> int:
        """Run one simulator command; its return code."""
        return int(self._api.ngSpice_Command(text.encode()))

    def load(self, deck: str) -> int:
        """Load a deck; the simulator's return code."""
        self.command("remcirc")
        self.command("destroy all")
        self.log.clear()
        lines = [self._ffi.new("char[]", line.encode()) for line in deck.splitlines()]
        return int(self._api.ngSpice_Circ(self._ffi.new("char *[]", [*lines, self._ffi.NULL])))


def _run(simulator: _Simulator, request: dict[str, Any], connection: Connection) -> dict[str, Any]:
    stream = _Stream(connection, tuple(request["probes"]))
    began = time.monotonic()
    code = simulator.load(request["deck"])
    if not code:
        simulator.command(f"set num_threads={int(request['threads'])}")
        simulator.command("save none")
        simulator.stream = stream
        code = simulator.command("run")
        simulator.stream = None
        stream.flush()
    return {
        "code": code,
        "missing": stream.missing,
        "steps": stream.steps,
        "last": stream.last,
        "solver_time_s": time.monotonic() - began,
        "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "engine": simulator.engine,
        "log": tuple(simulator.log),
    }


def main() -> None:
    """Serve requests until the session closes the connection."""
    connection = Connection(int(sys.argv[1]))
    try:
        simulator = _Simulator()
    except Exception as error:  # noqa: BLE001 - reported to the session, which raises it there
        connection.send_bytes(b"X" + str(error).encode())
        return
    connection.send_bytes(b"R" + simulator.engine.encode())
    while True:
        try:
            request = connection.recv()
            connection.send(_run(simulator, request, connection))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            return


if __name__ == "__main__":
    main()
