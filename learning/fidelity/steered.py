"""A deck whose power weight is chosen while it runs.

The line ``vlambda`` becomes an external source. At the start of each epoch the simulator waits,
whoever chooses names a λ, and the line's pulses for that epoch are laid out as they would be in a
deck.
"""

from __future__ import annotations

import math
from dataclasses import replace

from learning.arrays import Floats
from learning.errors import LearningError
from learning.experiment.experiment import Experiment
from learning.experiment.lines import power_weight_course
from learning.experiment.schedule import Presentation, Schedule, tick
from learning.fidelity.plant import Choose
from netlist.circuit import Source, Waveform
from netlist.machine import names
from netlist.machine.assembly import Assembly
from spice_backend.protocol.drive import Stretch

_LINE = names.VLAMBDA


def require_listener(assembly: Assembly) -> None:
    """Refuse to steer a machine that would not notice.

    Args:
        assembly: The deck.

    Raises:
        LearningError: When no cell listens to the line.
    """
    if not any(line.node == _LINE for line in assembly.controls):
        raise LearningError(
            "no cell of this design listens to vlambda, so a power weight cannot be steered",
            "cells.update",
            "an update cell with a vlambda pin",
        )


def steered(assembly: Assembly) -> Assembly:
    """The deck with ``vlambda`` left to an external source.

    Args:
        assembly: The deck.

    Returns:
        The same with that one source changed.

    Raises:
        LearningError: When no cell listens to the line.
    """
    require_listener(assembly)
    name = _source(assembly)
    body = tuple(
        replace(s, dc=None, waveform=Waveform("EXTERNAL", ()))
        if isinstance(s, Source) and s.name.lower() == name
        else s
        for s in assembly.circuit.body
    )
    return replace(assembly, circuit=replace(assembly.circuit, body=body))


class Steering:
    """Drives ``vlambda`` as somebody chooses.

    Args:
        choose: Chooses.
        experiment: What runs.
        schedule: What is played, from time zero.
        assembly: Its deck.
    """

    def __init__(
        self, choose: Choose, experiment: Experiment, schedule: Schedule, assembly: Assembly
    ) -> None:
        self._choose, self._experiment = choose, experiment
        self._epochs = [*schedule.epochs()]
        self._source = _source(assembly)

    def drive(self, time_s: float, values: Floats) -> Stretch:
        """Decide what ``vlambda`` does next, as `spice_backend.protocol.drive.Drive`.

        Args:
            time_s: Seconds.
            values: Probes; whoever chooses knows more.

        Returns:
            Its course until the next epoch begins.
        """
        del values
        if self._epochs and _begin_s(self._epochs[0]) > time_s * (1.0 + 1e-12):
            return Stretch(_begin_s(self._epochs[0]), {self._source: ((time_s, 0.0),)})
        if not self._epochs:
            return Stretch(math.inf, {})
        shown = self._epochs.pop(0)
        weight = self._choose(shown[0].epoch)
        spec = self._experiment.design.schedule
        course = power_weight_course(shown, spec, weight, self._experiment.rail_V)
        until_s = _begin_s(self._epochs[0]) if self._epochs else math.inf
        return Stretch(until_s, {self._source: course})


def _source(assembly: Assembly) -> str:
    """The simulator's name of the source of ``vlambda``."""
    return next(line.source.lower() for line in assembly.controls if line.node == _LINE)


def _begin_s(epoch: tuple[Presentation, ...]) -> float:
    return tick(epoch[0].start_s)
