"""The learning curve: the error against epochs on a logarithmic axis."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from learning.arrays import Floats
from learning.report.charts.style import BACKDROP, BLUE, panel, place, styled, svg
from learning.report.quantity import power_of_ten, scientific
from learning.result.result import ErrorCourse

_MARKED_POINTS = 60
"""With more points the line alone is the better picture."""

_NARROW = 1.0
"""Errors within so many decades need ticks between the powers of ten."""


@styled
def learning_curve(error: ErrorCourse) -> str:
    """Draw the error against epochs.

    Args:
        error: Every evaluation, and the error before learning, V².

    Returns:
        The figure as an SVG element.
    """
    points = [(float(mark.epoch), mark.error_V2) for mark in error.history]
    if not points or points[0][0] > 0:
        points.insert(0, (0.0, error.initial))
    epochs, errors = np.array(points).T
    drawn = np.isfinite(errors) & (errors > 0)
    figure = panel(3.1)
    axes = place(figure, left=0.8, right=0.2, bottom=0.46, top=0.34)
    marker = "o" if len(points) <= _MARKED_POINTS else None
    axes.plot(epochs[drawn], errors[drawn], color=BLUE, lw=2, marker=marker, ms=4)
    axes.set_xlim(0, max(float(epochs.max()), 1.0) * 1.03)
    _log_axis(axes, errors[drawn])
    axes.set_xlabel("epoch")
    axes.set_ylabel("error (V²)")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(True, which="major")
    axes.set_title("Error in the free state, learning off", pad=9)
    for index in sorted({0, len(points) - 1}):
        if drawn[index]:
            _mark(axes, float(epochs[index]), float(errors[index]), last=index > 0)
    return svg(figure, "learning-curve", "Error against epochs")


def _log_axis(axes: Axes, values: Floats) -> None:
    if not len(values):
        return
    axes.set_yscale("log")
    low, high = math.log10(values.min()), math.log10(values.max())
    # At least one whole decade, and room above and below for the two marked values.
    pad = max(0.2 * (high - low), (1.1 - (high - low)) / 2, 0.08)
    axes.set_ylim(10 ** (low - pad), 10 ** (high + pad))
    narrow = high - low < _NARROW
    axes.yaxis.set_major_locator(LogLocator(10, subs=(1.0, 2.0, 5.0) if narrow else (1.0,)))
    axes.yaxis.set_major_formatter(FuncFormatter(_within_decade if narrow else _decade))
    axes.yaxis.set_minor_formatter(NullFormatter())


def _decade(value: float, _: float | None = None) -> str:
    return power_of_ten(round(math.log10(value))) if value > 0 else ""


def _within_decade(value: float, _: float | None = None) -> str:
    return scientific(value, digits=1)


def _mark(axes: Axes, epoch: float, error_V2: float, last: bool) -> None:
    axes.plot([epoch], [error_V2], "o", color=BLUE, ms=7, mec="white", mew=1.5, clip_on=False)
    axes.annotate(
        scientific(error_V2, "V²"),
        (epoch, error_V2),
        xytext=(0 if last else 9, 8),
        textcoords="offset points",
        ha="right" if last else "left",
        va="bottom",
        fontweight="bold",
        bbox=BACKDROP,
    )
