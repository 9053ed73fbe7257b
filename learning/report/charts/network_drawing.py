"""The network before and after learning: conductance as colour and width, roles as shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from learning.arrays import Floats
from learning.report.charts.style import (
    BACKDROP,
    INK,
    LINE,
    PANEL_WIDTH_IN,
    SOFT_INK,
    TARGET_COLOURS,
    conductance_colours,
    panel,
    place,
    styled,
    svg,
)
from learning.report.charts.wiring import Wiring, lay_out
from learning.report.quantity import prefix_for
from learning.result.result import Conductances, NetworkShape

_SIDE_MARGIN, _END_MARGIN, _TITLE = 44.0, 34.0, 20.0
"""Points of the page around the nodes: stubs, names and the title."""

_SMALLEST_LETTERS = 5.0
"""Points; a name that would need smaller ones goes beside its node or, in a crowd, is left out."""

_CROWD = 48
"""Nodes beyond which names beside nodes would lie on top of each other."""

_UNKNOWN_COLOUR = "#b91c1c"


@dataclass(frozen=True, slots=True)
class _Look:
    """How the nodes of one role are drawn."""

    marker: str
    fill: str
    letters: str
    scale: float


_LOOKS = {
    "source": _Look("^", "#fbbf24", INK, 1.35),
    "target": _Look("D", "#d8b4fe", INK, 1.0),
    "ground": _Look("s", "#374151", "white", 1.0),
    "hidden": _Look("o", "white", SOFT_INK, 1.0),
}


@dataclass(frozen=True, slots=True)
class _Role:
    """What one node is for, and the words beside it."""

    kind: str
    words: str
    colour: str = INK


@styled
def network_drawings(network: NetworkShape, conductances_S: Conductances) -> tuple[str, str]:
    """Draw the network before and after learning on one shared scale.

    Args:
        network: Its edges, places and roles.
        conductances_S: Before and after, siemens, one per edge; None where unknown.

    Returns:
        Two figures as SVG elements.
    """
    norm, _ = _scale(conductances_S)
    wiring = lay_out(network.edges, network.positions, 72 * PANEL_WIDTH_IN - 2 * _SIDE_MARGIN)
    before, after = (
        svg(
            _draw(wiring, _roles(network), _floats(values_S), norm, title),
            f"network-{when}",
            f"The network: {title}",
        )
        for when, title, values_S in (
            ("initial", "Before learning", conductances_S.initial),
            ("final", "After learning", conductances_S.final),
        )
    )
    return before, after


@styled
def conductance_scale(network: NetworkShape, conductances_S: Conductances) -> str:
    """Draw the key to both drawings: the scale of conductance, and the shapes of the roles.

    Args:
        network: As for `network_drawings`.
        conductances_S: As for `network_drawings`.

    Returns:
        The figure as an SVG element.
    """
    norm, prefix = _scale(conductances_S)
    figure = panel(0.95)
    bar = place(figure, left=0.62, right=0.62, bottom=0.55, top=0.27)
    factor = prefix_for(float(norm.vmax or 0))[0]
    shown = Normalize(0, float(norm.vmax or 1) / factor)
    figure.colorbar(ScalarMappable(shown, conductance_colours()), cax=bar, orientation="horizontal")
    bar.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    bar.set_title(f"conductance of an edge ({prefix}S): colour and width", loc="center", size=9)
    roles = [role.kind for role in _roles(network).values()]
    present = [kind for kind in _LOOKS if kind in roles or kind == "hidden"]
    figure.legend(
        handles=[_key(kind) for kind in present], loc="lower center", ncols=len(present),
        handletextpad=0.3, borderpad=0.1, columnspacing=2.0,
    )  # fmt: skip
    return svg(figure, "network-key", "Key to the drawings of the network")


def _key(kind: str) -> Line2D:
    look = _LOOKS[kind]
    return Line2D(
        [], [], ls="", marker=look.marker, ms=8 * look.scale, mfc=look.fill, mec=INK, label=kind
    )


def _scale(conductances_S: Conductances) -> tuple[Normalize, str]:
    known = np.concatenate([_floats(conductances_S.initial), _floats(conductances_S.final)])
    top_S = float(known[np.isfinite(known)].max(initial=0))
    return Normalize(0, top_S or 1.0), prefix_for(top_S)[1]


def _floats(values: Sequence[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def _roles(network: NetworkShape) -> dict[str, _Role]:
    roles = {node: _Role("ground", "ground") for node in network.ground}
    for kind, ports, colours in (
        ("source", network.sources, (INK,)),
        ("target", network.targets, TARGET_COLOURS),
    ):
        for index, port in enumerate(ports):
            ends = port.split("-")
            for end, sign in zip(ends, ("+", "−") if len(ends) > 1 else ("",), strict=True):
                words = f"{kind} {index} {sign}".rstrip()
                roles[end] = _Role(kind, words, colours[index % len(colours)])
    return roles


def _draw(
    wiring: Wiring, roles: Mapping[str, _Role], values_S: Floats, norm: Normalize, title: str
) -> Figure:
    width, height = wiring.size
    full = height + 2 * _END_MARGIN + _TITLE
    figure = panel(full / 72)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(-_SIDE_MARGIN, width + _SIDE_MARGIN)
    axes.set_ylim(-_END_MARGIN, height + _END_MARGIN + _TITLE)
    axes.set_axis_off()
    _draw_edges(axes, wiring, values_S, norm)
    _draw_nodes(axes, wiring, roles)
    for node, role in roles.items():
        _name_role(axes, wiring, node, role)
    figure.text(0.5, 1 - 15 / full, title, weight="bold", size=10, ha="center")
    return figure


def _draw_edges(axes: Axes, wiring: Wiring, values_S: Floats, norm: Normalize) -> None:
    colours, thickest = conductance_colours(), min(6.0, 0.4 * wiring.node_size)
    for stroke in sorted(wiring.strokes, key=lambda stroke: _order(values_S[stroke.edge])):
        value = values_S[stroke.edge]
        known = bool(np.isfinite(value))
        part = float(norm(value)) if known else 0.0
        line = LineCollection(
            [np.array(stroke.points)],
            colors=[colours(part) if known else _UNKNOWN_COLOUR],
            linewidths=[max(0.15 * thickest + 0.85 * thickest * part, 0.5)],
            linestyles=["solid" if known else "dotted"],
            capstyle="butt" if stroke.leads_to else "round",
            zorder=1,
        )
        axes.add_collection(line, autolim=False)
        if stroke.leads_to and wiring.node_size >= 2 * _SMALLEST_LETTERS:
            _name_stub(axes, stroke.points, stroke.leads_to)


def _order(value_S: float) -> float:
    """Weak edges first, so that strong ones lie on top."""
    return float(value_S) if np.isfinite(value_S) else -1.0


def _name_stub(axes: Axes, points: Sequence[tuple[float, float]], node: str) -> None:
    (x0, y0), (x, y) = points[0], points[-1]
    along = np.array([x - x0, y - y0]) / (np.hypot(x - x0, y - y0) or 1.0)
    axes.text(
        x + 6 * along[0], y + 6 * along[1], node, size=6, color=SOFT_INK, ha="center", va="center"
    )


def _draw_nodes(axes: Axes, wiring: Wiring, roles: Mapping[str, _Role]) -> None:
    crowded = wiring.node_size < 2 * _SMALLEST_LETTERS
    for node, (x, y) in wiring.places.items():
        look = _LOOKS[roles[node].kind if node in roles else "hidden"]
        hidden = look is _LOOKS["hidden"]
        # A dot where no letter fits: rings would take more ink than the edges.
        size = wiring.node_size * (0.45 if hidden and crowded else look.scale)
        fill = LINE if hidden and crowded else look.fill
        mec = LINE if hidden else INK
        axes.plot([x], [y], look.marker, ms=size, mfc=fill, mec=mec, mew=0.5 if crowded else 1.0,
                  zorder=3)  # fmt: skip
        letters = min(0.46 * wiring.node_size, 1.2 * wiring.node_size / max(len(node), 1))
        if letters >= _SMALLEST_LETTERS:
            low = 0.09 * size if look.marker == "^" else 0.0
            axes.text(
                x, y - low, node, size=letters, color=look.letters, ha="center",
                va="center_baseline", zorder=4,
            )  # fmt: skip
        elif len(wiring.places) <= _CROWD:
            axes.text(
                x, y + 0.7 * size, node, size=6.5, ha="center", va="bottom", zorder=4,
                color=SOFT_INK, bbox=BACKDROP,
            )  # fmt: skip


def _name_role(axes: Axes, wiring: Wiring, node: str, role: _Role) -> None:
    """Words below a node; beside the edge that goes straight down, where there is one."""
    x, y = wiring.places[node]
    side, align = 0.5 * wiring.node_size, "left"
    if not _runs_down(wiring, node):
        side, align = 0.0, "center"
    elif x > 0.75 * wiring.size[0]:
        side, align = -side, "right"
    axes.text(
        x + side, y - 0.62 * wiring.node_size - 1, role.words, size=7.5, color=role.colour,
        weight="bold", ha=align, va="top", zorder=2, bbox=BACKDROP,
    )  # fmt: skip


def _runs_down(wiring: Wiring, node: str) -> bool:
    """Whether an edge leaves a node close to straight down."""
    here = np.array(wiring.places[node])
    for stroke in wiring.strokes:
        for near, far in ((0, -1), (-1, 0)):
            away = np.array(stroke.points[far]) - here
            touches = np.hypot(*(np.array(stroke.points[near]) - here)) < 0.5 * wiring.node_size
            if touches and away[1] < 0 and abs(away[0]) < -0.5 * away[1]:
                return True
    return False
