"""Where a deck's lines end, as ngspice ends them: at a line feed, and nowhere else.

Python's own ``splitlines`` also ends lines at lone carriage returns, form feeds and a handful of
signs of Unicode, all of which are text in the middle of a line to ngspice. Whoever judges a deck
and whoever hands it to the simulator split it here, so that both see the same lines.
"""

from __future__ import annotations


def physical_lines(deck: bytes) -> list[bytes]:
    """Split a deck.

    Args:
        deck: Its bytes.

    Returns:
        Its lines without their ends: a line feed, or a carriage return and a line feed.
    """
    lines = deck.split(b"\n")
    if not lines[-1]:
        lines.pop()
    return [line.removesuffix(b"\r") for line in lines]
