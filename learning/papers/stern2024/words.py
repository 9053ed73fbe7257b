"""What the reproduction found, in sentences made from its data alone."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from learning.papers.stern2024.data import Cost, Fixed, Procedure, Starts, Swept, Tradeoff
from learning.papers.stern2024.payback import (
    ALL_SUPPLIED,
    CLAMP_OFF,
    IDEAL,
    PUSH_PULL,
    UPDATE_OFF,
    CostSummary,
    following,
    summary,
)

_LOST_V = 0.05
"""A gate that moved this far has forgotten what it learned, volts."""


def tradeoff(data: Tradeoff) -> list[str]:
    """Claim (b) in the numerical twin."""
    sentences = [
        f"Edges across a source {kind}: {_swept(sweep)}" for kind, sweep in data.sweeps.items()
    ]
    sentences.append(f"Other networks of the same size, drawn anew: {_swept(data.drawn)}")
    return sentences


def _swept(sweep: Swept) -> str:
    low, high = sweep.jump
    slopes = sweep.slopes
    return (
        f"the error's slope between λ = 1e-9 and 1e-7 is {sweep.slope:.2f} "
        f"({min(slopes):.2f} to {max(slopes):.2f} in single trials); it grows most between "
        f"λ = {low:.2g} and {high:.2g}. The power falls from {sweep.mean_power[0]:.3f} at "
        f"λ = 0 ({sweep.mean_source_power[0]:.3f} of it in edges across a source) to "
        f"{_at(sweep, 1e-5):.3f} at 1e-5 and {_at(sweep, 1e-4):.4f} at 1e-4. "
        f"{len(sweep.trials)} of {len(sweep.trials) + len(sweep.left_out)} trials learn "
        f"their task without λ and are counted; {sweep.steps} steps."
    )


def starts(data: Starts) -> list[str]:
    """Claim (a)."""
    sentences = []
    for name in dict.fromkeys(r.start for r in data.circuit):
        linear = [r for r in data.linear if r.start == name]
        cell = [r for r in data.cell if r.start == name]
        circuit = [r for r in data.circuit if r.start == name]
        reached = [r for r in circuit if r.reached]
        epochs = [r.epochs for r in cell if r.epochs is not None]
        learned = f"{np.mean(epochs):.1f} epochs" if epochs else "above the tolerance"
        twin = f"power {_mean(r.power for r in linear):.3g}" if linear else "not learned"
        sentences.append(
            f"{name}: linear twin: {twin}; characterised twin: {learned}, "
            f"{_mean(r.network_W for r in cell) * 1e6:.3f} µW; circuit: {len(reached)} of "
            f"{len(circuit)} reach the tolerance after {_mean(r.epochs for r in circuit):.1f} "
            f"epochs and {_mean(r.energy_J for r in circuit) * 1e9:.1f} nJ in all, network power "
            f"{_mean(r.network_W for r in circuit) * 1e6:.3f} µW, error before learning "
            f"{_mean(r.initial_error_V2 for r in circuit):.2g} V²."
        )
    return sentences


def circuit(data: Fixed) -> list[str]:
    """Claim (b) in transistors."""
    sentences = []
    for weight in dict.fromkeys(r.weight for r in data.runs):
        rows = [r for r in data.runs if r.weight == weight]
        totals = [r.query_W["total"] for r in rows]
        sentences.append(
            f"λ = {weight:g}: error {_mean(r.error_V2 for r in rows):.2e} V² "
            f"({min(r.error_V2 for r in rows):.1e} to {max(r.error_V2 for r in rows):.1e}), "
            f"network {_mean(r.network_W for r in rows) * 1e6:.3f} µW, everything "
            f"{np.mean(totals) * 1e6:.2f} µW while answering, "
            f"{np.mean([r.training_W['total'] for r in rows]) * 1e6:.2f} µW while learning."
        )
    return sentences


def procedure(data: Procedure) -> list[str]:
    """Claim (c)."""
    tolerance = data.tolerance_V2
    under = [r for r in data.runs if r.error_V2 <= tolerance]
    ratios = []
    lines = []
    for run in data.runs:
        plain = next(r for r in data.without if r.seed == run.seed)
        best = data.best[str(run.seed)]
        ratio = plain.network_W / run.network_W
        ratios.append(ratio)
        rival = (
            f"; best fixed λ for this seed {best.weight:g}: {best.network_W * 1e6:.3f} µW "
            f"at {best.error_V2:.2e} V²"
            if best
            else "; no fixed λ of the sweep ends under the tolerance"
        )
        lines.append(
            f"Seed {run.seed}: error {run.error_V2:.2e} V², network "
            f"{run.network_W * 1e6:.3f} µW, {ratio:.1f} times less than without λ{rival}."
        )
    shared = data.best_for_all
    return [
        f"{len(under)} of {len(data.runs)} seeds end under {tolerance:g} V², with "
        f"{min(ratios):.1f} to {max(ratios):.1f} times less network power than λ = 0 from the "
        "same start. "
        + (
            f"The largest swept λ that keeps every seed under the tolerance is {shared:g}."
            if shared is not None
            else "No swept λ keeps every seed under the tolerance."
        ),
        *lines,
    ]


def cost(data: Cost) -> list[str]:
    """The question left open."""
    s = summary(data)
    plain, on = s.plain, s.plain.modes_W[ALL_SUPPLIED]
    off = plain.modes_W[CLAMP_OFF]
    change_nW = -s.saved_total_W * 1e9
    drivers_uW = s.saving.modes_W[ALL_SUPPLIED]["drivers"] - on["drivers"]
    lost_V = _gate_change(data)
    fate = "destroys the weights" if lost_V > _LOST_V else "keeps the weights"
    network, total = _after(s.break_even.network), _after(s.break_even.total)
    saving = (
        f"Learning with the procedure takes {s.saved_network_W * 1e6:.3f} µW off the free "
        f"network's {plain.network_W * 1e6:.3f} µW, and changes what the whole machine draws "
        f"while it answers, {on['total'] * 1e6:.2f} µW, by {change_nW:+.1f} nW. "
        + (
            f"The drivers are class A: their own power changes by {drivers_uW * 1e6:+.3f} µW, for "
            "they burn what the networks do not take."
            if PUSH_PULL in plain.modes_W
            else f"The drivers' own power changes by {drivers_uW * 1e6:+.3f} µW."
        )
    )
    payback = (
        f"A query takes {s.query_s * 1e6:.2g} µs; the extra training costs "
        f"{s.extra_training_J * 1e9:.0f} nJ. Counted on the free network alone it is paid back "
        f"{network}; counted on everything, {total}. The weights, which are charges, "
        f"last {s.saving.lasts_s * 1e3:.0f} ms or {s.queries_remembered:.2g} queries."
    )
    edge = (
        f"An update cell takes {s.update_per_edge_learning_W * 1e6:.2f} µW per edge while it "
        f"learns and {s.update_per_edge_idle_W * 1e9:.2f} nW disabled; the network takes "
        f"{s.network_per_edge_W * 1e9:.0f} nW per edge, {s.network_share_of_query:.1%} of a "
        "query's power."
    )
    gated = (
        f"Switching the nudge amplifiers off leaves {off['total'] * 1e6:.2f} µW and an error of "
        f"{_mode_error(data, CLAMP_OFF):.2e} V² (before: "
        f"{_mode_error(data, ALL_SUPPLIED):.2e}). Switching the update cells off as well saves "
        f"{on['update'] * 1e9:.0f} nW and {fate} (a gate moves by up to {lost_V:.2g} V within the "
        "queries): the cell's P-MOS drain sits on the gate, and conducts once its rail is lower."
    )
    switched = (
        f"Drivers and bias switched on for each query answer after {plain.switched_s * 1e6:.2g} "
        f"µs and spend {plain.switched_J['total'] * 1e12:.0f} pJ, which pays below "
        f"{s.switching_pays_below_per_s:.2g} queries per second."
    )
    return [saving, payback, edge, gated, *_with_other_drivers(s), switched]


def _with_other_drivers(s: CostSummary) -> list[str]:
    plain_W = s.plain.modes_W
    ideal, push_pull = (
        tuple(network.modes_W[mode]["total"] * 1e6 for network in (s.plain, s.saving))
        for mode in (IDEAL, following(plain_W))
    )
    others, class_a = "its own drivers", ""
    if PUSH_PULL in plain_W:
        others = "push-pull drivers (driver_ab, in transistors)"
        class_a = f", where class-A drivers draw {plain_W[CLAMP_OFF]['total'] * 1e6:.2f} µW,"
    follow = (
        f"With {others} and the nudge amplifiers off, the answering machine draws "
        f"{push_pull[0]:.2f} µW at λ = 0{class_a} and {push_pull[1]:.2f} µW after the "
        f"procedure, whose extra training is then paid back {_after(s.break_even.push_pull)}."
    )
    perfect = (
        f"With ideal class-B drivers (a baseline, not a circuit) the answering machine would draw "
        f"{ideal[0]:.2f} µW at λ = 0 and {ideal[1]:.2f} µW after the procedure, whose "
        f"extra training is then paid back {_after(s.break_even.ideal)}."
    )
    return [follow, perfect]


def _at(sweep: Swept, weight: float) -> float:
    at = int(np.argmin(np.abs(np.array(sweep.weights) - weight)))
    return float(sweep.mean_power[at])


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return float(np.mean(found)) if found else float("nan")


def _after(queries: float | None) -> str:
    return "never" if queries is None else f"after {queries:.2g} queries"


def _mode_error(data: Cost, mode: str) -> float:
    return _mean(n.plain.modes[mode].error_V2 for n in data.networks)


def _gate_change(data: Cost) -> float:
    return _mean(n.plain.modes[UPDATE_OFF].gate_change_V for n in data.networks)
