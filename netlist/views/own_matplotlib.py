"""matplotlib, imported without the settings of whatever folder one happens to be in.

Its first look for a ``matplotlibrc`` is into the current folder, before those of this user: a pipe
of that name in somebody's folder would hold a report up for ever, a list of settings would change
it. Nothing can be said to matplotlib beforehand, so that file is not there while it is imported;
the user's own settings, in their home or where ``MATPLOTLIBRC`` says, are found as ever.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

_NAME = "matplotlibrc"


def _import() -> None:
    there: Any = os.path.exists

    def exists(path: Any) -> bool:
        return path != _NAME and bool(there(path))

    # Other threads ask as well: what stands here answers every other question as before.
    os.path.exists = exists
    try:
        import_module("matplotlib")
    finally:
        os.path.exists = there


_import()
