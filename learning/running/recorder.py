"""The recorder: what was played, added to a run's tally presentation by presentation.

When an evaluation is over it knows whether to go on; when an epoch is over it has the tally kept
safe.
"""

from __future__ import annotations

from collections.abc import Callable
from math import nan

import numpy as np

from learning.arrays import Floats
from learning.experiment.experiment import Experiment
from learning.measure.ledger import BLOCKS
from learning.measure.played import Played
from learning.running.tally import ErrorPoint, Tally
from learning.tasks.score import mean_squared_error_V2

_FREE = BLOCKS.index("network_free")


class Recorder:
    """Adds what one simulation plays to a tally.

    Args:
        experiment: What runs.
        tally: Where it goes; in the state the simulation starts from.
        keep: Called when the tally is at a point from which a run can go on.
        report: Called after every presentation with its end, seconds.
    """

    def __init__(
        self,
        experiment: Experiment,
        tally: Tally,
        keep: Callable[[], None],
        report: Callable[[float], None],
    ) -> None:
        self._experiment, self._tally = experiment, tally
        self._keep, self._report = keep, report
        self._passing: list[Floats] = []
        self._passing_J = self._passing_s = 0.0
        self._late: Played | None = None
        self.verdict = verdict(tally, experiment)
        """Why to stop; empty to go on."""

    def take(self, played: Played) -> bool:
        """Take the next presentation in, as `learning.fidelity.plant.Take`.

        Args:
            played: The presentation.

        Returns:
            Whether to go on.
        """
        self._add(played)
        self._report(float(played.time_s[-1]))
        return not self.verdict

    def settle(self) -> None:
        """Put what belongs to the tally's next state into it."""
        if self._late is not None:
            self._keep_window("late", self._late)

    def _add(self, played: Played) -> None:
        tally = self._tally
        tally.energy_J = tally.energy_J + played.energy_J
        if tally.epochs == 0:
            billed_J = float(played.energy_J.sum())
            tally.first_epoch_J += billed_J if played.supplied_J is None else played.supplied_J
        if tally.presentations == 0:
            # Later starts go on from a machine in the middle of something, which is not at rest.
            tally.unrest, tally.astray = played.unrest, played.astray
        tally.presentations += 1
        tally.simulated_s += played.duration_s
        tally.course.add(
            tally.presentations,
            tally.simulated_s,
            played.gates_V[-1],
            played.outputs_V[-1],
            tally.energy_J,
        )
        if played.presentation.learning:
            self._trained(played)
        else:
            self._passing_J += float(played.energy_J[_FREE])
            self._passing_s += played.duration_s
            self._evaluated(played)

    def _trained(self, played: Played) -> None:
        tally, experiment = self._tally, self._experiment
        spec = experiment.design.measure
        if tally.trained == spec.early_presentation:
            self._keep_window("early", played)
        total = len(experiment.task.train) * experiment.design.schedule.epochs
        late = spec.late_presentation
        if tally.trained <= (late if late >= 0 else total + late):
            self._late = played
        tally.trained += 1
        tally.updates += 1
        tally.training_J = tally.training_J + played.energy_J
        if tally.trained % len(experiment.task.train) == 0:
            tally.epochs += 1
            tally.evaluated = False
            tally.mark(tally.epochs, played.gates_V[-1])
            self._keep_state(played)

    def _evaluated(self, played: Played) -> None:
        tally, train = self._tally, self._experiment.task.train
        self._passing.append(played.outputs_V[-1])
        if len(self._passing) < len(train):
            return
        tally.outputs_V, self._passing = np.array(self._passing), []
        error_V2 = mean_squared_error_V2(tally.outputs_V, train.labels)
        power_W = self._passing_J / self._passing_s
        self._passing_J = self._passing_s = 0.0
        known = tally.updates == tally.trained
        training_J = float(tally.training_J.sum()) if known else nan
        point = ErrorPoint(tally.epochs, tally.trained, error_V2, power_W, training_J)
        tally.history.append(point)
        tally.evaluated = True
        # The gates have moved only by leakage meanwhile: go on from where they are.
        tally.gates_V[-1] = np.array(played.gates_V[-1])
        self.verdict = verdict(tally, self._experiment)
        self._keep_state(played)

    def _keep_state(self, played: Played) -> None:
        self._tally.state_V = dict(played.state_V)
        self.settle()
        self._keep()

    def _keep_window(self, end: str, played: Played) -> None:
        self._tally.windows[end] = (played.time_s - played.time_s[0], played.signals_V)


def verdict(tally: Tally, experiment: Experiment) -> str:
    """Why to stop now; empty to go on.

    Args:
        tally: The run so far.
        experiment: What runs.

    Returns:
        "tolerance reached", "no progress" or "".
    """
    spec, history = experiment.design.learning, tally.history
    if not history or not tally.evaluated or tally.epochs >= experiment.design.schedule.epochs:
        return ""
    if within(tally, experiment):
        return "tolerance reached"
    best = min(range(len(history)), key=lambda i: history[i].error_V2)
    if spec.patience and len(history) - 1 - best >= spec.patience:
        return "no progress"
    return ""


def within(tally: Tally, experiment: Experiment) -> bool:
    """Whether the last evaluation after learning is within the design's tolerance.

    Args:
        tally: The run so far.
        experiment: What runs.
    """
    limit_V2 = experiment.design.learning.tolerance_V2
    return bool(tally.epochs and tally.history) and tally.history[-1].error_V2 <= limit_V2
