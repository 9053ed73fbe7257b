"""One presentation as the circuit lived it: targets, the enable line, and gates on the move."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from learning.arrays import Floats
from learning.report.charts.style import (
    INK,
    LINE,
    SOFT_INK,
    TARGET_COLOURS,
    TEAL,
    conductance_colours,
    panel,
    styled,
    svg,
)
from learning.report.quantity import prefix_for
from netlist.machine.names import Role, Signal

Window = tuple[Floats, Floats]
"""Time (n_step,) in seconds, and signals (n_step, n_signal) in volts."""

_LOOKS = {
    Role.LABEL: (":", 2.0),
    Role.FREE: ("-", 1.8),
    Role.CLAMPED: ("--", 1.5),
    Role.NETWORK: ("-", 1.8),
}
"""By what a signal is: dashes and width."""

_COLUMNS = 4
_HEIGHTS_IN = (2.15, 0.5, 1.3)
_GAP_IN = 0.13


@dataclass(frozen=True, slots=True)
class _Trace:
    """How one signal is drawn."""

    column: int
    colour: str
    dashes: str
    width: float


@styled
def presentation_waveforms(
    early: Window, late: Window, signals: Sequence[Signal]
) -> tuple[str, str]:
    """Draw one presentation early and one late in learning, on the same scales.

    Args:
        early: Time from the start of the presentation, and the signals.
        late: The same, late in learning.
        signals: Each signal's name and role, (n_signal,).

    Returns:
        Two figures as SVG elements.
    """
    first, second = (
        _draw(window, title, signals, _scales((early, late), signals))
        for window, title in ((early, "Early in learning"), (late, "Late in learning"))
    )
    return svg(first, "early", "Waveforms early"), svg(second, "late", "Waveforms late")


def _draw(
    window: Window, title: str, signals: Sequence[Signal], limits: Sequence[tuple[float, float]]
) -> Figure:
    time_s, volts = window
    traces, entries = tuple(_traces(signals)), tuple(_legend(signals))
    head = 0.36 + 0.19 * math.ceil(len(entries) / _COLUMNS)
    height = head + sum(_HEIGHTS_IN) + 2 * _GAP_IN + 0.46
    figure = panel(height)
    top, middle, bottom = _stack(figure, head)
    factor, prefix = prefix_for(float(time_s.max(initial=0)))
    time = time_s / factor
    for trace in traces:
        top.plot(time, volts[:, trace.column], color=trace.colour, ls=trace.dashes, lw=trace.width)
    _draw_enable(middle, time, volts, signals)
    _draw_gates(bottom, time, volts, signals)
    for axes, (low, high), label in zip(
        (top, middle, bottom),
        limits,
        ("voltage (V)", "enable (V)", "gate change (mV)"),
        strict=True,
    ):
        axes.set_ylim(low, high)
        axes.set_ylabel(label, fontsize=8)
        axes.yaxis.set_label_coords(-0.1, 0.5)
    bottom.set_xlabel(f"time in the presentation ({prefix}s)")
    figure.text(0.02, 1 - 0.22 / height, title, weight="bold", size=10)
    figure.legend(
        handles=list(entries), loc="upper left", bbox_to_anchor=(0.1, 1 - 0.27 / height),
        ncols=_COLUMNS, handlelength=2.0, borderpad=0.2, labelspacing=0.25, columnspacing=1.4,
    )  # fmt: skip
    return figure


def _stack(figure: Figure, head_in: float) -> tuple[Axes, Axes, Axes]:
    """Three axes below each other over one time axis."""
    width, height = figure.get_figwidth(), figure.get_figheight()
    upper, made = height - head_in, []
    for depth in _HEIGHTS_IN:
        box = (0.62 / width, (upper - depth) / height, 1 - 0.8 / width, depth / height)
        axes = figure.add_axes(box)
        axes.grid(True)
        axes.margins(x=0)
        made.append(axes)
        upper -= depth + _GAP_IN
    for axes in made[:2]:
        axes.tick_params(labelbottom=False)
    return made[0], made[1], made[2]


def _traces(signals: Sequence[Signal]) -> Iterator[_Trace]:
    """Inputs in greys below; each target's label, free and clamped voltage in one colour."""
    inputs = _family(signals, Role.INPUT)
    for column, colour in zip(inputs, _greys(len(inputs)), strict=True):
        yield _Trace(column, colour, "-", 1.1)
    for role, (dashes, width) in _LOOKS.items():
        for index, column in enumerate(_family(signals, role)):
            yield _Trace(column, _target_colour(index), dashes, width)


