"""The recorder: what a run's samples say, added to its tally presentation by presentation.

It is the consumer of a run's stream. When an evaluation is over it knows whether to go on; when an
epoch is over it has the tally kept safe.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from learning.arrays import Floats
from learning.experiment.experiment import Experiment
from learning.experiment.schedule import Schedule
from learning.measure.ledger import BLOCKS, Ledger
from learning.measure.probes import columns, main_probes, shown_signals, target_voltages
from learning.measure.segment import Segment, Segmenter
from learning.run.tally import ErrorPoint, Tally
from netlist.machine.assemble import Assembly
from spice_backend.protocol.samples import Samples, Snapshot

_THERE = 1e-9
"""A snapshot this share of its time off a boundary is taken for the state there."""
_FREE = BLOCKS.index("network_free")


class Recorder:
    """Adds the samples of one simulation to a tally.

    Args:
        experiment: What runs.
        whole: Its deck.
        keep: Called when the tally is at a point from which a run can go on.
        report: Called after every presentation with its end, seconds.
    """

    def __init__(
        self,
        experiment: Experiment,
        whole: Assembly,
        keep: Callable[[], None],
        report: Callable[[float], None],
    ) -> None:
        self._experiment, self._whole = experiment, whole
        self._keep, self._report = keep, report
        self._ledger = Ledger(whole)
        self.probes = main_probes(whole, self._ledger)
        self._gate_columns = columns(self.probes, whole.gates)

    def begin(self, tally: Tally, schedule: Schedule) -> None:
        """Start on a simulation.

        Args:
            tally: Where it goes; in the state the simulation starts from.
            schedule: What is simulated, from time zero.
        """
        self._tally = tally
        self._segmenter = Segmenter(schedule)
        self._passing: list[Floats] = []
        self._passing_J = self._passing_s = 0.0
        self._late: Segment | None = None
        self._snapshot: Snapshot | None = None
        self.verdict = verdict(tally, self._experiment)

    def take(self, snapshot: Snapshot) -> None:
        """Take in the state at a boundary, which comes before the samples that reach it.

        Args:
            snapshot: Every vector there.
        """
        self._snapshot = snapshot

    def consume(self, samples: Samples) -> bool:
        """Take the next block in.

        Args:
            samples: Columns as in `probes`.

        Returns:
            Whether to go on.
        """
        for segment in self._segmenter.cut(samples):
            self._add(segment)
            self._report(float(segment.time_s[-1]))
            if self.verdict:
                return False
        return True

    def settle(self) -> None:
        """Put what belongs to the tally's next state into it."""
        if self._late is not None:
            self._keep_window("late", self._late)

    def _add(self, segment: Segment) -> None:
        tally, shown = self._tally, segment.presentation
        energy_J = self._ledger.energy(self.probes, segment.time_s, segment.values)
        tally.energy_J = tally.energy_J + energy_J
        tally.presentations += 1
        tally.simulated_s += segment.duration_s
        if shown.learning:
            self._trained(segment)
        else:
            self._passing_J += float(energy_J[_FREE])
            self._passing_s += segment.duration_s
            self._evaluated(segment)

    def _trained(self, segment: Segment) -> None:
        tally, experiment = self._tally, self._experiment
        spec = experiment.design.measure
        if tally.trained == spec.early_presentation:
            self._keep_window("early", segment)
        total = len(experiment.task.train) * experiment.design.schedule.epochs
        late = spec.late_presentation
        if tally.trained <= (late if late >= 0 else total + late):
            self._late = segment
        tally.trained += 1
        if tally.trained % len(experiment.task.train) == 0:
            tally.epochs += 1
            tally.evaluated = False
            tally.mark(tally.epochs, segment.last[self._gate_columns])
            if tally.epochs == 1:
                tally.first_epoch_J = float(tally.energy_J.sum())
            self._keep_state(segment)

    def _evaluated(self, segment: Segment) -> None:
        tally, train = self._tally, self._experiment.task.train
        shown = target_voltages(self.probes, self._whole.targets, segment.values[-1:])[0]
        self._passing.append(shown)
        if len(self._passing) < len(train):
            return
        tally.outputs_V, self._passing = np.array(self._passing), []
        squares = np.sum((tally.outputs_V - train.labels) ** 2, axis=1)
        power_W = self._passing_J / self._passing_s
        self._passing_J = self._passing_s = 0.0
        tally.history.append(
            ErrorPoint(tally.epochs, tally.trained, float(squares.mean()), power_W)
        )
        tally.evaluated = True
        # The gates have moved only by leakage meanwhile: go on from where they are.
        tally.gates_V[-1] = np.array(segment.last[self._gate_columns])
        self.verdict = verdict(tally, self._experiment)
        self._keep_state(segment)

    def _keep_state(self, segment: Segment) -> None:
        snapshot, end_s = self._snapshot, segment.presentation.end_s
        there = snapshot is not None and abs(snapshot.time_s - end_s) <= _THERE * end_s
        self._tally.state_V = snapshot.nodes_V() if there and snapshot is not None else {}
        self.settle()
        self._keep()

    def _keep_window(self, end: str, segment: Segment) -> None:
        chosen = columns(self.probes, shown_signals(self._whole))
        time_s = segment.time_s - segment.time_s[0]
        self._tally.windows[end] = (time_s, segment.values[:, chosen])


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
    if history[-1].error_V2 <= spec.tolerance_V2:
        return "tolerance reached"
    best = min(range(len(history)), key=lambda i: history[i].error_V2)
    if spec.patience and len(history) - 1 - best >= spec.patience:
        return "no progress"
    return ""
