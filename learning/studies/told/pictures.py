"""The pictures of a study's page: yield against the limit, energy by block, the Pareto front."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from learning.report.charts.style import GREY, LINE, SOFT_INK, panel, place, styled, svg
from learning.report.quantity import power_of_ten, prefix_for
from learning.studies.judged.groups import Group, candidates
from learning.studies.judged.pareto import pareto
from learning.studies.kept.opened import OpenStudy
from learning.studies.planned.figures import FIGURES
from learning.studies.planned.study import Spec
from netlist.parts.slots import BLOCKS

MOST = 8
"""Candidates in one picture; more are told apart in the tables only."""

_COLOURS = ("#2b6cb0", "#c2410c", "#0f766e", "#7c3aed", "#be185d", "#a16207", "#1d4ed8", "#52606d")
_HEIGHT_IN = 3.3
_DOTS, _STEPS = 100, 400
"""Points drawn one by one, and steps of a curve: more cannot be seen."""

_LONGEST_NAME = 56


def pictures(opened: OpenStudy) -> Iterator[str]:
    """Every picture there is something to draw for.

    Args:
        opened: The study.

    Yields:
        SVG elements.
    """
    groups = candidates(opened)[:MOST]
    for name, spec in opened.planned.study.specs.items():
        if any(len(_values(group, spec.figure)) for group in groups):
            yield _yield_curve(name, spec, groups)
    if any(len(_values(group, "energy_J")) for group in groups):
        yield _energy(groups)
    if len(pareto(opened, ("energy_J", "error_V2"))) > 1:
        yield _front(opened)


@styled
def _yield_curve(name: str, spec: Spec, groups: tuple[Group, ...]) -> str:
    """The share of planned points that would hold if the limit were elsewhere."""
    figure = FIGURES[spec.figure]
    chart = panel(_HEIGHT_IN + 0.2 * len(groups))
    axes = place(chart, left=0.62, right=0.18, bottom=0.52 + 0.2 * len(groups), top=0.36)
    every = np.concatenate([_values(group, spec.figure) for group in groups])
    decades = every.min() > 0 and every.max() / every.min() > 30  # noqa: PLR2004
    factor, prefix = (1.0, "") if decades else _axis(figure.unit, float(np.abs(every).max()))
    low_is_good = spec.max is not None or figure.low
    for group, colour in zip(groups, _COLOURS, strict=False):
        values = np.sort(_values(group, spec.figure)) / factor
        shares = np.arange(1, len(values) + 1) / len(group.table)
        if not low_is_good:
            values = values[::-1]
        label = _short(f"{group.name} ({len(values)} of {len(group.table)})")
        step = max(len(values) // _STEPS, 1)
        curve = (values[::step], 100 * shares[::step])
        axes.step(*curve, where="post", color=colour, lw=1.6, label=label)
        if len(values) <= _DOTS:
            axes.plot(values, 100 * shares, ".", color=colour, ms=4)
    for limit in (spec.min, spec.max):
        if limit is not None:
            axes.axvline(limit / factor, color="#b91c1c", lw=1.0, ls="--")
            axes.annotate(
                "limit", (limit / factor, 1), xycoords=("data", "axes fraction"), fontsize=8,
                xytext=(3, -9), textcoords="offset points", color="#b91c1c",
            )  # fmt: skip
    if decades:
        axes.set_xscale("log")
    axes.set_ylim(0, 104)
    axes.grid(True)
    unit = f"{prefix}{figure.unit}".strip()
    axes.set_xlabel(f"limit on {figure.name}" + (f" ({unit})" if unit else ""))
    axes.set_ylabel("points that hold, % of planned")
    axes.legend(loc="upper left", bbox_to_anchor=(-0.1, -0.2), borderaxespad=0)
    axes.set_title(f"Yield: {name}")
    return svg(chart, f"yield-{name}", f"Yield against the limit of {name}")


@styled
def _energy(groups: tuple[Group, ...]) -> str:
    """Mean energy by block, a bar for each candidate."""
    named = [(group, _short(group.name)) for group in groups if len(_values(group, "energy_J"))]
    chart = panel(1.7 + 0.42 * len(named))
    axes = place(chart, left=0.2, right=0.2, bottom=1.0, top=0.36)
    totals = [float(np.mean(_values(group, "energy_J"))) for group, _ in named]
    factor, prefix = prefix_for(max(map(abs, totals)))
    for row, (group, name) in enumerate(named):
        left = 0.0
        for block in BLOCKS:
            values = _values(group, f"energy_{block.name}_J")
            joules = float(np.mean(values)) / factor if len(values) else 0.0
            if joules > 0:
                label = block.title if row == 0 else None
                axes.barh(row, joules, left=left, color=block.colour, height=0.42, label=label)
                left += joules
        axes.annotate(
            name, (0, row), xytext=(2, 13), textcoords="offset points", fontsize=8, color=SOFT_INK
        )
    axes.set_ylim(len(named) - 0.5, -0.8)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(True, axis="x")
    axes.set_xlabel(f"mean energy of a run ({prefix}J)")
    if axes.patches:
        chart.legend(loc="lower left", ncols=4, handlelength=0.9, columnspacing=1.0, fontsize=8)
    axes.set_title("Energy by block")
    return svg(chart, "study-energy", "Mean energy by block")


@styled
def _front(opened: OpenStudy) -> str:
    """Error against energy; what nothing beats is joined."""
    found = pareto(opened, ("energy_J", "error_V2"))
    chart = panel(_HEIGHT_IN)
    axes = place(chart, left=0.75, right=0.25, bottom=0.52, top=0.36)
    factor, prefix = prefix_for(max(one.values[0] for one in found))
    height, power = _axis("V²", max(one.values[1] for one in found))
    energies = [one.values[0] for one in found]
    middle_J = 0.5 * (min(energies) + max(energies))
    for one in found:
        # a name leads away from the nearer border
        left = one.values[0] > middle_J
        x, y = one.values[0] / factor, one.values[1] / height
        axes.plot([x], [y], "o", ms=7 if one.front else 4, color=_COLOURS[0] if one.front else GREY)
        if len(found) <= MOST:
            axes.annotate(
                _short(one.name), (x, y), xytext=(-5 if left else 5, 5), fontsize=7.5,
                textcoords="offset points", ha="right" if left else "left", color=SOFT_INK,
            )  # fmt: skip
    front = sorted(one.values for one in found if one.front)
    axes.plot(
        [x / factor for x, _ in front], [y / height for _, y in front], color=LINE, lw=1.2, zorder=0
    )
    axes.margins(0.25)
    axes.grid(True)
    axes.set_xlabel(f"mean energy of a run ({prefix}J)")
    axes.set_ylabel(f"mean error ({power}V²)")
    axes.set_title("Error against energy; blue: nothing beats it in both")
    return svg(chart, "pareto", "Mean error against mean energy of the candidates")


def _axis(unit: str, largest: float) -> tuple[float, str]:
    """What an axis's numbers are divided by, and how its unit begins.

    Squared units and bare numbers have no prefixes.
    """
    if unit and "²" not in unit:
        return prefix_for(largest)
    exponent = math.floor(math.log10(largest)) if 0 < largest < math.inf else 0
    if -1 <= exponent <= 3:  # noqa: PLR2004 - numbers that are read as they are
        return 1.0, ""
    return 10.0**exponent, f"{power_of_ten(exponent)} "


def _values(group: Group, name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.asarray(group.table[name].dropna(), dtype=np.float64)


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
