"""Held against ngspice: what another plant makes of a machine's first epoch, and what ngspice does.

The first evaluation, the first epoch and an evaluation after it are played by both, from the same
gates. What they differ
by is kept, so that a machine is held against ngspice once and not with every run. A plant that
misses its own declared accuracy already there is stopped before it plays anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from learning.errors import LearningError
from learning.experiment.experiment import Experiment
from learning.experiment.schedule import Schedule, first_epoch, plan, showing
from learning.fidelity.kept import code, digest, is_kept, kept
from learning.fidelity.plant import Part, Plant, play_all
from learning.fidelity.plants import ACCELERATED, SPICE, open_plant
from learning.measure.deviation import Anchor, Deviation, deviation
from learning.measure.played import Played
from learning.tasks.examples import Examples, first
from learning.writing import stage
from netlist.circuit import tick

ROOT_ERROR_V = 1.5e-3
"""A root of the error this close is close enough, whatever share of it that is, volts."""

TIGHT: Mapping[str, float] = {"trtol": 1.0, "reltol": 1e-4}
"""Tolerances from which on ngspice's charges at the edges of lines no longer change."""

_KINDS = (Anchor, Deviation)


def anchored(plant: Plant) -> Anchor | None:
    """Hold a plant against ngspice over the first epoch of what it plays.

    What ngspice bills at the edges of lines depends on its steps. A plant that is farther off than
    it declares from ngspice at the design's own tolerances is therefore held against ngspice at
    tight ones, too, and judged by that.

    Args:
        plant: The plant.

    Returns:
        What it differs by; None for ngspice itself.

    Raises:
        SpiceError: When one of them failed.
    """
    if plant.name == SPICE:
        return None
    part = _part(plant.experiment)
    return kept(_name(plant.name, plant.experiment, part), lambda: _held(plant, part), _KINDS)


def known(experiment: Experiment) -> tuple[bool, bool]:
    """What need not be measured again before a machine is played on tables.

    Args:
        experiment: The machine.

    Returns:
        Whether its tables are kept, and whether what they differ by from ngspice is.
    """
    # Imported when needed: it brings a compiler along, which ngspice has no use for.
    from learning.fidelity.accelerated.store import key  # noqa: PLC0415

    anchor = _name(ACCELERATED, experiment, _part(experiment))
    return is_kept(key(experiment, "cells")), is_kept(anchor)


def beside(experiment: Experiment) -> Schedule:
    """What ngspice plays to hold a plant of this machine against it.

    Args:
        experiment: The machine.

    Returns:
        An evaluation, an epoch and an evaluation, of `simulator.anchor_examples` where given.
    """
    return _part(experiment).schedule


def _part(experiment: Experiment) -> Part:
    schedule, examples = _shown(experiment)
    return Part(_stretch(experiment, schedule), examples, np.array(experiment.gates_V))


def _name(plant: str, experiment: Experiment, part: Part) -> str:
    """What an anchor is kept under: the hash of all it depends on."""
    plants = code("learning.fidelity.accelerated", ("*.py", "in_turn/*.py"))
    return digest("anchor", plant, plants, part.deck(experiment))


@contextmanager
def open_anchored(
    experiment: Experiment, named: str = ""
) -> Iterator[tuple[Plant, Anchor | None, str]]:
    """The plant a design asks for, held against ngspice first unless the design says otherwise.

    Args:
        experiment: What is to be played.
        named: A key of `learning.fidelity.plants.PLANTS`, to be opened as it is instead.

    Yields:
        The plant; what it differs by, None for ngspice and for a plant nobody asked about; and what
        a reader must know, which is why ngspice plays instead (empty when it does not).

    Raises:
        LearningError: When the plant is farther off than it declares, and the design does not say
            that ngspice shall play then; or does not play such a machine at all.
        SpiceError: When one of them failed.
    """
    spec = experiment.design.simulator
    with open_plant(named or spec.fidelity, experiment) as plant:
        found = anchored(plant) if spec.anchor and not named else None
        missed = missing(plant, found.judged) if found else ""
        if not found or not missed:
            yield plant, found, ""
            return
    at = " at tight tolerances" if found.tight else ""
    what = f"the plant {spec.fidelity} misses {missed} against ngspice{at} over the first epoch"
    if spec.fallback != SPICE:
        raise LearningError(
            what,
            "simulator.fidelity",
            'simulator.fallback = "spice", which then plays it on the transistors; or '
            "simulator.anchor = false, which leaves it unchecked",
        )
    with open_plant(SPICE, experiment) as plant:
        yield plant, None, f"played by ngspice instead (simulator.fallback): {what}"


