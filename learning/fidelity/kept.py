"""What takes long to find out, kept on the disk under the hash of everything it depends on.

What was measured, the code that measures it and the simulator itself are all part of the hash, so
that nothing kept is ever stale; a file that cannot be read is made again. Files hold arrays and no
code (`learning.fidelity.archive`).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import zlib
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TypeVar
from zipfile import BadZipFile

from learning.fidelity.archive import pack, unpack
from netlist.errors import NetlistError
from netlist.reading import InputKind, read_bytes
from spice_backend.errors import SpiceError
from spice_backend.setup.find_ngspice import find_library

T = TypeVar("T")

_TABLES = InputKind("kept table of a cell", 256 << 20, "to measure it again")

_NONE = (
    NetlistError, ValueError, LookupError, TypeError, AttributeError, EOFError, RecursionError,
    BadZipFile, zlib.error, NotImplementedError,
)  # fmt: skip
"""What a file that is not there, or is cut short or altered, comes to: it is made again."""


def folder() -> Path:
    """Where all of it is: ``$XDG_CACHE_HOME/joulearn/tables``."""
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    base = named if named.is_absolute() else Path.home() / ".cache"
    return base / "joulearn" / "tables"


def digest(*told: object) -> str:
    """A name for what the simulator at hand makes of these things alone.

    Args:
        *told: Things whose ``repr`` says all of them.

    Returns:
        Hexadecimal digits.
    """
    return hashlib.sha256(repr((_simulator(), *told)).encode()).hexdigest()[:32]


def code(package: str, patterns: tuple[str, ...] = ("*.py",)) -> str:
    """The hash of a package's modules.

    Args:
        package: Its whole name.
        patterns: Of their files' names, from its folder.

    Returns:
        Hexadecimal digits.
    """
    here = Path(str(files(package)))
    paths = sorted({path for pattern in patterns for path in here.glob(pattern)})
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def text_of(module: str) -> str:
    """The source of one module, for `digest`.

    Args:
        module: Its whole name.

    Returns:
        Its text.
    """
    package, _, name = module.rpartition(".")
    return files(package).joinpath(f"{name}.py").read_text(encoding="utf-8")


def kept(name: str, make: Callable[[], T], kinds: tuple[type, ...]) -> T:
    """What is kept under a name, made if it is not there.

    Args:
        name: Its name.
        make: Makes it.
        kinds: Dataclasses it may be made of.

    Returns:
        It.
    """
    path = _path(name)
    try:
        found: T = unpack(read_bytes(path, _TABLES), kinds)
    except _NONE:
        found = make()
        _keep(path, pack(found))
    return found


def is_kept(name: str) -> bool:
    """Whether something is kept under a name; whether it can be read is seen when it is.

    Args:
        name: Its name.
    """
    return _path(name).is_file()


def _path(name: str) -> Path:
    return folder() / f"{name}.npz"


def _keep(path: Path, content: bytes) -> None:
    """Write a file in one go; a cache that cannot be written is no reason to stop."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.{os.getpid()}")
        partial.write_bytes(content)
        partial.replace(path)


def _simulator() -> str:
    """The hash of the library that simulates; empty where there is none: nothing is measured."""
    try:
        path = find_library().resolve()
        return _hash_of(path, path.stat().st_mtime_ns)
    except (SpiceError, OSError):
        return ""


@cache
def _hash_of(path: Path, _written_ns: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
