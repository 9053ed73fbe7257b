"""Where ngspice is on this machine: the shared library PySpice loads, and the plain program.

Debian ships ``libngspice.so.0`` and no ``libngspice.so``, which is all PySpice looks for; set-up
without root unpacks the packages into the project's own folder. Looked up when asked, never at
import.
"""

from __future__ import annotations

import ctypes.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from spice_backend.errors import SpiceError

LOCAL = Path(__file__).resolve().parents[2] / ".ngspice"
"""Where set-up unpacks Debian's packages when it cannot install them."""

_NAMES = ("libngspice.so.0", "libngspice.so")
_FOLDERS = ("/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/local/lib64", "/opt/ngspice/lib")
HINT = "make setup, or: sudo apt-get install libngspice0 ngspice"


def find_library() -> Path:
    """Find libngspice.

    ``NGSPICE_LIBRARY_PATH`` comes first, then the machine's own, then what set-up unpacked.

    Returns:
        Its path.

    Raises:
        SpiceError: When there is none, or the variable names a file that is not there.
    """
    named = os.environ.get("NGSPICE_LIBRARY_PATH", "")
    if named:
        if Path(named).is_file():
            return Path(named)
        raise SpiceError("there is no such file", f"NGSPICE_LIBRARY_PATH={named}", HINT)
    for path in _libraries():
        if path.is_file():
            return path
    raise SpiceError("libngspice is not on this machine", hint=HINT)


def find_ngspice() -> Path | None:
    """Find the plain ngspice program.

    ``JOULEARN_NGSPICE`` comes first, then the machine's own, then what set-up unpacked.

    Returns:
        Its path, or None.

    Raises:
        SpiceError: When the variable names a file that is not there.
    """
    named = os.environ.get("JOULEARN_NGSPICE", "")
    if named:
        if Path(named).is_file():
            return Path(named)
        raise SpiceError("there is no such file", f"JOULEARN_NGSPICE={named}", HINT)
    found = shutil.which("ngspice")
    local = LOCAL / "usr/bin/ngspice"
    return Path(found) if found else local if local.is_file() else None


_PASSED_ON = ("PATH", "TZ", "NGSPICE_LIBRARY_PATH", "LD_LIBRARY_PATH")
"""All that a simulator gets of our environment: a deck can ask for variables by name, and ngspice
looks where some of them point for scripts to run."""


def environment(home: Path) -> dict[str, str]:
    """The whole environment of a process that loads ngspice from where it is.

    Args:
        home: A folder of its own, in place of its user's home and of that for temporary files.

    Returns:
        Variables: one thread, and the folders of unpacked packages if they are in use.
    """
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    folders = [str(path.parent) for path in sorted(LOCAL.glob("usr/lib/**/lib*.so*"))]
    paths = [*dict.fromkeys(folders), kept.get("LD_LIBRARY_PATH", "")]
    added = {"LD_LIBRARY_PATH": os.pathsep.join(filter(None, paths))} if folders else {}
    own = {"HOME": str(home), "TMPDIR": str(home), "LC_ALL": "C.UTF-8"}
    # ngspice asks for two threads whatever the first variable says; the second is a ceiling.
    single = {"OMP_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1", "OPENBLAS_NUM_THREADS": "1"}
    return {**kept, **added, **own, **single}


def _libraries() -> Iterator[Path]:
    for folder in map(Path, _FOLDERS):
        for name in _NAMES:
            yield folder / name
            yield from sorted(folder.glob(f"*-linux-gnu*/{name}"))
    known = ctypes.util.find_library("ngspice")
    if known and Path(known).is_absolute():
        yield Path(known)
    for name in _NAMES:
        yield from sorted(LOCAL.glob(f"usr/lib/**/{name}"))
