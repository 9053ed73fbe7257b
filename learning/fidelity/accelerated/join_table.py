"""What enabling does beyond the steady currents: charge handed over, waking, and the bias line.

A short run of real cells on the schedule's own lines: some update cells at several gate voltages
and drops, a driver and a clamp, and the bias cell that carries them and, by controlled sources,
all the others of the machine. Learning comes once after a pause and once after learning; what each
presentation moves or costs beyond its tables is kept as a constant of its kind.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from learning.arrays import Floats
from learning.experiment.experiment import Experiment
from learning.experiment.lines import control_lines
from learning.experiment.schedule import (
    Presentation,
    Schedule,
    enabled_window,
    longest_s,
)
from learning.fidelity.accelerated.bench import Bench
from learning.fidelity.accelerated.range import Range
from learning.fidelity.accelerated.spline import Axis, Spline, axis, through
from learning.fidelity.accelerated.tabulated import value
from learning.fidelity.accelerated.update_table import UpdateTables
from learning.tasks.examples import Examples
from netlist.circuit import Primitive, Waveform, tick
from netlist.machine.topology import Port
from spice_backend.session.session import Session

_OPTIONS = ("trtol=1", "reltol=1e-4")
"""The charge handed over depends on the simulator's steps through a switch's edge: at ngspice's own
tolerances it is out by 1e-14 C or more for gates far below the rail's middle, at these it is
converged to 1e-16 C (ten times tighter ones of charge change no more than that)."""

N_GATE = 13
_LONGEST_PAUSE = 10
"""Queries of a pause that is long enough, whatever the evaluation's length."""

_FROM, _TO = 0.25, 0.87
"""Range of gate voltages, as shares of the rail. Nearer to a rail the steady current is so much
larger than what is looked for that the difference would be noise; the nearest value holds there."""

_DROPPED = (0, 3, 6, 9, 12)
"""Of those voltages, the ones at which drops are looked at too."""

_KINDS = {(True, False): 1, (True, True): 2, (False, True): 3}
"""Row of a presentation that learns or not, after one that learns or not."""


@dataclass(frozen=True, slots=True, eq=False)
class JoinTables:
    """Constants of enabling, over the gate's voltage; first after a pause, then after learning.

    Attributes:
        handed_C: Charge handed over with no drop anywhere: two splines, coulombs.
        free_late_s: How much later the free pair's current comes than the window: seconds.
        clamped_late_s: The same of the clamped pair's.
        extra_J: By (learns, learnt before): energy beyond the tables of one update cell, one
            driver, one clamp, the bias cell and all control lines, joules.
        bias_W: Power of the bias cell at rest, watts.
    """

    handed_C: tuple[Spline, Spline]
    free_late_s: tuple[Spline, Spline]
    clamped_late_s: tuple[Spline, Spline]
    extra_J: dict[tuple[bool, bool], Floats]
    bias_W: float


def measure_join(
    session: Session,
    experiment: Experiment,
    update: UpdateTables,
    over: Range,
    weight: float = 0.0,
) -> JoinTables:
    """Measure what enabling does in a machine.

    Args:
        session: A simulator.
        experiment: The machine.
        update: Its update cell's tables.
        over: Voltages its nodes take.
        weight: λ; what its line does beside that is the same for every λ that is not 0.

    Returns:
        The constants.

    Raises:
        SpiceError: When the simulator cannot do it.
    """
    schedule = _schedule(experiment)
    gates = axis(_FROM * experiment.rail_V, _TO * experiment.rail_V, N_GATE)
    bench = _bench(experiment, schedule, gates, over, weight)
    spec = experiment.design.schedule
    step_s = longest_s(spec) / 4.0
    time_s, read = bench.transient(session, schedule.stop_s, step_s, _OPTIONS)
    amount = _integrals(time_s, read, schedule)
    cells = N_GATE + 2 * len(_DROPPED)
    window = enabled_window(schedule.presentations[1], spec)
    model = _Model(update, gates, over, window[1] - window[0], weight)
    fits = [model.fit(amount[row, :cells]) for row in (1, 2)]
    handed, free, clamped = zip(*fits, strict=True)
    spent_J = experiment.rail_V * amount[:, cells:]
    rest_W = spent_J[0] / schedule.presentations[0].end_s
    extra = _extra(spent_J, rest_W, schedule, model, experiment)
    return JoinTables(handed, free, clamped, extra, float(rest_W[3]))


