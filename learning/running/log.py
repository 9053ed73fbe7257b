"""What happened in a run, line by line, readable while it goes on."""

from __future__ import annotations

import contextlib
import os
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from learning.writing import open_own


class Log:
    """Appends lines with their time to a file, while it can: a full disk ends no run.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        handle = open_own(path, os.O_WRONLY | os.O_APPEND)
        self._file = os.fdopen(handle, "ab", buffering=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            self.line(f"ended by {type(error).__name__}: {error}")
        self._file.close()

    def line(self, text: str) -> None:
        """Append a line.

        Args:
            text: Its text.
        """
        now = datetime.now(tz=UTC).isoformat(timespec="seconds")
        with contextlib.suppress(OSError):
            self._file.write(f"{now} {text}\n".encode())
