"""Benches for cells that act in phases: the machine's own bias cell and sequencer on a schedule.

What a cell that samples does cannot be found by a sweep through operating points. It stands beside
the real sequencer, which plays presentations on the schedule's own lines, and what it moves is
collected presentation by presentation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from learning.arrays import Floats
from learning.experiment.experiment import Experiment
from learning.experiment.lines import control_lines
from learning.experiment.schedule import Presentation, Schedule, clk_edges_s, longest_s
from learning.fidelity.accelerated.bench import Bench
from learning.tasks.examples import Examples
from netlist.circuit import Primitive, Waveform, tick
from netlist.machine import names
from netlist.parts.variation import Moved
from spice_backend.session.session import Session

OPTIONS = ("trtol=3",)
"""Those of every run: charges at the edges of phases depend on the simulator's steps, and a run is
compared with ngspice at these."""

_SHARED = ("bias", "sequencer")


@dataclass(frozen=True, slots=True)
class Shown:
    """A presentation on a bench.

    Attributes:
        window_s: How long its second part is; 0 for one in which nothing learns.
        first: Whether training begins with it.
        pause_s: Its length where nothing learns.
    """

    window_s: float = 0.0
    first: bool = False
    pause_s: float = 0.0


def lay_out(experiment: Experiment, shown: Sequence[Shown]) -> Schedule:
    """The schedule of a bench.

    Args:
        experiment: The machine.
        shown: What is shown.

    Returns:
        Presentations without gaps, from time zero.
    """
    spec, now_s = experiment.design.schedule, 0.0
    made: list[Presentation] = []
    for index, one in enumerate(shown):
        learning = one.window_s > 0.0
        warm_s = spec.warm_up_s if one.first else 0.0
        lasts_s = warm_s + spec.settle_s + one.window_s if learning else one.pause_s
        until_s = tick(now_s + lasts_s)
        made.append(Presentation(index, now_s, until_s, 0, 0, learning, warm_up_s=warm_s))
        now_s = until_s
    return Schedule(tuple(made), now_s)


def window_s(experiment: Experiment, presentation: Presentation) -> tuple[float, float]:
    """When one network is clamped in a presentation: ``clk`` above half the rail.

    Args:
        experiment: The machine.
        presentation: A training presentation.

    Returns:
        Begin and end, seconds.
    """
    spec = experiment.design.schedule
    rise_s, fall_s = clk_edges_s(spec)
    return presentation.acts_s(spec) + 0.5 * rise_s, presentation.end_s - 0.5 * fall_s


@dataclass(slots=True)
class PhasedBench:
    """A bench with the shared cells of a machine on it, and a schedule.

    Attributes:
        bench: The bench.
        schedule: What its lines play.
        times: By slot of update, driver and clamp: how many cells of the machine one on the bench
            stands for, in what the shared lines carry.
    """

    bench: Bench
    schedule: Schedule
    times: dict[str, float] = field(default_factory=dict)

    def carry(self, slot: str, times: float) -> dict[str, str]:
        """Nets for the lines a slot's cells ask for, which then weigh on the lines so many times.

        Args:
            slot: Its name.
            times: How many cells each on the bench stands for.

        Returns:
            By pin.
        """
        cells, nets = self.bench.experiment.cells, {}
        offered = [line for slot in _SHARED if slot in cells for line in cells[slot].offers]
        for line in (one for one in offered if cells[slot].uses(one)):
            net = f"{line}_{slot}"
            nets[line] = self.bench.meter(line, net, read=False)
            more = Primitive(f"F{net}", (line, "0"), times - 1.0, control=f"Vm_{net}")
            self.bench.body.append(more)
        return nets

    def run(
        self, session: Session, step_s: float | None = None, options: Iterable[str] = OPTIONS
    ) -> tuple[Floats, Floats]:
        """Let the schedule pass: time and what was read, as `Bench.transient`."""
        longest = longest_s(self.bench.experiment.design.schedule)
        return self.bench.transient(
            session, self.schedule.stop_s, step_s or 0.25 * longest, options
        )


def phased(
    experiment: Experiment, shown: Sequence[Shown], moved: Moved | None = None
) -> PhasedBench:
    """A bench on which the shared cells play a schedule.

    Args:
        experiment: The machine.
        shown: What is shown.
        moved: Devices that are off their nominal.

    Returns:
        The bench: nets ``vdd``, every line the shared cells offer, ``clk``, ``run``, ``enable`` and
        ``vlambda``; ammeters ``vm_rbias`` and ``vm_rsequencer`` lead to their rails.
    """
    schedule, bench = lay_out(experiment, shown), Bench(experiment, moved=moved)
    nothing = Examples(np.zeros((1, 1)), np.zeros((1, 1)))
    lines = control_lines(schedule, nothing, experiment.design.schedule, rail_V=experiment.rail_V)
    bench.hold("vdd", experiment.rail_V)
    bench.hold("eta", experiment.design.learning.nudge)
    clocks = (names.CLK, names.RUN, names.ENABLE, names.VLAMBDA)
    for line in clocks:
        wave = lines[line]
        bench.hold(line, wave if len(wave.arguments) > 2 else 0.0)  # noqa: PLR2004 - one point
    for slot in _SHARED:
        if bench.needs(slot):
            rail = bench.meter("vdd", f"r{slot}", read=False)
            bench.place(slot, slot, {line: line for line in clocks} | {"vdd": rail})
    return PhasedBench(bench, schedule)


def course(points: Iterable[tuple[float, float]]) -> Waveform:
    """A line through points (seconds, volts)."""
    return Waveform("PWL", tuple(float(number) for point in points for number in point))


def stairs(start_s: float, values: Floats, hold_s: float, before_V: float) -> Waveform:
    """A level per value, each reached in a fifth of the time it lasts."""
    points, last = [(0.0, before_V)], before_V
    for index, value in enumerate(values.tolist()):
        at_s = start_s + index * hold_s
        points += [(at_s, last), (at_s + 0.2 * hold_s, value)]
        last = value
    return course(points)


def read_stairs(time_s: Floats, read: Floats, start_s: float, count: int, hold_s: float) -> Floats:
    """What was read at the end of every level: (count, n_probe)."""
    at_s = start_s + (np.arange(count) + 0.97) * hold_s
    return np.stack([np.interp(at_s, time_s, one) for one in read.T], axis=1)


def collected(time_s: Floats, read: Floats, schedule: Schedule) -> Floats:
    """Integrals of what was read over every presentation: (n_presentation, n_probe)."""
    steps = np.diff(time_s)[:, None] * 0.5 * (read[1:] + read[:-1])
    flowed = np.vstack([np.zeros(read.shape[1]), np.cumsum(steps, axis=0)])
    ends = [0.0, *(one.end_s for one in schedule.presentations)]
    at = np.stack([np.interp(ends, time_s, column) for column in flowed.T], axis=1)
    return np.asarray(np.diff(at, axis=0))
