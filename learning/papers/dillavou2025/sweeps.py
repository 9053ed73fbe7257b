"""The sweeps: over the learning rate on every machine, and what suppresses the bias."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from learning.arrays import Floats
from learning.errors import LearningError
from learning.experiment.prepare import prepare
from learning.experiment.pretrained import edge_law
from learning.papers.dillavou2025.alternate import (
    Bias,
    Tasks,
    alternate,
    figures,
    linear_law,
    pulls,
)
from learning.papers.dillavou2025.data import BenchedCell, Row
from learning.papers.dillavou2025.machines import MACHINES, Machine, drawn_offsets
from learning.twin.cell_network import CellNetwork
from spice_backend.session.session import Session

NO_BIAS, DESIGNED, DRAWN = "no bias", "as designed", "draw 1"
CHIPS = (NO_BIAS, DESIGNED, DRAWN)
DRAW = 1

LEAST_TURNS = 12
_NEAR_RAIL = 0.01
"""Of the supply."""

_MOST_HELD = 0.5
"""Share of gates at an end beyond which the linear law says nothing."""

_OPEN = 1e-3
"""An edge with this share of its first conductance counts as open."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Sizes.

    Attributes:
        name: "full" or "short".
        chips: Of every bench.
        rates: 1/V.
        length: Least sum of the rates of all turns, 1/V.
        nudges: η.
        nudge_rate: Rate of the sweep of η, 1/V.
        rests_V: A task that is off by less is not taught.
        anchor_rates: Of ngspice.
        anchor_length: The same sum in ngspice.
    """

    name: str
    chips: int
    rates: tuple[float, ...]
    length: float
    nudges: tuple[float, ...]
    nudge_rate: float
    rests_V: tuple[float, ...]
    anchor_rates: tuple[float, ...]
    anchor_length: float

    def turns(self, rate: float) -> int:
        """How many turns at a rate, an even number."""
        return 2 * max(LEAST_TURNS // 2, int(np.ceil(self.length / rate / 2)))


FULL = Scale(
    name="full",
    chips=6,
    rates=(2.0, 5.0, 10.0, 20.0, 50.0),
    length=600.0,
    nudges=(0.1, 0.2, 0.5, 1.0, 2.0),
    nudge_rate=10.0,
    rests_V=(0.0, 5e-3),
    anchor_rates=(20.0, 50.0),
    anchor_length=300.0,
)

SHORT = Scale(
    name="short",
    chips=3,
    rates=(20.0, 50.0),
    length=100.0,
    nudges=(0.5, 1.0),
    nudge_rate=20.0,
    rests_V=(0.0,),
    anchor_rates=(50.0,),
    anchor_length=100.0,
)


@dataclass(frozen=True, slots=True, eq=False)
class _Stand:
    machine: Machine
    cell: BenchedCell
    tasks: Tasks
    gates_V: Floats

    def bias(self, chip: str) -> Bias:
        n_edge, cell = len(self.gates_V), self.cell
        if chip == NO_BIAS:
            return np.zeros_like
        at = drawn_offsets(cell, n_edge, DRAW) if chip == DRAWN else cell.offset_V2

        def of(gates_V: Floats) -> Floats:
            return np.asarray(at + cell.slope_V2_per_V * (gates_V - cell.gate_V))

        return of

    def row(self, chip: str, rate: float, nudge: float, turns: int, rest_V: float = 0.0) -> Row:
        bias = self.bias(chip)
        course = alternate(
            self.tasks, self.gates_V, bias, rate=rate, nudge=nudge, turns=turns, rest_V=rest_V
        )
        found, last = figures(course, rate), course.gates_V[-2:].mean(axis=0)
        rail_V, floor_V = self.tasks.rail_V, self.tasks.floor_V
        near = np.minimum(last - floor_V, rail_V - last) < _NEAR_RAIL * rail_V
        # a gate at a rail is held there: neither its bias nor its pull moves it
        loose = np.where(near, 0.0, 1.0)
        law = linear_law(pulls(self.tasks, last, nudge) * loose[:, None], bias(last) * loose)
        holds = float(np.mean(near)) <= _MOST_HELD
        return Row(
            machine=self.machine.design,
            chip=chip if not rest_V else f"{chip}, rests below {rest_V * 1e3:g} mV",
            plant="twin",
            nudge=nudge,
            rate_per_V=rate,
            turns=turns,
            cycle_V2=found.cycle_V2,
            shown_V2=found.shown_V2,
            other_V2=found.other_V2,
            drift_V2=found.drift_V2,
            railed=float(np.mean(near)),
            law_cycle_V2=law.cycle_per_rate2_V4 * rate**2 if holds else None,
            law_error_V2=law.error_V2 if holds else None,
        )


def _stand(machine: Machine, cells: tuple[BenchedCell, ...]) -> _Stand:
    experiment = prepare(machine.tasks())
    with Session() as session:
        law = edge_law(session, experiment)
    network, gates = CellNetwork(experiment.network, law), np.array(experiment.gates_V)
    middle_V = float(experiment.task.train.inputs.mean()) / 2
    open_S = _OPEN * law.conductance(np.array([gates.mean()]), middle_V)
    floor_V = float(law.gate_for(open_S, middle_V)[0])
    tasks = Tasks(network, experiment.task.train, experiment.rail_V, floor_V)
    cell = next(c for c in cells if c.machine == machine.design)
    return _Stand(machine, cell, tasks, gates)


def sweep_rates(
    cells: tuple[BenchedCell, ...], scale: Scale, watch: Callable[[str], None]
) -> tuple[Row, ...]:
    """Two tasks in turn over the learning rate, without bias, as designed, and mismatched.

    Args:
        cells: Benched.
        scale: How much.
        watch: Told what is done.

    Returns:
        A row per machine, chip and rate.

    Raises:
        LearningError: When a network has no state.
        SpiceError: When the edge cannot be characterised.
    """
    rows = []
    for machine in MACHINES:
        stand = _stand(machine, cells)
        for chip in CHIPS:
            for rate in scale.rates:
                rows.append(stand.row(chip, rate, machine.nudge, scale.turns(rate)))
                watch(f"{machine.design}, {chip}: {told(rows[-1])}")
    return tuple(rows)


def sweep_nudges(
    cells: tuple[BenchedCell, ...], scale: Scale, watch: Callable[[str], None]
) -> tuple[Row, ...]:
    """The mismatched machines over η, and with update cells that rest while a task is right.

    Args:
        cells: Benched.
        scale: How much.
        watch: Told what is done.

    Returns:
        A row per machine, threshold and η, but for those where the network has no state.

    Raises:
        SpiceError: When the edge cannot be characterised.
    """
    rows, turns = [], scale.turns(scale.nudge_rate)
    for machine in MACHINES:
        stand = _stand(machine, cells)
        for rest_V in scale.rests_V:
            for nudge in scale.nudges:
                try:
                    row = stand.row(DRAWN, scale.nudge_rate, nudge, turns, rest_V)
                except LearningError as error:
                    # gates so far down that nodes float: a point that is not there, and said so
                    watch(f"{machine.design}, η {nudge:g}: left out, {error.message}")
                    continue
                rows.append(row)
                watch(f"{machine.design}, {row.chip}, η {nudge:g}: {told(row)}")
    return tuple(rows)


def told(row: Row) -> str:
    """A row in a line."""
    other = "" if row.other_V2 is None else f", other {row.other_V2:.2g}"
    return (
        f"rate {row.rate_per_V:g}/V: cycle {row.cycle_V2:.2g} V², "
        f"error shown {row.shown_V2:.2g}{other} V²"
    )
