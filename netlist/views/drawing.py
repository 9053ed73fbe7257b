"""A subcircuit as a schematic picture, drawn by schemdraw.

What stands where is decided elsewhere; here are the shapes of devices and the three forms of a
picture. Transistors have their arrow at the source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import escape
from textwrap import wrap
from typing import Any, Literal, TypeAlias

from netlist.views import own_matplotlib  # noqa: F401 - before schemdraw loads it

# isort: split
import schemdraw
from schemdraw import default_canvas, elements
from schemdraw.segments import Segment, SegmentCircle, SegmentText

from netlist.circuit import Circuit
from netlist.errors import NetlistError
from netlist.passes.structures import Structure, polarities, structures
from netlist.views.columns import arrange
from netlist.views.placement import put_all
from netlist.views.sheet import LARGE, SMALL, Group, Place, Sheet, Symbol, Words
from netlist.views.shown import Part, distinct, drawn_parts, undrawn
from netlist.views.symbols import CIRCLE, circles, outline
from netlist.views.wiring import wired

elm: Any = elements  # partly typed: what it draws is checked by looking
_UNIT = 0.5
"""A step of the grid in schemdraw's units, of half an inch each."""
_LINE = 1.2
_NODES = "#1f4e9c"
"""Colour of nodes' names."""
_NOTE = 90
"""Letters on a line below the picture."""
_KINDS = {"pair": "differential pair", "mirror": "current mirror"}

Form: TypeAlias = Literal["svg", "png", "pdf"]
"""What a picture can be."""


def draw_subcircuit(circuit: Circuit, name: str, form: Form = "svg") -> bytes:
    """Draw a subcircuit.

    Args:
        circuit: A deck or library that defines it.
        name: The subcircuit.
        form: What it is to be.

    Returns:
        The picture; SVG is text in UTF-8.

    Raises:
        NetlistError: When there is no such subcircuit.
    """
    sheet = sheet_of(circuit, name)
    # schemdraw's own writer knows SVG alone; the others come from matplotlib.
    schemdraw.use("svg" if form == "svg" else "matplotlib")
    drawing: Any = schemdraw.Drawing(show=False, fontsize=10, lw=_LINE, margin=0.3)
    for symbol in sheet.symbols:
        if symbol.kind not in _LINES:
            drawing += _device(symbol)
    drawing += _Ink(sheet).at((0, 0)).theta(0)
    picture: bytes = drawing.get_imagedata(form)
    if form != "svg":
        # schemdraw leaves its figure open; pyplot would keep it for ever.
        from matplotlib import pyplot as plt  # noqa: PLC0415

        plt.close(drawing.fig.fig)
    return picture


def sheet_of(circuit: Circuit, name: str) -> Sheet:
    """What a subcircuit's picture shows, and where.

    Args:
        circuit: A deck or library that defines it.
        name: The subcircuit.

    Returns:
        The sheet.

    Raises:
        NetlistError: When there is no such subcircuit.
    """
    subcircuits = circuit.subcircuits()
    if name.lower() not in subcircuits:
        known = ", ".join(subcircuits) or "none"
        raise NetlistError(f"there is no subcircuit {name}", None, f"there are: {known}")
    found = distinct(subcircuits[name.lower()])
    polarity = polarities(circuit)
    recognised = structures(found, polarity)
    parts = drawn_parts(found, subcircuits, polarity)
    arrangement = arrange(parts, recognised, [port.lower() for port in found.ports])
    groups = put_all(arrangement, recognised)
    heading = f"{found.name}: {' '.join(found.ports)}"
    groups.append(Group([], [Words(heading, 0, 1.5, "left", LARGE)]))
    low = min(group.bounds().bottom for group in groups) - 1.2
    for note in _notes(parts, recognised, undrawn(found)):
        low -= 0.8
        groups.append(Group([], [Words(note, 0, low, "left", SMALL)]))
    return wired(groups)


def _notes(
    parts: Sequence[Part], recognised: Sequence[Structure], left: Sequence[str]
) -> Iterator[str]:
    """What stands below the picture."""
    named = [f"{_KINDS.get(one.kind, one.kind)} {' '.join(one.members)}" for one in recognised]
    lines = wrap("; ".join(one.replace(" ", "\xa0") for one in named), _NOTE)
    yield from (line.replace("\xa0", " ") for line in lines)
    if any(part.kind in ("n", "p") and part.lines for part in parts):
        yield "transistors: width/length in µm, × how many in parallel"
    yield from wrap(f"not drawn: {', '.join(left)}" if left else "", _NOTE)


def _at(x: float, y: float) -> tuple[float, float]:
    return x * _UNIT, y * _UNIT


