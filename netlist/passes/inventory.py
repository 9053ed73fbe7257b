"""What a deck is made of: devices, transistors and gate area, by subcircuit and altogether."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from netlist.circuit import Circuit, Component, Instance, Statement, Subcircuit, bodies
from netlist.errors import NetlistError
from netlist.passes.hierarchy import DEEPEST, MOST_DEVICES, undefined
from netlist.passes.sizes import Size, subcircuit_sizes, transistor_sizes


@dataclass(frozen=True, slots=True)
class Inventory:
    """What one subcircuit, or the whole deck, is made of, everything it uses included.

    Attributes:
        name: The subcircuit; empty for the deck.
        uses: How often it stands in the flattened deck.
        devices: Devices by letter, subcircuits flattened.
        transistors: MOSFETs, parallel ones (``m``) counted.
        gate_area_m2: Area under their gates, square metres; None when a size cannot be worked out.
        problem: Why it cannot.
    """

    name: str
    uses: int
    devices: dict[str, int]
    transistors: float
    gate_area_m2: float | None
    problem: str = ""


def inventory(circuit: Circuit) -> tuple[Inventory, ...]:
    """Count what a deck is made of.

    Subcircuits are taken with their default parameters, the deck with the values it uses.

    Args:
        circuit: The deck.

    Returns:
        The deck first, then its top-level subcircuits in the order of the text.

    Raises:
        NetlistError: When an instance names no subcircuit, or a subcircuit uses itself.
    """
    counts = _Counts(circuit)
    whole = counts.of(circuit.body)
    rows = [_row("", 1, whole, circuit)]
    for name, subcircuit in circuit.subcircuits().items():
        rows.append(_row(subcircuit.name, whole[f"x {name}"], counts.of(subcircuit.body), circuit))
    return tuple(rows)


def device_count(circuit: Circuit) -> int:
    """How many devices a deck has once its subcircuits are taken apart, without doing so.

    Args:
        circuit: The deck.

    Returns:
        The number of devices.

    Raises:
        NetlistError: As `inventory`.
    """
    counts = _Counts(circuit).of(circuit.body)
    return sum(number for kind, number in counts.items() if len(kind) == 1)


def _row(name: str, uses: int, counts: Counter[str], circuit: Circuit) -> Inventory:
    devices = {k: n for k, n in sorted(counts.items()) if len(k) == 1}
    try:
        sizes = subcircuit_sizes(circuit, name) if name else transistor_sizes(circuit)
    except NetlistError as error:
        return Inventory(name, uses, devices, devices.get("m", 0), None, error.message)
    transistors = sum(size.multiplier * count for size, count in sizes.items())
    return Inventory(name, uses, devices, transistors, _area(sizes))


def _area(sizes: Counter[Size]) -> float:
    return sum(size.gate_area_m2 * count for size, count in sizes.items())


class _Counts:
    """Counts devices; a subcircuit is counted once."""

    def __init__(self, circuit: Circuit) -> None:
        self._subcircuits = {
            s.name.lower(): s for s in circuit.statements() if isinstance(s, Subcircuit)
        }
        self._seen: dict[str, Counter[str]] = {}
        self._open: list[str] = []

    def of(self, body: tuple[Statement, ...]) -> Counter[str]:
        """Devices by letter, and ``x NAME`` for each use of a subcircuit."""
        total: Counter[str] = Counter()
        for statement in _devices(body):
            if isinstance(statement, Instance):
                total[f"x {statement.subcircuit.lower()}"] += 1
                total.update(self._used(statement))
            else:
                total[statement.name[0].lower()] += 1
        return total

    def _used(self, line: Instance) -> Counter[str]:
        name = line.subcircuit.lower()
        if name not in self._subcircuits:
            raise undefined(line)
        if name in self._open or len(self._open) >= DEEPEST:
            deep = name not in self._open
            what = f"is more than {DEEPEST} instances deep" if deep else "uses itself"
            raise NetlistError(
                f"subcircuit {line.subcircuit} {what}",
                where=line.span or line.name,
                hint=f"look at {', '.join(self._open[-3:])}",
            )
        if name not in self._seen:
            self._open.append(name)
            self._seen[name] = self.of(self._subcircuits[name].body)
            self._open.pop()
        return self._seen[name]


def _devices(body: tuple[Statement, ...]) -> Iterator[Component]:
    for statement in body:
        if isinstance(statement, Component):
            yield statement
        elif not isinstance(statement, Subcircuit):
            for inner in bodies(statement):
                yield from _devices(inner)


def require_flattenable(circuit: Circuit) -> None:
    """Refuse a deck that is too large to be taken apart, before that is begun.

    Args:
        circuit: The deck.

    Raises:
        NetlistError: When it has more than a million devices, or its hierarchy is broken.
    """
    devices = device_count(circuit)
    if devices > MOST_DEVICES:
        raise NetlistError(
            f"taken apart, this deck has {devices} devices, more than {MOST_DEVICES}",
            hint="take one of its subcircuits apart",
        )