def pause_s(experiment: Experiment) -> float:
    """How long a machine rests before learning is looked at: an evaluation, within limits.

    Args:
        experiment: The machine.

    Returns:
        Seconds.
    """
    return min(len(experiment.task.train), _LONGEST_PAUSE) * experiment.design.schedule.evaluation_s


def _schedule(experiment: Experiment) -> Schedule:
    spec = experiment.design.schedule
    longest = longest_s(spec)
    lengths = (pause_s(experiment), longest, longest, spec.evaluation_s)
    ends = [tick(end) for end in np.cumsum((0.0, *lengths)).tolist()]
    shown = tuple(
        Presentation(i, ends[i], ends[i + 1], 0, 0, learning=i in (1, 2)) for i in range(4)
    )
    return Schedule(shown, ends[-1])


def _bench(
    experiment: Experiment, schedule: Schedule, gates: Axis, over: Range, weight: float
) -> Bench:
    shown = Examples(np.full((1, 1), over.middle_V), np.full((1, 1), over.middle_V))
    rail_V = experiment.rail_V
    lines = control_lines(
        schedule, shown, experiment.design.schedule, rail_V=rail_V, power_weight=weight
    )
    bench = Bench(experiment)
    bench.hold("vdd", rail_V)
    for name, share in {"m": 0.0, "hi": 0.5, "lo": -0.5}.items():
        bench.hold(name, over.middle_V + share * over.drop_V)
    for line in ("enable", "vlambda"):
        bench.hold(line, _course(lines[line]))
    bench.hold("eta", experiment.design.learning.nudge)
    bias = bench.meter("vdd", "rbias", read=False)
    if bench.needs("bias"):
        bench.place("bias", "bias", {"vdd": bias})
    _cells(bench, gates)
    _others(bench, "update", len(experiment.network.edges) / (gates.count + 2 * len(_DROPPED)))
    _amplifier(bench, "driver", {"in": "m", "out": "odriver"}, experiment.network.sources)
    pins = {**dict.fromkeys(("free", "label", "other", "reference"), "m"), "clamped": "oclamp"}
    pins["eta"] = "eta"
    _amplifier(bench, "clamp", pins, experiment.network.targets)
    bench.probes += [f"i(vm_r{slot})" for slot in ("update", "driver", "clamp", "bias")]
    bench.probes += ["i(venable)", "i(vvlambda)"]
    return bench


def _course(wave: Waveform) -> Waveform | float:
    return wave if len(wave.arguments) > 2 else 0.0  # noqa: PLR2004 - one point: no course


def _cells(bench: Bench, gates: Axis) -> None:
    """Update cells at every gate voltage: no drop, a free drop, a clamped drop."""
    shared = {"vdd": bench.meter("vdd", "rupdate", read=False), "vbias": "bupdate"}
    shared |= {"enable": "enable", "vlambda": "vlambda"}
    places: list[tuple[int, dict[str, str]]] = [(index, {}) for index in range(gates.count)]
    for drop in ({"fa": "hi", "fb": "lo"}, {"ca": "hi", "cb": "lo"}):
        places += [(index, drop) for index in _DROPPED]
    for number, (index, drop) in enumerate(places):
        pins = {**dict.fromkeys(("fa", "fb", "ca", "cb"), "m"), **drop, **shared}
        gate = bench.hold(f"g{number}", float(gates.values[index]))
        bench.place("update", f"update{number}", {**pins, "gate": gate})
        bench.read(f"i(v{gate})")


def _amplifier(bench: Bench, slot: str, pins: dict[str, str], ports: tuple[Port, ...]) -> None:
    rail = bench.meter("vdd", f"r{slot}", read=False)
    bench.place(slot, slot, {**pins, "vdd": rail, "vbias": f"b{slot}"})
    _others(bench, slot, sum(len(port.nodes) for port in ports))


