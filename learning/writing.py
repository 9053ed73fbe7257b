"""Files written whole or not at all."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from learning.errors import LearningError, StorageError


def require_writable(path: Path, option: str) -> None:
    """Make the folder of a file that is about to be written, before any work is done for it.

    Args:
        path: The file.
        option: The option that named it, for the hint.

    Raises:
        LearningError: When the folder cannot be made or written to.
    """
    folder = path.absolute().parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
    else:
        reason = "" if os.access(folder, os.W_OK | os.X_OK) else "Permission denied"
    if reason or path.is_dir():
        raise LearningError(
            f"cannot write here: {reason or 'this is a folder'}",
            where=str(path),
            hint=f"{option} with a file in a folder of yours",
        )


def write_text(path: Path, text: str) -> None:
    """Write a text file in one go: a reader sees the old one or the new one.

    Args:
        path: The file.
        text: Its content.

    Raises:
        StorageError: When it cannot be written; the old one is untouched.
    """
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file in one go: a reader sees the old one or the new one.

    Args:
        path: The file.
        content: Its content.

    Raises:
        StorageError: When it cannot be written; the old one is untouched.
    """
    partial = path.with_name(path.name + ".part")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise StorageError(
            f"cannot write: {error.strerror or error}",
            where=str(path),
            hint="free some space or mend the folder; a run then goes on with --resume",
        ) from error
