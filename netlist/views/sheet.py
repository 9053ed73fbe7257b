"""What stands where on a drawn sheet: symbols, texts and wires, with the room each of them takes.

Positions are in steps of a grid (18 points), pins lie on whole steps, y goes up. Everything a
picture shows is here before anything is drawn, so that what overlaps can be found by comparing
rectangles.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal, TypeAlias

from netlist.views import own_matplotlib  # noqa: F401 - before anything else loads it

# isort: split
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

STEP_pt = 18.0
"""One step of the grid, points."""
SMALL, NODE, PLAIN, LARGE = 8.0, 8.5, 9.5, 12.0
"""Sizes of letters, points: values, nodes, names, headings."""
_KNOWN = 0x250
"""Letters below are Latin, and in the font."""
LINE = 0.72
"""From one line of a text to the next, steps."""

BOXES = ("box", "inverter")
"""Kinds of symbols that stand for a circuit of their own."""

Point: TypeAlias = tuple[int, int]
Place: TypeAlias = tuple[float, float]
Align: TypeAlias = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle, in steps."""

    left: float
    bottom: float
    right: float
    top: float

    def meets(self, other: Rect) -> bool:
        """Whether the two have any area in common."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.bottom < other.top
            and other.bottom < self.top
        )

    def holds(self, x: float, y: float, margin: float = 0.0) -> bool:
        """Whether a point lies inside, or nearer than a margin."""
        across = self.left - margin < x < self.right + margin
        return across and self.bottom - margin < y < self.top + margin

    def grown(self, margin: float) -> Rect:
        """The same, larger on all sides."""
        return Rect(
            self.left - margin, self.bottom - margin, self.right + margin, self.top + margin
        )


@dataclass(frozen=True, slots=True)
class Pin:
    """An end of a symbol.

    Attributes:
        net: The node it is at.
        x: Where it is.
        y: Where it is.
        label: Where the node's name goes that is not reached by a wire.
        align: How that name stands to the place.
        way: Direction that leads away from the symbol.
        role: What it is of its symbol: "top", "bottom", "gate", "left", "right", "box", or
            "negated" for a box's pin with a circle.
    """

    net: str
    x: int
    y: int
    label: tuple[float, float]
    align: Align
    way: Point
    role: str

    @property
    def at(self) -> Point:
        """Where it is."""
        return self.x, self.y


@dataclass(frozen=True, slots=True)
class Symbol:
    """A device, a box or a supply's sign.

    Attributes:
        name: Whose it is; empty of a sign.
        kind: "n" or "p" for a transistor, one of `BOXES`, "vdd", "ground", else the
            device's letter.
        x: Its middle; of a box its left edge.
        y: Its middle; of a box its upper edge.
        pose: "up" (current from top to bottom), "over" (first end at the bottom), "flat" (from left
            to right), "back" (from right to left).
        flip: Upright, whether the gate is on the right; flat, whether it is below.
        box: The room it takes.
        pins: Its ends.
    """

    name: str
    kind: str
    x: int
    y: int
    pose: str
    flip: bool
    box: Rect
    pins: tuple[Pin, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text; `x` is its left end, middle or right end, `y` half its height."""

    text: str
    x: float
    y: float
    align: Align
    size: float
    net: str = ""

    @property
    def box(self) -> Rect:
        """The room it takes, as wide as matplotlib's own letters, which are wide ones."""
        width = width_of(self.text, self.size)
        left = self.x - {"left": 0.0, "center": 0.5 * width, "right": width}[self.align]
        half = 0.5 * LINE * self.size / PLAIN
        return Rect(left, self.y - half, left + width, self.y + half)


@dataclass(frozen=True, slots=True)
class Wire:
    """A straight piece of a node's wire."""

    net: str
    start: Point
    end: Point

    @property
    def box(self) -> Rect:
        """Its room, hardly wider than the line."""
        (x, y), (u, v) = self.start, self.end
        return Rect(min(x, u), min(y, v), max(x, u), max(y, v)).grown(0.05)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole picture.

    Attributes:
        symbols: Devices, boxes and signs.
        words: All texts.
        wires: All pieces of wires.
        dots: Where three pieces of a wire meet.
    """

    symbols: tuple[Symbol, ...]
    words: tuple[Words, ...]
    wires: tuple[Wire, ...]
    dots: tuple[Point, ...] = ()


@lru_cache(maxsize=4096)
def width_of(text: str, size: float) -> float:
    """How wide a text is, in steps; letters that the font lacks are taken for wide ones."""
    font = FontProperties(family="DejaVu Sans", size=size)
    plain = "".join(letter for letter in text if ord(letter) < _KNOWN)
    width, _, _ = TextToPath().get_text_width_height_descent(plain or " ", font, ismath=False)
    return (float(width) + 1.1 * size * (len(text) - len(plain))) / STEP_pt


@dataclass(slots=True)
class Group:
    """Part of a sheet that is being put together."""

    symbols: list[Symbol] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)

    def add(self, other: Group) -> None:
        """Take in everything of another."""
        self.symbols += other.symbols
        self.words += other.words
        self.wires += other.wires

    def moved(self, dx: int, dy: int) -> Group:
        """The same elsewhere."""
        return Group(
            [_moved_symbol(symbol, dx, dy) for symbol in self.symbols],
            [replace(words, x=words.x + dx, y=words.y + dy) for words in self.words],
            [replace(w, start=_by(w.start, dx, dy), end=_by(w.end, dx, dy)) for w in self.wires],
        )

    def bounds(self) -> Rect:
        """The room it takes, names of nodes at its pins included."""
        boxes = [symbol.box for symbol in self.symbols] + [words.box for words in self.words]
        boxes += [wire.box for wire in self.wires]
        boxes += [name_at(pin).box for symbol in self.symbols for pin in symbol.pins]
        return around(boxes)


def around(boxes: Iterable[Rect]) -> Rect:
    """The smallest rectangle that holds all of some."""
    some = list(boxes) or [Rect(0, 0, 0, 0)]
    return Rect(
        min(box.left for box in some),
        min(box.bottom for box in some),
        max(box.right for box in some),
        max(box.top for box in some),
    )


def name_at(pin: Pin) -> Words:
    """The name of a pin's node where it goes without a wire."""
    return Words(pin.net, pin.label[0], pin.label[1], pin.align, NODE, pin.net)


def _by(point: Point, dx: int, dy: int) -> Point:
    return point[0] + dx, point[1] + dy


def _moved_symbol(symbol: Symbol, dx: int, dy: int) -> Symbol:
    box = symbol.box
    pins = tuple(
        replace(p, x=p.x + dx, y=p.y + dy, label=(p.label[0] + dx, p.label[1] + dy))
        for p in symbol.pins
    )
    return replace(
        symbol,
        x=symbol.x + dx,
        y=symbol.y + dy,
        box=Rect(box.left + dx, box.bottom + dy, box.right + dx, box.top + dy),
        pins=pins,
    )
