"""Area: what a machine's devices take on a chip, slot by slot.

Only what the devices themselves take, as a deck tells it: gates, and what the process makes
capacitors and resistors of. Diffusions, wells, wires and what keeps things apart come on top and
are a layout's business; in analogue blocks of these sizes they are about as much again. A component
without a number for a value, as ideal cells have, is no device and takes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from netlist.circuit import Circuit, Instance, Parameter, Primitive, Statement
from netlist.machine import names
from netlist.parts.matching import Passives
from netlist.parts.slots import SLOTS, Per
from netlist.passes.flattened import flattened
from netlist.passes.sizes import known_size


@dataclass(frozen=True, slots=True)
class Area:
    """What some devices take.

    Attributes:
        transistors: MOSFETs, parallel ones counted.
        gate_m2: Area under their gates, square metres.
        capacitor_m2: Area of the capacitors, square metres.
        resistor_m2: Area of the resistors' films, square metres.
    """

    transistors: float = 0.0
    gate_m2: float = 0.0
    capacitor_m2: float = 0.0
    resistor_m2: float = 0.0

    @property
    def total_m2(self) -> float:
        """All together, square metres."""
        return self.gate_m2 + self.capacitor_m2 + self.resistor_m2

    def __add__(self, other: Area) -> Area:
        """Both together."""
        return Area(
            self.transistors + other.transistors,
            self.gate_m2 + other.gate_m2,
            self.capacitor_m2 + other.capacitor_m2,
            self.resistor_m2 + other.resistor_m2,
        )

    def times(self, count: float) -> Area:
        """So many of it."""
        return Area(
            self.transistors * count,
            self.gate_m2 * count,
            self.capacitor_m2 * count,
            self.resistor_m2 * count,
        )


def areas(circuit: Circuit, passives: Passives) -> dict[str, Area]:
    """The area of a machine by slot.

    Args:
        circuit: An assembled deck, or one chip's.
        passives: What the process makes capacitors and resistors of.

    Returns:
        By slot, in the order of `netlist.parts.slots.SLOTS`; slots that are not in use are left
        out.

    Raises:
        NetlistError: When a transistor's size cannot be worked out.
    """
    body, counts = _representatives(circuit)
    found: dict[str, Area] = {}
    for device in flattened(replace(circuit, body=body)).body:
        if isinstance(device, Primitive) and "." in device.name:
            instance = device.name.split(".")[1]
            slot = names.slot(instance)
            own = _area(device, passives).times(counts.get(instance, 1))
            found[slot] = found.get(slot, Area()) + own
    return {slot.name: found[slot.name] for slot in SLOTS if slot.name in found}


def per_edge(by_slot: Mapping[str, Area], n_edge: int) -> Area:
    """What one edge takes, with what is placed for each edge.

    Args:
        by_slot: From `areas`.
        n_edge: Number of edges.

    Returns:
        The mean over the edges.
    """
    placed = (by_slot.get(slot.name, Area()) for slot in SLOTS if slot.placed_per is Per.EDGE)
    return sum(placed, Area()).times(1.0 / n_edge)


def _representatives(circuit: Circuit) -> tuple[tuple[Statement, ...], Counter[str]]:
    """One instance for all that are alike, and how many there are of each, by its name."""
    first: dict[tuple[str, str, tuple[Parameter, ...]], str] = {}
    counts: Counter[str] = Counter()
    body: list[Statement] = []
    for statement in circuit.body:
        if not isinstance(statement, Instance):
            body.append(statement)
            continue
        name = statement.name.lower()
        kind = (names.slot(name), statement.subcircuit.lower(), statement.parameters)
        if kind not in first:
            first[kind] = name
            body.append(statement)
        counts[first[kind]] += 1
    return tuple(body), counts


def _area(device: Primitive, passives: Passives) -> Area:
    match device.name[:1].lower():
        case "m":
            width, length = known_size(device, "w"), known_size(device, "l")
            multiplier = known_size(device, "m", 1.0)
            return Area(transistors=multiplier, gate_m2=width * length * multiplier)
        case "c" if isinstance(device.value, int | float):
            return Area(capacitor_m2=passives.capacitor_area_m2(float(device.value)))
        case "r" if isinstance(device.value, int | float):
            return Area(resistor_m2=passives.resistor_area_m2(float(device.value)))
        case _:
            return Area()


def total(by_slot: Mapping[str, Area]) -> Area:
    """All slots together."""
    return sum(by_slot.values(), Area())
