"""The audit: where the energy went, asked of the devices and not of the sources.

Every device of the flattened deck is asked for its currents and charges at every step: channel
current times drain-source voltage and junction currents times theirs are dissipated, work done on
terminal charges (a MOSFET's gate, drain and bulk charge with its junctions, capacitors) is stored.
No figure of the ledger is used, so that a source billed twice, a cell with a hidden supply or a
simulator too coarse in time shows as a residual.

What ngspice gives was checked against terminal currents, device by device: BSIM3's ``id``, ``ibd``,
``ibs``, ``qg``, ``qd`` and ``qb`` carry the multiplier m, are counted positive for an N-MOS as for
a P-MOS, ``qd`` and ``qb`` contain the junctions' charges, and ``id`` is positive whichever end is
the drain. At time zero the charges read zero, therefore the window opens at the second point.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from learning.ledger import Floats
from netlist.circuit import Behavioural, Circuit, Expression, Model, Primitive, Source
from netlist.flatten import Leaf, leaves
from spice_backend.samples import Samples

RESIDUAL_LIMIT = 1e-3
"""A balance that closes worse than this share of the supplied energy is not to be trusted."""


@dataclass(frozen=True, slots=True)
class Balance:
    """Both sides of the balance over one window.

    Attributes:
        supplied_J: What all sources gave, joules.
        dissipated_J: What resistances, channels, junctions and controlled sources took, joules.
        stored_J: Growth of the energy in capacitors and device charges, joules.
        begin_s: Begin of the window, seconds.
        end_s: Its end, seconds.
        blind: Devices that could not be asked.
    """

    supplied_J: float
    dissipated_J: float
    stored_J: float
    begin_s: float
    end_s: float
    blind: tuple[str, ...] = ()

    @property
    def residual(self) -> float:
        """What is missing, as a share of what was supplied."""
        missing_J = abs(self.supplied_J - self.dissipated_J - self.stored_J)
        return missing_J / abs(self.supplied_J) if self.supplied_J else float("inf")


@dataclass(frozen=True, slots=True)
class _Term:
    """``sign * amount`` between two nodes: a current that dissipates, or a charge that stores.

    Attributes:
        amount: Vector of a current (amperes), a charge (coulombs) or a capacitance (farads).
        nodes: Its voltage is that of the first less that of the second.
        sign: +1 or -1.
        kind: "supply" or "current" (power i*v), "channel" (i*abs(v)), "charge" (work v*dq) or
            "capacitance" (energy C*v*v/2).
    """

    amount: str
    nodes: tuple[str, str]
    sign: float
    kind: str


class Audit:
    """Asks every device of a deck.

    Args:
        circuit: The deck.
    """

    def __init__(self, circuit: Circuit) -> None:
        models = {s.name.lower(): s for s in circuit.statements() if isinstance(s, Model)}
        self._terms: list[_Term] = []
        self.blind: tuple[str, ...] = ()
        """Devices that it cannot ask, by the simulator's names."""
        for leaf in leaves(circuit):
            found = tuple(_terms(leaf, models))
            self._terms += found
            self.blind += () if found or _harmless(leaf) else (leaf.name,)
        nodes = (n for t in self._terms for n in t.nodes if n != "0")
        voltages = dict.fromkeys(f"v({n})" for n in nodes)
        amounts = dict.fromkeys(t.amount for t in self._terms)
        self.probes: tuple[str, ...] = (*voltages, *amounts)
        self._column = {name: index for index, name in enumerate(self.probes)}
        self._sides = {kind: self._side(kind) for kind in _KINDS}
        self._before: Floats = np.empty((0, 0))
        self._first = True
        self._begin_s = self._end_s = 0.0
        self._joules = dict.fromkeys(_KINDS, 0.0)

    def take(self, samples: Samples) -> bool:
        """Take the next points in.

        Args:
            samples: The next block, columns as in `probes`.

        Returns:
            True: go on.
        """
        skip = 1 if self._first else 0
        scale, values = samples.scale[skip:], samples.values[skip:]
        self._first = False
        if not len(scale):
            return True
        if self._before.size:
            scale = np.concatenate([[self._end_s], scale])
            values = np.vstack([self._before, values])
        else:
            self._begin_s = float(scale[0])
        self._end_s, self._before = float(scale[-1]), values[-1:]
        for kind, side in self._sides.items():
            self._joules[kind] += side.energy_J(kind, scale, values)
        return True

    def balance(self) -> Balance:
        """The balance of everything taken in so far."""
        joules = self._joules
        return Balance(
            supplied_J=joules["supply"],
            dissipated_J=joules["current"] + joules["channel"],
            stored_J=joules["charge"] + joules["capacitance"],
            begin_s=self._begin_s,
            end_s=self._end_s,
            blind=self.blind,
        )

    def _side(self, kind: str) -> _Side:
        terms = [term for term in self._terms if term.kind == kind]
        ground = len(self.probes)
        positive, negative = (
            np.array([self._column.get(f"v({t.nodes[end]})", ground) for t in terms], dtype=int)
            for end in (0, 1)
        )
        amounts = np.array([self._column[t.amount] for t in terms], dtype=int)
        return _Side(amounts, positive, negative, np.array([t.sign for t in terms]))


