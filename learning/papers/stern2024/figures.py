"""The reproduction's figures, as SVG text; same data, same bytes."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from learning.measure.ledger import BLOCKS
from netlist.parts import slots

_BLUE, _ORANGE, _TEAL, _GREY = "#2b6cb0", "#dd8a3c", "#0f766e", "#7b8794"
_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "joulearn",
    "font.family": ["DejaVu Sans"],
    "font.size": 9.5,
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e4e7eb",
    "legend.frameon": False,
    "legend.fontsize": 8.5,
}
_KINDS = {"included": _BLUE, "frozen": _ORANGE, "removed": _TEAL}
_WIDTHS = {"included": 5.0, "frozen": 2.6, "removed": 1.0}  # where curves lie on one another
_COLOURS = {block.name: block.colour for block in slots.BLOCKS}
_SEEN_uW = 1e-3


def tradeoff(data: Mapping[str, Any]) -> str:
    """Error and power of the numerical twin over λ, source edges three ways."""
    with rc_context(_STYLE):
        figure, (left, right) = _pair()
        for kind, sweep in data["sweeps"].items():
            weights, colour = np.array(sweep["weights"][1:]), _KINDS[kind]
            look: Any = {"color": colour, "ms": 3, "lw": _WIDTHS[kind], "label": kind}
            left.loglog(weights, sweep["mean_error"][1:], "o-", **look)
            right.loglog(weights, sweep["mean_power"][1:], "o-", **look)
            right.axhline(sweep["mean_power"][0], color=colour, lw=0.8, ls=":")
        drawn = data["drawn"]
        style: Any = {"color": _GREY, "lw": 1.0, "label": "included, other networks"}
        left.loglog(drawn["weights"][1:], drawn["mean_error"][1:], **style)
        right.loglog(drawn["weights"][1:], drawn["mean_power"][1:], **style)
        guide = np.array([1e-10, 1e-7])
        left.loglog(guide, 1e6 * guide**2, "--", color=_GREY, label="10⁶·λ²")
        left.set(title="Error / initial error", xlabel="power weight λ")
        right.set(title="Power of the solution, ½Σk·ΔV²", xlabel="power weight λ")
        left.legend(title="edges across a source", title_fontsize=8.5)
        return _svg(figure)


def starts(data: Mapping[str, Any]) -> str:
    """Energy to the tolerance and power of the solution, by start, twin and circuit."""
    with rc_context(_STYLE):
        figure = Figure(figsize=(11, 3.6), layout="constrained")
        panels = figure.subplots(1, 4)
        names = list(dict.fromkeys(r["start"] for r in data["circuit"]))
        _bars(panels[0], names, data["linear"], "energy", 1.0)
        panels[0].set(title="Linear twin: energy", yscale="log")
        _bars(panels[1], names, data["linear"], "power", 1.0)
        panels[1].set(title="Linear twin: power", yscale="log")
        _bars(panels[2], names, data["circuit"], "energy_J", 1e9)
        panels[2].set(title="Circuit: energy, nJ")
        _bars(panels[3], names, data["circuit"], "network_W", 1e6)
        panels[3].set(title="Network power, µW")
        _points(panels[3], names, data["cell"], "network_W", 1e6)
        return _svg(figure)


def pareto(data: Mapping[str, Any], procedure: Mapping[str, Any] | None = None) -> str:
    """Network power and total power against error, mean and spread over seeds, by λ."""
    with rc_context(_STYLE):
        figure, panels = _pair()
        for axes, power in zip(panels, (_network_uW, _total_uW), strict=True):
            for weight in dict.fromkeys(r["weight"] for r in data["runs"]):
                rows = [r for r in data["runs"] if r["weight"] == weight]
                _cross(axes, rows, power, _BLUE, f"{weight:g}")
            if procedure is not None:
                _cross(axes, procedure["runs"], power, _ORANGE, "procedure")
            axes.axvline(data["tolerance_V2"], color=_GREY, ls="--", lw=0.9)
            axes.set(xscale="log", xlabel="error, V² (dashed: the tolerance)")
        panels[0].set(title="Free network's power, µW", yscale="log")
        panels[1].set(title="Power of everything while answering, µW")
        panels[1].set_ylim(0, 1.3 * max(_total_uW(r) for r in data["runs"]))
        return _svg(figure)


def procedure(data: Mapping[str, Any]) -> str:
    """λ, error and network power of every epoch under the procedure, a line per seed."""
    with rc_context(_STYLE):
        figure = Figure(figsize=(11, 3.4), layout="constrained")
        panels = figure.subplots(1, 3)
        for run in data["runs"]:
            epochs, errors, power = np.array(run["history"]).T
            label = f"seed {run['seed']}"
            weights = np.array(run["power_weights"])
            panels[0].step(range(len(weights)), weights, where="post", label=label)
            panels[1].semilogy(epochs, errors, ".-", label=label)
            panels[2].semilogy(epochs, power * 1e6, ".-", label=label)
        panels[1].axhline(data["tolerance_V2"], color=_GREY, ls="--", lw=0.9)
        titles = ("λ chosen", "Error, V²", "Network power, µW")
        for axes, title in zip(panels, titles, strict=True):
            axes.set(title=title, xlabel="epoch")
        panels[0].legend()
        return _svg(figure)


def cost(summary: Mapping[str, Any]) -> str:
    """Power by block in every state of the machine, and energy over the number of queries."""
    with rc_context(_STYLE):
        figure, (left, right) = _pair(5.4)
        plain, saving = summary["without"], summary["with"]
        states = {"learning": plain["training_W"], **plain["modes_W"]}
        labels = [f"{name}\n{which}" for name in states for which in ("λ = 0", "procedure")]
        powers = [
            source[name] if name != "learning" else which["training_W"]
            for name, source, which in (
                (name, which["modes_W"], which) for name in states for which in (plain, saving)
            )
        ]
        _stacked(left, labels, powers)
        left.set(title="Power by block, µW")
        queries = np.logspace(2, 8, 61)
        for which, colour in ((plain, _BLUE), (saving, _ORANGE)):
            name = "λ = 0" if which is plain else "procedure"
            begin = summary["to_tolerance_J"] if which is plain else which["training_J"]
            each_W = which["modes_W"]["all supplied"]["total"]
            network_J = begin + queries * which["network_W"] * summary["query_s"]
            right.loglog(queries, network_J, color=colour, label=f"{name}: network only")
            total_J = begin + queries * each_W * summary["query_s"]
            right.loglog(queries, total_J, color=colour, ls="--", label=f"{name}: everything")
        lasting = summary["queries_remembered"]
        right.axvline(lasting, color=_GREY, ls=":", lw=1.2, label="weights last until here")
        right.set(title="Energy of training and queries, J")
        right.set(xlabel="queries per training")
        right.legend()
        return _svg(figure)


def _pair(height_in: float = 4.2) -> tuple[Figure, tuple[Axes, Axes]]:
    figure = Figure(figsize=(11, height_in), layout="constrained")
    left, right = figure.subplots(1, 2)
    return figure, (left, right)


def _network_uW(row: Mapping[str, Any]) -> float:
    return float(row["network_W"]) * 1e6


def _total_uW(row: Mapping[str, Any]) -> float:
    return float(row["query_W"]["total"]) * 1e6


def _cross(axes: Axes, rows: Sequence[Any], power: Any, colour: str, label: str) -> None:
    """A point with error bars: geometric spread of the error, spread of the power."""
    logs = np.log([r["error_V2"] for r in rows])
    powers = np.array([power(r) for r in rows])
    x, width = float(np.exp(logs.mean())), float(logs.std())
    spread = [[x - x * np.exp(-width)], [x * np.exp(width) - x]]
    y = float(powers.mean())
    axes.errorbar(x, y, xerr=spread, yerr=powers.std(), fmt="o", color=colour, ms=5, capsize=2)
    place: Any = {"xytext": (2, 7), "textcoords": "offset points", "rotation": 50}
    axes.annotate(label, (x, y), fontsize=8, **place)


def _bars(axes: Axes, names: Sequence[str], rows: Sequence[Any], key: str, scale: float) -> None:
    groups = [[r[key] * scale for r in rows if r["start"] == name] or [0.0] for name in names]
    means, spreads = [np.mean(g) for g in groups], [np.std(g) for g in groups]
    axes.bar(range(len(names)), means, yerr=spreads, color=_BLUE, alpha=0.8, capsize=3)
    axes.set_xticks(range(len(names)), [n.replace(" ", "\n") for n in names], fontsize=8)
    axes.grid(False, axis="x")


def _points(axes: Axes, names: Sequence[str], rows: Sequence[Any], key: str, scale: float) -> None:
    for place, name in enumerate(names):
        values = [r[key] * scale for r in rows if r["start"] == name]
        axes.plot([place] * len(values), values, "_", color=_ORANGE, ms=14)
    axes.plot([], [], "_", color=_ORANGE, ms=14, label="characterised twin")
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


def _svg(figure: Figure) -> str:
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]
