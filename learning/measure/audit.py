"""The audit: where the energy went, asked of the devices and not of the sources.

Every device of the flattened deck is asked for its currents and charges at every step: channel
current times drain-source voltage and junction currents times theirs are dissipated, work done on
terminal charges (a MOSFET's gate, drain and bulk charge with its junctions, capacitors) is stored.
No figure of the ledger is used, so that a source billed twice, a cell with a hidden supply or a
simulator too coarse in time shows as a residual.

What ngspice gives was checked against terminal currents, device by device: BSIM3's ``id``, ``ibd``,
``ibs``, ``qg``, ``qd`` and ``qb`` carry the multiplier m, are counted positive for an N-MOS as for
a P-MOS, ``qd`` and ``qb`` contain the junctions' charges, and ``id`` is positive whichever end is
the drain. Level 1's ``id`` is the drain terminal's whole current, junction included, and changes
sign when the ends swap. BSIM4's ``id``, ``ibd``, ``ibs`` and ``isub`` are counted as BSIM3's and
reproduce all four terminal currents to 1e-13, leakage included; its ``qg``, ``qd``, ``qs`` and
``qb`` are those of the channel alone, ``qd`` that of whichever end is the drain; ``capbd`` and
``capbs`` are the junctions', and the overlaps, capacitances that give back what they take, are not
offered.

The window opens at time zero. There a simulator that found an operating point reports charges of
zero; those of the second point are taken, for at rest nothing has moved. One that started from
given voltages reports its first point a moment later; until then everything is taken to have stood
as it does there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from learning.arrays import Floats
from netlist.circuit import Behavioural, Circuit, CodeModel, Model, Primitive, Source
from netlist.passes.leaves import Leaf, leaves
from spice_backend.protocol.probe_names import current, of_device, voltage
from spice_backend.protocol.samples import Samples

RESIDUAL_LIMIT = 1e-3
"""A balance that closes worse than this share of the supplied energy is not to be trusted."""

_ROUNDING = 1e-9
"""A point this share of its time beyond the window's end is the one at its end."""


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
        kind: "supply" or "current" (power i*v), "channel" (the same, i given without the sign
            that v has), "impact" (i times the voltage of a transistor's drain), "charge" (work
            v*dq), "channel charge" (abs(v)*dq), "gate charge" (dq against a transistor's
            source), "junction" (C(v)*v*dv) or "capacitance" (energy C*v*v/2).
        other: For "impact" and "gate charge" the third node: which of the last two is the drain
            depends on their voltages.
    """

    amount: str
    nodes: tuple[str, str]
    sign: float
    kind: str
    other: str = "0"


class Audit:
    """Asks every device of a deck.

    Args:
        circuit: The deck.
        until_s: End of the window, seconds; a point of the simulator should lie there.
    """

    def __init__(self, circuit: Circuit, until_s: float = np.inf) -> None:
        self._until_s = until_s * (1.0 + _ROUNDING)
        models = _models(circuit)
        self._terms: list[_Term] = []
        self.blind: tuple[str, ...] = ()
        """Devices that it cannot ask, by the simulator's names."""
        for leaf in leaves(circuit):
            found = tuple(_terms(leaf, models))
            self._terms += found
            self.blind += () if found or _harmless(leaf, models) else (leaf.name,)
        nodes = (n for t in self._terms for n in t.nodes if n != "0")
        voltages = dict.fromkeys(voltage(n) for n in nodes)
        amounts = dict.fromkeys(t.amount for t in self._terms)
        self.probes: tuple[str, ...] = (*voltages, *amounts)
        self._column = {name: index for index, name in enumerate(self.probes)}
        self._sides = {kind: self._side(kind) for kind in _KINDS}
        self._charges = np.unique(np.concatenate([self._sides[kind].amount for kind in _STORED]))
        self._before: Floats = np.empty((0, 0))
        self._first = True
        self._end_s = 0.0
        self._joules = dict.fromkeys(_KINDS, 0.0)

    def take(self, samples: Samples) -> bool:
        """Take the next points in.

        Args:
            samples: The next block, columns as in `probes`.

        Returns:
            Whether to go on: there may be more of the window.
        """
        inside = samples.scale <= self._until_s
        self._add(samples.scale[inside], samples.values[inside])
        return bool(inside.all())

    def _add(self, scale: Floats, values: Floats) -> None:
        if self._first:
            scale, values = self._opened(scale, values)
            if not len(scale):
                return
        elif len(scale):
            scale = np.concatenate([[self._end_s], scale])
            values = np.vstack([self._before, values])
        else:
            return
        self._end_s, self._before = float(scale[-1]), values[-1:]
        for kind, side in self._sides.items():
            self._joules[kind] += side.energy_J(kind, scale, values)

    def _opened(self, scale: Floats, values: Floats) -> tuple[Floats, Floats]:
        """The first points, from time zero on; none while there is only one."""
        if self._before.size:
            scale = np.concatenate([[self._end_s], scale])
            values = np.vstack([self._before, values])
        if len(scale) < 2:  # noqa: PLR2004 - a window has two ends
            self._before = values
            self._end_s = float(scale[-1]) if len(scale) else 0.0
            return scale[:0], values[:0]
        self._first = False
        if scale[0] > 0.0:
            return np.concatenate([[0.0], scale]), np.vstack([values[:1], values])
        values = values.copy()
        values[0, self._charges] = values[1, self._charges]
        return scale, values

    def balance(self) -> Balance:
        """The balance of everything taken in so far."""
        joules = self._joules
        return Balance(
            supplied_J=joules["supply"],
            dissipated_J=sum(joules[kind] for kind in _DISSIPATED),
            stored_J=sum(joules[kind] for kind in _STORED),
            begin_s=0.0,
            end_s=self._end_s,
            blind=self.blind,
        )

    def _side(self, kind: str) -> _Side:
        terms = [term for term in self._terms if term.kind == kind]
        ground = len(self.probes)
        positive, negative, other = (
            np.array([self._column.get(voltage(node), ground) for node in nodes], dtype=int)
            for nodes in (
                [t.nodes[0] for t in terms],
                [t.nodes[1] for t in terms],
                [t.other for t in terms],
            )
        )
        amounts = np.array([self._column[t.amount] for t in terms], dtype=int)
        return _Side(amounts, positive, negative, other, np.array([t.sign for t in terms]))


