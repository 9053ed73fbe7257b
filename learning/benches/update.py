"""An update cell alone: its gain, symmetry, range, offsets, energy, and how long a gate then holds.

One cell plays a list of presentations, each with its own free drop, clamped drop, common mode and
gate voltage; sources stand in for the network, and one holds the gate, so that what the cell gives
it is read as charge. Continuous cells and cells that remember the free state are measured alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from learning.arrays import Floats
from learning.benches.measured import Curve, Figure
from learning.benches.retention import ends, measure_retention
from learning.benches.scene import Scene
from learning.benches.setup import RAIL, Setup
from learning.benches.stand import Stand
from learning.benches.timing import Timing, course
from spice_backend.session.session import Session

_RANGE = 0.1
"""A gain that is off by more than this is no longer that of small drops."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What one presentation shows the cell.

    Attributes:
        free_V: Drop in the free state, volts.
        clamped_V: Drop in the clamped state, volts.
        middle_V: Mean of the edge's ends, volts.
        gate_V: Gate, volts.
    """

    free_V: float
    clamped_V: float
    middle_V: float
    gate_V: float


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """What the cell did.

    Attributes:
        shown: In order.
        charge_C: Into the gate, (n,), coulombs.
        energy_J: From the cell's rail, (n,), joules.
    """

    shown: tuple[Shown, ...]
    charge_C: Floats
    energy_J: Floats

    def charge(self, shown: Shown) -> float:
        """Charge of one presentation, coulombs."""
        return float(self.charge_C[self.shown.index(shown)])


class _Plan:
    """Presentations by what they are for."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.drop_V = scene, scene.drop_V
        self.drops_V = self.drop_V * np.array([0.5, 1.0, 1.5, 2.0, 3.0])
        self.middles_V = np.linspace(0.5 * self.drop_V, scene.span_V - 0.5 * self.drop_V, 5)
        self.gates_V = scene.gates_V(5)
        self.middle_V, self.gate_V = max(scene.middle_V, 1.5 * self.drop_V), scene.gate_V

    def of(self, free_V: float, clamped_V: float) -> Shown:
        return Shown(float(free_V), float(clamped_V), self.middle_V, self.gate_V)

    def equal(self, middle_V: float | None = None, gate_V: float | None = None) -> Shown:
        middle = self.middle_V if middle_V is None else float(middle_V)
        return Shown(self.drop_V, self.drop_V, middle, self.gate_V if gate_V is None else gate_V)

    def by_drop(self) -> list[Shown]:
        return [self.of(v, v) for v in (0.0, *self.drops_V)]

    def by_middle(self) -> list[Shown]:
        return [self.equal(middle_V=float(v)) for v in self.middles_V]

    def by_gate(self) -> list[Shown]:
        return [self.equal(gate_V=float(v)) for v in self.gates_V]

    def all(self) -> tuple[Shown, ...]:
        drops = [0.0, *self.drops_V]
        shown = [one for d in drops for one in (self.of(d, 0), self.of(0, d), self.of(d, d))]
        shown += [self.of(-self.drop_V, 0), self.of(0, -self.drop_V)]
        shown += [*self.by_middle(), *self.by_gate()]
        return tuple(dict.fromkeys(shown))


def measure_update(
    session: Session, stand: Stand, scene: Scene, timing: Timing
) -> tuple[tuple[Figure, ...], tuple[Curve, ...]]:
    """Measure an update cell.

    Args:
        session: A simulator.
        stand: The cell.
        scene: Voltages of its network.
        timing: Of a presentation.

    Returns:
        Figures and curves.

    Raises:
        SpiceError: When the simulator cannot do it.
    """
    plan = _Plan(scene)
    answered = play_update(session, stand, plan.all(), timing)
    gates_V = scene.gates_V(9)
    kept = measure_retention(session, stand, gates_V, scene.middle_V)
    figures = [*_learning(plan, answered, timing, kept.capacitance_F)]
    figures += [
        Figure("capacitance_F", kept.capacitance_F, "F", "at the gate, with an edge"),
        Figure("leak_A", _worst(kept.leak_A), "A", "at the gate, nothing learning, as modelled"),
        Figure("run_leak_A", _worst(kept.run_leak_A), "A", "the same with the simulator's gmin"),
        Figure("droop_s", kept.droop_s(kept.leak_A), "s", "until a gate has moved by 1 %"),
        Figure("run_droop_s", kept.droop_s(kept.run_leak_A), "s", "the same with gmin"),
    ]
    leak = Curve(
        "leak", "Leakage at the gate, nothing learning", ("gate", "V"), ("leakage", "A"),
        {"as modelled": (gates_V, kept.leak_A), "with gmin": (gates_V, kept.run_leak_A)},
    )  # fmt: skip
    return tuple(figures), (*_curves(plan, answered, timing), leak)


