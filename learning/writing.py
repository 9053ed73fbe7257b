"""Files written whole or not at all, or growing in place, and never through a link.

A folder may have been prepared by somebody: a link where we are about to write leads out of it.
What a terminal is shown goes through here, too.
"""

from __future__ import annotations

import contextlib
import logging
import os
import stat
import sys
from pathlib import Path
from typing import TextIO

from learning.errors import LearningError, StorageError
from netlist.printable import printable
from spice_backend.safety.writing import replace_file

_DEVICES = tuple(map(Path, ("/dev", "/proc/self/fd", "/dev/fd")))
"""Folders whose names are no files of anybody's."""


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
    reason = reason or _no_file(path)
    if reason:
        raise LearningError(
            f"cannot write here: {reason}",
            where=str(path),
            hint=f"{option} with a file in a folder of yours",
        )


def _no_file(path: Path) -> str:
    """What stands where a file is to be put and must not be replaced by one; empty for nothing."""
    if path.is_dir():
        return "this is a folder"
    # What /dev/stdout leads to may be a plain file; the name itself belongs to the system.
    odd = path.exists() and not path.is_file()
    return "this is a device" if odd or path.absolute().parent.resolve() in _DEVICES else ""


def show(text: str, *, error: bool = False, red: bool = False) -> None:
    """Write to the terminal, or to whatever stands in its place.

    What would not show is escaped, what the stream has no letters for too; a stream that is
    missing or closed takes nothing.

    Args:
        text: What to show, line breaks included.
        error: Whether it goes to the standard error instead of the standard output.
        red: In red on a terminal, unless ``NO_COLOR`` is set.

    Raises:
        OSError: When the stream takes no more, such as a full disk or a pipe whose reader went.
    """
    stream = sys.stderr if error else sys.stdout
    if stream is None or stream.closed:
        return
    encoding = getattr(stream, "encoding", None) or "utf-8"
    shown = printable(text).encode(encoding, "backslashreplace").decode(encoding)
    coloured = red and is_terminal(stream) and "NO_COLOR" not in os.environ
    stream.write(f"\x1b[31m{shown}\x1b[0m" if coloured else shown)
    stream.flush()


STAGES = logging.getLogger("learning.stage")
"""Hears what is done, as it begins; silent unless somebody listens."""
STAGES.setLevel(logging.INFO)


def stage(name: str) -> None:
    """Name what is done from now on, for whoever watches.

    Args:
        name: What is done, such as "writing the report".
    """
    STAGES.info("%s", name)


def is_terminal(stream: TextIO | None) -> bool:
    """Whether somebody watches a stream; nobody does when it is missing or closed."""
    return stream is not None and not stream.closed and stream.isatty()


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
    try:
        replace_file(path, lambda partial: partial.write_bytes(content))
    except OSError as error:
        raise StorageError(
            f"cannot write: {error.strerror or error}",
            where=str(path),
            hint="free some space or mend the folder; a run then goes on with --resume",
        ) from error


def make_own_folder(folder: Path, below: Path) -> None:
    """Make a folder, and those on the way to it, so that what is written there lies below another.

    Args:
        folder: The folder. A link or a file in its place, or on the way, is taken away first; what
            it leads to is not touched.
        below: Where it lies; not looked at itself.

    Raises:
        StorageError: When it cannot be made.
    """
    here = below
    try:
        below.mkdir(parents=True, exist_ok=True)
        for part in folder.relative_to(below).parts:
            here /= part
            if here.is_symlink() or not here.is_dir():
                here.unlink(missing_ok=True)
                here.mkdir(exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"cannot make this folder: {error.strerror or error}",
            where=str(here),
            hint="free some space or mend the folder; a run then goes on with --resume",
        ) from error


def open_own(path: Path, flags: int) -> int:
    """Open a file that grows in place, made when it is not there.

    Args:
        path: The file. A link, a pipe or a file that has a second name elsewhere is taken away from
            this place first; what it leads to is not touched.
        flags: As for `os.open`: how to open it.

    Returns:
        Its descriptor; the caller closes it.

    Raises:
        OSError: When it cannot be opened, or something else keeps taking its place.
    """
    how = flags | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    with contextlib.suppress(FileNotFoundError):
        if not _is_own(os.lstat(path)):
            path.unlink()
    handle = os.open(path, how, 0o644)
    if not _is_own(os.fstat(handle)):
        os.close(handle)
        raise OSError(f"{path.name} is no plain file of this folder alone")
    return handle


def _is_own(found: os.stat_result) -> bool:
    return stat.S_ISREG(found.st_mode) and found.st_nlink == 1
