"""The one error tree of this package, in the same shape as the netlist's.

A message says where (a design file's line and key, a command-line option, a file), what, and what
to try; the three stay apart so that every front end prints them alike.
"""

from __future__ import annotations

from netlist.errors import NetlistError, PlacedError


class LearningError(PlacedError):
    """A design, a task or a run that cannot go on as it stands."""


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
