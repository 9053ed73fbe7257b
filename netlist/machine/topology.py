"""Which node is wired to which: the network of self-adjusting resistors before any transistor.

A `Network` is plain ordered data rather than a graph object, so that the same design always gives
the same deck, byte for byte; networkx draws, generates and reads the graphs, and `Network.graph`
hands one back to whoever wants an algorithm. Who is source, target or ground is decided afterwards
(`netlist.machine.roles`), because the same lattice is taught many tasks.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import networkx as nx
import numpy as np

from netlist.errors import NetlistError
from netlist.machine.largest import MOST_EDGES
from netlist.reading import NETWORK, read_text
from netlist.span import Span

_NAME = re.compile(r"[A-Za-z0-9_]+")
_NAME_HINT = "use letters, digits and _ only"
_GRAPHML_GRAPH = re.compile(r"<(?:[\w.-]+:)?graph(?=[\s/>])")
_COMMENT = re.compile(r"<!--(?:.*?-->|.*\Z)", re.DOTALL)
_GRAPHML_NODE = re.compile(r"""<(?:\w+:)?node\b[^>]*?\bid\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_ROLES = ("source", "target", "ground", "hidden")

_SMALLEST_PERIODIC = 3
"""A periodic side of two would wire the same two nodes twice, a side of one a node to itself."""

_CAREFUL_LAYOUT_NODES = 100
"""Kamada-Kawai draws better than springs but costs the cube of the number of nodes."""

_SPRUNG_LAYOUT_NODES = 1000
"""Springs cost the square of the number of nodes; a drawing of more than these is a grey disc."""

_REGULAR_DRAWS = 100
"""Almost every random regular graph of degree 3 or more is connected, so this many is plenty."""


@dataclass(frozen=True, slots=True)
class Port:
    """Where a voltage is applied or read: one node, or a differential pair of nodes.

    Attributes:
        positive: The node, or the pair's plus end.
        negative: The pair's minus end; None for a single node, measured against ground.
    """

    positive: str
    negative: str | None = None

    @property
    def nodes(self) -> tuple[str, ...]:
        """The one or two nodes, the positive one first."""
        return (self.positive,) if self.negative is None else (self.positive, self.negative)

    def __str__(self) -> str:
        """As a design file writes it: ``3`` or ``3-7``."""
        return "-".join(self.nodes)


@dataclass(frozen=True, slots=True)
class Network:
    """Nodes and edges in a fixed order, where to draw them, and what some of them are for.

    Attributes:
        nodes: Node names: letters, digits and ``_``, different even when case is ignored.
        edges: Pairs of node names; parallel edges are allowed, self-loops are not.
        positions: Drawing coordinates (x, y), one pair per node, no unit.
        sources: Where inputs are applied.
        targets: Where outputs are read.
        ground: Nodes tied to zero volts.

    Raises:
        NetlistError: When made of anything else.
    """

    nodes: tuple[str, ...]
    edges: tuple[tuple[str, str], ...]
    positions: tuple[tuple[float, float], ...]
    sources: tuple[Port, ...] = ()
    targets: tuple[Port, ...] = ()
    ground: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no deck could be made of."""
        _check_nodes(self)
        _check_edges(self)

    def graph(self) -> nx.MultiGraph[str]:
        """The same network for networkx; each edge's key is its index in `edges`."""
        graph: nx.MultiGraph[str] = nx.MultiGraph()
        for node, position in zip(self.nodes, self.positions, strict=True):
            graph.add_node(node, position=position)
        for index, (first, second) in enumerate(self.edges):
            graph.add_edge(first, second, key=index)
        return graph


def square_lattice(rows: int, columns: int, periodic: bool = True) -> Network:
    """A rectangular grid with nodes named "0", "1", ... row by row.

    Args:
        rows: Number of rows; at least 3 when periodic.
        columns: Number of columns; at least 3 when periodic.
        periodic: Join opposite borders, so that every node has four neighbours.

    Returns:
        The network, without roles: 4 by 4 periodic has 16 nodes and 32 edges.

    Raises:
        NetlistError: When a side is too short.
    """
    smallest = _SMALLEST_PERIODIC if periodic else 1
    for key, count in (("rows", rows), ("columns", columns)):
        if count < smallest:
            kind = "a periodic" if periodic else "a"
            raise NetlistError(
                f"{kind} lattice needs at least {smallest} {key}, not {count}",
                where=f"network.{key}",
                hint="a longer side" + (", or periodic = false" if periodic else ""),
            )
    if rows * columns == 1:
        raise NetlistError(
            "a lattice of one node has no edges", where="network.rows", hint="a longer side"
        )
    grid = nx.grid_2d_graph(rows, columns, periodic=periodic)
    names = {(row, column): str(row * columns + column) for row, column in grid}
    positions = {name: (float(column), float(-row)) for (row, column), name in names.items()}
    return _network(names.values(), ((names[a], names[b]) for a, b in grid.edges()), positions)


