"""What a machine's devices take on a chip, as a result tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from learning.experiment.experiment import Experiment
from netlist.errors import NetlistError
from netlist.machine.area import Area, areas, per_edge, total

_NOTE = (
    "devices alone, as the deck has them: gates, capacitors and resistors in what the process "
    "makes them of; diffusions, wells, wires and spacing are about as much again"
)


@dataclass(frozen=True, slots=True)
class SlotArea:
    """What the cells of one slot take.

    Attributes:
        transistors: MOSFETs, parallel ones counted.
        gate_m2: Area under their gates, square metres.
        capacitor_m2: Area of capacitors, square metres.
        resistor_m2: Area of resistors, square metres.
        total_m2: All together, square metres.
    """

    transistors: float
    gate_m2: float
    capacitor_m2: float
    resistor_m2: float
    total_m2: float


@dataclass(frozen=True, slots=True)
class ChipArea:
    """What a machine takes.

    Attributes:
        by_slot: By slot of the cells.
        per_edge: One edge with what is placed for each edge.
        total: The whole machine.
        note: What is counted.
    """

    by_slot: Mapping[str, SlotArea]
    per_edge: SlotArea
    total: SlotArea
    note: str


def chip_area(experiment: Experiment) -> ChipArea | None:
    """The area of a design's machine.

    Args:
        experiment: The design made concrete.

    Returns:
        The area; None for parts on a board, or when a size depends on the run, which no shipped
        cell's does.
    """
    if experiment.process.discrete:
        return None
    try:
        found = areas(experiment.whole.circuit, experiment.process.passives)
    except NetlistError:
        return None
    edge = per_edge(found, len(experiment.network.edges))
    by_slot = {slot: _told(area) for slot, area in found.items()}
    return ChipArea(by_slot, _told(edge), _told(total(found)), _NOTE)


def _told(area: Area) -> SlotArea:
    parts = (area.transistors, area.gate_m2, area.capacitor_m2, area.resistor_m2)
    return SlotArea(*parts, total_m2=area.total_m2)
