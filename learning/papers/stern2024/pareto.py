"""Claims (b) and (c) in transistors: the sweep of λ, and the procedure that needs no sweep."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from learning.papers.stern2024.data import Fixed, Procedure, RunRow
from learning.papers.stern2024.scale import TOLERANCE_V2, Scale
from learning.running.least_power import LeastPower
from learning.studies.single.kept_run import CircuitRun, run_circuit


def fixed(folder: Path, scale: Scale, watch: Callable[[str], None]) -> Fixed:
    """Run the circuit with every λ and every seed.

    Args:
        folder: For the runs.
        scale: How much.
        watch: Told what is done.

    Returns:
        A row per run.
    """
    rows = []
    for weight in scale.circuit_weights:
        for seed in scale.seeds:
            design = scale.design(seed, f"learning.power_weight={weight}")
            run = run_circuit(design, folder / f"fixed-{weight:g}-{seed}")
            rows.append(row(run))
            watch(f"circuit: lambda {weight:g}, seed {seed}: error {run.error_V2:.3g} V²")
    return Fixed(scale.name, TOLERANCE_V2, tuple(rows))


def procedure(folder: Path, scale: Scale, watch: Callable[[str], None]) -> Procedure:
    """Let the circuit choose λ for itself from the same starts, and compare with the sweep.

    Args:
        folder: For the runs; the sweep's are read or made there too.
        scale: How much.
        watch: Told what is done.

    Returns:
        Runs of the procedure, without a power term, and with the best fixed λ.
    """
    swept = fixed(folder, scale, watch).runs
    rows = []
    for seed in scale.seeds:
        design = scale.design(seed, "schedule.evaluate_every=1")
        rule = LeastPower(TOLERANCE_V2, scale.epochs)
        run = run_circuit(design, folder / f"procedure-{seed}", rule)
        rows.append(replace(row(run), history=run.history, power_weights=run.power_weights))
        watch(f"procedure: seed {seed}: error {run.error_V2:.3g} V²")
    return Procedure(
        scale=scale.name,
        tolerance_V2=TOLERANCE_V2,
        runs=tuple(rows),
        without=tuple(r for r in swept if r.weight == 0.0),
        best={str(seed): _best(swept, seed) for seed in scale.seeds},
        best_for_all=_best_for_all(swept, scale),
    )


def row(run: CircuitRun) -> RunRow:
    """What the figures need of a run."""
    return RunRow(
        weight=run.weight,
        seed=run.seed,
        initial_error_V2=run.initial_error_V2,
        error_V2=run.error_V2,
        network_W=run.network_W,
        query_W=dict(run.query_W),
        query_J=run.query_J,
        settling_s=run.settling_s,
        training_W=dict(run.training_W),
        training_J=dict(run.training_J),
        simulated_s=run.simulated_s,
    )


def _best(swept: Sequence[RunRow], seed: int) -> RunRow | None:
    """The run of a seed with the least network power among those under the tolerance."""
    good = [r for r in swept if r.seed == seed and r.error_V2 <= TOLERANCE_V2]
    return min(good, key=lambda r: r.network_W, default=None)


def _best_for_all(swept: Sequence[RunRow], scale: Scale) -> float | None:
    """The largest λ under which every seed ends below the tolerance."""
    worst = {
        weight: max(r.error_V2 for r in swept if r.weight == weight)
        for weight in scale.circuit_weights
    }
    return max((w for w, error in worst.items() if error <= TOLERANCE_V2), default=None)