_DISSIPATED = ("current", "channel", "impact")
_STORED = ("charge", "channel charge", "gate charge", "junction", "capacitance")
_KINDS = ("supply", *_DISSIPATED, *_STORED)


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """All terms of one kind as columns; the column after the last probe is ground."""

    amount: NDArray[np.int64]
    positive: NDArray[np.int64]
    negative: NDArray[np.int64]
    other: NDArray[np.int64]
    sign: Floats

    def energy_J(self, kind: str, time_s: Floats, values: Floats) -> float:
        if not len(self.amount):
            return 0.0
        padded = np.column_stack([values, np.zeros(len(values))])
        voltage = self._voltage(kind, padded)
        amount = padded[:, self.amount] * self.sign
        if kind == "channel":
            # A switch whose ends swap within a step, as they do where coarse steps ring, has a mean
            # current and a mean voltage near nothing; the mean of sizes would be heat nobody gave.
            amount *= np.where(voltage < 0.0, -1.0, 1.0)
        if kind == "capacitance":
            return float(np.sum(0.5 * amount[-1] * (voltage[-1] ** 2 - voltage[0] ** 2)))
        middle_V, middle = _middle(voltage), _middle(amount)
        if kind == "junction":
            return float(np.sum(middle * middle_V * np.diff(voltage, axis=0)))
        if kind in _STORED:
            return float(np.sum(middle_V * np.diff(amount, axis=0)))
        return float(np.diff(time_s) @ np.sum(middle_V * middle, axis=1))

    def _voltage(self, kind: str, padded: Floats) -> Floats:
        """What each amount is multiplied by: (n_step, n_term), volts."""
        first, second = padded[:, self.positive], padded[:, self.negative]
        third = padded[:, self.other]
        match kind:
            case "channel charge":
                return np.abs(first - second)
            case "impact":
                return self.sign * np.maximum(self.sign * second, self.sign * third) - first
            case "gate charge":
                return first - self.sign * np.minimum(self.sign * second, self.sign * third)
            case _:
                return first - second


def _middle(values: Floats) -> Floats:
    """Means of neighbouring steps.

    Averaged voltages and currents obey Kirchhoff's laws too, so that work on charges and power of
    currents, both taken at the middle of a step, leave no residual of the rule of integration.
    """
    middle: Floats = 0.5 * (values[1:] + values[:-1])
    return middle


def _models(circuit: Circuit) -> dict[str, Model]:
    """Models by lower-case name; a binned one (``name.3``) by what its bins have in common, too."""
    cards = [s for s in circuit.statements() if isinstance(s, Model)]
    bins = {
        c.name.lower().rpartition(".")[0]: c for c in cards if c.name.rpartition(".")[2].isdigit()
    }
    return bins | {card.name.lower(): card for card in cards}


def _harmless(leaf: Leaf, models: dict[str, Model]) -> bool:
    """A device without energy: an ammeter, or XSPICE's logic with its bridges.

    Logic has no supply, and a bridge to it takes no current. One from it is a source that cannot
    be asked: whatever it gave would be missing in the balance, and show there.
    """
    if isinstance(leaf.device, CodeModel):
        model = models.get(leaf.device.model.lower())
        kind = "" if model is None else model.kind.lower()
        return kind.startswith("d_") or kind in ("adc_bridge", "dac_bridge")
    return isinstance(leaf.device, Source) and leaf.letter == "v"


