"""The report's figures, as SVG text to be put straight into a page.

Figures are drawn through matplotlib's objects, without pyplot, which would pick a screen and keep
every figure alive. Text stays text (it can be searched, and files stay small), mathematics in text
is off (a dollar in a node's name is a dollar), and identifiers come from a fixed salt, so that the
same result gives the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter
from numpy.typing import NDArray

from learning.quantity import engineering, percent, power_of_ten, prefix_for, scientific
from learning.summary import ledger, share

Floats = NDArray[np.float64]

_INK = "#1f2933"
_GREY = "#7b8794"
_BLUE = "#2b6cb0"
_STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.family": ["DejaVu Sans"],
    "font.size": 9.5,
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.labelsize": 9.5,
    "axes.labelcolor": _INK,
    "axes.edgecolor": "#9aa5b1",
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "xtick.color": "#52606d",
    "ytick.color": "#52606d",
    "text.color": _INK,
    "grid.color": "#e4e7eb",
    "grid.linewidth": 0.8,
    "legend.frameon": False,
    "legend.fontsize": 9,
}
_BLOCK_COLOURS = {"network_free": _BLUE, "network_clamped": "#63a4d8"}
_OVERHEAD_COLOUR = "#dd8a3c"
_TARGET_COLOURS = ("#c2410c", "#7c3aed", "#0f766e", "#be185d", "#a16207", "#1d4ed8")
_ROLE_COLOURS = {"source": "#f59e0b", "target": "#a855f7", "ground": "#374151", "hidden": "white"}
_ROLE_MARKERS = {"source": "^", "target": "D", "ground": "s", "hidden": "o"}

_LONG_EDGE = 1.5
"""An edge this many median lengths long may be a border joined to the opposite one."""

_NAMED_NODES = 40
"""Networks with more nodes have no room for every node's name."""

_LABELLED_GATES = 10
"""More gate voltages than this are a picture of the whole rather than of each."""


@rc_context(_STYLE)
def learning_curve(history: Sequence[Mapping[str, float]], initial_V2: float) -> str:
    """Draw the error against epochs on a logarithmic axis.

    Args:
        history: Entries with `epoch`, `presentations` and `error_V2`.
        initial_V2: Error before learning, V².

    Returns:
        The figure as an SVG element.
    """
    points = [(float(entry["epoch"]), float(entry["error_V2"])) for entry in history]
    if not points or points[0][0] > 0:
        points.insert(0, (0.0, initial_V2))
    epochs, errors = np.array(points).T
    figure = Figure(figsize=(11, 3.7))
    axes = figure.add_axes((0.085, 0.14, 0.875, 0.72))
    drawn = errors > 0
    marker = "o" if len(points) <= 60 else None  # noqa: PLR2004
    axes.plot(epochs[drawn], errors[drawn], color=_BLUE, lw=2, marker=marker, ms=4)
    axes.set_xlim(0, max(epochs.max(), 1) * 1.02)
    _log_axis(axes, errors[drawn])
    axes.set_xlabel("epoch")
    axes.set_ylabel("error (V²)")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(True, which="major")
    axes.set_title("Squared target error, free state, mean over the training set", pad=10)
    for index in {0, len(points) - 1}:
        _mark_error(axes, epochs[index], errors[index], last=index > 0)
    return _svg(figure, "learning-curve")


def _log_axis(axes: Axes, values: Floats) -> None:
    if not len(values):
        return
    axes.set_yscale("log")
    low, high = math.log10(values.min()), math.log10(values.max())
    # At least one whole decade, and room above and below for the two marked values.
    pad = max(0.14 * (high - low), (1.1 - (high - low)) / 2, 0.08)
    axes.set_ylim(10 ** (low - pad), 10 ** (high + pad))
    axes.yaxis.set_major_locator(LogLocator(10))
    axes.yaxis.set_major_formatter(
        FuncFormatter(lambda value, _: power_of_ten(round(math.log10(value))))
    )
    axes.yaxis.set_minor_formatter(NullFormatter())


def _mark_error(axes: Axes, epoch: float, error_V2: float, last: bool) -> None:
    if error_V2 <= 0:
        return
    axes.plot([epoch], [error_V2], "o", color=_BLUE, ms=7, mec="white", mew=1.5, clip_on=False)
    axes.annotate(
        scientific(error_V2, "V²"),
        (epoch, error_V2),
        xytext=(-4 if last else 10, 9),
        textcoords="offset points",
        ha="right" if last else "left",
        va="bottom" if last else "center",
        fontweight="bold",
        bbox=_BACKDROP,
    )


