"""Progress of a run on a terminal: one line that is rewritten, or a line now and then in a file."""

from __future__ import annotations

import contextlib
import time
from types import TracebackType
from typing import Self, TextIO

from learning.report.quantity import scientific
from learning.running.learned import Progress

_TERMINAL_SECONDS = 0.2
_FILE_SECONDS = 10.0


class ProgressLine:
    """Shows how far a run is.

    Args:
        stream: Where to; a terminal gets one line that is rewritten.
        quiet: Show nothing.
    """

    def __init__(self, stream: TextIO, *, quiet: bool = False) -> None:
        self._stream = stream
        self._quiet = quiet
        self._terminal = stream.isatty()
        self._shown_at = 0.0
        self._width = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._width and self._terminal and not self._quiet:
            with contextlib.suppress(OSError):
                self._stream.write("\n")
                self._stream.flush()

    def show(self, progress: Progress) -> None:
        """Show progress, unless it was shown a moment ago.

        Args:
            progress: How far the run is.
        """
        now = time.monotonic()
        wait_s = _TERMINAL_SECONDS if self._terminal else _FILE_SECONDS
        done = progress.presentations >= progress.total
        if self._quiet or (now - self._shown_at < wait_s and not done):
            return
        self._shown_at = now
        try:
            self._write(describe(progress))
        except OSError:
            # The terminal was closed or the file's disk is full; the run goes on unseen.
            self._quiet = True

    def _write(self, text: str) -> None:
        if self._terminal:
            self._stream.write("\r" + text.ljust(self._width))
            self._width = len(text)
        else:
            self._stream.write(text + "\n")
        self._stream.flush()


def describe(progress: Progress) -> str:
    """Put progress into a line.

    Args:
        progress: How far the run is.

    Returns:
        Presentations done, rate, time left, epoch and error.
    """
    minutes, seconds = divmod(round(progress.left_s), 60)
    left = f"{minutes} min {seconds:02d} s left" if minutes else f"{seconds} s left"
    return (
        f"{progress.presentations}/{progress.total} presentations, "
        f"{progress.rate_per_s:.1f}/s, {left}, epoch {progress.epochs}, "
        f"error {scientific(progress.error_V2)} V²"
    )
