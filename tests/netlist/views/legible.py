"""What makes a sheet legible and true: nothing on anything else, every end joined or named."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations

from netlist.circuit import Connected, Subcircuit
from netlist.passes.structures import as_transistor
from netlist.views.sheet import BOXES, Point, Rect, Sheet, Symbol, Wire, Words


def overlaps(sheet: Sheet) -> list[str]:
    """What lies on something else."""
    return [*_under_texts(sheet), *_under_symbols(sheet)]


def _under_texts(sheet: Sheet) -> Iterator[str]:
    for one, other in combinations(sheet.words, 2):
        if one.box.meets(other.box):
            yield f"{one.text} on {other.text}"
    for words in sheet.words:
        for symbol in sheet.symbols:
            inside = symbol.kind == "box" and _within(words.box, symbol.box)
            if words.box.meets(symbol.box) and not inside:
                yield f"{words.text} on {symbol.name or symbol.kind}"
        for wire in (*sheet.wires, *(lead for s in sheet.symbols for lead in _leads(s))):
            if words.box.meets(wire.box):
                yield f"{words.text} on a wire of {wire.net}"


def _under_symbols(sheet: Sheet) -> Iterator[str]:
    for one, other in combinations(sheet.symbols, 2):
        if one.box.meets(other.box):
            yield f"{one.name} on {other.name or other.kind}"
    for symbol in sheet.symbols:
        for wire in sheet.wires:
            if wire.box.meets(symbol.box.grown(-0.1)):
                yield f"{symbol.name} on a wire of {wire.net}"


def _leads(symbol: Symbol) -> Iterator[Wire]:
    for pin in symbol.pins:
        yield Wire(pin.net, pin.at, (pin.x - pin.way[0], pin.y - pin.way[1]))


def _within(inner: Rect, outer: Rect) -> bool:
    across = outer.left < inner.left and inner.right < outer.right
    return across and outer.bottom < inner.bottom and inner.top < outer.top


def loose_ends(sheet: Sheet) -> list[str]:
    """Ends that no wire leads to and no name stands at, and nodes in pieces without a name."""
    found = []
    for net in {pin.net for symbol in sheet.symbols for pin in symbol.pins}:
        pieces = _pieces(sheet, net)
        named = set()
        for words in sheet.words:
            if words.net == net:
                far = [min(_far(words, point) for point in piece) for piece in pieces]
                named.add(far.index(min(far)) if min(far) < 1.1 else None)
        found += [f"{net} at {min(p)}" for n, p in enumerate(pieces) if n not in named]
    return found


def _pieces(sheet: Sheet, net: str) -> list[set[Point]]:
    pieces = [{pin.at} for symbol in sheet.symbols for pin in symbol.pins if pin.net == net]
    pieces += [set(points(wire)) for wire in sheet.wires if wire.net == net]
    whole: list[set[Point]] = []
    for piece in pieces:
        touching = [other for other in whole if other & piece]
        whole = [other for other in whole if not other & piece]
        whole.append(piece.union(*touching))
    return whole


def _far(words: Words, point: Point) -> float:
    """How far a text is from a point, steps."""
    box, (x, y) = words.box, point
    return max(box.left - x, x - box.right, 0.0) + max(box.bottom - y, y - box.top, 0.0)


def points(wire: Wire) -> list[Point]:
    """Points of the grid on a wire."""
    (x, y), (u, v) = wire.start, wire.end
    assert x == u or y == v
    across = range(min(x, u), max(x, u) + 1)
    return [(a, b) for a in across for b in range(min(y, v), max(y, v) + 1)]


def shorts(sheet: Sheet) -> list[str]:
    """Nodes that a reader would take for one: wires along each other or from each other's ends."""
    ends: dict[Point, set[str]] = defaultdict(set)
    along: dict[tuple[Point, bool], set[str]] = defaultdict(set)
    over: dict[Point, set[str]] = defaultdict(set)
    for symbol in sheet.symbols:
        for pin in symbol.pins:
            ends[pin.at].add(pin.net)
            over[pin.at].add(pin.net)
    for wire in sheet.wires:
        for point in points(wire):
            along[point, wire.start[0] == wire.end[0]].add(wire.net)
            over[point].add(wire.net)
        ends[wire.start].add(wire.net)
        ends[wire.end].add(wire.net)
    found = [f"{nets} along {point}" for (point, _), nets in along.items() if len(nets) > 1]
    return found + [f"{over[point]} at {point}" for point in ends if len(over[point]) > 1]


def drawn_wrong(sheet: Sheet, subcircuit: Subcircuit) -> list[str]:
    """Devices that are not drawn once, or with other nodes than they have."""
    wrong = []
    drawn = defaultdict(list)
    for symbol in sheet.symbols:
        if symbol.name:
            drawn[symbol.name].append(symbol)
    for statement in subcircuit.body:
        if not isinstance(statement, Connected) or not statement.nodes:
            continue
        symbols = drawn.pop(statement.name, [])
        nodes = [node.lower() for node in statement.nodes]
        if as_transistor(statement, {}) is not None:
            nodes = nodes[:3]
        elif symbols and symbols[0].kind not in BOXES:
            nodes = nodes[:2]
        nets = Counter(pin.net for symbol in symbols for pin in symbol.pins)
        if len(symbols) != 1 or nets != Counter(nodes):
            wrong.append(statement.name)
    return wrong + list(drawn)
