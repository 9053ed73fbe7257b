"""Where each device stands on the sheet, and the wires that follow from that alone.

Rows are levels: P from the upper supply down, N from the lower one up, between them a channel for
wires and for what bridges two columns. A device goes as far to the left as its row has room, so
that nothing can overlap; a device whose current divides stands over the middle of its branches.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from math import ceil, floor

from netlist.passes.structures import BOTTOMS, TOPS, Structure
from netlist.views.columns import Arrangement, Block, Trail, Tree, columns_of
from netlist.views.sheet import (
    NODE,
    PLAIN,
    Group,
    Pin,
    Point,
    Rect,
    Symbol,
    Wire,
    Words,
    around,
    name_at,
)
from netlist.views.shown import Part
from netlist.views.symbols import GATE, boxed, flat, upright

_ROW = 7
_CHANNEL = 5
_BRIDGED = 8
_GAP = 1.0
_WIDEST = 76
"""Steps of a band of columns before the sheet goes on below."""
_APART, _BESIDE = 1.5, 2.0

_Row = tuple[str, int]


class Columns:
    """Blocks of columns between two rails, put in one after the other.

    Attributes:
        group: What stands there so far.
    """

    def __init__(
        self, blocks: Sequence[Block], flipped: Iterable[str], found: Sequence[Structure]
    ) -> None:
        self.group = Group()
        self._blocks = blocks
        self._flipped = frozenset(flipped)
        trees = [t for b in blocks for t in (b.tree, *b.facing.values()) if t is not None]
        self._rails = _rails(trees)
        self._top, below = (_clear(trees, side, self._rails.get(side)) for side in "pn")
        depth = dict.fromkeys("pn", 0)
        for tree in trees:
            side = next(tree.parts()).side
            depth[side] = max(depth[side], tree.depth())
        self._depth = depth
        channel = _BRIDGED if any(block.trail for block in blocks) else _CHANNEL
        upper = -1 - _ROW * depth["p"] + 3 if depth["p"] else -1
        self._middle = upper - channel // 2
        self._highest = upper - channel - GATE if depth["p"] or channel > _CHANNEL else -1 - GATE
        self._bottom = self._highest - _ROW * (depth["n"] - 1) - GATE - below
        self._sky: dict[_Row, float] = {}
        self._lines = set(_gate_lines(blocks, found))
        for block in blocks:
            self._put(block)
        self._join_mirrors()
        self._draw_rails()

    def _put(self, block: Block) -> None:
        if block.tree is None:
            self._put_bridge(block.trail)
            return
        start = -1e9
        while True:
            sky, group = (
                dict(self._sky),
                Group(list(self.group.symbols), list(self.group.words), list(self.group.wires)),
            )
            leaves = iter(range(len(block.tree.leaves())))
            x, _, short = self._put_tree(block.tree, block, leaves, start)
            if short <= 0:
                return
            self._sky, self.group = sky, group
            start = x + ceil(short)

    def _put_tree(
        self, tree: Tree, block: Block, leaves: Iterator[int], start: float
    ) -> tuple[int, int, float]:
        """Put a tree; returns its first column, its own, and how much room it lacks there."""
        if len(tree.leaves()) == 1:
            x = self._put_column(_chain(tree), block.facing.get(next(leaves)), start)
            return x, x, 0.0
        put = [self._put_tree(branch, block, leaves, start) for branch in tree.branches]
        short = max(lacking for _, _, lacking in put)
        first, last = put[0][1], put[-1][1]
        side, level = next(tree.parts()).side, tree.branches[0].level
        bus = self._height(side, level) + (GATE if side == "p" else -GATE)
        self._wire(tree.net, (first, bus), (last, bus))
        middle = round(0.5 * (first + last))
        if tree.part is not None:
            left, right = self._extent(tree.part, tree.level)
            short = max(short, self._sky.get((side, tree.level), 0.0) + left - middle)
            self._sky[side, tree.level] = middle + right + _GAP
            self._stand(tree.part, tree.level, middle)
            end = self._height(side, tree.level) + (-GATE if side == "p" else GATE)
            self._wire(tree.net, (middle, end), (middle, bus))
        return put[0][0], middle, short

    def _wire(self, net: str, start: Point, end: Point) -> None:
        if start != end:
            self.group.wires.append(Wire(net, start, end))

    def _put_column(self, chain: list[Tree], facing: Tree | None, start: float) -> int:
        """Put a stack, and the one it meets from the other supply; returns where."""
        stacks = [chain] + ([_chain(facing)] if facing else [])
        room = self._passed(stacks) if facing else {}
        for part, level in (place for stack in stacks for place in _places(stack)):
            room[part.side, level] = self._extent(part, level)
        free = (self._sky.get(row, 0.0) + left for row, (left, _) in room.items())
        x = ceil(max(start, *free))
        for row, (_, right) in room.items():
            self._sky[row] = x + right + _GAP
        ends = [self._put_stack(stack, x) for stack in stacks]
        if len(ends) > 1:
            self._wire(chain[-1].net, (x, ends[0]), (x, ends[1]))
        return x

    def _passed(self, stacks: Sequence[list[Tree]]) -> dict[_Row, tuple[float, float]]:
        """Room for the wire between two stacks in every row that neither begins below."""
        wire = (0.4, 0.4)
        room = {(side, n): wire for side in "pn" for n in range(self._depth[side])}
        for stack in stacks:
            part, first = _places(stack)[0]
            for level in range(first):
                room.pop((part.side, level), None)
        room["mid", 0] = wire
        return room

    def _put_stack(self, stack: list[Tree], x: int) -> int:
        """Put devices above each other; returns where the last one ends."""
        last: int | None = None
        end = 0
        for part, level in _places(stack):
            self._stand(part, level, x)
            y, down = self._height(part.side, level), GATE if part.side == "p" else -GATE
            end = y - down
            if last is not None:
                self._wire(part.source, (x, last), (x, y + down))
            last = end
        return end

    def _height(self, side: str, level: int) -> int:
        if side == "p":
            return -1 - GATE - _ROW * level
        return self._highest - _ROW * (self._depth["n"] - 1 - level)

    def _extent(self, part: Part, level: int) -> tuple[float, float]:
        """How far a device reaches to the left and to the right of its middle."""
        symbol, words = upright(part, 0, 0, flip=part.name in self._flipped)
        boxes = [symbol.box, *(one.box for one in words)]
        for pin in symbol.pins:
            boxes.append(Rect(pin.x - 0.2, pin.y, pin.x + 0.2, pin.y))
            if pin.role == "gate" and (part.name in self._lines or part.gate == part.drain):
                continue
            if not self._at_rail(part, level, pin):
                boxes.append(name_at(pin).box)
        room = around(boxes)
        return -room.left, room.right

    def _at_rail(self, part: Part, level: int, pin: Pin) -> bool:
        outer = "top" if part.side == "p" else "bottom"
        return level == 0 and pin.role == outer and pin.net == self._rails.get(part.side)

    def _stand(self, part: Part, level: int, x: int) -> None:
        y = self._height(part.side, level)
        symbol, words = upright(part, x, y, flip=part.name in self._flipped)
        wires = self.group.wires
        for pin in symbol.pins:
            if self._at_rail(part, level, pin):
                wires.append(
                    Wire(pin.net, pin.at, (x, self._top - 1 if part.side == "p" else self._bottom))
                )
            elif pin.net in TOPS and pin.role == "top":
                self.group.symbols.append(_sign("vdd", pin))
                self.group.words.append(Words(pin.net, x, pin.y + 1.05, "center", NODE, pin.net))
            elif pin.net in BOTTOMS and pin.role == "bottom":
                self.group.symbols.append(_sign("ground", pin))
                self.group.words.append(Words(pin.net, x, pin.y - 1.35, "center", NODE, pin.net))
        if part.gate and part.gate == part.drain:
            gate = next(pin for pin in symbol.pins if pin.role == "gate")
            end = y - GATE if part.side == "p" else y + GATE
            wires.append(Wire(part.gate, gate.at, (gate.x, end)))
            wires.append(Wire(part.gate, (gate.x, end), (x, end)))
        self.group.symbols.append(symbol)
        self.group.words += words

    def _put_bridge(self, trail: Trail) -> None:
        group = put_trail(trail, {})
        room = group.bounds()
        start = ceil(self._sky.get(("mid", 0), 0.0) + 1 - room.left)
        columns = [symbol.x for symbol in self.group.symbols]
        start = max(start, ceil(max(columns, default=0) + 2 - room.left))
        self.group.add(group.moved(start, self._middle))
        self._sky["mid", 0] = start + room.right + _GAP

    def _join_mirrors(self) -> None:
        """Straight gate lines between what faces each other in neighbouring columns."""
        gates = {
            symbol.name: pin
            for symbol in self.group.symbols
            for pin in symbol.pins
            if pin.role == "gate" and symbol.name in self._lines
        }
        done: dict[tuple[str, int], list[Pin]] = {}
        for pin in gates.values():
            done.setdefault((pin.net, pin.y), []).append(pin)
        for (net, _), pins in done.items():
            ordered = sorted(pins, key=lambda pin: pin.x)
            for one, other in pairwise(ordered):
                if one.way == (1, 0) and other.way == (-1, 0):
                    self.group.wires.append(Wire(net, one.at, other.at))

    def _draw_rails(self) -> None:
        for side, y, above in (("p", self._top - 1, 0.5), ("n", self._bottom, -0.5)):
            rail = self._rails.get(side)
            xs = [
                w.start[0]
                for w in self.group.wires
                if w.net == rail and y in (w.start[1], w.end[1])
            ]
            if rail is None or not xs:
                continue
            left, right = min(xs) - 1, max(xs) + 1
            self.group.wires.append(Wire(rail, (left, y), (right, y)))
            self.group.words.append(Words(rail, left, y + above, "left", NODE, rail))


def _rails(trees: Iterable[Tree]) -> dict[str, str]:
    """The supply that most stacks of each side begin at."""
    found: dict[str, str] = {}
    roots = [tree.part for tree in trees if tree.part is not None and tree.level == 0]
    for side, names in (("p", TOPS), ("n", BOTTOMS)):
        count = Counter(p.source for p in roots if p.side == side and p.source in names)
        if count:
            found[side] = count.most_common(1)[0][0]
    return found


def _clear(trees: Iterable[Tree], side: str, rail: str | None) -> int:
    """How far a rail is from its devices: farther where one of them has a supply of its own."""
    signs = TOPS if side == "p" else BOTTOMS
    own = (
        part.side == side and level == 0 and part.source in signs and part.source != rail
        for tree in trees
        for part, level in _places([*_all(tree)])
    )
    return 2 if any(own) else 1


def _gate_lines(blocks: Sequence[Block], found: Sequence[Structure]) -> Iterator[str]:
    """Devices of mirrors whose gates meet straight: the diode's and that of a neighbour."""
    place = columns_of(blocks)
    levels = {
        tree.part.name: tree.level
        for block in blocks
        for whole in (block.tree, *block.facing.values())
        for tree in (_all(whole) if whole else ())
        if tree.part is not None
    }
    for structure in found:
        if structure.kind != "mirror":
            continue
        members = [name for name in structure.members if name in place]
        diode, copies = "".join(members[:1]), members[1:]
        near = [
            name
            for name in copies
            if abs(place[name] - place[diode]) == 1 and levels[name] == levels[diode]
        ]
        if near:
            best = min(near, key=lambda name: abs(place[name] - place[diode]))
            yield from (diode, best)