def random_regular(nodes: int, degree: int, rng: np.random.Generator) -> Network:
    """A connected random graph in which every node has the same number of neighbours.

    Args:
        nodes: Number of nodes, named "0", "1", ...
        degree: Neighbours of each node; ``nodes * degree`` must be even.
        rng: Draws the graph; drawn again while the graph falls apart.

    Returns:
        The network, without roles.

    Raises:
        NetlistError: When no such graph exists, or no connected one turned up.
    """
    if not 0 < degree < nodes or nodes * degree % 2:
        raise NetlistError(
            f"no graph of {nodes} nodes has {degree} neighbours at every node",
            where="network.degree",
            hint="0 < degree < nodes, and an even nodes * degree",
        )
    for _ in range(_REGULAR_DRAWS):
        graph = nx.random_regular_graph(degree, nodes, seed=rng)
        if nx.is_connected(graph):
            edges = sorted((min(edge), max(edge)) for edge in graph.edges())
            names = tuple(str(node) for node in range(nodes))
            return _network(names, ((str(a), str(b)) for a, b in edges))
    raise NetlistError(
        f"{_REGULAR_DRAWS} random graphs of {nodes} nodes and degree {degree} all fell apart",
        where="network.degree",
        hint="a degree of 3 or more, which is almost always connected",
    )


def layered(sizes: Sequence[int]) -> Network:
    """Layers of nodes, each node wired to every node of the next layer.

    Args:
        sizes: Nodes in each layer, at least two layers; nodes are named "0", "1", ... in order.

    Returns:
        The network, without roles.

    Raises:
        NetlistError: When there are fewer than two layers or a layer is empty.
    """
    if len(sizes) < 2 or min(sizes) < 1:  # noqa: PLR2004 - an edge has two ends
        raise NetlistError(
            f"layers of {list(sizes)} nodes leave nothing to connect",
            where="network.layers",
            hint="at least two layers of at least one node each, such as [4, 6, 2]",
        )
    numbers = (str(number) for number in itertools.count())
    layers = [tuple(itertools.islice(numbers, size)) for size in sizes]
    edges = itertools.chain.from_iterable(
        itertools.product(left, right) for left, right in itertools.pairwise(layers)
    )
    positions = {
        name: (float(x), (len(layer) - 1) / 2 - y)
        for x, layer in enumerate(layers)
        for y, name in enumerate(layer)
    }
    return _network(itertools.chain.from_iterable(layers), edges, positions)


def read_network(path: Path) -> Network:
    """Read a graph from a file: GraphML when it ends in ``.graphml``, otherwise an edge list.

    In GraphML a node's attribute ``role`` (source, target, ground or hidden) gives it its role and
    its attributes ``x`` and ``y`` its place in drawings; directions of edges are ignored, and
    an edge that stands there once in each direction is one edge. An edge
    list has two node names per line, separated by a comma or blanks; a line that stands there twice
    is two resistors side by side, the same edge the other way round is asked about. ``#`` starts a
    comment, and what `networkx.write_edgelist` writes behind the names (a table in braces) is left
    out.

    Args:
        path: The file.

    Returns:
        The network; nodes in the order of the file, edges by their first node.

    Raises:
        NetlistError: When the file cannot be read as a network, naming file and line.
    """
    text = read_text(path, NETWORK)
    return (_read_graphml if path.suffix == ".graphml" else _read_edge_list)(path, text)


def _read_edge_list(path: Path, text: str) -> Network:
    nodes: dict[str, None] = {}
    edges: dict[tuple[str, str], int] = {}
    listed = []
    for number, line in enumerate(text.splitlines(), start=1):
        names = _edge_text(line).replace(",", " ").split()
        if not names:
            continue
        span = Span(str(path), number)
        if len(names) != 2:  # noqa: PLR2004 - an edge has two ends
            raise NetlistError(
                f"expected two node names, found {len(names)}",
                where=span,
                hint="one edge per line, such as: a b; a GraphML file must end in .graphml",
            )
        for name in names:
            _check_name(name, span)
        _check_not_loop(names[0], names[1], span)
        nodes |= dict.fromkeys(names)
        edge = (names[0], names[1])
        _check_one_way(edge, edges, span)
        edges.setdefault(edge, number)
        listed.append(edge)
    _check_any(listed, path)
    return _network(nodes, listed)


