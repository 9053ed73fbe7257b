"""Update cells that sample: current and charge of their gates, presentation by presentation.

While the network is free a cell remembers what it sees; while it is clamped, current flows into its
gate: what it remembers, less what it sees now, and what its gate's voltage alone does. A cell's
current is taken as a sum: of what the free ends left, of what the clamped ends do, both over both
ends and times a share that depends on the gate's voltage, and of a rest over the gate's voltage.
At each opening and closing a charge is handed over besides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from learning.arrays import Floats
from learning.experiment.experiment import Experiment
from learning.experiment.schedule import presentation_s
from learning.fidelity.accelerated.in_turn.phases import (
    PhasedBench,
    Shown,
    collected,
    course,
    phased,
    read_stairs,
    stairs,
    window_s,
)
from learning.fidelity.accelerated.range import Range
from learning.fidelity.accelerated.spline import Axis, Spline, axis, through
from learning.fidelity.accelerated.tabulated import value
from netlist.circuit import Primitive, Waveform
from spice_backend.session.session import Session

N_END, N_GATE, N_SHARE = 15, 25, 9

_HOLD_S = 1.5e-6
"""How long the clamped ends stay at one point of their sweep: several times what a bump of ten
nanoamperes takes to follow, seconds."""

_LOAD_OHM = 3e5
"""What a clamp drives that is only there to weigh on the shared lines, ohms."""

_MOVE_S = 2e-7
"""How long ends take from the free to the clamped voltages, seconds."""

_CONVERGED = ("trtol=1",)
"""Charges handed over depend on the simulator's steps. At a run's own tolerances they scatter by
1e-15 C and more with what else is in the deck; from these on they do not."""

_SHORTER = 0.6
"""A short window is short enough below this share of a long one."""

_EARLY, _GATE = 0.05, 0.6
"""Gate voltages of tables stay this share of the rail away from both rails; where the gate is while
ends are swept."""


@dataclass(frozen=True, slots=True, eq=False)
class SampledTables:
    """An update cell that samples, measured.

    Attributes:
        free: What the free ends leave in the gate's current, over both ends: amperes.
        clamped: What the clamped ends add to it, over both ends: amperes.
        free_share: How much of the first is there, over the gate's voltage.
        clamped_share: The same for the second.
        rest: Current into the gate over its voltage, with no drop anywhere: amperes.
        most_A: What flows into the gate beyond that is no more than this, amperes.
        late_s: How much shorter than the clamped state the time is in which current flows, seconds.
        handed: Charge handed over in the first presentation of training and in later ones, over
            the gate's voltage: coulombs.
        on_W: Power of a cell while the machine learns, watts.
        off_W: Power of a cell otherwise, watts.
        bias_W: Power of the bias cell, watts.
        extra_J: By (learns, learnt before): energy beyond that of one cell and of the sequencer
            with all that hangs on it, joules.
    """

    free: Spline
    clamped: Spline
    free_share: Spline
    clamped_share: Spline
    rest: Spline
    most_A: float
    late_s: float
    handed: tuple[Spline, Spline]
    on_W: float
    off_W: float
    bias_W: float
    extra_J: dict[tuple[bool, bool], Floats]


def windows_s(experiment: Experiment) -> tuple[float, float]:
    """A long and a short second part of a presentation, seconds.

    Args:
        experiment: The machine.

    Returns:
        The longest of the schedule, and its shortest if that is clearly shorter, else half.
    """
    spec = experiment.design.schedule
    count = max(len(spec.windows_s), 1)
    lasts = [presentation_s(spec, epoch) - spec.settle_s for epoch in range(count)]
    longest, shortest = max(lasts), min(lasts)
    return longest, shortest if shortest < _SHORTER * longest else 0.5 * longest


def measure_sampled(session: Session, experiment: Experiment, over: Range) -> SampledTables:
    """Measure a machine's update cell.

    Args:
        session: A simulator.
        experiment: The machine.
        over: Voltages its nodes take.

    Returns:
        Its tables.

    Raises:
        SpiceError: When the simulator cannot do it.
    """
    gates = axis(_EARLY * experiment.rail_V, (1.0 - _EARLY) * experiment.rail_V, N_GATE)
    turns = _Turns(session, experiment, over, gates)
    ends = axis(over.low_V, over.high_V, N_END)
    clamped = _clamped(session, experiment, ends, over)
    free, most_A = _free(session, experiment, ends, over, clamped, turns.late_s)
    middle_V = _GATE * experiment.rail_V
    return SampledTables(
        free=through((ends, ends), free),
        clamped=through((ends, ends), clamped),
        free_share=turns.share(1, middle_V),
        clamped_share=turns.share(2, middle_V),
        rest=through((gates,), turns.rest_A),
        most_A=most_A,
        late_s=turns.late_s,
        handed=turns.handed(),
        on_W=turns.on_W,
        off_W=turns.off_W,
        bias_W=turns.bias_W,
        extra_J=turns.extra_J(),
    )


class _Turns:
    """Real cells through a few presentations, no drop, a free one, a clamped one."""

    def __init__(self, session: Session, experiment: Experiment, over: Range, gates: Axis) -> None:
        self._experiment, self._gates = experiment, gates
        self._coarse = axis(gates.first, float(gates.values[-1]), N_SHARE)
        spec = experiment.design.schedule
        long_s, short_s = windows_s(experiment)
        shown = [
            Shown(pause_s=10.0 * spec.evaluation_s), Shown(long_s, first=True), Shown(long_s),
            Shown(short_s), Shown(pause_s=spec.evaluation_s),
        ]  # fmt: skip
        made = phased(experiment, shown)
        cells = self._place(made, over)
        time_s, read = made.run(session, options=_CONVERGED)
        amount = collected(time_s, read, made.schedule)
        self._charges = amount[:, :cells]
        self._spent_J = experiment.rail_V * amount[:, cells : cells + 3]
        self._clocks_J = experiment.rail_V * _given(time_s, read[:, cells + 3 :], made)
        self._cells, self._schedule = cells, made.schedule
        self._read_powers()

    def _place(self, made: PhasedBench, over: Range) -> int:
        bench, m = made.bench, over.middle_V
        bench.hold("m", m)
        for name, sign in {"h": 0.25, "l": -0.25}.items():
            moved = m + sign * over.drop_V
            bench.hold(f"f{name}", _alternating(made, moved, m))
            bench.hold(f"c{name}", _alternating(made, m, moved))
        kinds = (("m", "m", self._gates), ("fh", "fl", self._coarse), ("ch", "cl", self._coarse))
        count = sum(gates.count for *_, gates in kinds)
        edges = len(self._experiment.network.edges)
        nets = made.carry("update", edges / count)
        nets["vdd"] = bench.meter("vdd", "rupdate", read=False)
        for kind, (a, b, gates) in enumerate(kinds):
            for index, gate_V in enumerate(gates.values.tolist()):
                name = f"{kind}_{index}"
                pins = {**nets, "a": a, "b": b, "gate": bench.hold(f"g{name}", gate_V)}
                bench.place("update", f"update{name}", {**_clocks(), **pins})
                bench.read(f"i(vg{name})")
        self._weigh_down(made)
        bench.probes += ["i(vm_rupdate)", "i(vm_rsequencer)", "i(vm_rbias)"]
        bench.probes += ["i(vclk)", "i(vrun)"]
        return count

    def _weigh_down(self, made: PhasedBench) -> None:
        """A clamp and a driver, for what all of the machine's are to the shared lines."""
        bench, network = made.bench, self._experiment.network
        ports = {"driver": network.sources, "clamp": network.targets}
        ends = {"driver": {"in": "m", "out": "driven"}, "clamp": {"label": "m", "node": "nudged"}}
        ends["clamp"] |= {"other": "m", "reference": "m"}
        for slot, pins in ends.items():
            count = sum(len(port.nodes) for port in ports[slot])
            nets = {**_clocks(), **made.carry(slot, count), **pins, "vdd": "vdd", "eta": "eta"}
            bench.place(slot, slot, nets)
        bench.body.append(Primitive("Rnudged", ("nudged", "m"), _LOAD_OHM))

    def _read_powers(self) -> None:
        lasts_s = np.array([p.end_s - p.start_s for p in self._schedule.presentations])
        powers_W = self._spent_J / lasts_s[:, None]
        self.on_W = float(powers_W[2, 0] / self._cells)
        self.off_W = float(powers_W[0, 0] / self._cells)
        self.bias_W = float(powers_W[2, 2])
        self._lasts_s = lasts_s

    def extra_J(self) -> dict[tuple[bool, bool], Floats]:
        """Of a cell and of everything that is control: (2,), joules."""
        found = {}
        for kind, row in {(True, False): 1, (True, True): 2, (False, True): 4}.items():
            power_W = self.on_W if kind[0] else self.off_W
            update_J = self._spent_J[row, 0] / self._cells - power_W * self._lasts_s[row]
            found[kind] = np.array([update_J, self._spent_J[row, 1] + self._clocks_J[row]])
        quiet_W = (self._spent_J[0, 1] + self._clocks_J[0]) / self._lasts_s[0]
        spec = self._experiment.design.schedule
        found[False, False] = np.array([0.0, quiet_W * spec.evaluation_s])
        return found

    @property
    def rest_A(self) -> Floats:
        """(n_gate,), amperes: from a long and a short presentation."""
        long_s, short_s = (self._window_s(row) for row in (2, 3))
        count = self._gates.count
        longer = self._charges[2, :count] - self._charges[3, :count]
        return np.asarray(longer / (long_s - short_s))

    def handed(self) -> tuple[Spline, Spline]:
        """Beyond that current, in a first and a later presentation."""
        found = []
        for row in (1, 2):
            flowed = self.rest_A * self._window_s(row)
            beyond = self._charges[row, : self._gates.count] - flowed
            found.append(through((self._gates,), beyond))
        return found[0], found[1]

    def share(self, kind: int, middle_V: float) -> Spline:
        """How much a drop does at every gate voltage, against what it does in the middle."""
        moved = self._moved(2, kind)
        at_middle = np.interp(middle_V, self._coarse.values, moved)
        return through((self._coarse,), moved / at_middle)

    @property
    def late_s(self) -> float:
        """From what a free drop moves in a long and in a short presentation."""
        longer, shorter = (self._moved(row, 1)[N_SHARE // 2] for row in (2, 3))
        long_s, short_s = (self._window_s(row) for row in (2, 3))
        return float(short_s - shorter * (long_s - short_s) / (longer - shorter))

    def _moved(self, row: int, kind: int) -> Floats:
        """Charge that a drop moves in a presentation, at the coarse gate voltages, coulombs."""
        begin = self._gates.count + (kind - 1) * N_SHARE
        still = through((self._gates,), self._charges[row, : self._gates.count])
        rest = [value(still, at) for at in self._coarse.values]
        return np.asarray(self._charges[row, begin : begin + N_SHARE] - rest)

    def _window_s(self, row: int) -> float:
        begin_s, end_s = window_s(self._experiment, self._schedule.presentations[row])
        return end_s - begin_s


def _clocks() -> dict[str, str]:
    return {line: line for line in ("clk", "run", "enable", "vlambda")}


def _given(time_s: Floats, currents_A: Floats, made: PhasedBench) -> Floats:
    """Charge that left the sources of the clocks, as the bill counts it: (n_presentation,)."""
    left = np.maximum(-currents_A, 0.0).sum(axis=1, keepdims=True)
    return collected(time_s, left, made.schedule)[:, 0]


def _alternating(made: PhasedBench, free_V: float, clamped_V: float) -> Waveform:
    """An end that is at one voltage while the network is free and at another while it is not."""
    points = [(0.0, free_V)]
    for shown in (p for p in made.schedule.presentations if p.learning):
        begin_s, end_s = window_s(made.bench.experiment, shown)
        points += [(begin_s, free_V), (begin_s + _MOVE_S, clamped_V)]
        points += [(end_s, clamped_V), (shown.end_s, free_V)]
    return course(points)


def _clamped(session: Session, experiment: Experiment, ends: Axis, over: Range) -> Floats:
    """What the clamped ends add: a sweep within one window, a cell per second end, amperes."""
    lasts_s = ends.count * _HOLD_S + 1e-5
    shown = [Shown(pause_s=1e-5), Shown(lasts_s, first=True)]
    made = phased(experiment, shown)
    bench, m = made.bench, over.middle_V
    begin_s = window_s(experiment, made.schedule.presentations[1])[0] + 3e-6
    bench.hold("m", m)
    bench.hold("a", stairs(begin_s, ends.values, _HOLD_S, m))
    second = [stairs(begin_s, np.array([b]), _HOLD_S, m) for b in ends.values]
    gate = bench.hold("g", _GATE * experiment.rail_V)
    places = [("a", bench.hold(f"b{index}", wave)) for index, wave in enumerate(second)]
    for index, (a, b) in enumerate([*places, ("m", "m")]):
        pins = {**_clocks(), "a": a, "b": b, "vdd": "vdd"}
        pins["gate"] = bench.meter(gate, f"gate{index}")
        bench.place("update", f"update{index}", pins)
    time_s, read = made.run(session)
    swept = read_stairs(time_s, -read, begin_s, ends.count, _HOLD_S)
    return swept[:, :-1] - swept[:, -1:]


def _free(
    session: Session,
    experiment: Experiment,
    ends: Axis,
    over: Range,
    clamped: Floats,
    late_s: float,
) -> tuple[Floats, float]:
    """What the free ends leave, and the most that a cell gives: (n_end, n_end) and one, amperes.

    A presentation per first end, a cell per second end. The clamped ends stay where the free ones
    were, as they nearly do in a machine, for what a cell can give is bounded: one more cell, with
    no drop where the others have the largest, shows by what.
    """
    short_s, last = windows_s(experiment)[1], ends.count - 1
    shown = [Shown(pause_s=1e-5), Shown(short_s, first=True)]
    shown += [Shown(short_s) for _ in range(ends.count)]
    made = phased(experiment, shown)
    bench, m = made.bench, over.middle_V
    learnt = [p for p in made.schedule.presentations if p.learning][1:]
    starts = [(p.start_s, volts) for p, volts in zip(learnt, ends.values.tolist(), strict=True)]
    bench.hold("m", m)
    bench.hold("a", _levels(experiment, starts, m))
    bench.hold("far", _alternating(made, float(ends.values[last]), m))
    gate = bench.hold("g", _GATE * experiment.rail_V)
    places = []
    for index, b in enumerate(ends.values.tolist()):
        wave = _levels(experiment, [(learnt[0].start_s, b)], m)
        places.append(("a", bench.hold(f"b{index}", wave)))
    for index, (a, b) in enumerate([*places, ("m", "m"), ("m", "far")]):
        pins = {**_clocks(), "a": a, "b": b, "vdd": "vdd"}
        pins["gate"] = bench.meter(gate, f"gate{index}")
        bench.place("update", f"update{index}", pins)
    time_s, read = made.run(session)
    amount = collected(time_s, -read, made.schedule)[2:]
    begin_s, end_s = window_s(experiment, learnt[0])
    current_A = (amount - amount[:, -2:-1]) / (end_s - begin_s - late_s)
    return current_A[:, :-2] - clamped, float(current_A[:, -1].mean())


def _levels(experiment: Experiment, starts: list[tuple[float, float]], before_V: float) -> Waveform:
    """A line that begins to change at given times, as inputs do."""
    points, last = [(0.0, before_V)], before_V
    for at_s, volts in starts:
        points += [(at_s, last), (at_s + experiment.design.schedule.rise_s, volts)]
        last = volts
    return course(points)
