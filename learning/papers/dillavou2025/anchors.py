"""A few points of the sweep in ngspice, the whole machine with every device."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from learning.arrays import Floats
from learning.design.whole import Design
from learning.errors import LearningError
from learning.experiment.prepare import prepare
from learning.papers.dillavou2025.alternate import cycle_V2, drift_V2
from learning.papers.dillavou2025.data import BenchedCell, Row
from learning.papers.dillavou2025.machines import MACHINES, Machine
from learning.papers.dillavou2025.sweeps import DESIGNED, DRAW, DRAWN, LEAST_TURNS, Scale, told
from learning.result.read import load_waveforms
from learning.running.folder import RunFolder
from learning.studies.single.kept_run import run_circuit

_NEAR_RAIL = 0.01


def anchors(
    cells: tuple[BenchedCell, ...], scale: Scale, folder: Path, watch: Callable[[str], None]
) -> tuple[Row, ...]:
    """Play two tasks in turn in ngspice, as designed and mismatched.

    Args:
        cells: Benched; they turn a rate into a time.
        scale: How much.
        folder: For the runs; one that is there from the same design is kept.
        watch: Told what is done.

    Returns:
        A row per machine, chip and rate.

    Raises:
        LearningError: For a design that cannot be run.
        SpiceError: When the simulator failed.
    """
    rows = []
    for machine in MACHINES:
        cell = next(c for c in cells if c.machine == machine.design)
        for rate in scale.anchor_rates:
            for chip in (DESIGNED, DRAWN):
                rows.append(_anchor(machine, cell, rate, chip, scale, folder))
                watch(f"ngspice: {machine.design}, {chip}: {told(rows[-1])}")
    return tuple(rows)


def _anchor(
    machine: Machine, cell: BenchedCell, rate: float, chip: str, scale: Scale, folder: Path
) -> Row:
    cycles = max(LEAST_TURNS // 2, int(np.ceil(scale.anchor_length / rate / 2)))
    window_s = rate * cell.capacitance_F / cell.gain_A_per_V2
    design = _design(machine, chip, cycles, window_s)
    run = folder / f"{machine.design}-{rate:g}-{chip.replace(' ', '-')}"
    run_circuit(design, run)
    experiment = prepare(design)
    course = load_waveforms(RunFolder(run).waveforms)
    gates: Floats = course["course_gates"].to_numpy()
    outputs: Floats = course["course_outputs"].to_numpy()
    turns = 2 * cycles
    if len(gates) != turns + 4:
        raise LearningError(
            f"the run has {len(gates)} presentations, not {turns + 4}", str(run), "another folder"
        )
    begin, end = 2 + turns // 2, 2 + turns
    # an evaluation, task by task, follows the last turn, which is the second task's; outputs at
    # the ends of turns would not do: in turn, or at an edge of enable, they are not free ones
    other, shown = (outputs[-2:] - experiment.task.train.labels)[:, 0]
    last, rail_V = gates[end - 1], experiment.rail_V
    half = gates[begin:end]
    near = np.minimum(last, rail_V - last) < _NEAR_RAIL * rail_V
    return Row(
        machine=machine.design,
        chip=chip,
        plant="ngspice",
        nudge=machine.nudge,
        rate_per_V=rate,
        turns=turns,
        cycle_V2=cycle_V2(half),
        shown_V2=float(shown**2),
        other_V2=float(other**2),
        drift_V2=drift_V2(half, rate),
        railed=float(np.mean(near)),
    )


def _design(machine: Machine, chip: str, cycles: int, window_s: float) -> Design:
    mismatch = ("variation.mismatch=true", f"variation.draw={DRAW}") if chip == DRAWN else ()
    schedule = machine.tasks().schedule
    window = (
        f"schedule.windows_s=[{window_s!r}]"
        if schedule.windows_s
        else f"schedule.presentation_s={schedule.settle_s + window_s!r}"
    )
    every = (f"schedule.epochs={cycles}", f"schedule.evaluate_every={cycles}")
    return machine.tasks("measure.audit=false", window, *every, *mismatch)
