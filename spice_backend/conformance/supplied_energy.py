"""The energy that a deck's voltage sources supplied, from what the deck itself saved.

Nothing is added to a deck: a source counts when its current and its voltage are among the saved
vectors. A source of zero volts between two nodes is an ammeter and supplies nothing; what is told
of it is the energy that crosses it, against ground, for that is what a bill is made of.

Integration is by trapezoids as the simulators do it, and by the later point in the step after a
corner of any source, as they do it there too (backward Euler): the current into a capacitance jumps
at a corner, and half of a jump that is not there would be more than all that a control line, which
gets back nearly what it gives, supplies in the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from netlist.circuit import Circuit, Source
from netlist.text.parser import survey
from spice_backend.arrays import Floats
from spice_backend.protocol.probe_names import current as current_of
from spice_backend.protocol.probe_names import voltage as voltage_of

if TYPE_CHECKING:
    import xarray as xr

_GROUND = ("0", "gnd")
_SAME = 1e-12
"""Times this close, as a share of the run, are one."""


def supplied_J(deck: str, dataset: xr.Dataset) -> dict[str, float]:
    """Integrate v*i of every voltage source at the top of a deck.

    Args:
        deck: Its text.
        dataset: What a transient of it saved, as `spice_backend.waveforms.waveform.label` makes it.

    Returns:
        Joules by the source's lower-case name, in the deck's order: supplied by a source, carried
        from the first node to the second by an ammeter. Empty when nothing of the kind was saved
        or the deck's last analysis was no transient.
    """
    if dataset["scale"].attrs.get("unit") != "s":
        return {}
    circuit, _ = survey(deck)
    time_s = dataset["scale"].values
    columns = {str(name): index for index, name in enumerate(dataset["signal"].values)}
    values = np.asarray(dataset["values"].values.real)
    before, after = _weights_s(time_s, _corners_s(circuit))
    found = {}
    for source in _voltage_sources(circuit):
        power_W = _power(source, columns, values)
        if power_W is not None:
            energy_J = np.dot(before, power_W[:-1]) + np.dot(after, power_W[1:])
            found[source.name.lower()] = float(energy_J)
    return found


def _corners_s(circuit: Circuit) -> Floats:
    """Times at which a piecewise linear source bends, seconds."""
    times_s = [
        time_s
        for line in circuit.body
        if isinstance(line, Source) and line.waveform and line.waveform.kind.lower() == "pwl"
        for time_s in line.waveform.arguments[::2]
    ]
    return np.array([time_s for time_s in times_s if isinstance(time_s, float)])


def _weights_s(time_s: Floats, corners_s: Floats) -> tuple[Floats, Floats]:
    """How much the point before and the point after a step count, (n_step - 1,) each, seconds."""
    steps_s = np.diff(time_s)
    away_s = np.abs(time_s[:-1, None] - corners_s[None, :]).min(axis=1, initial=np.inf)
    before = np.where(away_s <= _SAME * time_s[-1], 0.0, steps_s / 2)
    return before, steps_s - before


def _voltage_sources(circuit: Circuit) -> Iterator[Source]:
    for line in circuit.body:
        if isinstance(line, Source) and line.name[:1].lower() == "v":
            yield line


def _power(source: Source, columns: Mapping[str, int], values: Floats) -> Floats | None:
    """Watts at every step, (n_step,); None when they cannot be told from what was saved."""
    current = _column(current_of(source.name), columns, values)
    first, second = (_voltage(node, columns, values) for node in source.nodes[:2])
    if current is None:
        return None
    if _is_ammeter(source):
        level = first if first is not None else second
        return None if level is None else level * current
    if first is None or second is None:
        return None
    # SPICE counts a source's current from plus to minus inside it.
    return -(first - second) * current


def _is_ammeter(source: Source) -> bool:
    grounded = any(node.lower() in _GROUND for node in source.nodes)
    return not grounded and source.waveform is None and source.dc in (None, 0.0)


def _voltage(node: str, columns: Mapping[str, int], values: Floats) -> Floats | None:
    if node.lower() in _GROUND:
        return np.zeros(len(values))
    return _column(voltage_of(node), columns, values)


def _column(name: str, columns: Mapping[str, int], values: Floats) -> Floats | None:
    place = columns.get(name.lower())
    return None if place is None else values[:, place]
