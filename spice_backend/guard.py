"""What a deck must not contain unless its user says so: loading a deck can run commands."""

from __future__ import annotations

import re

_COMMANDS = re.compile(
    r"^\s*(\.control\b|\*ng_script|\*#|pre_osdi\b|codemodel\b)", re.IGNORECASE | re.MULTILINE
)
_INCLUDE = re.compile(r"^\s*\.(include|inc|lib)\b(?=.*[/.\w]+\.\w+)", re.IGNORECASE | re.MULTILINE)


def refusal(deck: str) -> str:
    """Why a deck is not run without being trusted.

    Args:
        deck: Its text.

    Returns:
        The reason with its line number; empty when there is none.
    """
    for pattern, reason in (
        (_COMMANDS, "the deck contains commands that ngspice would execute"),
        (_INCLUDE, "the deck includes other files"),
    ):
        found = pattern.search(deck)
        if found:
            line = deck.count("\n", 0, found.start(1)) + 1
            return f"{reason} (line {line}: {found.group(1)})"
    return ""


def undriven(deck: str, *, driven: bool) -> str:
    """stub."""
    return ""
