"""numba, with a configuration and a cache of our own.

numba keeps compiled functions as pickles, and unpickles what it finds where it looks for them. It
looks where the environment says, or else a file ``.numba_config.yaml`` in whatever folder one
happens to be in: to look at somebody's run in their folder would run their code. So the cache is a
folder of this user's that nobody else can write, said before numba is there to be told otherwise,
and the file is not read at all. Without such a folder functions are compiled anew in every process.

numba sees that a function's own file has changed, and not that another has, from which a function
was compiled into it: the folder is one for each state of all files that hold such functions.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import warnings
from collections.abc import Callable, MutableMapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, cast

_VARIABLE = "NUMBA_CACHE_DIR"

_COUNTS = "_nrt"
"""numba's option that says whether compiled code counts who holds an array. Its name says that it
may go; functions compile without it as well, and are slower."""

_SOURCES = (
    *("twin/compiled.py", "twin/kernel.py", "twin/response.py", "twin/stepper.py"),
    *("fidelity/accelerated/*kernel.py", "fidelity/accelerated/in_turn/kernel.py"),
    "fidelity/accelerated/tabulated.py",
)
"""Files that hold functions to compile, from the package's folder."""


def cache_folder() -> Path | None:
    """This user's folder for functions as they are now: in ``$XDG_CACHE_HOME/joulearn/numba``.

    Returns:
        The folder, made if need be; None when there can be none that is this user's alone.
    """
    try:
        named = Path(os.environ.get("XDG_CACHE_HOME", ""))
        base = named if named.is_absolute() else Path.home() / ".cache"
        above = base / "joulearn" / "numba"
        folder = above / sources()
        for place in (above, folder):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not _alone(place):
                return None
    except (OSError, RuntimeError):
        return None
    return folder


@cache
def sources() -> str:
    """The hash of all files that hold functions to compile."""
    here = Path(__file__).parents[1]
    files = sorted(path for pattern in _SOURCES for path in here.glob(pattern))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


def _alone(folder: Path) -> bool:
    """Whether a folder is this user's, and nobody else can write in it."""
    status = folder.lstat()
    others = stat.S_IWGRP | stat.S_IWOTH
    alone = stat.S_ISDIR(status.st_mode) and not status.st_mode & others
    return alone and status.st_uid == os.geteuid()


def compiled(*, lends: bool = False, **options: Any) -> Callable[[Any], Any]:
    """A decorator that compiles a function when it is first called, or finds it compiled.

    Args:
        lends: Whether arrays are only lent to it: it makes none, returns none and keeps none, nor
            does any function it calls. Nobody then counts who holds which array, which costs more
            than a short function does.
        options: As for ``numba.njit``, without "cache".

    Returns:
        The decorator.
    """
    folder = cache_folder()
    if folder is not None:
        os.environ[_VARIABLE] = str(folder)
    else:
        os.environ.pop(_VARIABLE, None)
    numba = _numba()
    if lends and hasattr(numba.core.options.DefaultOptions, _COUNTS):
        options[_COUNTS] = False
    decorator: Callable[[Any], Any] = numba.njit(cache=folder is not None, **options)
    return decorator


def _numba() -> Any:
    """numba, imported so that it does not look into the current folder, now or later."""
    modules = cast("MutableMapping[str, ModuleType | None]", sys.modules)
    found = {name: modules[name] for name in ("yaml",) if name in modules}
    # Without a reader of YAML it warns of a configuration in the current folder, and leaves it.
    modules["yaml"] = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import numba  # noqa: PLC0415 - once it finds what it is to find
            from numba.core import config as found_config  # noqa: PLC0415
    finally:
        del modules["yaml"]
        modules.update(found)
    config: Any = found_config
    config._config_fname = ""  # noqa: SLF001 - numba offers no other way
    config.reload_config()
    return numba
