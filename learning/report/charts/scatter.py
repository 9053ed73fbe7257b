"""Predicted against wanted: a point per example and target, on the line when it is right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from learning.arrays import Floats
from learning.report.charts.style import (
    INK,
    LINE,
    TARGET_COLOURS,
    panel,
    place,
    styled,
    svg,
)
from learning.result.result import Predicted, Predictions

_MOST_POINTS = 4000
"""Per set of examples; more would make the page heavy and the picture no clearer."""

_NAMED = 6
"""Targets with a name in the key."""


@styled
def scatter(found: Predictions, *, units: bool) -> str:
    """Draw predicted against wanted.

    Args:
        found: The predictions.
        units: In the table's own units, where it has some; else in volts.

    Returns:
        The figure as an SVG element: filled points were learned from, open ones were held out.
    """
    figure = panel(3.9)
    axes = place(figure, left=0.75, right=0.25, bottom=0.5, top=0.62)
    for shown, held_out in ((found.train, False), (found.test, True)):
        if shown is not None:
            _points(axes, *_values(shown, units=units), held_out=held_out)
    low, high = _limits(found, units=units)
    axes.plot([low, high], [low, high], color=LINE, lw=1.0, zorder=1)
    axes.set_xlim(low, high)
    axes.set_ylim(low, high)
    unit = "" if units else " (V)"
    axes.set_xlabel(f"wanted{unit}")
    axes.set_ylabel(f"predicted{unit}")
    axes.grid(True)
    where = ", in the table's units" if units else ""
    figure.text(0.02, 1 - 0.24 / 3.9, f"Predicted against wanted{where}", weight="bold", size=10)
    figure.legend(
        handles=_key(found), loc="upper left", bbox_to_anchor=(0.1, 1 - 0.3 / 3.9), ncols=4,
        handletextpad=0.2, borderpad=0.1, columnspacing=1.2,
    )  # fmt: skip
    return svg(figure, "units" if units else "volts", "Predicted against wanted")


def _values(shown: Predicted, *, units: bool) -> tuple[Floats, Floats]:
    """Wanted and predicted, (n_example, n_target); of very many examples every so-manieth."""
    wanted, predicted = (
        (shown.wanted, shown.predicted) if units else (shown.wanted_V, shown.predicted_V)
    )
    every = max(1, -(-len(wanted) * len(wanted[0]) // _MOST_POINTS)) if wanted else 1
    return np.array(wanted[::every], dtype=float), np.array(predicted[::every], dtype=float)


def _points(axes: Axes, wanted: Floats, predicted: Floats, *, held_out: bool) -> None:
    for target in range(wanted.shape[1] if wanted.ndim > 1 else 0):
        colour = TARGET_COLOURS[target % len(TARGET_COLOURS)]
        axes.plot(
            wanted[:, target], predicted[:, target], "o", ms=4.5, mec=colour, mew=1.1,
            mfc="white" if held_out else colour, alpha=0.85, zorder=3 if held_out else 2,
        )  # fmt: skip


def _limits(found: Predictions, *, units: bool) -> tuple[float, float]:
    sets = [shown for shown in (found.train, found.test) if shown is not None]
    values = np.concatenate(
        [each.ravel() for shown in sets for each in _values(shown, units=units)] or [np.zeros(1)]
    )
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    margin = 0.06 * ((high - low) or 1.0)
    return low - margin, high + margin


def _key(found: Predictions) -> Sequence[Line2D]:
    marks = [
        _mark(TARGET_COLOURS[index % len(TARGET_COLOURS)], name, filled=True)
        for index, name in enumerate(found.targets[:_NAMED])
    ]
    if len(found.targets) > _NAMED:
        marks.append(_mark("none", f"and {len(found.targets) - _NAMED} more", filled=False))
    return [*marks, _mark(INK, "unseen", filled=False)] if found.test is not None else marks


def _mark(colour: str, label: str, *, filled: bool) -> Line2D:
    face = colour if filled else "white"
    return Line2D([], [], ls="", marker="o", ms=5, mfc=face, mec=colour, label=label)
