"""Files written whole or not at all, and through nobody's links.

A folder of results may hold what somebody else put there. So a file is written under a fresh name
that did not exist before, and then takes its own name: a reader sees the old file or the new one,
and a link of that name is replaced, never followed.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path


def replace_file(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file in one go.

    Args:
        path: The file; whatever else has this name, but a folder or a device, is replaced.
        write: Writes it, given the path of an empty file in the same folder.

    Raises:
        OSError: When it cannot be written; what was there before is untouched.
    """
    with contextlib.suppress(FileNotFoundError):
        kind = path.lstat().st_mode
        if stat.S_ISCHR(kind) or stat.S_ISBLK(kind):
            raise OSError(errno.EINVAL, "this is a device")
    number, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    os.close(number)
    partial = Path(name)
    try:
        write(partial)
        partial.chmod(0o666 & ~_mask())
        partial.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise


def replace_text(path: Path, text: str) -> None:
    """Write a text file in one go, in UTF-8.

    Args:
        path: The file.
        text: Its content.

    Raises:
        OSError: When it cannot be written; what was there before is untouched.
    """
    data = text.encode("utf-8", "replace")
    replace_file(path, lambda partial: partial.write_bytes(data))


def _mask() -> int:
    """The permissions that this process withholds from new files."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
