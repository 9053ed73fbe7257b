"""A folder of one's own that is gone afterwards, also when its owner is killed on the spot.

A killed process removes nothing, so a second one, with nothing else to do, waits for the first to
end: it reads from a pipe whose other end dies with the owner, then removes the folder.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_WAITER = (
    "import os, shutil, sys\n"
    "while os.read(0, 64): pass\n"
    "shutil.rmtree(sys.argv[1], ignore_errors=True)\n"
)


@contextmanager
def own_folder(prefix: str = "joulearn-") -> Iterator[Path]:
    """Make a folder that only this user can enter, and remove it at the end, whatever the end is.

    Args:
        prefix: How its name begins.

    Yields:
        The folder.
    """
    folder = Path(tempfile.mkdtemp(prefix=prefix)).resolve()
    # In a session group of its own, so that what ends this process's group does not end it too.
    waiter = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _WAITER, str(folder)],
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            waiter.communicate()
