"""A run that came to its end, and how far one is."""

from __future__ import annotations

from dataclasses import dataclass

from learning.experiment.experiment import Experiment
from learning.fidelity.plants import SPICE
from learning.measure.audit import RESIDUAL_LIMIT
from learning.measure.deviation import Anchor
from learning.measure.disagreement import (
    BILL_LIMIT,
    TABLES_LIMIT,
    Disagreement,
    apart,
    disagreement,
)
from learning.measure.rest import ASTRAY_LIMIT
from learning.measure.rest import LIMIT as REST_LIMIT
from learning.running.folder import RunFolder
from learning.running.tally import Tally


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is.

    Attributes:
        presentations: Simulated so far, evaluations included.
        total: Of the whole schedule.
        epochs: Whole epochs learned.
        rate_per_s: Presentations per second of wall time in this process.
        left_s: Estimated wall time left, seconds.
        error_V2: Latest error, square volts; None before the first evaluation is over.
    """

    presentations: int
    total: int
    epochs: int
    rate_per_s: float
    left_s: float
    error_V2: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """A run that came to its end.

    Attributes:
        experiment: What was run.
        folder: Where its files are.
        tally: What was measured along the way.
        status: "completed", "tolerance reached" or "no progress".
        warnings: What a reader should know.
        plant: Who played it.
        anchor: How far it is from ngspice, where another plant played and was held against it.
    """

    experiment: Experiment
    folder: RunFolder
    tally: Tally
    status: str
    warnings: tuple[str, ...]
    plant: str = SPICE
    anchor: Anchor | None = None

    @property
    def disagreements(self) -> tuple[Disagreement, ...]:
        """What the run measured twice and found different; none when all is well."""
        return disagreements(self.tally, by_tables=self.plant != SPICE)


def disagreements(tally: Tally, *, by_tables: bool = False) -> tuple[Disagreement, ...]:
    """What a run measured twice and found different.

    Args:
        tally: The run.
        by_tables: Whether its bill comes from tables, which have an error of their own.

    Returns:
        One for each; none when all is well.
    """
    start = "power at the start and a moment later"
    found = (
        *disagreement(start, tally.unrest, REST_LIMIT),
        *disagreement("gates at the start and those asked for", tally.astray, ASTRAY_LIMIT),
    )
    if not tally.balance:
        return found
    supplied_J, residual = tally.balance["supplied_J"], tally.balance["residual"]
    limit = TABLES_LIMIT if by_tables else BILL_LIMIT
    bill = apart(tally.first_epoch_J, supplied_J)
    return (
        *found,
        *disagreement("what sources gave and what devices took", residual, RESIDUAL_LIMIT),
        *disagreement("the run's bill and its audit", bill, limit),
    )