def missing(plant: Plant, found: Deviation) -> str:
    """What a plant misses of the accuracy it declares.

    Args:
        plant: The plant.
        found: What it differs by.

    Returns:
        The first figure that is too far off, and by how much; empty when none is.
    """
    accuracy = plant.accuracy
    worst = max(found.energy, key=lambda block: abs(found.energy[block]))
    if found.gates_V > accuracy.gates_V:
        return f"gates by {found.gates_V * 1e3:.2g} mV rms"
    if abs(found.energy[worst]) > accuracy.energy:
        return f"the energy of {worst} by {found.energy[worst]:.2%}"
    near_V = max(ROOT_ERROR_V, 0.5 * accuracy.error * found.truth_root_error_V)
    if abs(found.root_error_V) > near_V:
        return f"the root of the error by {found.root_error_V * 1e3:.2g} mV"
    return ""


def _shown(experiment: Experiment) -> tuple[Schedule, Examples]:
    """The run's schedule and examples, or a schedule of the first few, in the order of the file."""
    design, whole = experiment.design, experiment.task.train
    count = design.simulator.anchor_examples
    if not 0 < count < len(whole):
        return experiment.schedule, whole
    few = first(whole, count)
    return plan(replace(design.schedule, order="cyclic"), count, np.random.default_rng(0)), few


def _stretch(experiment: Experiment, schedule: Schedule) -> Schedule:
    """The first evaluation, the first epoch and an evaluation after it.

    The end of a training presentation would not do: learning has stopped a microsecond before, and
    that still shakes the nodes.
    """
    begun, spec = first_epoch(schedule), experiment.design.schedule
    count = 1 + max(one.example for one in begun.presentations)
    asked = showing(count, spec.evaluation_s)
    at_s, before = begun.stop_s, len(begun.presentations)
    after = tuple(
        replace(
            one,
            index=before + one.index,
            start_s=tick(at_s + one.start_s),
            end_s=tick(at_s + one.end_s),
            epoch=1,
        )
        for one in asked.presentations
    )
    return Schedule((*begun.presentations, *after), tick(at_s + asked.stop_s))


def _held(plant: Plant, part: Part) -> Anchor:
    stage("playing the first epoch on tables")
    ours, labels_V = play_all(plant, part), part.examples.labels
    stage("playing the first epoch in ngspice, to hold the tables against it")
    usual = _by_ngspice(plant.experiment, part)
    own = deviation(ours, usual, labels_V)
    tightened = _tightened(plant.experiment)
    if not missing(plant, own) or tightened is plant.experiment:
        return Anchor(own)
    stage("playing the first epoch in ngspice at tight tolerances")
    converged = _by_ngspice(tightened, part)
    tight, reference = (deviation(one, converged, labels_V) for one in (ours, usual))
    return Anchor(own, tight, reference)


def _by_ngspice(experiment: Experiment, part: Part) -> list[Played]:
    with open_plant(SPICE, experiment) as spice:
        return play_all(spice, part)


def _tightened(experiment: Experiment) -> Experiment:
    """The same at tight tolerances; itself where it has them already."""
    simulator = experiment.design.simulator
    chosen = simulator.options
    looser = {
        name: most for name, most in TIGHT.items() if float(chosen.get(name, most + 1)) > most
    }
    if not looser:
        return experiment
    options = replace(simulator, options={**chosen, **looser})
    return replace(experiment, design=replace(experiment.design, simulator=options))
