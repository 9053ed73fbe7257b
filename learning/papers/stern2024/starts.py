"""Claim (a): where learning starts decides what learning costs and what its solution burns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from learning.arrays import Floats
from learning.benches.keeping import measure_keeping
from learning.design.whole import Design
from learning.errors import LearningError
from learning.experiment.prepare import prepare
from learning.experiment.pretrained import edge_law
from learning.experiment.schedule import presentation_s
from learning.papers.stern2024.data import CellStart, CircuitStart, LinearStart, Starts
from learning.papers.stern2024.scale import TOLERANCE_V2, Scale
from learning.papers.stern2024.setting import paper_setting, train
from learning.studies.single.kept_run import CircuitRun, run_circuit
from learning.twin.cell_network import CellNetwork
from learning.twin.cell_training import CellHistory, CellTraining, Point, train_cells
from learning.twin.edge_law import EdgeLaw
from spice_backend.session.session import Session

STARTS = {
    "uniform low": ("initial.kind=uniform", "initial.gate_V=0.8"),
    "uniform high": ("initial.kind=uniform", "initial.gate_V=1.5"),
    "random": ("initial.kind=random", "initial.gate_V=1.15", "initial.spread_V=0.35"),
    "pretrained": ("initial.kind=pretrained", "initial.gate_V=0.8"),
}
"""Overrides of the circuit's design; the pretrained gates lie about the low level."""

GAIN = 5.4
"""Change of a gate per presentation and square volt, 1/V, of the paper's machine: about 0.4 µA/V²
(the update cell) into 10 pF (the edge cell) for the 134 µs in which the cell acts."""

UPDATE_A_V2 = 4e-7
"""What a bump gives for the square of a drop, amperes per square volt, up to 0.15 V."""

_PAPER = (("uniform low", 0.1), ("uniform high", 10.0))
_PAPER_SHARE = 1e-3
"""The linear twin has learned when the error is this share of the low start's."""

_LINEAR_STEPS, _EVERY = 20_000, 10


def starts(folder: Path, scale: Scale, watch: Callable[[str], None]) -> Starts:
    """Learn to the tolerance from every start, in both twins and in the circuit.

    Args:
        folder: For the circuit's runs.
        scale: How much.
        watch: Told what is done.

    Returns:
        A row per start and trial or seed of each.
    """
    linear = [row for trial in range(scale.trials) for row in _linear(trial, scale.steps)]
    cell, circuit = list[CellStart](), list[CircuitStart]()
    watch("starts: linear twin")
    bench: tuple[EdgeLaw, float] | None = None
    for seed in scale.seeds:
        for name, overrides in STARTS.items():
            stop = (f"learning.tolerance_V2={TOLERANCE_V2}", "schedule.evaluate_every=1")
            design = scale.design(seed, *overrides, *stop)
            bench = bench or _bench(design)
            cell.append(_cell(name, design, *bench))
            place = folder / f"start-{name.replace(' ', '-')}-{seed}"
            run = run_circuit(design, place)
            circuit.append(_circuit(name, run))
            watch(f"starts: {name}, seed {seed}: {run.status}")
    found = (tuple(linear), tuple(cell), tuple(circuit))
    return Starts(scale.name, TOLERANCE_V2, _PAPER_SHARE, *found)


def _linear(trial: int, steps: int) -> list[LinearStart]:
    """The paper's setting from low, high and random conductances, and from what the low learned."""
    setting, n_edge = paper_setting(trial), paper_setting(trial).graph.number_of_edges()
    rng = np.random.default_rng([trial, 1])
    begin: dict[str, Floats | float] = dict(_PAPER)
    begin["random"] = 10.0 ** rng.uniform(-1.0, 1.0, n_edge)
    rows = []
    for name in (*begin, "pretrained"):
        run = train(setting, steps=min(steps, _LINEAR_STEPS), record_every=_EVERY, k0=begin[name])
        if name == "uniform low":
            # what a twin has learned elsewhere, at the low level
            begin["pretrained"] = run.final_k
            blank = run.error[0]
        below = np.flatnonzero(run.error < _PAPER_SHARE * blank)
        if not len(below):
            continue  # this trial's task cannot be learned from this start
        rows.append(
            LinearStart(
                start=name,
                trial=trial,
                steps=int(run.step[below[0]]),
                energy=float(_EVERY * np.sum(run.power[: below[0]])),
                power=float(run.power[below[0]]),
            )
        )
    return rows


def _bench(design: Design) -> tuple[EdgeLaw, float]:
    """The edge's law, and how far a presentation of the first epoch moves a gate, 1/V."""
    experiment = prepare(design)
    with Session(timeout_s=design.simulator.timeout_s) as session:
        law = edge_law(session, experiment)
        if not experiment.architecture.in_turn:
            return law, GAIN
        kept = measure_keeping(session, experiment, np.array(experiment.gates_V))
    if kept is None:
        raise LearningError(
            "a machine of one network with ideal update cells or edges has no gain of its own",
            "cells.update",
            "the cells of regression, or --only circuit, procedure or cost",
        )
    window_s = presentation_s(design.schedule, 0) - design.schedule.settle_s
    return law, UPDATE_A_V2 * window_s / kept.capacitance_F


def _cell(start: str, design: Design, law: EdgeLaw, gain: float) -> CellStart:
    experiment = prepare(design)
    trained = train_cells(
        CellNetwork(experiment.network, law),
        experiment.task.train,
        experiment.gates_V,
        gain=gain,
        nudge=design.learning.nudge,
        epochs=design.schedule.epochs,
        choose=_without_power_term,
        rail_V=experiment.rail_V,
        rng=np.random.default_rng(design.seed),
    )
    point = _first_below(trained)
    return CellStart(
        start=start,
        seed=design.seed,
        epochs=None if point is None else point.epoch,
        network_W=(point or trained.points[-1]).power_W,
        initial_error_V2=trained.points[0].error_V2,
    )


def _without_power_term(_: CellHistory) -> float:
    return 0.0


def _first_below(trained: CellTraining) -> Point | None:
    return next((p for p in trained.points if p.error_V2 <= TOLERANCE_V2), None)


def _circuit(start: str, run: CircuitRun) -> CircuitStart:
    return CircuitStart(
        start=start,
        seed=run.seed,
        reached=run.error_V2 <= TOLERANCE_V2,
        epochs=run.history[-1][0],
        energy_J=run.training_J["total"],
        network_J=run.training_J["network_free"] + run.training_J["network_clamped"],
        network_W=run.network_W,
        initial_error_V2=run.initial_error_V2,
        error_V2=run.error_V2,
    )
