"""The error tree of this package; how a run ended is a value first (`session.outcome`)."""

from __future__ import annotations


class SpiceError(Exception):
    """A simulator that cannot be used, or a run its caller asked to be checked.

    Args:
        message: What is wrong, in one sentence.
        where: Where, for a person: a file, a time; None when nowhere.
        hint: What to try; may be empty.
    """

    def __init__(self, message: str, where: str | None = None, hint: str = "") -> None:
        self.message = message
        self.where = where
        self.hint = hint
        place = f"{where}: " if where else ""
        super().__init__(f"{place}{message}" + (f"\n  try: {hint}" if hint else ""))


class DeckError(SpiceError):
    """A deck that is not run at all: it cannot be read, or it would run commands."""


class ConvergenceError(SpiceError):
    """A circuit the simulator could not solve, at its operating point or in time."""


class LateError(SpiceError):
    """A run that used up its time."""


class CancelledError(SpiceError):
    """A run its caller cancelled."""


class SimulatorDiedError(SpiceError):
    """A simulator whose process ended under a run."""
