"""The error tree of this package; how a run ended is a value first (`session.outcome`)."""

from __future__ import annotations

from netlist.errors import PlacedError


class SpiceError(PlacedError):
    """A simulator that cannot be used, or a run its caller asked to be checked."""


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
