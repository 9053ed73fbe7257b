"""libngspice through PySpice's shared interface, corrected where that is wrong.

PySpice 1.5 is corrected here in five places, without touching the installed package: it is told
where the library is; its complaint about newer ngspice versions is silenced; the simulator's lines
on stderr are log, not exceptions; its hook for background runs returns the integer that the
library expects, so that a run can be halted and gone on with; and external sources get breakpoints
(`Ngspice.breakpoint`), without which the simulator steps over their edges.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import deque
from collections.abc import Sequence
from typing import Any, Protocol

from spice_backend.protocol.deck_lines import physical_lines
from spice_backend.setup.features import QUESTIONS, read_features
from spice_backend.setup.find_ngspice import find_library

_LOG_LINES = 200
_UNITS = {1: "s", 2: "Hz", 3: "V", 4: "A"}
"""Units by the library's vector types; what is none of these has no unit here."""


class Listener(Protocol):
    """Who hears of a run while it goes on; called from the simulator's own thread."""

    def begin(self, names: Sequence[str], units: Sequence[str], *, real: bool) -> None:
        """A new analysis, with these vectors."""

    def point(self, vectors: Any) -> None:
        """An accepted point: C pointers with ``creal`` and ``cimag``, in the order of `begin`."""

    def voltage(self, source: str, time_s: float) -> float:
        """The value of an external source, volts or amperes."""


class Ngspice:
    """The one libngspice of this process.

    Attributes:
        features: What it is and can do.
        log: Its last lines.
        listener: Who hears of the run under way.
        ended: Set while no background run is under way.
        news: A pipe's reading end; a byte arrives when a run has ended, and on `wake`.
        left: Set when the library asked to be unloaded: it must not be called again.
    """

    def __init__(self) -> None:
        os.environ["NGSPICE_LIBRARY_PATH"] = str(find_library())
        logging.disable(logging.CRITICAL)
        from PySpice.Spice.NgSpice import Shared  # noqa: PLC0415 - reads the environment above

        self.log: deque[str] = deque(maxlen=_LOG_LINES)
        self.listener: Listener | None = None
        self.ended = threading.Event()
        self.ended.set()
        self.news, self._bell = os.pipe()
        self.left = False
        self._ffi = Shared.ffi
        Shared.NgSpiceShared.setup_platform()
        self._bindings = self._corrected(Shared.NgSpiceShared)(send_data=True)
        self._api = self._bindings._ngspice_shared  # noqa: SLF001 - PySpice offers no other way
        for question in QUESTIONS:
            self.command(question)
        self.features = read_features(self.log)
        self.log.clear()

    def command(self, text: str) -> int:
        """Run one simulator command in this thread.

        Args:
            text: The command.

        Returns:
            The library's return code.
        """
        return int(self._api.ngSpice_Command(text.encode()))

    def load(self, deck: bytes) -> int:
        """Replace the circuit by a deck's.

        Args:
            deck: Its bytes; lines end where ngspice ends them in a file.

        Returns:
            The library's return code.
        """
        self.unload()
        self.log.clear()
        lines = [self._ffi.new("char[]", line) for line in physical_lines(deck)]
        return int(self._api.ngSpice_Circ(self._ffi.new("char *[]", [*lines, self._ffi.NULL])))

    def unload(self) -> None:
        """Drop the circuit and everything computed from it."""
        self.command("remcirc")
        self.command("destroy all")

    def start(self, *, again: bool = False) -> None:
        """Run the deck's analyses in the library's own thread; `ended` tells when they are over.

        Args:
            again: Go on with the halted run instead.
        """
        self.ended.clear()
        if self.command("bg_resume" if again else "bg_run"):
            self._over()

    def halt(self) -> None:
        """Stop the background run at its next accepted point."""
        self.command("bg_halt")

    def breakpoint(self, time_s: float) -> None:
        """Have the transient under way land exactly here; callable from a listener's `point`.

        Args:
            time_s: A time still ahead, seconds.
        """
        self._api.ngSpice_SetBkpt(time_s)

    def wake(self) -> None:
        """Make whoever waits for `news` look up."""
        os.write(self._bell, b".")

    def _over(self) -> None:
        self.ended.set()
        self.wake()

    def _text(self, pointer: Any) -> str:
        return str(self._ffi.string(pointer).decode("utf-8", "replace"))

    def _corrected(self, base: Any) -> Any:
        ngspice = self

        class Bindings(base):  # type: ignore[misc]  # PySpice is untyped
            @staticmethod
            def _send_data(data: Any, _count: int, _ident: int, _user: Any) -> int:
                if ngspice.listener is not None:
                    ngspice.listener.point(data.vecsa)
                return 0

            @staticmethod
            def _send_init_data(data: Any, _ident: int, _user: Any) -> int:
                ngspice._begin(data)
                return 0

            @staticmethod
            def _get_vsrc_data(value: Any, time: float, name: Any, _id: int, _user: Any) -> int:
                listener = ngspice.listener
                value[0] = 0.0 if listener is None else listener.voltage(ngspice._text(name), time)
                return 0

            _get_isrc_data = _get_vsrc_data

            @staticmethod
            def _background_thread_running(stopped: bool, _ident: int, _user: Any) -> int:
                if stopped:
                    ngspice._over()
                return 0

            @staticmethod
            def _exit(_status: int, _now: bool, _quit: bool, _ident: int, _user: Any) -> int:
                ngspice.left = True
                ngspice._over()
                return 0

            def send_char(self, message: str, _ident: int) -> int:
                ngspice.log.append(message.partition(" ")[2])
                return 0

        return Bindings

    def _begin(self, data: Any) -> None:
        if self.listener is None:
            return
        infos = [data.vecs[index] for index in range(data.veccount)]
        # The library's own vector begins with name and type, as PySpice's vector_info does.
        kinds = [self._ffi.cast("pvector_info", info.pdvec).v_type for info in infos]
        names = [self._text(info.vecname) for info in infos]
        units = [_UNITS.get(int(kind), "") for kind in kinds]
        self.listener.begin(names, units, real=all(info.is_real for info in infos))
