"""The trade-off of error against power in the numerical twin: the paper's sweep of λ.

The paper's figures count the edges across a driven source. Such an edge sees the same drop in
both states, whatever the network does: it carries no error signal, and without a power term it
keeps k₀ and burns most of the power. Hence the same sweep three times: with those edges as the
paper has them, with their conductance frozen, and with them removed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from learning.stern2024.setting import ALPHA, BOUNDS, ETA, K0, Setting, paper_setting
from learning.twin.constraint import Floats
from learning.twin.linear import train_linear
from learning.twin.record import Training

SourceEdges: TypeAlias = Literal["included", "frozen", "removed"]

WEIGHTS = (0.0, *(float(f"{weight:.6g}") for weight in np.logspace(-10, -2, 17)))
"""λ = 0, then two per decade from 1e-10 to 1e-2, as in the paper's notebook."""

SLOPE_WINDOW = (1e-9, 1e-7)
"""λ between which the error's slope is read."""

_LEARNED = 1e-10
"""The paper's test that a task was learned: λ = 0 ends below this share of the initial error."""


@dataclass(frozen=True, slots=True, eq=False)
class Tradeoff:
    """A sweep.

    Attributes:
        weights: λ: (n_weight,).
        initial_error: Before training: (n_trial,), V².
        error: After training: (n_trial, n_weight), V².
        power: ½·Σk·ΔV² of the solution: (n_trial, n_weight), watts.
        source_power: The part of it in edges across a source: (n_trial, n_weight), watts.
        steps: Steps of every training.
    """

    weights: Floats
    initial_error: Floats
    error: Floats
    power: Floats
    source_power: Floats
    steps: int

    @property
    def learned(self) -> np.ndarray:
        """Trials that learn their task without a power term, as the paper tests it."""
        return np.asarray(self.error[:, 0] < _LEARNED * self.initial_error)

    @property
    def mean_error(self) -> Floats:
        """Geometric mean of the normalised error over the learned trials: (n_weight,)."""
        tiny = np.finfo(float).tiny
        share = self.error[self.learned] / self.initial_error[self.learned, None]
        return np.asarray(np.exp(np.log(np.maximum(share, tiny)).mean(axis=0)))

    @property
    def mean_power(self) -> Floats:
        """Mean power over the learned trials: (n_weight,), watts."""
        return np.asarray(self.power[self.learned].mean(axis=0))

    def slope(self) -> float:
        """Slope of the mean error over λ on logarithmic axes, within `SLOPE_WINDOW`."""
        low, high = SLOPE_WINDOW
        inside = (self.weights >= 0.99 * low) & (self.weights <= 1.01 * high)
        slope, _ = np.polyfit(np.log(self.weights[inside]), np.log(self.mean_error[inside]), 1)
        return float(slope)

    def jump(self) -> tuple[float, float]:
        """The two neighbouring λ between which the mean error grows most (λ = 0 aside)."""
        growth = np.diff(np.log(self.mean_error[1:]))
        at = 1 + int(np.argmax(growth))
        return float(self.weights[at]), float(self.weights[at + 1])


def sweep(
    *,
    trials: int = 5,
    weights: Sequence[float] = WEIGHTS,
    steps: int = 100_000,
    source_edges: SourceEdges = "included",
    watch: Callable[[str], None] = lambda _: None,
) -> Tradeoff:
    """Train every trial with every λ.

    Args:
        trials: Number of trials.
        weights: λ, zero first.
        steps: Steps of every training.
        source_edges: What becomes of edges across a source.
        watch: Told what is done.

    Returns:
        The sweep.
    """
    rows = []
    for trial in range(trials):
        setting = paper_setting(trial)
        runs = []
        for weight in weights:
            runs.append(_train(setting, weight, steps, source_edges))
            watch(f"twin, source edges {source_edges}: trial {trial}, lambda {weight:g}")
        rows.append([(r.error[0], r.final_error, r.final_power, _source(setting, r)) for r in runs])
    initial, error, power, source = np.array(rows).transpose(2, 0, 1)
    return Tradeoff(np.array(weights), initial[:, 0], error, power, source, steps)


def _train(setting: Setting, weight: float, steps: int, source_edges: SourceEdges) -> Training:
    graph = setting.graph
    low, high = BOUNDS
    if source_edges == "removed":
        graph = graph.copy()
        graph.remove_edges_from(setting.sources)
    across = np.array([edge in setting.sources for edge in graph.edges()])
    frozen = across & (source_edges == "frozen")
    return train_linear(
        graph,
        sources=setting.sources,
        targets=setting.targets,
        ground=setting.ground,
        inputs=setting.inputs,
        labels=setting.labels,
        k0=K0,
        alpha=ALPHA,
        eta=ETA,
        power_weight=weight,
        steps=steps,
        bounds=(np.where(frozen, K0, low), np.where(frozen, K0, high)),
        record_every=max(steps, 1),
    )


def _source(setting: Setting, run: Training) -> float:
    """Power in edges across a source, whose drop is the input itself; none when removed."""
    edges = list(setting.graph.edges())
    if len(run.final_k) < len(edges):
        return 0.0
    k = run.final_k[[edges.index(edge) for edge in setting.sources]]
    return float(0.5 * np.mean(setting.inputs**2 @ k))
