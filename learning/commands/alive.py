"""What a command is doing and for how long: no silence at the terminal while something is awaited.

Whoever does something names it (`learning.writing.stage`); a thread here shows the name and the
time since then. A terminal has one line that moves, drawn by rich; a file has a line now and then,
a program lines of JSON. A command that is over in a moment shows nothing.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO, cast

from learning.writing import STAGES, is_terminal
from netlist.printable import printable

if TYPE_CHECKING:
    from rich.live import Live
    from rich.text import Text

PATIENCE_S = 1.0
"""A command that is over sooner and names no stage shows nothing."""

_REDRAWN_S = 0.25
_BEAT_S = {"terminal": 4.0, "file": 10.0, "program": 4.0}
"""The longest silence, seconds, by kind of stream; a terminal that cannot redraw gets lines."""

_STEP_S = {"terminal": 0.0, "file": 10.0, "program": 1.0}
"""The shortest time between two steps of a stage that are told, seconds."""

_SIGNS, _PLAIN_SIGNS = "⠋⠙⠸⠴⠦⠇", "-\\|/"

Facts = Mapping[str, object]


class Alive:
    """Shows that a command is at work, within a context.

    Args:
        stream: Where to; a missing or closed stream gets nothing.
        as_json: A line of JSON at a time, for a program.
    """

    def __init__(self, stream: TextIO | None, *, as_json: bool = False) -> None:
        self._stream = _Forgiving(stream)
        watched = is_terminal(stream) and not as_json
        self._kind = "program" if as_json else "terminal" if watched else "file"
        self._draws = watched and os.environ.get("TERM", "") not in {"", "dumb", "unknown"}
        self._live: Live | None = None
        self._lock = threading.RLock()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._handler = _Listener(self)
        self._start = self._began = self._told = time.monotonic()
        self._words = "working"
        self._facts: Facts = {"stage": self._words}
        self._named = False

    def __enter__(self) -> Self:
        STAGES.addHandler(self._handler)
        self._resume()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end(keep=kind is not None)

    def stage(self, name: str) -> None:
        """Say what is done from now on.

        Args:
            name: What is done, such as "writing the report".
        """
        with self._lock:
            self._began = time.monotonic()
            self._words, self._facts, self._named = name, {"stage": name}, True
            if self._kind == "program" or self._began - self._start >= PATIENCE_S:
                self._tell(f"{name} …")

    def step(self, words: str, facts: Facts, *, last: bool = False) -> None:
        """Say how far it is, unless that was said a moment ago.

        Args:
            words: How far, for a person.
            facts: The same for a program.
            last: Whether nothing comes after it, so that it is said in any case.
        """
        with self._lock:
            if facts.get("stage") != self._facts.get("stage"):
                self._began = time.monotonic()
            first = not self._named or facts.keys() != self._facts.keys()
            self._words, self._facts, self._named = words, facts, True
            if last or first or time.monotonic() - self._told >= _STEP_S[self._kind]:
                self._tell(words)

    def note(self, words: str, facts: Facts) -> None:
        """Say something that stays.

        Args:
            words: A line for a person.
            facts: The same for a program.
        """
        with self._lock:
            if not self._draws:
                self._line(words, facts)
                return
            with self.paused():
                self._line(words, facts)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leave the terminal to somebody else for as long as a context lasts."""
        going = self._thread is not None
        self._halt(keep=False)
        try:
            yield
        finally:
            if going:
                self._resume()

    def end(self, *, keep: bool = False) -> None:
        """Show nothing from now on.

        Args:
            keep: Whether the last line is to stay on the terminal.
        """
        STAGES.removeHandler(self._handler)
        self._halt(keep=keep)

    def _resume(self) -> None:
        if self._stream.missing:
            return
        self._over.clear()
        self._thread = threading.Thread(target=self._beat, daemon=True)
        # A machine without a thread to spare does the work all the same, or says so itself.
        try:
            self._thread.start()
        except RuntimeError:
            self._thread = None

    def _halt(self, *, keep: bool) -> None:
        self._over.set()
        thread, self._thread = self._thread, None
        if thread is not None and thread is not threading.current_thread():
            thread.join()
        if self._live is not None:
            self._live.transient = not keep
            self._live.stop()
            self._live = None

    def _beat(self) -> None:
        begun, over = time.monotonic(), self._over
        while not over.wait(_REDRAWN_S):
            if self._draws:
                if self._named or time.monotonic() - begun >= PATIENCE_S:
                    self._draw()
            elif self._lock.acquire(timeout=_REDRAWN_S):
                try:
                    if time.monotonic() - self._told >= _BEAT_S[self._kind]:
                        self._line(f"{self._words}, {self._elapsed}", self._timed)
                finally:
                    self._lock.release()

    def _draw(self) -> None:
        if self._live is None:
            self._live = _live(self._stream)
            self._live.start()
        self._live.update(_drawn(f"{self._elapsed}  {self._words}", self._stream), refresh=True)

    @property
    def _elapsed(self) -> str:
        minutes, seconds = divmod(int(time.monotonic() - self._began), 60)
        return f"{minutes} min {seconds:02d} s" if minutes else f"{seconds} s"

    @property
    def _timed(self) -> Facts:
        return {**self._facts, "elapsed_s": round(time.monotonic() - self._began, 1)}

    def _tell(self, words: str) -> None:
        if not self._draws:
            self._line(words, self._timed)

    def _line(self, words: str, facts: Facts) -> None:
        if self._kind == "program":
            import json  # noqa: PLC0415 - few commands ask for it

            words = json.dumps(facts, ensure_ascii=False)
        self._told = time.monotonic()
        self._stream.write(f"{printable(words)}\n")
        self._stream.flush()


