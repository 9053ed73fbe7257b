"""What is asked for by name: finding the shipped file that is meant, or saying what is near."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path

from netlist.errors import NetlistError


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that is nearest to a wrong one.

    Args:
        name: The wrong name.
        known: The names there are.

    Returns:
        The name; empty when none is near.
    """
    return "".join(get_close_matches(name, list(known), n=1))


def suggestion(name: str, known: Iterable[str], listed: str = "") -> str:
    """The hint for a wrong name: the nearest one, if any, and what there is.

    Args:
        name: The wrong name.
        known: The names there are.
        listed: What there is, for people.

    Returns:
        ``did you mean NAME?`` and the rest.
    """
    near = nearest(name, known)
    return f"did you mean {near}? {listed}".rstrip() if near else listed


def find_file(
    name_or_path: str, shipped: Mapping[str, Path], refusal: NetlistError, *, path: bool = True
) -> Path:
    """Find a file by its path, or a shipped one by its name.

    Args:
        name_or_path: What was asked for.
        shipped: The shipped files by name.
        refusal: What to say when there is neither; its hint lists what there is.
        path: Whether what was asked for can be a path at all.

    Returns:
        The file; a path goes before a name, and a folder is none.

    Raises:
        NetlistError: The refusal, its hint begun with the nearest name.
    """
    # os.path answers for every text; pathlib raises for a name too long to be any file's.
    there = os.path.exists(name_or_path) and not os.path.isdir(name_or_path)  # noqa: PTH110, PTH112
    if path and there:
        return Path(name_or_path)
    if name_or_path in shipped:
        return shipped[name_or_path]
    hint = suggestion(name_or_path, shipped, refusal.hint)
    raise NetlistError(refusal.message, refusal.where, hint)
