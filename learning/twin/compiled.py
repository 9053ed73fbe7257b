"""numba, with a configuration and a cache of our own.

numba keeps compiled functions as pickles, and unpickles what it finds where it looks for them. It
looks where the environment says, or else a file ``.numba_config.yaml`` in whatever folder one
happens to be in: to look at somebody's run in their folder would run their code. So the cache is a
folder of this user's that nobody else can write, said before numba is there to be told otherwise,
and the file is not read at all. Without such a folder functions are compiled anew in every process.
"""

from __future__ import annotations

import os
import stat
import sys
import warnings
from collections.abc import Callable, MutableMapping
from pathlib import Path
from types import ModuleType
from typing import Any, cast

_VARIABLE = "NUMBA_CACHE_DIR"


def cache_folder() -> Path | None:
    """This user's folder for compiled functions: ``$XDG_CACHE_HOME/joulearn/numba``.

    Returns:
        The folder, made if need be; None when there can be none that is this user's alone.
    """
    try:
        named = Path(os.environ.get("XDG_CACHE_HOME", ""))
        base = named if named.is_absolute() else Path.home() / ".cache"
        folder = base / "joulearn" / "numba"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.lstat()
    except (OSError, RuntimeError):
        return None
    others = stat.S_IWGRP | stat.S_IWOTH
    alone = stat.S_ISDIR(status.st_mode) and not status.st_mode & others
    return folder if alone and status.st_uid == os.geteuid() else None


def compiled(**options: Any) -> Callable[[Any], Any]:
    """A decorator that compiles a function when it is first called, or finds it compiled.

    Args:
        options: As for ``numba.njit``, without "cache".

    Returns:
        The decorator.
    """
    folder = cache_folder()
    if folder is not None:
        os.environ[_VARIABLE] = str(folder)
    else:
        os.environ.pop(_VARIABLE, None)
    decorator: Callable[[Any], Any] = _numba().njit(cache=folder is not None, **options)
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
