"""Simulator options laid over those of a deck."""

from __future__ import annotations

import re
from collections.abc import Mapping

_END = re.compile(r"^\s*\.end\s*$", re.IGNORECASE | re.MULTILINE)


def with_options(deck: str, options: Mapping[str, float | str]) -> str:
    """A deck with options that override its own.

    Args:
        deck: Its text.
        options: By name.

    Returns:
        The deck with one more ``.options`` line, the last of them.
    """
    if not options:
        return deck
    line = ".options " + " ".join(f"{name}={value}" for name, value in options.items()) + "\n"
    found = _END.search(deck)
    at = found.start() if found else len(deck)
    return f"{deck[:at].rstrip()}\n{line}{deck[at:]}"
