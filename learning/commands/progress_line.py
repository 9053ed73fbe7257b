"""Progress of a run: a line rewritten on a terminal, one now and then in a file, or JSON lines."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from types import TracebackType
from typing import Self, TextIO

from learning.report.quantity import scientific
from learning.running.learned import Progress
from learning.writing import is_terminal

_TERMINAL_SECONDS = 0.2
_FILE_SECONDS = 10.0
_PROGRAM_SECONDS = 1.0


class ProgressLine:
    """Shows how far a run is.

    Args:
        stream: Where to; a terminal gets one line that is rewritten, a missing stream nothing.
        as_json: A line of JSON at a time, for a program.
    """

    def __init__(self, stream: TextIO | None, *, as_json: bool = False) -> None:
        self._stream = stream
        self._quiet = stream is None or stream.closed
        self._json = as_json
        self._terminal = is_terminal(stream) and not as_json
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
            self._put("\n")

    def show(self, progress: Progress) -> None:
        """Show progress, unless it was shown a moment ago.

        Args:
            progress: How far the run is.
        """
        now = time.monotonic()
        wait_s = _TERMINAL_SECONDS if self._terminal else _FILE_SECONDS
        wait_s = _PROGRAM_SECONDS if self._json else wait_s
        done = progress.presentations >= progress.total
        if self._quiet or (now - self._shown_at < wait_s and not done):
            return
        self._shown_at = now
        facts = {"stage": "learning", **asdict(progress)}
        self._line(json.dumps(facts) if self._json else describe(progress))

    def stage(self, name: str) -> None:
        """Say what is done now that everything has been shown.

        Args:
            name: What is done, such as "writing the report".
        """
        self._line(json.dumps({"stage": name}) if self._json else f"{name} …")

    def _line(self, text: str) -> None:
        self._put("\r" + text.ljust(self._width) if self._terminal else text + "\n")
        self._width = len(text)

    def _put(self, text: str) -> None:
        try:
            if self._stream is not None:
                self._stream.write(text)
                self._stream.flush()
        except (OSError, ValueError):
            # The terminal was closed or the file's disk is full; the run goes on unseen.
            self._quiet = True


def describe(progress: Progress) -> str:
    """Put progress into a line.

    Args:
        progress: How far the run is.

    Returns:
        Presentations done, rate, time left, epoch and error.
    """
    minutes, seconds = divmod(round(progress.left_s), 60)
    left = f"{minutes} min {seconds:02d} s left" if minutes else f"{seconds} s left"
    if progress.presentations >= progress.total:
        left = "all shown"
    return (
        f"{progress.presentations}/{progress.total} presentations, "
        f"{progress.rate_per_s:.1f}/s, {left}, epoch {progress.epochs}, "
        f"error {scientific(progress.error_V2)} V²"
    )