def _all(tree: Tree) -> Iterator[Tree]:
    yield tree
    for branch in tree.branches:
        yield from _all(branch)


def _chain(tree: Tree) -> list[Tree]:
    """A stack without branches, from its supply on."""
    chain = [tree]
    while chain[-1].branches:
        chain.append(chain[-1].branches[0])
    return chain


def _places(stack: Sequence[Tree]) -> list[tuple[Part, int]]:
    """Devices of a stack and their levels."""
    return [(tree.part, tree.level) for tree in stack if tree.part is not None]


def _sign(kind: str, pin: Pin) -> Symbol:
    low, high = (pin.y, pin.y + 0.65) if kind == "vdd" else (pin.y - 0.95, pin.y)
    box = Rect(pin.x - 0.5, low, pin.x + 0.5, high)
    return Symbol("", kind, pin.x, pin.y, "up", flip=False, box=box, pins=())


def put_trail(trail: Trail, gates: Mapping[str, Part]) -> Group:
    """Devices in series from left to right, their ends at height 0.

    Args:
        trail: The devices.
        gates: N of a transmission gate by the name of its P.

    Returns:
        Symbols, texts and the wires between neighbours.
    """
    group = Group()
    reach, last = 0.0, None
    for part, back in trail:
        second = gates.get(part.name)
        half = GATE + 1 if second else GATE
        net = part.drain if back else part.source
        one = _crossing(part, second, net) if second else _lying(part, back=back)
        room = _inner(one)
        x = half
        if last is not None:
            name = Words(net, 0, 0, "left", NODE).box.right
            x = max(ceil(last + name + 1.0 + half), ceil(reach + 0.6 - room.left))
            group.wires.append(Wire(net, (last, 0), (x - half, 0)))
            one = _named_below(one, 0.5 * (last - x - half))
        group.add(one.moved(x, 0))
        reach, last = x + room.right, x + half
    return group


