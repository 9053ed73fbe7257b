"""Steering: the power weight λ of every epoch, chosen while the one transient runs.

The line ``vlambda`` becomes an external source. At the start of each epoch the simulator waits, the
caller's rule sees everything measured so far and names a λ, and the line's pulses for that epoch
are laid out as they would be in a deck. What was played is kept, so that the deck left behind plays
it again by itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import TypeAlias

from learning.arrays import Floats
from learning.errors import LearningError
from learning.experiment.experiment import Experiment
from learning.experiment.lines import power_weight_course
from learning.experiment.schedule import Presentation, Schedule, tick
from learning.measure.ledger import by_block
from learning.run.tally import ErrorPoint, Tally
from netlist.circuit import Source, Waveform
from netlist.machine.assemble import Assembly
from spice_backend.protocol.drive import Stretch

_LINE = "vlambda"


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """A run so far, as the rule that chooses the next power weight sees it.

    Attributes:
        epoch: The epoch about to be learned, from 0.
        errors: Every evaluation so far, the free network's mean power with it.
        power_weights: λ of every epoch before.
        energy_J: By block and in "total", since the start, joules.
        gates_V: (n_gate,), the latest that were kept, volts.
    """

    epoch: int
    errors: tuple[ErrorPoint, ...]
    power_weights: tuple[float, ...]
    energy_J: Mapping[str, float]
    gates_V: Floats


PowerWeight: TypeAlias = Callable[[History], float]
"""Chooses λ, from 0 to 1, for the epoch about to be learned. It should depend on the history alone,
for then a resumed run chooses as an undisturbed one would."""


class Steering:
    """Plays a rule's power weights on a schedule.

    Args:
        choose: The rule.
        experiment: What runs.
        tally: What is known; every λ chosen is added to it.
        schedule: What is left to do, from time zero.
        source: The simulator's name of the source of ``vlambda``.
        first: Gets the first epoch's λ as soon as it is known.
    """

    def __init__(
        self,
        choose: PowerWeight,
        experiment: Experiment,
        tally: Tally,
        schedule: Schedule,
        source: str,
        first: Future[float],
    ) -> None:
        self._choose, self._experiment, self._tally = choose, experiment, tally
        self._epochs = [*schedule.epochs()]
        self._source, self._first = source, first

    def drive(self, time_s: float, values: Floats) -> Stretch:
        """Decide what ``vlambda`` does next, as `spice_backend.protocol.drive.Drive`.

        Args:
            time_s: Seconds.
            values: Probes; the tally knows more.

        Returns:
            Its course until the next epoch begins.
        """
        del values
        if self._epochs and _begin_s(self._epochs[0]) > time_s * (1.0 + 1e-12):
            return Stretch(_begin_s(self._epochs[0]), {self._source: ((time_s, 0.0),)})
        if not self._epochs:
            return Stretch(math.inf, {})
        shown = self._epochs.pop(0)
        weight = self._weight(shown[0].epoch)
        spec = self._experiment.design.schedule
        course = power_weight_course(shown, spec, weight, self._experiment.rail_V)
        until_s = _begin_s(self._epochs[0]) if self._epochs else math.inf
        return Stretch(until_s, {self._source: course})

    def _weight(self, epoch: int) -> float:
        tally = self._tally
        history = History(
            epoch,
            tuple(tally.history),
            tuple(tally.power_weights[:epoch]),
            by_block(tally.energy_J),
            tally.gates_V[-1].copy(),
        )
        weight = float(self._choose(history))
        tally.power_weights[epoch:] = [weight]
        if epoch == 0 and not self._first.done():
            self._first.set_result(weight)
        return weight


def steered(assembly: Assembly) -> Assembly:
    """The deck with ``vlambda`` left to an external source.

    Args:
        assembly: The deck.

    Returns:
        The same with that one source changed.

    Raises:
        LearningError: When no cell listens to the line.
    """
    names = {line.source.lower() for line in assembly.controls if line.node == _LINE}
    if not names:
        raise LearningError(
            "no cell of this design listens to vlambda, so a power weight cannot be steered",
            "cells.update",
            "an update cell with a vlambda pin",
        )
    body = tuple(
        replace(s, dc=None, waveform=Waveform("EXTERNAL", ()))
        if isinstance(s, Source) and s.name.lower() in names
        else s
        for s in assembly.circuit.body
    )
    return replace(assembly, circuit=replace(assembly.circuit, body=body))


def source_name(assembly: Assembly) -> str:
    """The simulator's name of the source of ``vlambda``."""
    return next(line.source.lower() for line in assembly.controls if line.node == _LINE)


def _begin_s(epoch: tuple[Presentation, ...]) -> float:
    return tick(epoch[0].start_s)
