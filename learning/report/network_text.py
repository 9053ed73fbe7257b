"""A network drawn in characters: nodes where they lie, roles as letters, edges as lines.

Edges between neighbours on a grid line are drawn; the others, such as those that close a periodic
lattice, are listed, because a crossing of slanted lines in characters tells nobody anything.
"""

from __future__ import annotations

from collections.abc import Iterator

from netlist.machine.topology import Network

_COLUMNS, _ROWS = 6, 2
"""Characters from node to node, across and down."""

_WIDEST = 100

_Cell = tuple[int, int]


def sketch(network: Network) -> str:
    """Draw a network.

    Args:
        network: With roles.

    Returns:
        Lines of text: the drawing, the edges it leaves out, and the roles.
    """
    places = _places(network)
    lines = [*_drawing(network, places)] if places else []
    left_out = [f"{a}-{b}" for a, b in network.edges if not _drawable(places, a, b)]
    if left_out:
        lines += ["", *_wrapped("edges not drawn:" if places else "edges:", left_out)]
    lines += ["", *_roles(network)]
    return "\n".join(lines)


def _places(network: Network) -> dict[str, _Cell]:
    """Row and column of every node, if the positions are a grid that fits a terminal."""
    columns = sorted({x for x, _ in network.positions})
    rows = sorted({-y for _, y in network.positions})
    places = {
        node: (rows.index(-y), columns.index(x))
        for node, (x, y) in zip(network.nodes, network.positions, strict=True)
    }
    fits = len(columns) * _COLUMNS <= _WIDEST and len(set(places.values())) == len(network.nodes)
    dense = len(columns) * len(rows) <= 4 * len(network.nodes)
    return places if fits and dense else {}


def _drawable(places: dict[str, _Cell], a: str, b: str) -> bool:
    if a not in places or b not in places:
        return False
    (row_a, column_a), (row_b, column_b) = places[a], places[b]
    return abs(row_a - row_b) + abs(column_a - column_b) == 1


def _drawing(network: Network, places: dict[str, _Cell]) -> Iterator[str]:
    height = max(row for row, _ in places.values()) * _ROWS + 1
    width = (max(column for _, column in places.values()) + 1) * _COLUMNS
    canvas = [[" "] * width for _ in range(height)]
    for a, b in network.edges:
        if _drawable(places, a, b):
            _draw_edge(canvas, *sorted((places[a], places[b])))
    letters = _letters(network)
    for node, (row, column) in places.items():
        text = f"{node}{letters.get(node, '')}"[: _COLUMNS - 1]
        for offset, character in enumerate(text):
            canvas[row * _ROWS][column * _COLUMNS + offset] = character
    for line in canvas:
        yield "  " + "".join(line).rstrip()


def _draw_edge(canvas: list[list[str]], first: _Cell, second: _Cell) -> None:
    row, column = first[0] * _ROWS, first[1] * _COLUMNS
    if first[0] == second[0]:
        for offset in range(1, _COLUMNS):
            canvas[row][column + offset] = "-"
    else:
        canvas[row + 1][column] = "|"


def _letters(network: Network) -> dict[str, str]:
    """The letter of every node's role: s source, t target, g ground."""
    letters = dict.fromkeys(network.ground, "g")
    for letter, ports in (("s", network.sources), ("t", network.targets)):
        for port in ports:
            letters[port.positive] = letter
            if port.negative is not None:
                letters[port.negative] = letter
    return letters


def _roles(network: Network) -> Iterator[str]:
    for title, ports in (("sources (s):", network.sources), ("targets (t):", network.targets)):
        names = [p.positive if p.negative is None else f"{p.positive}-{p.negative}" for p in ports]
        yield from _wrapped(title, names)
    yield from _wrapped("ground  (g):", list(network.ground))


def _wrapped(title: str, words: list[str]) -> Iterator[str]:
    line = title
    for word in words:
        if len(line) + len(word) >= _WIDEST:
            yield line
            line = " " * len(title)
        line += f" {word}"
    yield line