def _legend(signals: Sequence[Signal]) -> Iterator[Artist]:
    inputs, targets = _family(signals, Role.INPUT), _family(signals, Role.FREE, Role.NETWORK)
    for column, colour in zip(inputs, _greys(len(inputs)), strict=True):
        yield Line2D([], [], color=colour, lw=1.1, label=f"input {signals[column].of}")
    for index, column in enumerate(targets):
        name = f"target at node {signals[column].of}"
        yield Line2D([], [], color=_target_colour(index), lw=4, solid_capstyle="butt", label=name)
    for role, (dashes, width) in _LOOKS.items():
        if _family(signals, role):
            yield Line2D([], [], color=INK, ls=dashes, lw=width, label=role.value)


def _family(signals: Sequence[Signal], *roles: Role) -> list[int]:
    return [column for column, signal in enumerate(signals) if signal.role in roles]


def _greys(count: int) -> list[str]:
    return [str(round(float(grey), 3)) for grey in np.linspace(0.35, 0.75, max(count, 1))[:count]]


def _target_colour(index: int) -> str:
    return TARGET_COLOURS[index % len(TARGET_COLOURS)]


def _draw_enable(axes: Axes, time: Floats, volts: Floats, signals: Sequence[Signal]) -> None:
    columns = _family(signals, Role.ENABLE)
    if not columns:
        axes.text(0.5, 0.5, "no enable line", transform=axes.transAxes, ha="center", va="center")
        return
    enable = volts[:, columns[0]]
    axes.fill_between(time, enable, color=TEAL, alpha=0.18, lw=0)
    axes.plot(time, enable, color=TEAL, lw=1.4)


def _draw_gates(axes: Axes, time: Floats, volts: Floats, signals: Sequence[Signal]) -> None:
    gates = _family(signals, Role.GATE)
    colours = conductance_colours()
    for rank, column in enumerate(gates):
        change_mV = 1e3 * (volts[:, column] - volts[:1, column])
        colour = colours(0.15 + 0.85 * rank / max(len(gates) - 1, 1))
        axes.plot(time, change_mV, color=colour, lw=1.4, label=signals[column].name)
    axes.axhline(0, color=LINE, lw=0.8, zorder=1)
    if gates:
        axes.legend(
            loc="upper left", ncols=4, handlelength=1.2, borderpad=0.1, columnspacing=1.0,
            labelcolor=SOFT_INK, fontsize=8,
        )  # fmt: skip


def _scales(windows: Sequence[Window], signals: Sequence[Signal]) -> list[tuple[float, float]]:
    """Limits of the three axes that fit every window."""
    shown = [trace.column for trace in _traces(signals)]
    enable = _family(signals, Role.ENABLE)
    gates = _family(signals, Role.GATE)
    voltages = np.concatenate([volts[:, shown].ravel() for _, volts in windows])
    enables = np.concatenate([volts[:, enable].ravel() for _, volts in windows])
    changes = np.concatenate(
        [1e3 * (volts[:, gates] - volts[:1, gates]).ravel() for _, volts in windows]
    )
    # The gates' legend takes the top quarter of their axes.
    return [_limits(voltages, 0.06), _limits(enables, 0.12), _limits(changes, 0.08, above=0.4)]


def _limits(values: Floats, margin: float, above: float | None = None) -> tuple[float, float]:
    low = min(float(values.min(initial=0)), 0.0)
    high = max(float(values.max(initial=0)), 0.0)
    span = high - low or 1.0
    return low - margin * span, high + (margin if above is None else above) * span