class _Ink(elm.Element):  # type: ignore[misc]
    """Everything but the devices that schemdraw has shapes for: lines, dots and texts."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__()
        for symbol in sheet.symbols:
            shape = _LINES.get(symbol.kind)
            for line in shape(symbol) if shape else ():
                self.segments.append(Segment([_at(*point) for point in line]))
            if symbol.kind in ("n", "p"):
                self.segments.append(_arrow(symbol))
            for place in circles(symbol):
                self.segments.append(SegmentCircle(_at(*place), CIRCLE * _UNIT))
        for wire in sheet.wires:
            self.segments.append(Segment([_at(*wire.start), _at(*wire.end)]))
        for point in sheet.dots:
            self.segments.append(SegmentCircle(_at(*point), 0.06, fill=True))
        self.segments.extend(_text(words) for words in sheet.words)


_CHANNEL: tuple[tuple[Place, ...], ...] = (
    ((-2, 0), (-0.8, 0), (-0.8, 0.75)),
    ((0.8, 0.75), (0.8, 0), (2, 0)),
    ((-1.1, 0.75), (1.1, 0.75)),
    ((-0.8, 1.05), (0.8, 1.05)),
    ((0, 1.05), (0, 2)),
)
"""A transistor lying on its channel, source on the left, gate above; in steps."""


def _turned(symbol: Symbol, u: float, v: float) -> Place:
    """Where a point of the lying shape is on the sheet."""
    if symbol.pose in ("flat", "back"):
        u, v = (-u if symbol.pose == "back" else u), (-v if symbol.flip else v)
    else:
        u, v = (v if symbol.flip else -v), (-u if symbol.kind == "p" else u)
    return symbol.x + u, symbol.y + v


def _transistor(symbol: Symbol) -> Iterator[Sequence[Place]]:
    for line in _CHANNEL:
        yield [_turned(symbol, *point) for point in line]


def _arrow(symbol: Symbol) -> Any:
    """At the source, as its current flows."""
    ends = [_at(*_turned(symbol, -0.8, height)) for height in (0, 0.75)]
    way = ends if symbol.kind == "p" else ends[::-1]
    return Segment(way, arrow="->", arrowwidth=0.13, arrowlength=0.17)


def _supply(symbol: Symbol) -> Iterator[Sequence[Place]]:
    x, y = symbol.x, symbol.y
    yield [(x, y), (x, y + 0.6)]
    yield [(x - 0.5, y + 0.6), (x + 0.5, y + 0.6)]


def _ground(symbol: Symbol) -> Iterator[Sequence[Place]]:
    x, y = symbol.x, symbol.y
    yield [(x, y), (x, y - 0.5)]
    for half, drop in ((0.5, 0.5), (0.33, 0.7), (0.16, 0.9)):
        yield [(x - half, y - drop), (x + half, y - drop)]


_LINES: Mapping[str, Callable[[Symbol], Iterable[Sequence[Place]]]] = {
    "n": _transistor,
    "p": _transistor,
    "box": outline,
    "inverter": outline,
    "vdd": _supply,
    "ground": _ground,
}


def _device(symbol: Symbol) -> Any:
    """A device of two ends in schemdraw's own shape."""
    flat = symbol.pose in ("flat", "back")
    # A voltage source's plus is its second end.
    turned = (symbol.pose in ("back", "over")) != (symbol.kind == "v")
    dx, dy = (-2, 0) if flat else (0, 2)
    start = (symbol.x - dx, symbol.y - dy) if turned else (symbol.x + dx, symbol.y + dy)
    angle = (180 if turned else 0) if flat else (90 if turned else -90)
    shape = _SYMBOLS.get(symbol.kind, elm.RBox)()
    return shape.at(_at(*start)).theta(angle).length(4 * _UNIT)


_SYMBOLS: Mapping[str, Any] = {
    "r": elm.Resistor,
    "c": elm.Capacitor,
    "l": elm.Inductor2,
    "d": elm.Diode,
    "v": elm.SourceV,
    "i": elm.SourceI,
    **dict.fromkeys("befgh", elm.SourceControlled),
}


class _Letters(SegmentText):
    """Text as it is: schemdraw measures every text as XML, in pictures that are none, too."""

    def xform(self, transform: Any, **style: Any) -> Any:
        """The same, moved."""
        moved = super().xform(transform, **style)
        return _Letters(
            moved.xy, moved.text, align=moved.align, fontsize=moved.fontsize, color=moved.color
        )

    def get_bbox(self) -> Any:
        """The room that schemdraw reckons with."""
        size = self.fontsize
        return SegmentText(self.xy, escape(self.text), align=self.align, fontsize=size).get_bbox()


def _text(words: Words) -> Any:
    kind = SegmentText if default_canvas.default_canvas == "svg" else _Letters
    return kind(
        _at(words.x, words.y),
        _plain(words.text),
        align=(words.align, "center"),
        fontsize=words.size,
        color=_NODES if words.net else "black",
    )


def _plain(text: str) -> str:
    """Text that schemdraw shows as it is: it reads TeX between dollars, and for SVG also XML."""
    if default_canvas.default_canvas == "svg":
        return escape(text).replace("$", "&#36;")
    return text.replace("$", r"\$")
