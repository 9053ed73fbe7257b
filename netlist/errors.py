"""The one error tree of this package, so that a caller catches one name and a user reads one shape.

A message says where (file:line:column or a hierarchy path), what, and what to try; `NetlistError`
keeps the three apart so that every front end prints them alike.
"""

from __future__ import annotations

from netlist.span import Span


class NetlistError(Exception):
    """A circuit, a deck, a cell or a topology that cannot be used as it stands.

    Args:
        message: What is wrong, in one sentence.
        where: Where it was found: a `Span` in a text, or a hierarchy path or file name.
        hint: What to try, in one sentence; may be empty.
    """

    def __init__(self, message: str, where: Span | str | None = None, hint: str = "") -> None:
        self.message = message
        self.where = where
        self.hint = hint
        place = f"{where}: " if where else ""
        super().__init__(f"{place}{message}" + (f"\n  try: {hint}" if hint else ""))
