"""Where the nodes and edges of a drawing go: geometry only, in points of the page.

An edge that joins opposite borders of a grid would run through every node between; it is drawn as
two stubs that leave the picture on one side and come back on the other. Parallel edges run beside
each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from learning.arrays import Floats

_FLATTEST, _TALLEST = 0.45, 0.82
"""Height over width of a drawing; whatever lies outside is stretched or squeezed."""

_SHORTEST_LOOP = 3
"""Nodes in a row that can be closed to a ring: two would be joined already."""

_CURVE_POINTS = 15
_NARROWEST_GAP = 1e-6


@dataclass(frozen=True, slots=True)
class Stroke:
    """One line of the drawing.

    Attributes:
        edge: Index of the edge it belongs to; the two stubs of one edge share it.
        points: (n_point, 2), points of the page.
        leads_to: The node a stub's other end stands for; None for a line from node to node.
    """

    edge: int
    points: tuple[tuple[float, float], ...]
    leads_to: str | None = None


@dataclass(frozen=True, slots=True)
class Wiring:
    """A network laid out on the page.

    Attributes:
        places: Node name to (x, y), points of the page.
        strokes: In the order of the edges.
        size: Width and height of the box around the nodes, points.
        node_size: Diameter of a node that leaves room between neighbours, points.
    """

    places: Mapping[str, tuple[float, float]]
    strokes: tuple[Stroke, ...]
    size: tuple[float, float]
    node_size: float


def lay_out(
    edges: Sequence[Sequence[str]],
    positions: Mapping[str, Sequence[float]],
    width: float,
    largest_node: float = 19.0,
) -> Wiring:
    """Lay a network out in a box.

    Args:
        edges: Pairs of node names.
        positions: Node name to (x, y), in any unit.
        width: Width of the box, points.
        largest_node: Largest diameter of a node, points.

    Returns:
        The layout.
    """
    names = list(positions)
    raw = np.array([positions[name] for name in names], dtype=float).reshape(-1, 2)
    placed, height = _fit(raw, width)
    places = {name: (float(x), float(y)) for name, (x, y) in zip(names, placed, strict=True)}
    node_size = min(largest_node, 0.42 * _nearest(placed))
    closing = closing_edges(edges, positions)
    strokes: list[Stroke] = []
    for edge, shift in enumerate(_shifts(edges)):
        first, second = edges[edge]
        if edge in closing:
            strokes += _stubs(edge, first, second, places, shift * node_size, node_size)
        else:
            points = _curve(places[first], places[second], shift * node_size)
            strokes.append(Stroke(edge, points))
    return Wiring(places, tuple(strokes), (width, height), node_size)


def _fit(raw: Floats, width: float) -> tuple[Floats, float]:
    """Scale into the box; a drawing without width or height stays a line in its middle."""
    low, extent = raw.min(axis=0), np.ptp(raw, axis=0)
    ratio = extent[1] / extent[0] if extent[0] > 0 else _TALLEST
    height = width * float(np.clip(ratio, _FLATTEST, _TALLEST))
    placed = np.empty_like(raw)
    for axis, room in enumerate((width, height)):
        part = (raw[:, axis] - low[axis]) / extent[axis] if extent[axis] > 0 else 0.5
        placed[:, axis] = room * part
    return placed, height


def _nearest(placed: Floats) -> float:
    """Smallest distance between two nodes."""
    if len(placed) < 2:  # noqa: PLR2004 - a distance has two ends
        return float("inf")
    apart = np.hypot(*(placed[:, None, :] - placed[None, :, :]).transpose(2, 0, 1))
    np.fill_diagonal(apart, np.inf)
    return max(float(apart.min()), _NARROWEST_GAP)


def closing_edges(
    edges: Sequence[Sequence[str]], positions: Mapping[str, Sequence[float]]
) -> set[int]:
    """Find the edges that close a row or a column of a full grid to a ring.

    Args:
        edges: Pairs of node names.
        positions: Node name to (x, y), in any unit.

    Returns:
        Indices of those edges.
    """
    spots = {name: (float(x), float(y)) for name, (x, y) in positions.items()}
    levels = tuple(sorted({spot[axis] for spot in spots.values()}) for axis in (0, 1))
    if len(set(spots.values())) != len(levels[0]) * len(levels[1]):
        return set()
    closing = set()
    for edge, (first, second) in enumerate(edges):
        for along, across in ((0, 1), (1, 0)):
            ends = {spots[first][along], spots[second][along]}
            if (
                spots[first][across] == spots[second][across]
                and len(levels[along]) >= _SHORTEST_LOOP
                and ends == {levels[along][0], levels[along][-1]}
            ):
                closing.add(edge)
    return closing


def _shifts(edges: Sequence[Sequence[str]]) -> list[float]:
    """How far each edge bends aside, in node sizes, so that parallel ones do not cover each other.

    The side is that of the edge's sorted ends: two parallel edges written the other way round bend
    to different sides all the same.
    """
    together = Counter(frozenset(edge) for edge in edges)
    seen: Counter[frozenset[str]] = Counter()
    shifts = []
    for edge in edges:
        pair = frozenset(edge)
        shift = 0.8 * (seen[pair] - (together[pair] - 1) / 2)
        seen[pair] += 1
        shifts.append(shift if edge[0] <= edge[1] else -shift)
    return shifts


def _curve(
    first: tuple[float, float], second: tuple[float, float], shift: float
) -> tuple[tuple[float, float], ...]:
    """A straight line, or a parabola whose middle lies `shift` points aside."""
    if shift == 0:
        return (first, second)
    begin, end = np.array(first), np.array(second)
    t = np.linspace(0, 1, _CURVE_POINTS)[:, None]
    bent = begin + t * (end - begin) + 4 * t * (1 - t) * shift * _normal(begin, end)
    return tuple((float(x), float(y)) for x, y in bent)


def _stubs(
    edge: int,
    first: str,
    second: str,
    places: Mapping[str, tuple[float, float]],
    shift: float,
    node_size: float,
) -> tuple[Stroke, Stroke]:
    begin, end = np.array(places[first]), np.array(places[second])
    aside = 0.6 * shift * _normal(begin, end)
    outward = (begin - end) / np.hypot(*(begin - end))
    reach = node_size * 0.5 + max(0.8 * node_size, 8.0)
    stubs = []
    for node, other, way in ((begin, second, outward), (end, first, -outward)):
        tip = node + aside + reach * way
        points = tuple((float(x), float(y)) for x, y in (node + aside, tip))
        stubs.append(Stroke(edge, points, leads_to=other))
    return stubs[0], stubs[1]


def _normal(begin: Floats, end: Floats) -> Floats:
    along = end - begin
    length = float(np.hypot(*along)) or 1.0
    return np.array([-along[1], along[0]]) / length
