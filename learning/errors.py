"""The one error tree of this package, in the same shape as the netlist's.

A message says where (a design file's line and key, a command-line option, a file), what, and what
to try; the three stay apart so that every front end prints them alike.
"""

from __future__ import annotations

from netlist.errors import NetlistError


class LearningError(Exception):
    """A design, a task or a run that cannot go on as it stands.

    Args:
        message: What is wrong, in one sentence.
        where: Where it was found: ``file.toml:LINE: section.key``, an option, or a file name.
        hint: What to try, in one sentence; may be empty.
    """

    def __init__(self, message: str, where: str | None = None, hint: str = "") -> None:
        self.message = message
        self.where = where
        self.hint = hint
        place = f"{where}: " if where else ""
        super().__init__(f"{place}{message}" + (f"\n  try: {hint}" if hint else ""))


class StorageError(LearningError):
    """A disk or folder that would not take a file; what was there before is untouched."""


def of_netlist(error: NetlistError) -> LearningError:
    """The same refusal as an error of this package.

    Args:
        error: What the netlist package says.

    Returns:
        The error, to be raised by the caller.
    """
    where = None if error.where is None else str(error.where)
    return LearningError(error.message, where, error.hint)
