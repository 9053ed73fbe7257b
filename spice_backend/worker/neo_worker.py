"""The process that owns neospice, the second engine: open loop, the whole run in one piece.

Speaks `spice_backend.worker.worker`'s messages, so that a session need not know which engine it
has. Whether the engine holds initial conditions is found out at the start, on a deck of ten lines,
and told with the greeting; if it does not, the session sends them as switches
(`spice_backend.decks.held_nodes`), and what that adds is left out of the results here.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import select
import signal
import sys
import time
from dataclasses import replace
from typing import Any

import numpy as np

from spice_backend.decks.held_nodes import PREFIX, PROBE, PROBED_V
from spice_backend.protocol.channel import Channel
from spice_backend.protocol.messages import (
    MOST_BYTES,
    Analysis,
    Ended,
    Loaded,
    Points,
    Ready,
    Run,
    Unable,
    decode_request,
    encode,
    printable,
)
from spice_backend.protocol.probe_names import vector_name
from spice_backend.safety.confinement import Limits, confine

_BLOCK_BYTES = MOST_BYTES >> 4
_LOG_LINES = 200
_PROBE_VOLTS = 1e-3
_PARENT_DEATH_SIGNAL = 1
_WATCH_SECONDS = 1.0


class _Waves:
    """A transient's waveforms by the names a probe may have."""

    def __init__(self, result: Any) -> None:
        self._result = result
        self.time_s = np.asarray(result.time, dtype=np.float64)
        names = (vector_name(str(name)) for name in result.signal_names())
        self.names = tuple(name for name in names if PREFIX not in name)

    def column(self, name: str) -> Any:
        """One signal, (n_step,); None when there is none of that name."""
        if name not in self.names:
            return None
        plain = name.removesuffix("#branch")
        read = self._result.current if name.endswith("#branch") else self._result.voltage
        return np.asarray(read(plain), dtype=np.float64)


def _holds(engine: Any) -> bool:
    """Whether nodes that follow one with an initial condition begin where it puts them."""
    simulator = engine.Simulator()
    result = simulator.run(simulator.parse(PROBE)).transient
    return bool(abs(float(np.asarray(result.voltage("b"))[0]) - PROBED_V) < _PROBE_VOLTS)


def _run(channel: Channel, engine: Any, request: Run) -> None:
    began, log, end = time.monotonic(), list[str](), Ended()
    try:
        simulator = engine.Simulator()
        deck = (request.deck or b"").decode("utf-8", "replace")
        circuit = simulator.parse(deck)
        channel.send(encode(Loaded()))
        result = simulator.run(circuit).transient
        if result is None:
            log.append("Error: the second engine runs transients only")
        else:
            log += [str(warning) for warning in result.status.warnings][:_LOG_LINES]
            end = _send(channel, _Waves(result), request.probes)
    except Exception as error:  # noqa: BLE001 - whatever an engine raises is this run's outcome
        log.append(f"Error: {error}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    end = replace(
        end,
        solver_time_s=time.monotonic() - began,
        peak_memory_bytes=peak,
        memory_bytes=peak,
        log=tuple(map(printable, log[-_LOG_LINES:])),
    )
    channel.send(encode(end))


def _send(channel: Channel, waves: _Waves, probes: tuple[str, ...] | None) -> Ended:
    wanted = waves.names if probes is None else tuple(vector_name(probe) for probe in probes)
    columns = {name: waves.column(name) for name in wanted}
    missing = tuple(printable(name) for name, column in columns.items() if column is None)
    if missing:
        return Ended(missing=missing)
    if probes is None:
        units = ["A" if name.endswith("#branch") else "V" for name in wanted]
        channel.send(encode(Analysis(("time", *map(printable, wanted)), ("s", *units), real=True)))
    table = np.column_stack([waves.time_s, *columns.values()])
    rows = max(1, _BLOCK_BYTES // (8 * table.shape[1]))
    for first in range(0, len(table), rows):
        channel.send(encode(Points(table[first : first + rows])))
    return Ended(steps=len(table), last=float(table[-1, 0]) if len(table) else 0.0)


def _guarded_by_watcher(channel: Channel) -> None:
    """A process that ends this one when the session's end of the connection closes.

    The engine keeps Python's lock for the whole of a run, so no thread here would get to look.
    """
    worker = os.getpid()
    if os.fork():
        return
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    closed = select.poll()
    closed.register(channel.fileno(), 0)
    while os.getppid() == worker and not closed.poll(1e3 * _WATCH_SECONDS):
        pass
    if os.getppid() == worker:
        os.kill(worker, signal.SIGKILL)
    os._exit(0)


def main() -> None:
    """Serve requests until the session closes the connection."""
    channel = Channel(int(sys.argv[1]))
    _guarded_by_watcher(channel)
    try:
        import neospice  # noqa: PLC0415 - an extra that may be missing

        holds = _holds(neospice)
        barred = confine(Limits(**json.loads(sys.argv[2])))
    except Exception as error:  # noqa: BLE001 - reported to the session, which raises it there
        channel.send(encode(Unable(printable(str(error)))))
        return
    name = printable(f"neospice {neospice.__version__}", 80)
    channel.send(encode(Ready(engine=name, barred=tuple(barred), memory_bytes=0, holds=holds)))
    while True:
        try:
            body = channel.receive()
        except (EOFError, OSError):
            os._exit(0)
        request = decode_request(body or b"")
        if isinstance(request, Run):
            _run(channel, neospice, request)


if __name__ == "__main__":
    main()