def _lying(part: Part, *, back: bool) -> Group:
    symbol, words = flat(part, 0, 0, back=back, flip=False)
    return Group([symbol], words)


def _crossing(upper: Part, lower: Part, left: str) -> Group:
    """A transmission gate: P above with its gate up, N below with its gate down."""
    group = Group()
    for part, y in ((upper, 1), (lower, -1)):
        symbol, words = flat(part, 0, y, back=part.source != left, flip=y < 0)
        ends = [
            replace(pin, label=(pin.label[0] + pin.way[0], 0.0)) if pin.role != "gate" else pin
            for pin in symbol.pins
        ]
        group.symbols.append(replace(symbol, pins=tuple(ends)))
        group.words += words
        for pin in ends[:2]:
            outer = pin.x + pin.way[0]
            group.wires.append(Wire(pin.net, pin.at, (outer, y)))
            group.wires.append(Wire(pin.net, (outer, y), (outer, 0)))
    return group


def _hanging(part: Part) -> Group:
    """A capacitor from a node of the trails to a supply, its free end at their height."""
    up = part.side == "n"
    symbol, words = upright(part, 0, -GATE if up else GATE, flip=False)
    role = "bottom" if up else "top"
    pin = next(pin for pin in symbol.pins if pin.role == role)
    sign = _sign("ground" if up else "vdd", pin)
    height = pin.y - 1.35 if up else pin.y + 1.05
    name = Words(pin.net, 0, height, "center", NODE, pin.net)
    return Group([symbol, sign], [*words, name])


