"""Held against ngspice: what another plant makes of a machine's first epoch, and what ngspice does.

The first evaluation, the first epoch and an evaluation after it are played by both, from the same
gates. What they differ
by is kept, so that a machine is held against ngspice once and not with every run. A plant that
misses its own declared accuracy already there is stopped before it plays anything.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from learning.errors import LearningError
from learning.experiment.experiment import Experiment, deck
from learning.experiment.schedule import Schedule, first_epoch, showing, tick
from learning.fidelity.plant import Part, Plant, play_all
from learning.fidelity.plants import SPICE, open_plant
from learning.measure.deviation import Deviation, deviation

ROOT_ERROR_V = 1.5e-3
"""A root of the error this close is close enough, whatever share of it that is, volts."""


def anchored(plant: Plant) -> Deviation | None:
    """Hold a plant against ngspice over the first epoch of what it plays.

    Args:
        plant: The plant.

    Returns:
        What it differs by; None for ngspice itself.

    Raises:
        LearningError: When it is farther off than it declares.
        SpiceError: When one of them failed.
    """
    if plant.name == SPICE:
        return None
    # Imported when needed: it brings a compiler along, which ngspice has no use for.
    from learning.fidelity.accelerated.store import code, digest, kept  # noqa: PLC0415

    experiment = plant.experiment
    part = Part(_stretch(experiment), experiment.task.train, np.array(experiment.gates_V))
    name = digest("anchor", plant.name, code(("*.py",)), _deck(experiment, part))
    found = kept(name, lambda: _held(plant, part))
    _require_close(plant, found)
    return found


def _stretch(experiment: Experiment) -> Schedule:
    """The first evaluation, the first epoch and an evaluation after it.

    The end of a training presentation would not do: learning has stopped a microsecond before, and
    that still shakes the nodes.
    """
    begun, spec = first_epoch(experiment.schedule), experiment.design.schedule
    asked = showing(len(experiment.task.train), spec.evaluation_s)
    at_s, count = begun.stop_s, len(begun.presentations)
    after = tuple(
        replace(
            one,
            index=count + one.index,
            start_s=tick(at_s + one.start_s),
            end_s=tick(at_s + one.end_s),
            epoch=1,
        )
        for one in asked.presentations
    )
    return Schedule((*begun.presentations, *after), tick(at_s + asked.stop_s))


def _deck(experiment: Experiment, part: Part) -> str:
    gates_V = tuple(part.gates_V.tolist())
    assembly = experiment.assembly(part.schedule, part.examples, gates_V)
    return deck(assembly, experiment.transient(part.schedule, ()))


def _held(plant: Plant, part: Part) -> Deviation:
    with open_plant(SPICE, plant.experiment) as spice:
        truth = play_all(spice, part)
    return deviation(play_all(plant, part), truth, part.examples.labels)


def _require_close(plant: Plant, found: Deviation) -> None:
    accuracy = plant.accuracy
    worst = max(found.energy, key=lambda block: abs(found.energy[block]))
    missed = ""
    if found.gates_V > accuracy.gates_V:
        missed = f"gates by {found.gates_V * 1e3:.2g} mV rms"
    elif abs(found.energy[worst]) > accuracy.energy:
        missed = f"the energy of {worst} by {found.energy[worst]:.2%}"
    elif abs(found.root_error_V) > max(
        ROOT_ERROR_V, 0.5 * accuracy.error * found.truth_root_error_V
    ):
        missed = f"the root of the error by {found.root_error_V * 1e3:.2g} mV"
    if missed:
        raise LearningError(
            f"the plant {plant.name} misses {missed} over the first epoch",
            "simulator.fidelity",
            'simulator.fidelity = "spice"; or simulator.anchor = false, which leaves it unchecked',
        )
