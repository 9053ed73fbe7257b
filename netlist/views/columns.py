"""Which devices stand above each other, and which columns beside each other.

What a current from a supply flows through stands in one column, P and what hangs from a supply
above, N and what stands on ground below. Where a current divides, as under a pair's tail, columns
belong together in a block. What lies between two nodes (switches, transmission gates, a
compensation) is in trails from left to right.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TypeAlias

from netlist.passes.structures import BOTTOMS, TOPS, Structure
from netlist.views.shown import Part

RAILS = TOPS | BOTTOMS
_PASSIVE = frozenset("rcl")
_LONGEST = 4
"""Devices in a trail."""
_DEEPEST = 12
"""Devices in a stack; what is on top of more is drawn for itself."""
_REMEMBERED = 8
"""Blocks, back from the last, that say which comes next."""

Trail: TypeAlias = tuple[tuple[Part, bool], ...]
"""Devices from left to right, and of each whether its source, or first end, is on the right."""


@dataclass(slots=True)
class Tree:
    """A device and what its current goes on through.

    Attributes:
        part: The device; None where several hang from one node without a device above them.
        level: How many devices are between it and its supply.
        net: Node that its branches share.
        branches: What its current goes on through.
    """

    part: Part | None
    level: int
    net: str
    branches: list[Tree] = field(default_factory=list)

    def leaves(self) -> list[Tree]:
        """Ends of its branches, in order; itself without any."""
        return [leaf for one in self.branches for leaf in one.leaves()] or [self]

    def parts(self) -> Iterator[Part]:
        """Every device of it."""
        if self.part is not None:
            yield self.part
        for branch in self.branches:
            yield from branch.parts()

    def depth(self) -> int:
        """Levels it reaches down to."""
        return max([self.level + 1, *(branch.depth() for branch in self.branches)])


@dataclass(slots=True)
class Block:
    """Columns that stay together: a tree and, at its leaves, single stacks from the other supply.

    Attributes:
        tree: What divides, or a single stack.
        facing: By place of a leaf, the stack that ends at the same node.
        trail: Devices from left to right between two nodes, in place of a tree.
    """

    tree: Tree | None
    facing: dict[int, Tree] = field(default_factory=dict)
    trail: Trail = ()

    def parts(self) -> list[Part]:
        """Every device of it."""
        found = [part for part, _ in self.trail]
        for tree in (self.tree, *self.facing.values()):
            found.extend(tree.parts() if tree else ())
        return found


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What stands where, before there are coordinates.

    Attributes:
        blocks: From left to right.
        trails: Below them: switches and gates in series, each with what its first end is at.
        loose: Capacitors at a supply that belong to the trails.
        boxes: Subcircuits and the like.
        flipped: Names of the devices with the gate on the right.
        gates: P and N of a transmission gate, by the name of the P.
    """

    blocks: tuple[Block, ...]
    trails: tuple[Trail, ...]
    loose: tuple[Part, ...]
    boxes: tuple[Part, ...]
    flipped: frozenset[str]
    gates: Mapping[str, Part]


def arrange(parts: Sequence[Part], found: Sequence[Structure], ports: Iterable[str]) -> Arrangement:
    """Put the parts of a subcircuit in columns, blocks and trails.

    Args:
        parts: What is to be drawn.
        found: Structures of the transistors.
        ports: Pins, in lower case.

    Returns:
        Every part once.
    """
    by_name = {part.name: part for part in parts}
    gates = {s.members[0]: by_name[s.members[1]] for s in found if s.kind == "transmission gate"}
    switching = {*gates, *(part.name for part in gates.values())}
    pins = tuple(ports)
    upright = _upright(parts, found, switching, frozenset(pins))
    seconds = {part.name for part in gates.values()}
    taken = seconds | {part.name for part in upright}
    flat = [part for part in parts if part.kind != "box" and part.name not in taken]
    touched = {net for part in upright if part.kind != "c" for net in part.nets}
    loose = tuple(p for p in upright if flat and p.kind == "c" and p.drain not in touched)
    upright = [part for part in upright if part not in loose]
    lines = {by_name[s.members[0]].gate for s in found if s.kind == "mirror"}
    pairs = [s for s in found if s.kind == "pair"]
    inputs = set(pins) - {net for p in parts for net in (p.nets if not p.gate else _ends_of(p))}
    trees = [
        tree
        for side in "pn"
        for tree in _trees([p for p in upright if p.side == side], pairs, lines, inputs)
    ]
    bridges = [
        trail
        for trail in _trails([part for part in flat if part.kind in _PASSIVE], pins)
        if set(trail_ends(trail)) <= touched
    ]
    bridging = {part.name for trail in bridges for part, _ in trail}
    ordered = _bridged(_ordered(_blocks(trees, found), found), bridges)
    return Arrangement(
        tuple(ordered),
        tuple(_trails([part for part in flat if part.name not in bridging], pins)),
        loose,
        tuple(part for part in parts if part.kind == "box"),
        _flipped(ordered, found),
        gates,
    )


