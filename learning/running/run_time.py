"""How long a run will take, from rates measured once and a probe of this machine.

ngspice's time goes with what it has to work out at every time point (a transistor counts as one,
anything else as a fifth) and with the number of time points, which a presentation that teaches has
five times as many of as one that asks. One rate serves machines of one network and of two: per
device and point their shipped designs lie within a factor of two of each other. Tables take a time
of their own for a presentation and each edge, and are made and held against ngspice the first time.

`rough_s` is for a quiet core on which `slowness` is 1; times `slowness()` it is for this machine.
"""

from __future__ import annotations

import time

from learning.experiment.experiment import Experiment
from learning.experiment.schedule import Schedule, first_epoch
from netlist.passes.leaves import leaves

_DEVICE_S = 5.5e-4
"""Seconds of ngspice for a transistor and a presentation that teaches."""

_LARGE = 4e3
"""Devices from which on the matrix grows faster than they do."""

_OTHER, _ASKING, _AUDIT = 0.2, 0.2, 1.3
"""Another device, a presentation that asks, and one that is audited, as shares of those."""

_SHOWN_S, _EDGE_S = 1.6e-3, 2.5e-5
"""Seconds on tables for a presentation, what is kept of it included, and for each edge besides."""

_TABLES_S = 45.0
"""Seconds in which ngspice measures the cells of a machine."""

_START_S, _LOADED_S, _QUERIES = 4.0, 2.5e-3, 10
"""For the program and its report; for a device that simulators load and find at rest, run, audit
and questions together; and the queries that ngspice always plays."""

_REHEARSED, _TAUGHT = 9, 4
"""Queries before and after, and presentations that teach, by which ngspice rehearses a machine of
one network (`learning.fidelity.accelerated.in_turn.rehearsal`)."""

_PROBES, _LOOP, _LOOP_S = 9, 50_000, 5.3e-3
"""How often a loop is timed, its length, and how long it takes where `slowness` is 1, seconds."""


def rough_s(experiment: Experiment) -> float:
    """Estimate how long a run takes that goes through its whole schedule.

    Args:
        experiment: The experiment.

    Returns:
        Wall time on a quiet core of the kind the rates were measured on, seconds.
    """
    design, schedule = experiment.design, experiment.schedule
    devices = _devices(experiment)
    start_s = _START_S + _LOADED_S * devices
    point_s = _DEVICE_S * devices * max(devices / _LARGE, 1.0)
    # a machine that breaks has run before it breaks
    runs = 1.0 + design.damage.after_epochs / design.schedule.epochs
    asked, begun = experiment.task.test or experiment.task.train, first_epoch(schedule)
    if design.simulator.fidelity == "spice":
        audited = _AUDIT * _points(begun) if design.measure.audit else 0.0
        points = runs * _points(schedule) + audited + _ASKING * len(asked)
        return start_s + point_s * points
    # Imported when needed: it brings simulators and a compiler along.
    from learning.fidelity.anchor import beside, known  # noqa: PLC0415

    played = runs * len(schedule.presentations) + len(asked)
    tables_s = (_SHOWN_S + _EDGE_S * len(experiment.network.edges)) * played
    tables, held = known(experiment)
    rehearsed = _rehearsed(experiment)
    made_s = 0.0 if tables else _TABLES_S + point_s * rehearsed
    anchored = _points(beside(experiment)) if design.simulator.anchor else 0.0
    audited = _AUDIT * _points(begun) if design.measure.audit else 0.0
    checked = 0.0 if held else anchored + audited
    return start_s + tables_s + made_s + point_s * (checked + _ASKING * _QUERIES)


def _rehearsed(experiment: Experiment) -> float:
    """Presentations by which ngspice rehearses a machine, counted as those that teach."""
    if not experiment.architecture.in_turn:
        return 0.0
    few = experiment.design.simulator.anchor_examples or _REHEARSED
    return 2.0 * _ASKING * min(few, _REHEARSED) + _TAUGHT


def slowness() -> float:
    """How much slower a core of this machine is than the one the rates are of.

    Returns:
        A factor, from the quickest of a few loops: they last some milliseconds each, and what else
        the machine does slows most of them more than it slows ngspice.
    """
    return min(_loop_s() for _ in range(_PROBES)) / _LOOP_S


def spoken(seconds: float) -> str:
    """A time as one says it: seconds below two minutes, hours above two of them."""
    minutes, hours, two = seconds / 60.0, seconds / 3600.0, 2.0
    if minutes < two:
        return f"{seconds:.0f} s"
    return f"{minutes:.0f} min" if hours < two else f"{hours:.1f} h"


def _points(schedule: Schedule) -> float:
    """Presentations, counted as those that teach."""
    return sum(1.0 if one.learning else _ASKING for one in schedule.presentations)


def _devices(experiment: Experiment) -> float:
    """Devices, counted as transistors."""
    letters = [leaf.letter for leaf in leaves(experiment.whole.circuit)]
    return sum(1.0 if letter == "m" else _OTHER for letter in letters)


def _loop_s() -> float:
    began, value = time.perf_counter(), 0.0
    for number in range(_LOOP):
        value += number * 0.5
    return time.perf_counter() - began