def _live(stream: _Forgiving) -> Live:
    """One line that is drawn again and again; what else is written is not touched."""
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs it
    from rich.live import Live  # noqa: PLC0415

    console = Console(file=cast(TextIO, stream), force_terminal=True)
    return Live(console=console, auto_refresh=False, redirect_stdout=False, redirect_stderr=False)


def _drawn(words: str, stream: _Forgiving) -> Text:
    """A line with a sign that moves, no longer than the terminal is wide."""
    from rich.text import Text  # noqa: PLC0415

    signs = _SIGNS if stream.unicode else _PLAIN_SIGNS
    sign = signs[int(time.monotonic() / _REDRAWN_S) % len(signs)]
    return Text(f"{sign} {printable(words)}", no_wrap=True, overflow="ellipsis")


class _Listener(logging.Handler):
    """Takes stages from whoever names them, in this process and any of its threads."""

    def __init__(self, alive: Alive) -> None:
        super().__init__(logging.INFO)
        self._alive = alive

    def emit(self, record: logging.LogRecord) -> None:
        """Show a stage.

        Args:
            record: Its name is the message.
        """
        self._alive.stage(record.getMessage())


class _Forgiving:
    """A stream that never fails: when the terminal is closed or the disk full, work goes on."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self.missing = stream is None or stream.closed
        self.encoding = getattr(stream, "encoding", None) or "utf-8"
        self.unicode = self.encoding.lower().startswith("utf")

    def write(self, text: str) -> int:
        """Write what the stream has letters for, the rest escaped; nothing once it has failed."""
        shown = text.encode(self.encoding, "backslashreplace").decode(self.encoding)
        self._try(lambda stream: stream.write(shown))
        return len(text)

    def flush(self) -> None:
        """Hand on what was written."""
        self._try(lambda stream: stream.flush())

    def isatty(self) -> bool:
        """Whether somebody watches."""
        return is_terminal(self._stream)

    def _try(self, what: Callable[[TextIO], object]) -> None:
        if self._stream is None or self.missing:
            return
        try:
            what(self._stream)
        except (OSError, ValueError):
            self.missing = True