def trail_ends(trail: Trail) -> tuple[str, str]:
    """Nodes of its left and its right end."""
    (first, back), (last, turned) = trail[0], trail[-1]
    return first.drain if back else first.source, last.source if turned else last.drain


def _upright(
    parts: Sequence[Part], found: Sequence[Structure], switching: set[str], ports: frozenset[str]
) -> list[Part]:
    """Devices that stand in columns: at a supply, in a pair or its tail, or stacked on such."""
    paired = {name for s in found if s.kind == "pair" for name in s.members}
    tails = {part.source for part in parts if part.name in paired}
    ends: dict[str, set[str]] = defaultdict(set)
    for part in parts:
        if part.kind in ("n", "p"):
            ends[part.source].add(part.kind)
            ends[part.drain].add(part.kind)
    able = [part for part in parts if part.side and part.name not in switching]
    standing = [
        part
        for part in able
        if {part.source, part.drain} & RAILS or part.name in paired or part.drain in tails
    ]
    for one in standing:
        if one.drain in RAILS | ports or one.kind == "c" or not ends[one.drain] <= {one.side}:
            continue
        standing += [
            part
            for part in able
            if part.side == one.side and part.source == one.drain and part not in standing
        ]
    return standing


def _ends_of(part: Part) -> tuple[str, str]:
    return part.source, part.drain


def _trees(
    parts: list[Part], pairs: Sequence[Structure], lines: set[str], inputs: set[str]
) -> list[Tree]:
    """Stacks and what divides, of one side."""
    carrying = [part for part in parts if part.kind != "c"]
    drains = Counter(part.drain for part in carrying)
    above = {p.drain: p for p in carrying if drains[p.drain] == 1 and p.drain not in RAILS}
    below: dict[str, list[Part]] = defaultdict(list)
    for part in carrying:
        if part.source not in RAILS:
            below[part.source].append(part)

    def grown(part: Part, level: int, seen: frozenset[str]) -> Tree:
        tree = Tree(part, level, part.drain)
        ends = level + 1 >= _DEEPEST or part.drain in seen
        if above.get(part.drain) is part and not ends:
            inner = seen | {part.drain}
            branches = [grown(one, level + 1, inner) for one in below[part.drain]]
            tree.branches = _paired(branches, pairs, lines, inputs)
        return tree

    trees: list[Tree] = []
    shared: dict[str, list[Part]] = defaultdict(list)
    for part in parts:
        alone = part.source in RAILS or len(below[part.source]) < 2  # noqa: PLR2004
        if part.source in RAILS or above.get(part.source, part) is part:
            if alone or part.kind == "c":
                trees.append(grown(part, 0, frozenset((part.source,))))
            else:
                shared[part.source].append(part)
    for net, siblings in shared.items():
        branches = [grown(one, 0, frozenset((net,))) for one in siblings]
        trees.append(Tree(None, -1, net, _paired(branches, pairs, lines, inputs)))
    placed = {part.name for tree in trees for part in tree.parts()}
    return trees + [Tree(part, 0, part.drain) for part in parts if part.name not in placed]


