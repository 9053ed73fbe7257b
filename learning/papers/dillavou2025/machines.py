"""The machines under test, and the bias of their update cells from the bench of the real cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from learning.arrays import Floats
from learning.benches.measured import Measured
from learning.design.read import find_design, load_design
from learning.design.whole import Design
from learning.errors import LearningError
from learning.papers.dillavou2025.data import BenchedCell
from learning.studies.single.cell_bench import bench

BENCH_GATE_V = 1.2
"""Where the bench holds a gate when it asks for the offset."""

SEED = 16
"""Draws two tasks whose labels differ by 57 mV."""

_TASKS = ("task.examples=2", "schedule.order=cyclic", "learning.tolerance_V2=0.0")


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine under test.

    Attributes:
        design: Shipped.
        words: For readers.
        cell: Its update cell.
        process: Device models.
        nudge: η.
    """

    design: str
    words: str
    cell: str
    process: str
    nudge: float

    def tasks(self, *overrides: str) -> Design:
        """The design with two tasks that are shown in turn.

        Args:
            overrides: Further keys, as on the command line.

        Returns:
            The design.

        Raises:
            LearningError: For a key that does not fit.
        """
        return load_design(find_design(self.design), (*_TASKS, *overrides), SEED)


MACHINES = (
    Machine("board_transistors", "the transistor board", "update_multiplier_macro", "ald1106", 0.5),
    Machine("regression_twin", "first generation, bump pair", "update", "generic180", 0.5),
    Machine("regression", "second generation, memory", "update_memory", "generic180", 1.0),
)


def bench_cell(machine: Machine, chips: int, watch: Callable[[str], None]) -> BenchedCell:
    """Measure a machine's update cell, as designed and on chips whose devices differ.

    Args:
        machine: Which.
        chips: How many.
        watch: Told what is done.

    Returns:
        Its gain and bias.

    Raises:
        LearningError: When the cell cannot be measured.
        SpiceError: When the simulator cannot do it.
    """
    found = bench(machine.cell, process=machine.process, mismatch=chips).found
    nominal, *drawn = found
    gain = _of(nominal, "gain_A_per_V2")
    cell = BenchedCell(
        machine=machine.design,
        cell=machine.cell,
        process=machine.process,
        gain_A_per_V2=gain,
        capacitance_F=_of(nominal, "capacitance_F"),
        offset_V2=_of(nominal, "offset_A") / gain,
        slope_V2_per_V=_of(nominal, "offset_gate_A_per_V") / gain,
        gate_V=BENCH_GATE_V,
        chip_offsets_V2=tuple(_of(m, "offset_A") / _of(m, "gain_A_per_V2") for m in drawn),
    )
    spread = np.std(cell.chip_offsets_V2)
    watch(f"{machine.cell}: bias {cell.offset_V2:.2g} V² as designed, spread {spread:.2g} V²")
    return cell


def _of(found: Measured, figure: str) -> float:
    value = found.value(figure)
    if value is None:
        raise LearningError(f"the bench has no figure {figure}", "bench", "an update cell's bench")
    return value


def drawn_offsets(cell: BenchedCell, n_edge: int, draw: int) -> Floats:
    """A bias for every edge, as widely spread as the benched chips.

    Args:
        cell: Benched.
        n_edge: How many.
        draw: Which chip.

    Returns:
        (n_edge,), square volts.
    """
    chips = np.array(cell.chip_offsets_V2)
    rng = np.random.default_rng([draw, n_edge])
    return np.asarray(rng.normal(chips.mean(), chips.std(ddof=1), n_edge))