def play_update(session: Session, stand: Stand, shown: Sequence[Shown], timing: Timing) -> Answered:
    """Let an update cell answer presentations.

    Args:
        session: A simulator.
        stand: The cell.
        shown: What it sees.
        timing: Of a presentation.

    Returns:
        What it did.

    Raises:
        SpiceError: When the simulator cannot do it.
    """
    nets = dict(_courses(stand, shown)) | {"gate": [(one.gate_V, one.gate_V) for one in shown]}
    over = course(timing, len(shown), stand.rail_V, stand.pins, nets)
    setup = Setup(stand)
    setup.drive(over.waves)
    setup.hold(RAIL, stand.rail_V)
    for net in ("gate", RAIL):
        setup.meter(net)
    setup.place("update", {"gate": "gate", **{net: net for net in ends(stand)}})
    waves = setup.transient(session, over.stop_s, over.step_s)
    gate_C, rail_C = (
        waves.coulombs(net, over.end_s) - waves.coulombs(net, over.begin_s)
        for net in ("gate", RAIL)
    )
    return Answered(tuple(shown), -gate_C, rail_C * stand.rail_V)


def _courses(
    stand: Stand, shown: Sequence[Shown]
) -> Iterator[tuple[str, list[tuple[float, float]]]]:
    """What the ends of the edge do: both states one after the other, or side by side."""
    for net in ends(stand):
        half = -0.5 if net.endswith("b") else 0.5
        states = [
            (one.middle_V + half * one.free_V, one.middle_V + half * one.clamped_V) for one in shown
        ]
        if stand.architecture.in_turn:
            yield net, states
        else:
            state = 0 if net.startswith("f") else 1
            yield net, [(pair[state], pair[state]) for pair in states]


def _learning(
    plan: _Plan, answered: Answered, timing: Timing, capacitance_F: float
) -> Iterator[Figure]:
    window_s, d = timing.window_s, plan.drop_V
    gains = _gains(plan, answered) / window_s
    gain = float(np.interp(d, plan.drops_V, gains))
    yield Figure("gain_A_per_V2", gain, "A/V²", f"mean of free and clamped, drops of {d:.3g} V")
    yield Figure("gain_As_per_V2", gain * window_s, "A·s/V²", "the same over one presentation")
    step = gain * window_s / capacitance_F
    yield Figure("step_V_per_V2", step, "V/V²", "change of a gate in one presentation")
    linear_V = _linear(plan.drops_V, gains)
    inside = plan.drops_V[plan.drops_V <= linear_V]
    told = "free against clamped, worst drop of the linear range"
    yield Figure("symmetry", _symmetry(plan, answered, inside), "", told)
    weight = answered.charge(plan.of(0, 0)) - answered.charge(plan.of(d, d))
    told = "what equal drops leave beside the offset, as a power weight λ"
    yield Figure("lambda_equivalent", weight / (gain * window_s * d**2), "", told)
    yield Figure("evenness", _evenness(plan, answered), "", "either direction of a drop")
    yield Figure("linear_range_V", linear_V, "V", "gain within 10 %")
    equal, by_middle, by_gate = (
        _offsets(answered, shown, window_s)
        for shown in (plan.by_drop(), plan.by_middle(), plan.by_gate())
    )
    here = float(np.interp(d, [0.0, *plan.drops_V], equal))
    yield Figure("offset_A", here, "A", f"both drops {d:.3g} V, gate {plan.gate_V:.3g} V")
    yield Figure("offset_V2", abs(here) / gain, "V²", "the same over the gain")
    yield Figure("offset_drop_A", _worst(equal - here), "A", "change with the drop, worst")
    yield Figure("offset_middle_A", _worst(by_middle - here), "A", "change with common mode, worst")
    slope = float(np.polyfit(plan.gates_V, by_gate, 1)[0])
    yield Figure("offset_gate_A_per_V", slope, "A/V", "change with the gate's voltage, mean slope")
    if slope < 0:
        rest_V = plan.gate_V - here / slope
        yield Figure("rest_gate_V", rest_V, "V", "where the offset takes a gate in the end")
    energy_J = answered.energy_J[answered.shown.index(plan.equal())]
    yield Figure("energy_J", float(energy_J), "J", "of one presentation, the cell's rail")


