"""One run at a time in a folder: the second is told so instead of writing into the first.

The lock is the system's own, on the folder itself: no file is left behind, and it is gone with the
process that held it however that ends.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from learning.errors import LearningError

_BUSY = (errno.EWOULDBLOCK, errno.EACCES, errno.EAGAIN)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a folder for as long as a context lasts.

    Args:
        folder: The folder; one that is not there is nobody's.

    Yields:
        Nothing.

    Raises:
        LearningError: When another run holds it.
    """
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        yield  # whoever uses it will say what is wrong with it
        return
    try:
        _take(handle, folder)
        yield
    finally:
        os.close(handle)


def _take(handle: int, folder: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in _BUSY:
            return  # a file system without locks
        raise LearningError(
            "another run is at work here",
            where=str(folder),
            hint="to wait for its end, or another --out",
        ) from error
