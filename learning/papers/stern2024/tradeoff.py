"""The trade-off of error against power in the numerical twin: the paper's sweep of λ.

The paper's figures count the edges across a driven source. Such an edge sees the same drop in
both states, whatever the network does: it carries no error signal, and without a power term it
keeps k₀ and burns most of the power. Hence the same sweep three times: with those edges as the
paper has them, with their conductance frozen, and with them removed. A fourth sweep, on networks
drawn anew, tells what is the paper's five trials' own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from learning.arrays import Floats
from learning.errors import LearningError
from learning.papers.stern2024.data import Swept, Tradeoff
from learning.papers.stern2024.scale import WEIGHTS, Scale
from learning.papers.stern2024.setting import (
    BOUNDS,
    K0,
    Setting,
    drawn_setting,
    paper_setting,
    train,
)
from learning.twin.training import Training

SourceEdges: TypeAlias = Literal["included", "frozen", "removed"]

SLOPE_WINDOW = (1e-9, 1e-7)
"""λ between which the error's slope is read."""


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """A sweep over the trials that learn their task without a power term.

    Attributes:
        weights: λ, zero first: (n_weight,).
        trials: Numbers of the trials: (n_trial,).
        left_out: Numbers of the trials that did not learn at λ = 0.
        error: After training, as a share of the error before: (n_trial, n_weight).
        power: ½·Σk·ΔV² of the solution: (n_trial, n_weight), watts.
        source_power: The part of it in edges across a source: (n_trial, n_weight), watts.
        steps: Steps of every training.
    """

    weights: Floats
    trials: tuple[int, ...]
    left_out: tuple[int, ...]
    error: Floats
    power: Floats
    source_power: Floats
    steps: int

    @property
    def mean_error(self) -> Floats:
        """Geometric mean of the error over the trials: (n_weight,)."""
        tiny = np.finfo(float).tiny
        return np.asarray(np.exp(np.log(np.maximum(self.error, tiny)).mean(axis=0)))

    def slopes(self) -> Floats:
        """Every trial's slope of error over λ on logarithmic axes, within `SLOPE_WINDOW`."""
        inside = self._window()
        return np.array([_slope(self.weights[inside], row[inside]) for row in self.error])

    def slope(self) -> float:
        """The mean error's slope over λ on logarithmic axes, within `SLOPE_WINDOW`."""
        inside = self._window()
        return _slope(self.weights[inside], self.mean_error[inside])

    def jump(self) -> tuple[float, float]:
        """The two neighbouring λ between which the mean error grows most (λ = 0 aside)."""
        at = 1 + int(np.argmax(np.diff(np.log(self.mean_error[1:]))))
        return float(self.weights[at]), float(self.weights[at + 1])

    def swept(self) -> Swept:
        """The sweep as the page needs it."""
        return Swept(
            weights=_row(self.weights),
            trials=self.trials,
            left_out=self.left_out,
            steps=self.steps,
            error=_rows(self.error),
            power=_rows(self.power),
            source_power=_rows(self.source_power),
            mean_error=_row(self.mean_error),
            mean_power=_row(self.power.mean(axis=0)),
            mean_source_power=_row(self.source_power.mean(axis=0)),
            slope=self.slope(),
            slopes=_row(self.slopes()),
            jump=self.jump(),
        )

    def _window(self) -> NDArray[np.bool_]:
        low, high = SLOPE_WINDOW
        return np.asarray((self.weights >= 0.99 * low) & (self.weights <= 1.01 * high))


def _row(values: Floats) -> tuple[float, ...]:
    return tuple(values.tolist())


def _rows(values: Floats) -> tuple[tuple[float, ...], ...]:
    return tuple(_row(row) for row in values)


def _slope(weights: Floats, errors: Floats) -> float:
    slope, _ = np.polyfit(np.log(weights), np.log(errors), 1)
    return float(slope)


def sweep(
    trials: int,
    weights: Sequence[float] = WEIGHTS,
    steps: int = 100_000,
    source_edges: SourceEdges = "included",
    learned: float = 1e-10,
    watch: Callable[[str], None] = lambda _: None,
    draw: Callable[[int], Setting] = paper_setting,
) -> Sweep:
    """Train every trial with every λ.

    Args:
        trials: Number of trials to draw.
        weights: λ, zero first.
        steps: Steps of every training.
        source_edges: What becomes of edges across a source.
        learned: A trial counts when λ = 0 ends below this share of its initial error.
        watch: Told what is done.
        draw: Gives the trial of a number.

    Returns:
        The sweep.

    Raises:
        LearningError: When no trial learns its task.
    """
    kept, left_out, rows = list[int](), list[int](), []
    for trial in range(trials):
        setting = draw(trial)
        plain = _train(setting, weights[0], steps, source_edges)
        if plain.final_error > learned * plain.error[0]:
            left_out.append(trial)
            continue
        runs = [plain, *(_train(setting, w, steps, source_edges) for w in weights[1:])]
        kept.append(trial)
        rows.append(
            [(r.final_error / r.error[0], r.final_power, _source(setting, r)) for r in runs]
        )
        watch(f"twin, source edges {source_edges}: trial {trial}")
    if not rows:
        raise LearningError(
            f"none of {trials} trials learns its task in {steps} steps",
            "trials",
            "more trials or more steps",
        )
    error, power, source = np.array(rows).transpose(2, 0, 1)
    return Sweep(np.array(weights), tuple(kept), tuple(left_out), error, power, source, steps)


def tradeoff(folder: Path, scale: Scale, watch: Callable[[str], None]) -> Tradeoff:
    """The sweep with edges across a source included, frozen and removed.

    Args:
        folder: Unused: the twin keeps nothing between runs.
        scale: How much.
        watch: Told what is done.

    Returns:
        A sweep per way, and one on networks drawn anew.
    """
    del folder
    kinds: tuple[SourceEdges, ...] = ("included", "frozen", "removed")
    size = (scale.twin_weights, scale.steps)
    sweeps = {kind: sweep(scale.trials, *size, kind, scale.learned, watch) for kind in kinds}
    drawn = sweep(scale.drawn_trials, *size, "included", scale.learned, watch, drawn_setting)
    swept: dict[str, Swept] = {kind: found.swept() for kind, found in sweeps.items()}
    return Tradeoff(scale.name, swept, drawn.swept())


def _train(setting: Setting, weight: float, steps: int, source_edges: SourceEdges) -> Training:
    low, high = BOUNDS
    if source_edges == "removed":
        graph = setting.graph.copy()
        graph.remove_edges_from(setting.sources)
        setting = replace(setting, graph=graph)
    across = np.array([edge in setting.sources for edge in setting.graph.edges()])
    frozen = across & (source_edges == "frozen")
    return train(
        setting,
        steps=steps,
        record_every=max(steps, 1),
        power_weight=weight,
        bounds=(np.where(frozen, K0, low), np.where(frozen, K0, high)),
    )


def _source(setting: Setting, run: Training) -> float:
    """Power in edges across a source, whose drop is the input itself; none when removed."""
    edges = list(setting.graph.edges())
    if len(run.final_k) < len(edges):
        return 0.0
    k = run.final_k[[edges.index(edge) for edge in setting.sources]]
    return float(0.5 * np.mean(setting.inputs**2 @ k))