def _check_one_way(
    edge: tuple[str, str], earlier: Mapping[tuple[str, str], int], span: Span
) -> None:
    """Ask whether an edge that stands there in both directions is one resistor or two."""
    line = earlier.get(edge[::-1])
    if line is not None:
        first, second = edge
        raise NetlistError(
            f"edge {first} {second} is edge {second} {first} of line {line} the other way round, "
            "and edges have no direction",
            where=span,
            hint=f"one of the two lines; or {second} {first} twice, for two resistors side by side",
        )


def _edge_text(line: str) -> str:
    """A line without its comment, and without the table networkx writes behind the two nodes."""
    names, _, data = line.partition("{")
    closed = data.rstrip().endswith("}") and "#" not in names
    return names if closed else line.partition("#")[0]


def _read_graphml(path: Path, text: str) -> Network:
    graph = _graphml_graph(path, text)
    _check_one_graph(path, text)
    lines = _node_lines(text)
    spans = {node: Span(str(path), lines.get(node, 1)) for node in graph}
    for node in graph:
        _check_name(node, spans[node])
        if node not in lines:
            raise NetlistError(
                f"an edge names node {node}, which the file does not declare",
                where=str(path),
                hint=f'<node id="{node}"/>, or another name in the edge',
            )
    for first, second in graph.edges():
        _check_not_loop(first, second, spans[first])
    _check_any(graph.edges(), path)
    roles = {node: _graphml_role(graph.nodes[node], spans[node]) for node in graph}
    places = {node: _graphml_place(graph.nodes[node], spans[node]) for node in graph}
    positions = {node: place for node, place in places.items() if place is not None}
    edges = _undoubled(graph)
    return _network(graph, edges, positions if len(positions) == len(places) else None, roles)


def _undoubled(graph: nx.Graph[str]) -> list[tuple[str, str]]:
    """The edges of a graph; in a directed one a -> b and b -> a are one resistor.

    A resistor has no direction, and many programs write an undirected graph as a directed one
    with every edge both ways. Parallel edges in one direction are several resistors still.
    """
    edges = [(str(first), str(second)) for first, second in graph.edges()]
    if not graph.is_directed():
        return edges
    forward = Counter(edges)
    kept, left = [], Counter(edges)
    for first, second in edges:
        if left[first, second] <= 0:
            continue
        left[first, second] -= 1
        if forward[second, first]:
            left[second, first] -= 1
        kept.append((first, second))
    return kept


def _node_lines(text: str) -> dict[str, int]:
    """The line that declares each node."""
    lines: dict[str, int] = {}
    line, place = 1, 0
    for match in _GRAPHML_NODE.finditer(text):
        line += text.count("\n", place, match.start())
        place = match.start()
        lines[unescape(match[1] or match[2] or "")] = line
    return lines


def _graphml_graph(path: Path, text: str) -> nx.Graph[str]:
    try:
        return nx.parse_graphml(text, force_multigraph=True)
    except ParseError as error:
        line, column = error.position
        raise NetlistError(
            f"this is not well-formed XML: {error}",
            where=Span(str(path), line, column + 1),
            hint="export the graph again; an edge list must not end in .graphml",
        ) from error
    except (nx.NetworkXError, KeyError, ValueError) as error:
        raise NetlistError(
            f"this GraphML cannot be read: {error}",
            where=str(path),
            hint="plain nodes and edges, without ports, hyperedges or mixed directions",
        ) from error


def _check_one_graph(path: Path, text: str) -> None:
    """Refuse a file of several graphs, of which a reader would take the first without a word."""
    found = list(_GRAPHML_GRAPH.finditer(_COMMENT.sub(lambda one: "\n" * one[0].count("\n"), text)))
    if len(found) > 1:
        raise NetlistError(
            f"this file holds {len(found)} graphs, side by side or one inside another",
            where=Span(str(path), found[1].string.count("\n", 0, found[1].start()) + 1),
            hint="one graph in one file, without groups of nodes",
        )


