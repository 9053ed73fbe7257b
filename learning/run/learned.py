"""A run that came to its end, and how far one is."""

from __future__ import annotations

from dataclasses import dataclass

from learning.experiment.experiment import Experiment
from learning.measure.deviation import Deviation
from learning.run.folder import RunFolder
from learning.run.tally import Tally


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
        deviation: From ngspice, where another plant played and was held against it.
    """

    experiment: Experiment
    folder: RunFolder
    tally: Tally
    status: str
    warnings: tuple[str, ...]
    plant: str = "spice"
    deviation: Deviation | None = None