def _others(bench: Bench, slot: str, times: float) -> None:
    """Let the bias line carry a slot's cells so many times."""
    if not bench.experiment.cells[slot].uses("vbias"):
        return
    line = bench.meter("vbias", f"b{slot}", read=False)
    more = Primitive(f"F{slot}", ("vbias", "0"), times - 1.0, control=f"Vm_{line}")
    bench.body.append(more)


def _integrals(time_s: Floats, read: Floats, schedule: Schedule) -> Floats:
    """By presentation: charges, coulombs: into the gates, from the rails, out of the lines.

    A line is billed as a driver on the rail would pay for it: for what leaves it in a step, with
    nothing given back (`learning.measure.ledger`).
    """
    steps = np.diff(time_s)[:, None] * 0.5 * (read[1:] + read[:-1])
    left = np.maximum(-steps[:, -2:], 0.0).sum(axis=1)
    steps = np.column_stack([steps[:, :-2], left])
    flowed = np.vstack([np.zeros(steps.shape[1]), np.cumsum(steps, axis=0)])
    ends = [0.0, *(one.end_s for one in schedule.presentations)]
    at = np.stack([np.interp(ends, time_s, column) for column in flowed.T], axis=1)
    return np.diff(at, axis=0)


class _Model:
    """What tables say of the bench, and what is left over."""

    def __init__(
        self, update: UpdateTables, gates: Axis, over: Range, window_s: float, weight: float
    ) -> None:
        high, low = over.middle_V + 0.5 * over.drop_V, over.middle_V - 0.5 * over.drop_V
        volts, dropped = gates.values, gates.values[list(_DROPPED)]
        self.gates, self.window_s, self._weight = gates, window_s, weight
        pairs = (update.free, update.clamped, update.weighed or update.free)
        self._pulls = np.array(
            [[update.pull(one.gate, high, low, volt) for volt in dropped] for one in pairs]
        )
        self._rest = np.array([value(update.rest, volt) for volt in volts])
        rail = [value(update.rest_rail, volt) for volt in (*volts, *dropped, *dropped)]
        moved = [update.pull(one.rail, high, low, volt) for one in pairs[:2] for volt in dropped]
        self.cells, self.off_A = len(rail), update.off_A
        self.on_A = (sum(rail) + sum(moved)) / len(rail)

    def fit(self, charges_C: Floats) -> tuple[Spline, Spline, Spline]:
        """Charge handed over, and both pairs' lateness, from (n_cell,) charges."""
        still, dropped = charges_C[: self.gates.count], charges_C[self.gates.count :]
        handed = through((self.gates,), still - self._rest * self.window_s)
        free, clamped = dropped.reshape(2, -1) - still[list(_DROPPED)]
        weighed_s = self._weight * self.window_s
        free_s = self.window_s - weighed_s - (free - self._pulls[2] * weighed_s) / self._pulls[0]
        clamped_s = self.window_s - clamped / self._pulls[1]
        volts = self.gates.values[list(_DROPPED)]
        coarse = axis(float(volts[0]), float(volts[-1]), len(volts))
        return handed, through((coarse,), free_s), through((coarse,), clamped_s)


def _extra(
    spent_J: Floats, rest_W: Floats, schedule: Schedule, model: _Model, experiment: Experiment
) -> dict[tuple[bool, bool], Floats]:
    """Energy beyond the tables, by kind: update cell, driver, clamp, bias, control."""
    rail_V, cells = experiment.rail_V, model.cells
    found = {(False, False): np.zeros(5)}
    for kind, row in _KINDS.items():
        shown = schedule.presentations[row]
        lasts_s = shown.end_s - shown.start_s
        on_s = model.window_s if shown.learning else 0.0
        told_J = rail_V * (model.on_A * on_s + model.off_A * (lasts_s - on_s))
        extra = spent_J[row] - rest_W * lasts_s
        extra[0] = spent_J[row, 0] / cells - told_J
        extra[4] = spent_J[row, 4] * len(experiment.network.edges) / cells
        found[kind] = extra
    return found
