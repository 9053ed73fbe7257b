"""The one error tree of this package, and what the trees of all three packages have in common.

A message says where (file:line:column or a hierarchy path), what, and what to try; `PlacedError`
keeps the three apart so that every front end prints them alike.
"""

from __future__ import annotations

from netlist.span import Span


class PlacedError(Exception):
    """What every error of the three packages says: where, what, and what to try.

    Args:
        message: What is wrong, in one sentence.
        where: Where it was found: a `Span` in a text, a hierarchy path, a file name, an option,
            a time; None when nowhere.
        hint: What to try, in one sentence; may be empty.
    """

    def __init__(self, message: str, where: Span | str | None = None, hint: str = "") -> None:
        self.message = message
        self.where = where
        self.hint = hint
        place = f"{where}: " if where else ""
        super().__init__(f"{place}{message}" + (f"\n  try: {hint}" if hint else ""))


class NetlistError(PlacedError):
    """A circuit, a deck, a cell or a topology that cannot be used as it stands."""