def _paired(
    branches: list[Tree], pairs: Sequence[Structure], lines: set[str], inputs: set[str]
) -> list[Tree]:
    """Branches of one node: halves of pairs on both sides, followers outermost.

    The half that pins alone control is left, as signals go from left to right; where both are or
    none is, the one that ends at a diode.
    """
    by_name = {branch.part.name: branch for branch in branches if branch.part is not None}
    left: list[Tree] = []
    right: list[Tree] = []
    own = [pair for pair in pairs if set(pair.members) <= set(by_name)]
    for pair in sorted(own, key=lambda pair: by_name[pair.members[0]].net not in RAILS):
        first = [by_name[name] for name in pair.members[: pair.half]]
        second = [by_name[name] for name in pair.members[pair.half :]]
        if _rank(second, lines, inputs) > _rank(first, lines, inputs):
            first, second = second, first
        left += first
        right = [*second, *right]
    rest = [branch for branch in branches if branch not in left and branch not in right]
    return [*left, *right, *rest]


def _rank(half: Sequence[Tree], lines: set[str], inputs: set[str]) -> tuple[bool, bool]:
    """How far to the left a half of a pair belongs."""
    controlled = all(tree.part is not None and tree.part.gate in inputs for tree in half)
    return controlled, _end(half[0]) in lines


def _end(tree: Tree) -> str:
    return tree.leaves()[0].net


def _blocks(trees: list[Tree], found: Sequence[Structure]) -> list[Block]:
    """Trees, each with the single stacks from the other supply that end where it ends."""
    blocks = [Block(tree) for tree in trees]
    chosen = []
    for number, whole in enumerate(trees):
        leaves = whole.leaves()
        for place, leaf in enumerate(leaves):
            for other, tree in enumerate(trees):
                seen = other == number or (len(leaves) == 1 and other < number)
                if seen or len(tree.leaves()) > 1:
                    continue
                score = _belonging(leaf, tree.leaves()[0], found)
                middle = -abs(place - 0.5 * (len(leaves) - 1))
                if score:
                    chosen.append((-(len(leaves) > 1), -score, -middle, number, other, place))
    gone: set[int] = set()
    busy: set[tuple[int, int]] = set()
    for _, _, _, number, other, place in sorted(chosen):
        single = len(trees[number].leaves()) == 1
        if number in gone or other in gone or (number, place) in busy or blocks[other].facing:
            continue
        if single and (other, 0) in busy:
            continue
        blocks[number].facing[place] = trees[other]
        busy.add((number, place))
        gone.add(other)
    return [block for number, block in enumerate(blocks) if number not in gone]


def _belonging(one: Tree, other: Tree, found: Sequence[Structure]) -> int:
    """How much two stacks that end at one node belong above each other; 0 for not at all."""
    first, second = one.part, other.part
    if first is None or second is None or one.net != other.net or one.net in RAILS:
        return 0
    if first.side == second.side or "c" in (first.kind, second.kind):
        return 0
    names = {first.name, second.name}
    if any(s.kind in ("inverter", "push-pull") and set(s.members) == names for s in found):
        return 4
    return 3 - (first.gate == first.drain) - (second.gate == second.drain)


def _ordered(blocks: list[Block], found: Sequence[Structure]) -> list[Block]:
    """From left to right: what belongs together side by side, what drives before the driven."""
    gates = [{p.gate for p in block.parts() if p.gate} - RAILS for block in blocks]
    ends = [_ends(block) for block in blocks]
    names = [{part.name for part in block.parts()} for block in blocks]
    count = Counter(gate for some in gates for gate in some)
    mirrors = [set(s.members) for s in found if s.kind == "mirror"]

    drives = [{c for c, some in enumerate(gates) if some & ends[b]} - {b} for b in range(len(ends))]

    @cache
    def pull(a: int, b: int) -> float:
        mirrored = any(m & names[a] and m & names[b] for m in mirrors)
        driven = sum(1.0 / count[net] for net in ends[a] & gates[b])
        driving = sum(1.0 / count[net] for net in gates[a] & ends[b])
        joined = len(ends[a] & ends[b]) * (4 if gates[a] and gates[b] else 1)
        return 6 * mirrored + joined + 5 * driven + 0.1 * driving

    def first(number: int) -> tuple[bool, bool, float, int]:
        block = blocks[number]
        transistors = any(part.gate for part in block.parts())
        wide = block.tree is not None and len(block.tree.leaves()) > 1
        others = (ends[b] & gates[number] for b in left if b != number)
        return not transistors, not wide, sum(map(len, others)), number

    left = list(range(len(blocks)))
    order: list[int] = []
    while left:
        near = tuple(enumerate(order[: -_REMEMBERED - 1 : -1]))
        pulls = {b: sum(pull(a, b) * 0.5**back for back, a in near) for b in left}
        waiting = set(left)
        onward = {b: 0.2 * len(drives[b] & waiting) for b in left}
        best = max(left, key=lambda b: (pulls[b] + onward[b], -b))
        if pulls[best] < 0.05:  # noqa: PLR2004
            best = min(left, key=first)
        order.append(best)
        left.remove(best)
    return [blocks[number] for number in order]


