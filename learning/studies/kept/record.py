"""What became of one point: its figures, or the reason why it has none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache

import msgspec

from learning.errors import LearningError, StorageError
from netlist.errors import NetlistError
from spice_backend.errors import (
    ConvergenceError,
    DeckError,
    LateError,
    SimulatorDiedError,
    SpiceError,
)


class Status(Enum):
    """What became of a point; every value but the first is a reason for having no figures."""

    DONE = "done"
    DISAGREES = "figures disagree"
    NO_CONVERGENCE = "no convergence"
    TIMED_OUT = "timed out"
    SIMULATOR_DIED = "simulator died"
    SIMULATION_FAILED = "simulation failed"
    REFUSED = "refused"
    WORKER_LOST = "worker lost"
    BROKEN = "program error"
    OTHER_VERSION = "other versions"
    MISSING = "not run"


AGAIN = (Status.WORKER_LOST, Status.BROKEN, Status.OTHER_VERSION)
"""What says nothing of the point itself, so that it is tried again by the next command."""


@dataclass(frozen=True, slots=True)
class Record:
    """One evaluated point.

    Attributes:
        key: The point's.
        status: What became of it.
        message: Why it has no figures, in a line; empty when it has.
        plant: Who played it.
        wall_s: How long it took, seconds.
        figures: By name, SI units; a figure the run does not have is None.
        limit_s: The wall time it was allowed, seconds.
    """

    key: str
    status: Status
    message: str = ""
    plant: str = ""
    wall_s: float = 0.0
    figures: Mapping[str, float | None] = field(default_factory=dict)
    limit_s: float = 0.0

    @property
    def done(self) -> bool:
        """Whether it has figures that can be trusted."""
        return self.status is Status.DONE


_KINDS: tuple[tuple[type[Exception], Status], ...] = (
    (ConvergenceError, Status.NO_CONVERGENCE),
    (LateError, Status.TIMED_OUT),
    (SimulatorDiedError, Status.SIMULATOR_DIED),
    (DeckError, Status.REFUSED),
    (SpiceError, Status.SIMULATION_FAILED),
    (LearningError, Status.REFUSED),
    (NetlistError, Status.REFUSED),
)


def reason(error: Exception) -> Status:
    """The kind of failure an error is.

    Args:
        error: What ended a point's run.

    Returns:
        Its kind; an error of no known kind is the program's own.

    Raises:
        StorageError: When the disk took no more, which is no property of a point.
    """
    if isinstance(error, StorageError):
        raise error
    return next((status for kind, status in _KINDS if isinstance(error, kind)), Status.BROKEN)


def encode(record: Record) -> bytes:
    """A record as JSON, one line."""
    return msgspec.json.encode(record) + b"\n"


def decode(data: bytes) -> Record:
    """A record from its JSON.

    Args:
        data: As `encode` makes it.

    Returns:
        The record.

    Raises:
        ValueError: When it is none.
    """
    return _decoder().decode(data)


@cache
def _decoder() -> msgspec.json.Decoder[Record]:
    return msgspec.json.Decoder(Record)
