"""The reproduction's figures, as SVG text; same data, same bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

from learning.measure.ledger import BLOCKS
from learning.papers.stern2024.data import Fixed, Procedure, RunRow, Starts, Tradeoff
from learning.papers.stern2024.payback import ALL_SUPPLIED, CostSummary
from learning.report.charts.style import (
    BLUE,
    GREY,
    ORANGE,
    TEAL,
    panel_row,
    styled,
    svg,
)
from netlist.parts import slots

if TYPE_CHECKING:  # the figures' room imports matplotlib, its settings looked after
    from matplotlib.axes import Axes

_KINDS = {"included": BLUE, "frozen": ORANGE, "removed": TEAL}
_WIDTHS = {"included": 5.0, "frozen": 2.6, "removed": 1.0}  # where curves lie on one another
_COLOURS = {block.name: block.colour for block in slots.BLOCKS}

_SEEN_uW = 1e-3
"""Less than this cannot be seen in a bar."""


@styled
def tradeoff(data: Tradeoff) -> str:
    """Error and power of the numerical twin over λ, source edges three ways."""
    figure, (left, right) = panel_row(4.2, 2)
    for kind, sweep in data.sweeps.items():
        weights, colour = np.array(sweep.weights[1:]), _KINDS[kind]
        look: Any = {"color": colour, "ms": 3, "lw": _WIDTHS[kind], "label": kind}
        left.loglog(weights, sweep.mean_error[1:], "o-", **look)
        right.loglog(weights, sweep.mean_power[1:], "o-", **look)
        right.axhline(sweep.mean_power[0], color=colour, lw=0.8, ls=":")
    drawn = data.drawn
    style: Any = {"color": GREY, "lw": 1.0, "label": "included, other networks"}
    left.loglog(drawn.weights[1:], drawn.mean_error[1:], **style)
    right.loglog(drawn.weights[1:], drawn.mean_power[1:], **style)
    guide = np.array([1e-10, 1e-7])
    left.loglog(guide, 1e6 * guide**2, "--", color=GREY, label="10⁶·λ²")
    left.set(title="Error / initial error", xlabel="power weight λ")
    right.set(title="Power of the solution, ½Σk·ΔV²", xlabel="power weight λ")
    left.legend(title="edges across a source", title_fontsize=8.5)
    return svg(figure, "tradeoff", "Error and power over the power weight")


@styled
def starts(data: Starts) -> str:
    """Energy to the tolerance and power of the solution, by start, twin and circuit."""
    figure, panels = panel_row(3.6, 4)
    names = list(dict.fromkeys(r.start for r in data.circuit))
    _bars(panels[0], _by_start(names, data.linear, lambda r: r.energy))
    panels[0].set(title="Linear twin: energy", yscale="log")
    _bars(panels[1], _by_start(names, data.linear, lambda r: r.power))
    panels[1].set(title="Linear twin: power", yscale="log")
    _bars(panels[2], _by_start(names, data.circuit, lambda r: r.energy_J * 1e9))
    panels[2].set(title="Circuit: energy, nJ")
    _bars(panels[3], _by_start(names, data.circuit, lambda r: r.network_W * 1e6))
    panels[3].set(title="Network power, µW")
    _points(panels[3], _by_start(names, data.cell, lambda r: r.network_W * 1e6))
    return svg(figure, "starts", "Energy and power by start")


@styled
def pareto(data: Fixed, procedure: Procedure | None = None) -> str:
    """Network power and total power against error, mean and spread over seeds, by λ."""
    figure, panels = panel_row(4.2, 2)
    for axes, power in zip(panels, (_network_uW, _total_uW), strict=True):
        for weight in dict.fromkeys(r.weight for r in data.runs):
            rows = [r for r in data.runs if r.weight == weight]
            _cross(axes, rows, power, BLUE, f"{weight:g}")
        if procedure is not None:
            _cross(axes, procedure.runs, power, ORANGE, "procedure")
        axes.axvline(data.tolerance_V2, color=GREY, ls="--", lw=0.9)
        axes.set(xscale="log", xlabel="error, V² (dashed: the tolerance)")
    panels[0].set(title="Free network's power, µW", yscale="log")
    panels[1].set(title="Power of everything while answering, µW")
    panels[1].set_ylim(0, 1.3 * max(_total_uW(r) for r in data.runs))
    return svg(figure, "pareto", "Power against error")


@styled
def procedure(data: Procedure) -> str:
    """λ, error and network power of every epoch under the procedure, a line per seed."""
    figure, panels = panel_row(3.4, 3)
    for run in data.runs:
        epochs, errors, power = np.array(run.history).T
        label = f"seed {run.seed}"
        weights = np.array(run.power_weights)
        panels[0].step(range(len(weights)), weights, where="post", label=label)
        panels[1].semilogy(epochs, errors, ".-", label=label)
        panels[2].semilogy(epochs, power * 1e6, ".-", label=label)
    panels[1].axhline(data.tolerance_V2, color=GREY, ls="--", lw=0.9)
    titles = ("λ chosen", "Error, V²", "Network power, µW")
    for axes, title in zip(panels, titles, strict=True):
        axes.set(title=title, xlabel="epoch")
    panels[0].legend()
    return svg(figure, "procedure", "The procedure, epoch by epoch")


@styled
def cost(summary: CostSummary) -> str:
    """Power by block in every state of the machine, and energy over the number of queries."""
    figure, (left, right) = panel_row(5.4, 2)
    plain, saving = summary.plain, summary.saving
    states = ("learning", *plain.modes_W)
    labels = [f"{name}\n{which}" for name in states for which in ("λ = 0", "procedure")]
    powers = [
        which.training_W if name == "learning" else which.modes_W[name]
        for name in states
        for which in (plain, saving)
    ]
    _stacked(left, labels, powers)
    left.set(title="Power by block, µW")
    queries = np.logspace(2, 8, 61)
    for which, colour in ((plain, BLUE), (saving, ORANGE)):
        name = "λ = 0" if which is plain else "procedure"
        begin = summary.to_tolerance_J if which is plain else which.training_J
        each_W = which.modes_W[ALL_SUPPLIED]["total"]
        network_J = begin + queries * which.network_W * summary.query_s
        right.loglog(queries, network_J, color=colour, label=f"{name}: network only")
        total_J = begin + queries * each_W * summary.query_s
        right.loglog(queries, total_J, color=colour, ls="--", label=f"{name}: everything")
    lasting = summary.queries_remembered
    right.axvline(lasting, color=GREY, ls=":", lw=1.2, label="weights last until here")
    right.set(title="Energy of training and queries, J")
    right.set(xlabel="queries per training")
    right.legend()
    return svg(figure, "cost", "Power by block, and energy over queries")


def _network_uW(row: RunRow) -> float:
    return row.network_W * 1e6


def _total_uW(row: RunRow) -> float:
    return row.query_W["total"] * 1e6


def _cross(
    axes: Axes,
    rows: Sequence[RunRow],
    power: Callable[[RunRow], float],
    colour: str,
    label: str,
) -> None:
    """A point with error bars: geometric spread of the error, spread of the power."""
    logs = np.log([r.error_V2 for r in rows])
    powers = np.array([power(r) for r in rows])
    x, width = float(np.exp(logs.mean())), float(logs.std())
    spread = [[x - x * np.exp(-width)], [x * np.exp(width) - x]]
    y = float(powers.mean())
    axes.errorbar(x, y, xerr=spread, yerr=powers.std(), fmt="o", color=colour, ms=5, capsize=2)
    place: Any = {"xytext": (2, 7), "textcoords": "offset points", "rotation": 50}
    axes.annotate(label, (x, y), fontsize=8, **place)


class _Started(Protocol):
    """A row that knows where its learning started."""

    @property
    def start(self) -> str:
        """Name of the start."""
        ...


_S = TypeVar("_S", bound=_Started)


def _by_start(
    names: Sequence[str], rows: Sequence[_S], value: Callable[[_S], float]
) -> Mapping[str, Sequence[float]]:
    return {name: [value(row) for row in rows if row.start == name] for name in names}


def _bars(axes: Axes, groups: Mapping[str, Sequence[float]]) -> None:
    values = [group or [0.0] for group in groups.values()]
    means, spreads = [np.mean(v) for v in values], [np.std(v) for v in values]
    axes.bar(range(len(groups)), means, yerr=spreads, color=BLUE, alpha=0.8, capsize=3)
    axes.set_xticks(range(len(groups)), [n.replace(" ", "\n") for n in groups], fontsize=8)
    axes.grid(False, axis="x")


def _points(axes: Axes, groups: Mapping[str, Sequence[float]]) -> None:
    for place, values in enumerate(groups.values()):
        axes.plot([place] * len(values), values, "_", color=ORANGE, ms=14)
    axes.plot([], [], "_", color=ORANGE, ms=14, label="characterised twin")
    axes.legend()


def _stacked(axes: Axes, labels: Sequence[str], powers: Sequence[Mapping[str, float]]) -> None:
    bottom = np.zeros(len(labels))
    for block in BLOCKS:
        heights = np.array([max(p[block], 0.0) * 1e6 for p in powers])
        if heights.max() > _SEEN_uW:
            axes.barh(range(len(labels)), heights, left=bottom, color=_COLOURS[block], label=block)
            bottom += heights
    axes.set_yticks(range(len(labels)), labels, fontsize=8)
    axes.invert_yaxis()
    axes.grid(False, axis="y")
    axes.legend(fontsize=8, ncols=2, loc="lower right")