_BACKDROP: dict[str, Any] = {
    "boxstyle": "round,pad=0.12",
    "fc": "white",
    "ec": "none",
    "alpha": 0.85,
}


@rc_context(_STYLE)
def energy_bars(energy_J: Mapping[str, float]) -> str:
    """Draw one bar per block of the ledger.

    Args:
        energy_J: Energy by block and "total", joules.

    Returns:
        The figure as an SVG element.
    """
    rows = ledger(energy_J)
    names = [name for _, name, _ in rows]
    values = np.array([joules for *_, joules in rows])
    factor, prefix = prefix_for(float(np.abs(values).max(initial=0)))
    figure = Figure(figsize=(11, 0.9 + 0.36 * len(rows)))
    axes = figure.add_axes(
        (0.155, 0.52 / figure.get_figheight(), 0.82, 1 - 0.6 / figure.get_figheight())
    )
    colours = [_BLOCK_COLOURS.get(key, _OVERHEAD_COLOUR) for key, *_ in rows]
    axes.barh(names, values / factor, color=colours, height=0.66)
    axes.invert_yaxis()
    top = max(values.max(initial=0), 0) / factor
    axes.set_xlim(min(values.min(initial=0), 0) / factor, 1.22 * top or 1)
    for row, joules in enumerate(values):
        label = f"{engineering(joules, 'J')}  ·  {percent(share(joules, energy_J['total']))}"
        position = (max(joules, 0) / factor, row)
        axes.annotate(label, position, xytext=(6, 0), textcoords="offset points", va="center")
    axes.set_xlabel(f"energy ({prefix}J)")
    axes.axvline(0, color="#9aa5b1", lw=0.8)
    axes.grid(True, axis="x")
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0, labelcolor=_INK)
    axes.spines["left"].set_visible(False)
    return _svg(figure, "energy")


@rc_context(_STYLE)
def gate_history(epochs: Floats, gates_V: Floats, names: Sequence[str]) -> str:
    """Draw every gate voltage against epochs.

    Args:
        epochs: Epoch of each mark, (n_mark,).
        gates_V: Gate voltages, (n_mark, n_gate), volts.
        names: Name of each gate, (n_gate,).

    Returns:
        The figure as an SVG element.
    """
    figure = Figure(figsize=(11, 3.7))
    axes = figure.add_axes((0.085, 0.14, 0.875, 0.74))
    order = np.argsort(np.argsort(gates_V[-1])) if len(gates_V) else np.arange(len(names))
    cmap = _conductance_colours()
    marker = "o" if len(epochs) <= 2 else None  # noqa: PLR2004
    for column, rank in enumerate(order):
        colour = cmap(rank / max(len(names) - 1, 1))
        label = names[column] if len(names) <= _LABELLED_GATES else None
        axes.plot(epochs, gates_V[:, column], color=colour, lw=1.4, marker=marker, label=label)
    axes.set_xlabel("epoch")
    axes.set_ylabel("gate voltage (V)")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.margins(x=0.01)
    axes.grid(True)
    axes.set_title(f"{len(names)} gate voltages at the end of each epoch", pad=10)
    if len(names) <= _LABELLED_GATES:
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1.0), ncols=len(names), handlelength=1.2)
    return _svg(figure, "gates")


@rc_context(_STYLE)
def presentation_waveforms(
    early: tuple[Floats, Floats], late: tuple[Floats, Floats], signals: Sequence[str]
) -> str:
    """Draw one presentation early and one late in learning, on shared axes.

    Args:
        early: Time from the start of the presentation, (n_step,), seconds; and the signals,
            (n_step, n_signal), volts.
        late: The same, late in learning.
        signals: Name of each signal, (n_signal,): ``in_*``, ``label_*``, ``f_*``, ``c_*``,
            ``enable``, ``g_*``.

    Returns:
        The figure as an SVG element.
    """
    lines = _line_styles(signals)
    legend_rows = math.ceil(len(lines) / 8) or 1
    height = 6.3 + 0.22 * legend_rows
    figure = Figure(figsize=(11, height))
    grid = figure.add_gridspec(
        3, 2, height_ratios=(3.4, 0.7, 2), left=0.085, right=0.975, wspace=0.06, hspace=0.14,
        top=1 - (0.42 + 0.22 * legend_rows) / height, bottom=0.5 / height,
    )  # fmt: skip
    panels = grid.subplots(sharex="col", sharey="row")
    for column, (title, (time_s, volts)) in enumerate((("Early", early), ("Late", late))):
        factor, prefix = prefix_for(float(time_s.max(initial=0)))
        upper, middle, lower = panels[:, column]
        for name, style in lines.items():
            upper.plot(time_s / factor, volts[:, signals.index(name)], label=name, **style)
        _draw_learning(middle, lower, time_s / factor, volts, signals)
        upper.set_title(f"{title} in learning", pad=6)
        lower.set_xlabel(f"time in the presentation ({prefix}s)")
        for axes in (upper, middle, lower):
            axes.grid(True)
            axes.margins(x=0)
    for axes, label in zip(
        panels[:, 0], ("voltage (V)", "enable\n(V)", "gate change\n(mV)"), strict=True
    ):
        axes.set_ylabel(label)
    figure.align_ylabels(panels[:, 0])
    if lines:
        handles, labels = panels[0, 0].get_legend_handles_labels()
        figure.legend(
            handles, labels, loc="upper center", ncols=min(len(lines), 8), handlelength=2.2
        )
    return _svg(figure, "waveforms")