_KINDS = ("supply", "current", "channel", "charge", "capacitance")


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """All terms of one kind as columns; the column after the last probe is ground."""

    amount: NDArray[np.int64]
    positive: NDArray[np.int64]
    negative: NDArray[np.int64]
    sign: Floats

    def energy_J(self, kind: str, time_s: Floats, values: Floats) -> float:
        if not len(self.amount):
            return 0.0
        padded = np.column_stack([values, np.zeros(len(values))])
        voltage = padded[:, self.positive] - padded[:, self.negative]
        amount = padded[:, self.amount] * self.sign
        if kind == "capacitance":
            energy = 0.5 * amount[-1] * (voltage[-1] ** 2 - voltage[0] ** 2)
            return float(energy.sum())
        middle_V = _middle(np.abs(voltage) if kind == "channel" else voltage)
        if kind == "charge":
            return float(np.sum(middle_V * np.diff(amount, axis=0)))
        return float(np.diff(time_s) @ np.sum(middle_V * _middle(amount), axis=1))


def _middle(values: Floats) -> Floats:
    """Means of neighbouring steps.

    Averaged voltages and currents obey Kirchhoff's laws too, so that work on charges and power of
    currents, both taken at the middle of a step, leave no residual of the rule of integration.
    """
    middle: Floats = 0.5 * (values[1:] + values[:-1])
    return middle


def _harmless(leaf: Leaf) -> bool:
    """A device without energy: an ammeter."""
    return isinstance(leaf.device, Source) and leaf.letter == "v"


def _terms(leaf: Leaf, models: dict[str, Model]) -> Iterator[_Term]:
    device, ends = leaf.device, (leaf.nodes[0], leaf.nodes[1])
    if isinstance(device, Source):
        amount = f"i({leaf.name})" if leaf.letter == "v" else f"@{leaf.name}[current]"
        yield _Term(amount, ends, -1.0, "supply")
    elif isinstance(device, Behavioural) or leaf.letter in "rge":
        yield _Term(f"@{leaf.name}[i]", ends, 1.0, "current")
    elif leaf.letter == "c":
        yield _Term(f"@{leaf.name}[capacitance]", ends, 1.0, "capacitance")
    elif leaf.letter == "m":
        yield from _transistor(leaf, device, models)


def _transistor(leaf: Leaf, device: Primitive, models: dict[str, Model]) -> Iterator[_Term]:
    model = models.get((device.model or "").lower())
    level = 1 if model is None else _level(model)
    if model is None or level not in _CHARGES:
        return
    sign = -1.0 if model.kind.lower() == "pmos" else 1.0
    nodes = dict(zip("dgsb", leaf.nodes, strict=True))
    yield _Term(f"@{leaf.name}[id]", (nodes["d"], nodes["s"]), 1.0, "channel")
    for current, to in (("ibd", "d"), ("ibs", "s")):
        yield _Term(f"@{leaf.name}[{current}]", (nodes["b"], nodes[to]), sign, "current")
    for charge, of, against in _CHARGES[level]:
        yield _Term(f"@{leaf.name}[{charge}]", (nodes[of], nodes[against]), sign, "charge")


_CHARGES: dict[int, tuple[tuple[str, str, str], ...]] = {
    1: (("qgs", "g", "s"), ("qgd", "g", "d"), ("qgb", "g", "b")),
    8: (("qg", "g", "s"), ("qd", "d", "s"), ("qb", "b", "s")),
    49: (("qg", "g", "s"), ("qd", "d", "s"), ("qb", "b", "s")),
}
"""By model level the charges a transistor has: vector, its terminal, the terminal against it."""


def _level(model: Model) -> int:
    for parameter in model.parameters:
        if parameter.name.lower() == "level" and not isinstance(parameter.value, Expression | str):
            return int(parameter.value)
    return 1
