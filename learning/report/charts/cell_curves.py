"""A cell's curves: the reference condition in full, every other one thin behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from learning.benches.measured import Curve, Measured
from learning.report.charts.style import BLUE, TARGET_COLOURS, panel, place, styled
from learning.report.quantity import prefix_for

_HEIGHT_IN = 3.9
_MANY = 4
"""More lines than this have no room for their names inside the axes."""


@styled
def write_curves(found: Sequence[Measured], folder: Path) -> tuple[Path, ...]:
    """Draw every curve of a bench.

    Args:
        found: What was measured, the reference first.
        folder: Where ``NAME.svg`` and ``NAME.png`` go; it is there.

    Returns:
        The files.

    Raises:
        OSError: When a file cannot be written.
    """
    written = []
    for curve in found[0].curves:
        others = [other for one in found[1:] for other in one.curves if other.name == curve.name]
        figure = _drawn(curve, others)
        for kind in ("svg", "png"):
            path = folder / f"{curve.name}.{kind}"
            figure.savefig(path, dpi=160, metadata={"Date": None} if kind == "svg" else None)
            written.append(path)
    return tuple(written)


def _drawn(curve: Curve, others: Sequence[Curve]) -> Figure:
    if curve.stacked:
        return _stacked(curve)
    figure = panel(_HEIGHT_IN)
    many = len(curve.lines) > _MANY
    axes = place(figure, left=0.8, right=1.35 if many else 0.25, bottom=0.55, top=0.55)
    named = [name for name in curve.lines if name]
    colours = dict(zip(curve.lines, _colours(len(curve.lines)), strict=True))
    units = (_unit(curve, 0), _unit(curve, 1))
    for other in others:
        _lines(axes, other.lines, colours, units, thin=True)
    _lines(axes, curve.lines, colours, units, thin=False)
    axes.set_xlabel(_label(curve.x, units[0][1]))
    axes.set_ylabel(_label(curve.y, units[1][1]))
    axes.grid(True)
    figure.text(0.02, 1 - 0.27 / _HEIGHT_IN, curve.title, weight="bold", size=10)
    if named:
        outside = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0)} if many else {"loc": "best"}
        axes.legend(**outside)
    return figure


def _stacked(curve: Curve) -> Figure:
    """Logic, one line above the other, each from its own floor."""
    figure = panel(_HEIGHT_IN)
    axes = place(figure, left=0.8, right=0.25, bottom=0.55, top=0.55)
    unit, step = _unit(curve, 0), 1.3
    names = list(curve.lines)[::-1]
    height = max(float(np.max(y)) for _, y in curve.lines.values()) or 1.0
    for floor, name in enumerate(names):
        x, y = curve.lines[name]
        axes.plot(x / unit[0], floor * step + y / height, color=BLUE, lw=1.3)
    axes.set_yticks([0.5 + floor * step for floor in range(len(names))])
    axes.set_yticklabels(names)
    axes.set_xlabel(_label(curve.x, unit[1]))
    axes.grid(True, axis="x")
    figure.text(0.02, 1 - 0.27 / _HEIGHT_IN, curve.title, weight="bold", size=10)
    return figure


def _label(axis: tuple[str, str], prefix: str) -> str:
    name, unit = axis
    return f"{name} ({prefix}{unit})" if unit else name


def _lines(
    axes: Axes,
    lines: Mapping[str, tuple[np.ndarray, np.ndarray]],
    colours: Mapping[str, str],
    units: tuple[tuple[float, str], tuple[float, str]],
    *,
    thin: bool,
) -> None:
    for name, (x, y) in lines.items():
        mark = "o" if len(x) < 15 and not thin else ""  # noqa: PLR2004 - measured points, few
        axes.plot(
            x / units[0][0], y / units[1][0], marker=mark, ms=3.5, color=colours.get(name, BLUE),
            lw=0.7 if thin else 1.6, alpha=0.35 if thin else 1.0, zorder=2 if thin else 3,
            label="" if thin else name,
        )  # fmt: skip


def _colours(count: int) -> tuple[str, ...]:
    all_colours = (BLUE, *TARGET_COLOURS)
    return tuple(all_colours[index % len(all_colours)] for index in range(count))


def _unit(curve: Curve, axis: int) -> tuple[float, str]:
    """What values are divided by, and the prefix; squared units and ratios have none."""
    unit = (curve.x, curve.y)[axis][1]
    if not unit or (unit.endswith("²") and "/" not in unit):
        return 1.0, ""
    values = np.concatenate([np.abs(pair[axis]) for pair in curve.lines.values()])
    return prefix_for(float(np.max(values, initial=0.0)))