def _gains(plan: _Plan, answered: Answered) -> Floats:
    """Half the difference of a free and a clamped drop over its square, A·s/V²."""
    free = np.array([answered.charge(plan.of(d, 0)) for d in plan.drops_V])
    clamped = np.array([answered.charge(plan.of(0, d)) for d in plan.drops_V])
    return np.asarray(0.5 * (free - clamped) / plan.drops_V**2)


def _symmetry(plan: _Plan, answered: Answered, drops_V: Floats) -> float:
    """How far free and clamped answers are from opposite, as a share, without the offset."""
    rest = answered.charge(plan.of(0, 0))
    pairs = [(answered.charge(plan.of(d, 0)), answered.charge(plan.of(0, d))) for d in drops_V]
    return max(abs((f + c - 2 * rest) / (f - c)) for f, c in pairs)


def _evenness(plan: _Plan, answered: Answered) -> float:
    """How far a drop's sign changes the answer, as a share."""
    d, rest = plan.drop_V, answered.charge(plan.of(0, 0))
    pairs = ((plan.of(d, 0), plan.of(-d, 0)), (plan.of(0, d), plan.of(0, -d)))
    told = [(answered.charge(one) - rest, answered.charge(other) - rest) for one, other in pairs]
    return max(abs(other / one - 1.0) for one, other in told)


def _linear(drops_V: Floats, gains: Floats) -> float:
    """The largest drop up to which the gain stays within a share of that of the second, volts."""
    off = np.abs(gains / gains[1] - 1.0)
    beyond = np.flatnonzero((off > _RANGE) & (drops_V > drops_V[1]))
    if not len(beyond):
        return float(drops_V[-1])
    last = int(beyond[0])
    return float(np.interp(_RANGE, off[last - 1 : last + 1], drops_V[last - 1 : last + 1]))


def _offsets(answered: Answered, shown: Sequence[Shown], window_s: float) -> Floats:
    return np.array([answered.charge(one) for one in shown]) / window_s


def _worst(values: Floats) -> float:
    """The value that is farthest from zero."""
    return float(values[np.argmax(np.abs(values))])


def _curves(plan: _Plan, answered: Answered, timing: Timing) -> Iterator[Curve]:
    window_s, drops_V = timing.window_s, np.array([0.0, *plan.drops_V])
    answers = {
        "free drop alone": [plan.of(d, 0) for d in drops_V],
        "clamped drop alone": [plan.of(0, d) for d in drops_V],
        "both": plan.by_drop(),
    }
    lines = {name: (drops_V, _offsets(answered, one, window_s)) for name, one in answers.items()}
    yield Curve("answer", "Current into the gate", ("drop", "V"), ("mean current", "A"), lines)
    gains = _gains(plan, answered) / window_s
    yield Curve("gain", "Gain", ("drop", "V"), ("gain", "A/V²"), {"": (plan.drops_V, gains)})
    middle, gate = (_offsets(answered, s, window_s) for s in (plan.by_middle(), plan.by_gate()))
    yield Curve(
        "offset", "Offset, both drops alike", ("voltage", "V"), ("mean current", "A"),
        {"against common mode": (plan.middles_V, middle), "against gate": (plan.gates_V, gate)},
    )  # fmt: skip