def _graphml_role(attributes: Mapping[str, Any], span: Span) -> str:
    role = str(attributes.get("role", "")).strip().lower() or "hidden"
    if role not in _ROLES:
        raise NetlistError(
            f"unknown node role {role!r}", where=span, hint=f"one of {', '.join(_ROLES)}"
        )
    return role


def _graphml_place(attributes: Mapping[str, Any], span: Span) -> tuple[float, float] | None:
    if attributes.get("x") is None or attributes.get("y") is None:
        return None
    x, y = attributes["x"], attributes["y"]
    try:
        place = (float(x), float(y))
    except ValueError:
        place = (math.nan, math.nan)
    if not all(math.isfinite(value) for value in place):
        raise NetlistError(
            f"a node's place ({x}, {y}) is not two numbers",
            where=span,
            hint="numbers for x and y, or neither",
        )
    return place


def _network(
    nodes: Iterable[str],
    edges: Iterable[tuple[str, str]],
    positions: Mapping[str, tuple[float, float]] | None = None,
    roles: Mapping[str, str] | None = None,
) -> Network:
    nodes, edges, roles = tuple(nodes), tuple((a, b) for a, b in edges), roles or {}
    if positions is None:
        positions = _layout(nodes, edges)
    return Network(
        nodes=nodes,
        edges=edges,
        positions=tuple(positions[node] for node in nodes),
        sources=tuple(Port(node) for node in nodes if roles.get(node) == "source"),
        targets=tuple(Port(node) for node in nodes if roles.get(node) == "target"),
        ground=tuple(node for node in nodes if roles.get(node) == "ground"),
    )


def _layout(
    nodes: tuple[str, ...], edges: tuple[tuple[str, str], ...]
) -> dict[str, tuple[float, float]]:
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(nodes)
    graph.add_edges_from(edges)
    if len(nodes) <= _CAREFUL_LAYOUT_NODES:
        layout = nx.kamada_kawai_layout(graph)
    elif len(nodes) <= _SPRUNG_LAYOUT_NODES:
        layout = nx.spring_layout(graph, seed=0)
    else:
        layout = nx.circular_layout(graph)
    # Rounded because the last bits depend on the machine, and adding zero turns -0.0 into 0.0.
    return {
        node: (round(float(layout[node][0]), 4) + 0.0, round(float(layout[node][1]), 4) + 0.0)
        for node in nodes
    }


def _check_nodes(network: Network) -> None:
    if not network.nodes:
        raise NetlistError("the network has no nodes", where="network.nodes", hint="name some")
    for node in network.nodes:
        _check_name(node, "network.nodes")
    if len(network.positions) != len(network.nodes):
        raise NetlistError(
            f"{len(network.nodes)} nodes but {len(network.positions)} positions",
            where="network.positions",
            hint="one (x, y) per node",
        )
    name, uses = Counter(node.lower() for node in network.nodes).most_common(1)[0]
    if uses > 1:
        alike = [node for node in network.nodes if node.lower() == name]
        raise NetlistError(
            f"node names {', '.join(alike)} are one and the same to a simulator",
            where="network.nodes",
            hint="names that differ in more than upper and lower case",
        )


def _check_edges(network: Network) -> None:
    known = set(network.nodes)
    for first, second in network.edges:
        for node in (first, second):
            if node not in known:
                raise NetlistError(
                    f"edge {first}-{second} names unknown node {node}",
                    where="network.edges",
                    hint="list the node, or correct the edge",
                )
        _check_not_loop(first, second, "network.edges")


def _check_any(edges: Collection[tuple[str, str]], path: Path) -> None:
    if not edges:
        raise NetlistError(
            "this file holds no edges", where=str(path), hint="one edge at least, such as: a b"
        )
    if len(edges) > MOST_EDGES:
        raise NetlistError(
            f"{len(edges)} edges are more than the {MOST_EDGES} that can be simulated",
            where=str(path),
            hint="a smaller network",
        )


def _check_name(name: str, where: Span | str) -> None:
    if not _NAME.fullmatch(name):
        raise NetlistError(f"{name!r} cannot be a node name", where=where, hint=_NAME_HINT)


def _check_not_loop(first: str, second: str, where: Span | str) -> None:
    if first == second:
        raise NetlistError(
            f"edge {first}-{second} is a self-loop and would carry no current",
            where=where,
            hint="remove it, or join two different nodes",
        )