def _terms(leaf: Leaf, models: dict[str, Model]) -> Iterator[_Term]:
    device = leaf.device
    if isinstance(device, CodeModel):
        return
    ends = leaf.nodes[0], leaf.nodes[1]
    if isinstance(device, Source):
        amount = current(leaf.name) if leaf.letter == "v" else of_device(leaf.name, "current")
        yield _Term(amount, ends, -1.0, "supply")
    elif isinstance(device, Behavioural) or leaf.letter in "rge":
        yield _Term(of_device(leaf.name, "i"), ends, 1.0, "current")
    elif leaf.letter == "c":
        yield _Term(of_device(leaf.name, "capacitance"), ends, 1.0, "capacitance")
    elif leaf.letter == "m" and isinstance(device, Primitive):
        yield from _transistor(leaf, device, models)


def _transistor(leaf: Leaf, device: Primitive, models: dict[str, Model]) -> Iterator[_Term]:
    model = models.get((device.model or "").lower())
    level = 1 if model is None else int(_figure(model, "level", 1.0))
    if model is None or level not in (*_CHARGES, *_BSIM4):
        return
    sign = -1.0 if model.kind.lower() == "pmos" else 1.0
    nodes = dict(zip("dgsb", leaf.nodes, strict=True))
    if level == _LEVEL1:
        currents: tuple[tuple[str, str, str], ...] = _LEVEL1_CURRENTS
    else:
        currents = (*_JUNCTIONS, *_leaks(model, level))
        yield _Term(of_device(leaf.name, "id"), (nodes["d"], nodes["s"]), 1.0, "channel")
    for flow, of, to in currents:
        yield _Term(of_device(leaf.name, flow), (nodes[of], nodes[to]), sign, "current")
    for charge, of, against in _CHARGES.get(level, ()):
        yield _Term(of_device(leaf.name, charge), (nodes[of], nodes[against]), sign, "charge")
    if level in _BSIM4:
        yield from _bsim4(leaf, nodes, sign)


def _bsim4(leaf: Leaf, nodes: dict[str, str], sign: float) -> Iterator[_Term]:
    """What BSIM4 counts from the end that acts as drain or source, and its junctions."""
    name, drain, source, bulk = leaf.name, nodes["d"], nodes["s"], nodes["b"]
    yield _Term(of_device(name, "isub"), (bulk, drain), sign, "impact", source)
    yield _Term(of_device(name, "qd"), (drain, source), 1.0, "channel charge")
    yield _Term(of_device(name, "qg"), (nodes["g"], drain), sign, "gate charge", source)
    yield _Term(of_device(name, "qb"), (bulk, drain), sign, "gate charge", source)
    yield _Term(of_device(name, "capbd"), (bulk, drain), 1.0, "junction")
    yield _Term(of_device(name, "capbs"), (bulk, source), 1.0, "junction")


_CHARGES: dict[int, tuple[tuple[str, str, str], ...]] = {
    1: (("qgs", "g", "s"), ("qgd", "g", "d"), ("qgb", "g", "b")),
    8: (("qg", "g", "s"), ("qd", "d", "s"), ("qb", "b", "s")),
    49: (("qg", "g", "s"), ("qd", "d", "s"), ("qb", "b", "s")),
}
"""By model level the charges a transistor has: vector, its terminal, the terminal against it."""

_LEVEL1 = 1
_LEVEL1_CURRENTS = (("id", "d", "s"), ("ibd", "b", "s"), ("ibs", "b", "s"))
_JUNCTIONS = (("ibd", "b", "d"), ("ibs", "b", "s"))
_BSIM4 = (14, 54)

_LEAKS: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    ("igcmod", (("igs", "g", "s"), ("igd", "g", "d"), ("igcs", "g", "s"), ("igcd", "g", "d"))),
    ("igbmod", (("igb", "g", "b"),)),
    ("agidl", (("igidl", "d", "b"), ("igisl", "s", "b"))),
    ("agisl", (("igisl", "s", "b"),)),
)
"""BSIM4's currents through the oxide and at the gate's edge, with the parameter that allows them.

They are nothing unless a card asks for them (BSIM4.8.0 manual, chapters 4 and 6), and asking
thousands of devices for nothing costs time.
"""


def _leaks(model: Model, level: int) -> tuple[tuple[str, str, str], ...]:
    if level not in _BSIM4:
        return ()
    asked = (leaks for allowing, leaks in _LEAKS if _figure(model, allowing, 0.0))
    return tuple(dict.fromkeys(leak for leaks in asked for leak in leaks))


def _figure(model: Model, name: str, default: float) -> float:
    for parameter in model.parameters:
        if parameter.name.lower() == name and isinstance(parameter.value, float | int):
            return float(parameter.value)
    return default