def _bridged(blocks: list[Block], bridges: Iterable[Trail]) -> list[Block]:
    """The same with each bridge where the first of its two nodes is, led to the second."""
    done = list(blocks)
    for trail in bridges:
        nets = trail_ends(trail)
        at = [
            min((n for n, b in enumerate(done) if b.tree and net in _ends(b)), default=len(done))
            for net in nets
        ]
        led = trail if at[0] <= at[1] else tuple((p, not back) for p, back in reversed(trail))
        done.insert(min(at) + 1, Block(None, {}, led))
    return done


def _ends(block: Block) -> set[str]:
    found = set(trail_ends(block.trail)) if block.trail else set()
    return (found | {part.drain for part in block.parts()}) - RAILS


def columns_of(blocks: Sequence[Block]) -> dict[str, float]:
    """In which column each device stands, counted from the left, trails as one column."""
    place: dict[str, float] = {}

    def walk(tree: Tree, first: int) -> int:
        """Note a tree's devices; returns how many columns it has."""
        width = 0
        for branch in tree.branches:
            width += walk(branch, first + width)
        width = width or 1
        if tree.part is not None:
            place[tree.part.name] = first + 0.5 * (width - 1)
        return width

    column = 0
    for block in blocks:
        if block.tree is None:
            column += 1
            continue
        width = walk(block.tree, column)
        for number, tree in block.facing.items():
            walk(tree, column + number)
        column += width
    return place


def _flipped(blocks: Sequence[Block], found: Sequence[Structure]) -> frozenset[str]:
    """Devices with the gate on the right: a pair's right half, and what faces a mirror's other."""
    place = columns_of(blocks)
    flipped: dict[str, bool] = {}
    for structure in found:
        members = [name for name in structure.members if name in place]
        if structure.kind == "pair":
            middle = sum(place[name] for name in members) / len(members)
            for name in members:
                flipped.setdefault(name, place[name] > middle)
        if structure.kind == "mirror" and len(members) > 1:
            diode, *copies = members
            nearest = min(copies, key=lambda name: abs(place[name] - place[diode]))
            flipped.setdefault(diode, place[nearest] > place[diode])
            for name in copies:
                flipped.setdefault(name, place[name] < place[diode])
    return frozenset(name for name, yes in flipped.items() if yes)


def _trails(parts: Iterable[Part], ports: Sequence[str]) -> list[Trail]:
    """Devices between two nodes in series, from the pins on."""
    left = list(parts)
    trails: list[Trail] = []
    while left:
        count = Counter(
            net for part in left if part.source != part.drain for net in (part.source, part.drain)
        )
        nets = (*ports, *count)
        net = next((n for n in nets if count[n] % 2), left[0].source)
        trail: list[tuple[Part, bool]] = []
        while len(trail) < _LONGEST:
            following = [part for part in left if net in (part.source, part.drain)]
            if not following or (trail and net in RAILS):
                break
            part = min(following, key=lambda part: part.source != part.drain)
            left.remove(part)
            back = part.source != net
            trail.append((part, back))
            net = part.source if back else part.drain
        trails.append(tuple(trail))
    return trails
