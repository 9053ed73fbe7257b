"""Wires where they are short, names of nodes where they are not.

A wire is searched for on the grid, round every device and every text, over other wires only
straight across. Where none of moderate length is found, both ends keep the name of their node: each
piece of a node bears its name once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import heappop, heappush
from itertools import pairwise
from math import ceil, floor

from netlist.passes.joined import Joined
from netlist.views.columns import RAILS
from netlist.views.sheet import (
    BOXES,
    NODE,
    Align,
    Group,
    Point,
    Rect,
    Sheet,
    Symbol,
    Wire,
    Words,
    name_at,
)

_WAYS: tuple[Point, ...] = ((1, 0), (0, 1), (-1, 0), (0, -1))
_BEND, _CROSSING, _LONGEST = 2, 3, 24
"""What a bend and a crossing cost beside a step, and what a wire may cost in all."""

_ALIGNED: tuple[Align, ...] = ("center", "left", "right")

_State = tuple[Point, int]


class Wiring:
    """A sheet that is being wired.

    Attributes:
        wires: All wires so far.
        words: All texts so far.
    """

    def __init__(self, group: Group) -> None:
        self.wires = list(group.wires)
        self.words = list(group.words)
        self._symbols = group.symbols
        self._pins = [pin for symbol in group.symbols for pin in symbol.pins]
        self._room = group.bounds().grown(1.2)
        self._signs = {(s.x, s.y) for s in group.symbols if s.kind in ("vdd", "ground")}
        self._at: dict[Point, str] = {pin.at: pin.net for pin in self._pins}
        self._blocked = set(_covered(group))
        self._kept: dict[Point, set[str]] = defaultdict(set)
        for pin in self._pins:
            for point in _points(name_at(pin).box.grown(0.2)):
                self._kept[point].add(pin.net)
        self._ways: dict[Point, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        for wire in self.wires:
            self._use(wire)

    def _use(self, wire: Wire) -> None:
        points = along(wire)
        for one, other in pairwise(points):
            way = _WAYS.index((other[0] - one[0], other[1] - one[1]))
            self._ways[one][wire.net].add(way)
            self._ways[other][wire.net].add((way + 2) % 4)

    def pieces(self, net: str) -> list[set[Point]]:
        """What of a node is joined so far: points of each piece, pins without wires among them."""
        joined = Joined()
        names = {}
        for pin in self._pins:
            if pin.net == net:
                names[str(pin.at)] = pin.at
        for wire in self.wires:
            if wire.net == net:
                points = along(wire)
                names |= {str(point): point for point in points}
                joined.join(*(str(point) for point in points))
        found: dict[str, set[Point]] = defaultdict(set)
        for name, point in names.items():
            found[joined.group(name)].add(point)
        return list(found.values())

    def connect(self, nets: Iterable[str]) -> None:
        """Join the pieces of nodes by wires, where these are short.

        Args:
            nets: The nodes, the first with the first choice.
        """
        for net in nets:
            while self._connected(net):
                pass

    def _connected(self, net: str) -> bool:
        pieces = self.pieces(net)
        for piece in sorted(pieces, key=len):
            others = {point for other in pieces if other is not piece for point in other}
            path = self._path(net, piece, others) if others else ()
            if path:
                for wire in _straight(net, path):
                    self.wires.append(wire)
                    self._use(wire)
                return True
        return False

    def _path(self, net: str, start: set[Point], goal: set[Point]) -> tuple[Point, ...]:
        """The cheapest way from one piece to another, if it is cheap enough."""
        best: dict[_State, float] = {}
        came: dict[_State, _State] = {}
        heap: list[tuple[float, Point, int]] = []
        for point in sorted(start):
            for way in range(4):
                best[point, way] = 0.0
                heappush(heap, (0.0, point, way))
        while heap:
            cost, point, way = heappop(heap)
            if cost > best[point, way]:
                continue
            if point in goal:
                return _traced(came, (point, way))
            for turn, state, price in self._next(net, point, way, point in start):
                total = cost + price + (_BEND if turn else 0)
                if total <= _LONGEST and total < best.get(state, 1e9) and state[0] not in start:
                    best[state] = total
                    came[state] = (point, way)
                    heappush(heap, (total, *state))
        return ()

    def _next(
        self, net: str, point: Point, way: int, first: bool
    ) -> Iterator[tuple[bool, _State, float]]:
        crossing = self._foreign(net, point)
        for onward in range(4):
            if (crossing and onward != way) or (onward == (way + 2) % 4 and not first):
                continue
            dx, dy = _WAYS[onward]
            there = (point[0] + dx, point[1] + dy)
            if not self._room.holds(*there) or there in self._blocked:
                continue
            if self._kept.get(there, {net}) - {net}:
                continue
            if self._at.get(there, net) != net:
                continue
            others = self._foreign(net, there)
            across = {(onward + 1) % 4, (onward + 3) % 4}
            if others and others != [across]:
                continue
            price = 1 + (_CROSSING if others else 0)
            yield onward != way and not first, (there, onward), price

    def _foreign(self, net: str, point: Point) -> list[set[int]]:
        used = self._ways.get(point)
        return [ways for other, ways in used.items() if other != net] if used else []

    def name(self, nets: Iterable[str]) -> None:
        """Write the name of each node at each of its pieces.

        Args:
            nets: The nodes.
        """
        for net in nets:
            for piece in self.pieces(net):
                if net in RAILS and self._is_named(net, piece):
                    continue
                spots = [*self._spots(net, piece)]
                fitting = next((spot for spot in spots if self._is_free(spot)), None)
                self.words.append(fitting or spots[0])

    def _is_named(self, net: str, piece: set[Point]) -> bool:
        """Whether the name of a rail or of a sign stands there already."""
        if len(piece) == 1:
            return bool(piece & self._signs)
        names = [words.box.grown(1.1) for words in self.words if words.net == net]
        return any(name.holds(x, y) for name in names for x, y in piece)

    def _spots(self, net: str, piece: set[Point]) -> Iterator[Words]:
        own = [pin for pin in self._pins if pin.net == net and pin.at in piece]
        for pin in sorted(own, key=lambda pin: pin.role == "gate"):
            yield name_at(pin)
        for pin in own:
            if pin.role in ("top", "bottom"):
                other: Align = "left" if pin.align == "right" else "right"
                yield Words(net, 2 * pin.x - pin.label[0], pin.label[1], other, NODE, net)
        for x, y in sorted(piece, key=lambda point: (-point[1], point[0])):
            for dy in (0.45, -0.45):
                for align in _ALIGNED:
                    yield Words(net, x, y + dy, align, NODE, net)
            for dy in (0.0, 0.5, -0.5):
                yield Words(net, x + 0.25, y + dy, "left", NODE, net)
                yield Words(net, x - 0.25, y + dy, "right", NODE, net)

    def _is_free(self, words: Words) -> bool:
        box = words.box.grown(0.04)
        taken = any(box.meets(symbol.box) for symbol in self._symbols)
        taken = taken or any(box.meets(lead) for s in self._symbols for lead in leads(s))
        taken = taken or any(box.meets(other.box) for other in self.words)
        return not (taken or any(box.meets(wire.box) for wire in self.wires))


def wired(groups: Sequence[Group]) -> Sheet:
    """Wire what has been placed, each group for itself.

    Args:
        groups: Parts of the sheet, in their places.

    Returns:
        The sheet, every pin joined or named.
    """
    whole = Group()
    dots: list[Point] = []
    for group in groups:
        wiring = Wiring(group)
        count = Counter(
            pin.net for symbol in group.symbols if symbol.kind not in BOXES for pin in symbol.pins
        )
        routed = [net for net in count if net not in RAILS]
        wiring.connect(sorted(routed, key=lambda net: count[net]))
        wiring.name(dict.fromkeys(pin.net for symbol in group.symbols for pin in symbol.pins))
        whole.add(Group(group.symbols, wiring.words, wiring.wires))
        dots += _dots(wiring.wires, group.symbols)
    return Sheet(tuple(whole.symbols), tuple(whole.words), tuple(whole.wires), tuple(dots))


def leads(symbol: Symbol) -> Iterator[Rect]:
    """Lines from a symbol to its pins."""
    for pin in symbol.pins:
        inner = (pin.x - pin.way[0], pin.y - pin.way[1])
        yield Wire(pin.net, pin.at, inner).box


def _covered(group: Group) -> Iterator[Point]:
    """Points of the grid that devices and texts cover."""
    pins = {pin.at for symbol in group.symbols for pin in symbol.pins}
    for symbol in group.symbols:
        inner = {(pin.x - pin.way[0], pin.y - pin.way[1]) for pin in symbol.pins}
        yield from (p for p in (*_points(symbol.box.grown(0.05)), *inner) if p not in pins)
    for words in group.words:
        yield from _points(words.box.grown(0.2))


def _points(box: Rect) -> Iterator[Point]:
    for x in range(ceil(box.left), floor(box.right) + 1):
        for y in range(ceil(box.bottom), floor(box.top) + 1):
            yield x, y


def along(wire: Wire) -> list[Point]:
    """Every point of the grid that a wire passes, from its start to its end."""
    (x, y), (u, v) = wire.start, wire.end
    steps = max(abs(u - x), abs(v - y))
    dx, dy = (u > x) - (u < x), (v > y) - (v < y)
    return [(x + dx * n, y + dy * n) for n in range(steps + 1)]


def _straight(net: str, path: Sequence[Point]) -> Iterator[Wire]:
    """A way as straight pieces."""
    start = path[0]
    for before, here, after in zip(path, path[1:], path[2:], strict=False):
        if (here[0] - before[0], here[1] - before[1]) != (after[0] - here[0], after[1] - here[1]):
            yield Wire(net, start, here)
            start = here
    yield Wire(net, start, path[-1])


def _traced(came: Mapping[_State, _State], state: _State) -> tuple[Point, ...]:
    points = [state[0]]
    while state in came:
        state = came[state]
        points.append(state[0])
    return tuple(reversed(points))


def _dots(wires: Iterable[Wire], symbols: Iterable[Symbol]) -> list[Point]:
    """Where three pieces of one node meet, the lead of a device among them."""
    ways: dict[tuple[str, Point], set[Point]] = defaultdict(set)
    for wire in wires:
        for one, other in pairwise(along(wire)):
            ways[wire.net, one].add(other)
            ways[wire.net, other].add(one)
    for symbol in symbols:
        for pin in symbol.pins:
            ways[pin.net, pin.at].add((pin.x - pin.way[0], pin.y - pin.way[1]))
    three = 3
    return sorted({point for (_, point), others in ways.items() if len(others) >= three})
