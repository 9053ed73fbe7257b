"""What the accelerated plant does not do yet, refused by name before anything is measured."""

from __future__ import annotations

from collections.abc import Iterator

from learning.errors import LearningError
from learning.experiment.experiment import Experiment
from learning.fidelity.accelerated.ends import nudges_pairs

_INSTEAD = 'simulator.fidelity = "spice"'


def require_playable(experiment: Experiment) -> None:
    """Refuse a machine that the tables do not describe.

    Args:
        experiment: The machine.

    Raises:
        LearningError: For the first thing that is not covered, by its key.
    """
    for what, where in _lacks(experiment):
        raise LearningError(f"the plant accelerated does not play {what}", where, _INSTEAD)


def _lacks(experiment: Experiment) -> Iterator[tuple[str, str]]:
    """What is not covered, and the key that asks for it."""
    design, cells = experiment.design, experiment.cells
    in_turn = experiment.architecture.in_turn
    if "sequencer" in cells and not in_turn:
        yield "two networks with a sequencer", "cells.sequencer"
    if design.variation.mismatch and not in_turn:
        yield "two networks on a chip whose devices differ", "variation.mismatch"
    if design.noise.scale:
        yield "noise", "noise.scale"
    if design.retention.leak_S:
        yield "gates that leak", "retention.leak_S"
    if design.damage.kind != "none":
        yield "broken edges", "damage.kind"
    if design.variation.mismatch and nudges_pairs(experiment):
        yield "clamps of pairs on a chip whose devices differ", "variation.mismatch"
    if cells["edge"].uses("vdd"):
        yield "edges that draw from a rail", "cells.edge"
    if not in_turn and not cells["update"].uses("enable"):
        yield "an update cell that is always on", "cells.update"