def _inner(group: Group) -> Rect:
    """The room of devices, their texts, their wires and the names at their gates."""
    boxes = [symbol.box for symbol in group.symbols] + [words.box for words in group.words]
    boxes += [wire.box for wire in group.wires]
    gates = [pin for symbol in group.symbols for pin in symbol.pins if pin.role == "gate"]
    return around([*boxes, *(name_at(pin).box for pin in gates)])


def _named_below(group: Group, x: float) -> Group:
    """The same with the name at its left end below the middle of the wire that leads there."""
    symbols = [
        replace(
            symbol,
            pins=tuple(
                replace(pin, label=(x, -0.5), align="center") if pin.role == "left" else pin
                for pin in symbol.pins
            ),
        )
        for symbol in group.symbols
    ]
    return Group(symbols, group.words, group.wires)


def put_all(
    arrangement: Arrangement, found: Sequence[Structure], widest: float = _WIDEST
) -> list[Group]:
    """Place everything: bands of columns, trails, boxes, each group below the one before.

    Args:
        arrangement: What belongs where.
        found: Structures of the transistors.
        widest: How wide a group becomes before the next begins, steps.

    Returns:
        The groups, in their places, the first with its upper edge at height 0; each with a heading
        where there are several.
    """
    trails = [put_trail(trail, arrangement.gates) for trail in arrangement.trails]
    trails += [_hanging(part) for part in arrangement.loose]
    boxes = [boxed(part, 0, 0) for part in arrangement.boxes]
    kinds = {
        "between the supplies": [*_bands(arrangement, found, widest)],
        "between nodes": [*_rows(trails, widest)],
        "subcircuits and models": [
            *_rows([Group([symbol], words) for symbol, words in boxes], widest)
        ],
    }
    several = sum(map(len, kinds.values())) > 1
    done: list[Group] = []
    y = 0.0
    for kind, groups in kinds.items():
        for number, group in enumerate(groups, 1):
            count = f" ({number} of {len(groups)})" if len(groups) > 1 else ""
            room = group.bounds()
            moved = group.moved(ceil(-room.left), floor(y - room.top - (1.5 if several else 0)))
            if several:
                top = moved.bounds().top
                moved.words.append(Words(f"{kind}{count}", 0, top + 0.9, "left", PLAIN))
            done.append(moved)
            y = moved.bounds().bottom - _APART
    return done


def _bands(arrangement: Arrangement, found: Sequence[Structure], widest: float) -> Iterator[Group]:
    blocks: list[Block] = []
    best: Group | None = None
    for block in arrangement.blocks:
        group = Columns([*blocks, block], arrangement.flipped, found).group
        room = group.bounds()
        if best is not None and room.right - room.left > widest:
            yield best
            blocks = []
            group = Columns([block], arrangement.flipped, found).group
        blocks.append(block)
        best = group
    if best is not None:
        yield best


def _rows(items: Sequence[Group], widest: float) -> Iterator[Group]:
    """Things side by side until a row is full; all at one height."""
    row, right = Group(), 0.0
    for item in items:
        room = item.bounds()
        if row.symbols and right + room.right - room.left > widest:
            yield row
            row, right = Group(), 0.0
        x = ceil(right - room.left)
        row.add(item.moved(x, 0))
        right = x + room.right + _BESIDE
    if row.symbols:
        yield row
