"""A deck whose power weight is chosen while it runs.

The lines that carry it become external sources: ``vlambda``, or the inputs where the power weight
is in their amplitude. At the start of each epoch the simulator waits, whoever chooses names a λ,
and the lines' courses for that epoch are laid out as they would be in a deck.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from learning.arrays import Floats
from learning.errors import LearningError
from learning.experiment.experiment import Experiment
from learning.experiment.schedule import Presentation
from learning.fidelity.plant import Choose, Part
from netlist.circuit import Source, Waveform, tick
from netlist.machine import names
from netlist.machine.assembly import Assembly
from netlist.machine.names import Role
from spice_backend.protocol.drive import Stretch


def require_listener(assembly: Assembly) -> None:
    """Refuse to steer a machine that would not notice.

    Args:
        assembly: The deck.

    Raises:
        LearningError: When no cell listens to the line.
    """
    if not _steered_lines(assembly):
        raise LearningError(
            "no cell of this design listens to vlambda, so a power weight cannot be steered",
            "cells.update",
            "an update cell with a vlambda pin",
        )


def steered(assembly: Assembly) -> Assembly:
    """The deck with the lines that carry the power weight left to external sources.

    Args:
        assembly: The deck.

    Returns:
        The same with those sources changed.

    Raises:
        LearningError: When no cell listens to the line.
    """
    require_listener(assembly)
    names_left = _steered_lines(assembly)
    body = tuple(
        replace(s, dc=None, waveform=Waveform("EXTERNAL", ()))
        if isinstance(s, Source) and s.name.lower() in names_left
        else s
        for s in assembly.circuit.body
    )
    return replace(assembly, circuit=replace(assembly.circuit, body=body))


class Steering:
    """Drives the lines that carry the power weight as somebody chooses.

    Args:
        choose: Chooses.
        experiment: What runs.
        part: What is played, from time zero.
        assembly: Its deck.
    """

    def __init__(
        self, choose: Choose, experiment: Experiment, part: Part, assembly: Assembly
    ) -> None:
        self._choose, self._experiment, self._part = choose, experiment, part
        self._epochs = [*part.schedule.epochs()]
        self._chosen: list[float] = []
        self._told_s = -1.0
        self._lines = _steered_lines(assembly)

    def drive(self, time_s: float, values: Floats) -> Stretch:
        """Decide what the lines do next, as `spice_backend.protocol.drive.Drive`.

        Args:
            time_s: Seconds.
            values: Probes; whoever chooses knows more.

        Returns:
            Their courses until the next epoch begins.
        """
        del values
        until_s = _begin_s(self._epochs[0]) if self._epochs else math.inf
        if until_s <= time_s * (1.0 + 1e-12):
            shown = self._epochs.pop(0)
            self._chosen.append(self._choose(shown[0].epoch))
            until_s = _begin_s(self._epochs[0]) if self._epochs else math.inf
        return Stretch(until_s, self._courses(until_s))

    def _courses(self, until_s: float) -> dict[str, tuple[tuple[float, float], ...]]:
        """What a deck with the power weights chosen so far would have the lines do."""
        weights = (*self._chosen, *(0.0 for _ in self._epochs))
        part = self._part
        waves = self._experiment.waveforms(part.schedule, part.examples, weights)
        from_s, self._told_s = self._told_s, until_s
        return {
            line: tuple(c for c in _corners(waves[line]) if from_s < c[0] <= until_s)
            for line in self._lines
        }


def _steered_lines(assembly: Assembly) -> tuple[str, ...]:
    """The simulator's names of the sources that carry the power weight; none when nobody listens.

    One network that plays both states has it in the amplitude of its inputs, unless a cell listens
    to ``vlambda``.
    """
    lines = [line for line in assembly.controls if line.node == names.VLAMBDA]
    if not lines and assembly.clamped_while is not None:
        lines = [line for line in assembly.controls if names.role(line.node) is Role.INPUT]
    return tuple(line.source.lower() for line in lines)


def _corners(wave: Waveform) -> Iterator[tuple[float, float]]:
    numbers = [float(x) for x in wave.arguments if isinstance(x, float | int)]
    yield from zip(numbers[::2], numbers[1::2], strict=True)


def _begin_s(epoch: tuple[Presentation, ...]) -> float:
    return tick(epoch[0].start_s)