def _line_styles(signals: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Inputs in greys; each target's label, free and clamped voltage in one colour."""
    inputs = [name for name in signals if name.startswith("in_")]
    greys = np.linspace(0.25, 0.7, max(len(inputs), 1))
    styles: dict[str, dict[str, Any]] = {
        name: {"color": str(round(grey, 3)), "lw": 1.2}
        for name, grey in zip(inputs, greys, strict=False)
    }
    looks = {"label_": {"ls": ":", "lw": 2.0}, "f_": {"lw": 1.8}, "c_": {"ls": "--", "lw": 1.6}}
    for prefix, look in looks.items():
        family = [name for name in signals if name.startswith(prefix)]
        for index, name in enumerate(family):
            styles[name] = {"color": _TARGET_COLOURS[index % len(_TARGET_COLOURS)], **look}
    return styles


def _draw_learning(
    middle: Axes, lower: Axes, time: Floats, volts: Floats, signals: Sequence[str]
) -> None:
    if "enable" in signals:
        enable = volts[:, signals.index("enable")]
        middle.fill_between(time, enable, color="#0f766e", alpha=0.18, lw=0)
        middle.plot(time, enable, color="#0f766e", lw=1.4)
    gates = [index for index, name in enumerate(signals) if name.startswith("g_")]
    cmap = _conductance_colours()
    for rank, column in enumerate(gates):
        change_mV = 1e3 * (volts[:, column] - volts[:1, column])
        lower.plot(time, change_mV, color=cmap(rank / max(len(gates) - 1, 1)), lw=1.4)
        if len(time) and len(gates) <= _LABELLED_GATES:
            lower.plot([], [], color=cmap(rank / max(len(gates) - 1, 1)), label=signals[column])
    lower.axhline(0, color="#9aa5b1", lw=0.8, zorder=1)


@rc_context(_STYLE)
def network_drawing(network: Mapping[str, Any], conductances_S: Mapping[str, Any]) -> str:
    """Draw the network before and after learning, edges by conductance on one shared scale.

    Args:
        network: `nodes`, `edges`, `positions`, and the roles `sources`, `targets`, `ground`; a
            role's entry is a node, or a pair as a list or written "3-7".
        conductances_S: `initial` and `final`, siemens by gate node; edge i has gate "g_i".

    Returns:
        The figure as an SVG element.
    """
    edges = len(network["edges"])
    values = [
        np.array([_number(conductances_S[when].get(f"g_{edge}")) for edge in range(edges)])
        for when in ("initial", "final")
    ]
    known = np.concatenate(values)
    known = known[np.isfinite(known)]
    factor, prefix = prefix_for(float(np.abs(known).max(initial=0)))
    norm = Normalize(min(known.min(initial=0) / factor, 0), known.max(initial=0) / factor or 1)
    positions = _drawing_positions(network)
    width, depth = np.ptp(positions, axis=0) + 1.3
    height = min(max(4.85 * depth / width, 2.2), 5.6) + 1.0
    figure = Figure(figsize=(11, height))
    for column, title in enumerate(("Before learning", "After learning")):
        axes = figure.add_axes((0.01 + 0.455 * column, 0.55 / height, 0.44, 1 - 0.95 / height))
        _draw_network(axes, network, positions, values[column] / factor, norm)
        axes.set_title(title, loc="center", pad=8)
    bar = figure.add_axes((0.925, 0.75 / height, 0.014, 1 - 1.35 / height))
    figure.colorbar(ScalarMappable(norm, _conductance_colours()), cax=bar)
    bar.set_ylabel(f"conductance ({prefix}S)")
    _role_legend(figure)
    return _svg(figure, "network")
