"""A subcircuit as a schematic picture, drawn by schemdraw.

Devices that share a current are drawn in one column, supply at the top and ground at the bottom, as
a designer would; everything else is joined by the names of its nodes, which keeps any cell readable
without routing wires. Subcircuits used inside are boxes with their pins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Literal, TypeAlias

from netlist.views import own_matplotlib  # noqa: F401 - before schemdraw loads it

# isort: split
import schemdraw
from schemdraw import default_canvas, elements

from netlist.circuit import (
    Behavioural,
    Circuit,
    CodeModel,
    Expression,
    Instance,
    Model,
    Primitive,
    Source,
    Statement,
    Subcircuit,
    Value,
)
from netlist.errors import NetlistError

elm: Any = elements  # partly typed: what it draws is checked by looking
_TRANSISTORS = {"nfet": "n", "pfet": "p"}
_TOPS = frozenset(("vdd", "vcc", "vpwr"))
_BOTTOMS = frozenset(("vss", "gnd", "0", "vgnd"))
_COLUMN = 4.6
"""Width of a column, in schemdraw's units (a resistor is 3 long)."""
_STEP = 2.6
_PER_ROW = 8
"""Columns side by side before the drawing goes on below."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A device with a current from top to bottom.

    Attributes:
        name: Its name.
        kind: "n" or "p" for a transistor, else its letter.
        top: Node at its upper end.
        bottom: Node at its lower end.
        gate: Node of its gate; empty without one.
        label: Its value or size.
    """

    name: str
    kind: str
    top: str
    bottom: str
    gate: str
    label: str


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
    subcircuits = circuit.subcircuits()
    if name.lower() not in subcircuits:
        known = ", ".join(subcircuits) or "none"
        raise NetlistError(f"there is no subcircuit {name}", None, f"there are: {known}")
    found = subcircuits[name.lower()]
    polarity = {
        s.name.lower().rpartition(".")[0] or s.name.lower(): s.kind.lower()[:1]
        for s in circuit.statements()
        if isinstance(s, Model) and s.kind.lower() in ("nmos", "pmos")
    }
    parts = [part for s in found.body for part in _part(s, polarity)]
    boxes = [
        s
        for s in found.body
        if isinstance(s, CodeModel) or (isinstance(s, Instance) and not _is_transistor(s))
    ]
    # schemdraw's own writer knows SVG alone; the others come from matplotlib.
    schemdraw.use("svg" if form == "svg" else "matplotlib")
    drawing = schemdraw.Drawing(show=False, fontsize=11, unit=_STEP, lw=1.4, margin=0.8)
    lowest = _draw_columns(drawing, list(_columns(parts)))
    _draw_boxes(drawing, boxes, subcircuits, lowest)
    picture: bytes = drawing.get_imagedata(form)
    return picture


def _is_transistor(line: Instance) -> bool:
    return line.subcircuit.lower() in _TRANSISTORS and len(line.nodes) == 4  # noqa: PLR2004


def _part(statement: Statement, polarity: Mapping[str, str]) -> Iterator[_Part]:
    kind = ""
    if isinstance(statement, Instance) and _is_transistor(statement):
        kind = _TRANSISTORS[statement.subcircuit.lower()]
    elif isinstance(statement, Primitive) and statement.name[:1].lower() == "m":
        kind = polarity.get((statement.model or "").lower(), "n")
    if kind and isinstance(statement, Instance | Primitive):
        drain, gate, source = (node.lower() for node in statement.nodes[:3])
        top, bottom = (source, drain) if kind == "p" else (drain, source)
        yield _Part(statement.name, kind, top, bottom, gate, _size(statement))
    elif isinstance(statement, Primitive | Source | Behavioural) and len(statement.nodes) > 1:
        first, second = (node.lower() for node in statement.nodes[:2])
        value = statement.dc if isinstance(statement, Source) else None
        value = statement.value if isinstance(statement, Primitive) else value
        letter = statement.name[0].lower()
        yield _Part(statement.name, letter, first, second, "", _short(value))


def _size(statement: Instance | Primitive) -> str:
    given = {p.name.lower(): p.value for p in statement.parameters}
    size = "/".join(_short(given[key], unit=1e-6) for key in ("w", "l") if key in given)
    times = f" ×{_short(given['m'])}" if "m" in given else ""
    return size + times


def _short(value: Value | None, unit: float = 1.0) -> str:
    if isinstance(value, Expression):
        return value.text
    if isinstance(value, float | int):
        return f"{value / unit:.6g}"
    return "" if value is None else str(value)


def _columns(parts: list[_Part]) -> Iterator[list[_Part]]:
    """Parts in chains, each starting as high as it can."""
    left = list(parts)
    while left:
        below = {part.bottom for part in left}
        start = next((p for p in left if p.top in _TOPS), None)
        start = start or next((p for p in left if p.top not in below), left[0])
        chain = [start]
        left.remove(start)
        while chain[-1].bottom not in _BOTTOMS:
            following = [p for p in left if p.top == chain[-1].bottom]
            if not following:
                break
            chain.append(following[0])
            left.remove(following[0])
        yield chain


def _draw_columns(drawing: Any, columns: list[list[_Part]]) -> float:
    """Draw all columns; returns the height of what is lowest."""
    top = lowest = 0.0
    for index, column in enumerate(columns):
        if index and index % _PER_ROW == 0:
            top = lowest - 2.2
        x, y = (index % _PER_ROW) * _COLUMN, top
        _draw_end(drawing, column[0].top, x, y, up=True)
        for part in column:
            _draw_part(drawing, part, x, y)
            y -= _STEP
            if part is not column[-1]:
                drawing += elm.Dot().at((x, y))
                _write(drawing, part.bottom, x + 0.15, y, "left")
        _draw_end(drawing, column[-1].bottom, x, y, up=False)
        lowest = min(lowest, y - 1.0)
    return lowest


def _draw_end(drawing: Any, node: str, x: float, y: float, *, up: bool) -> None:
    if node in _TOPS:
        drawing += elm.Vdd().at((x, y)).label(node)
    elif node in _BOTTOMS and not up:
        drawing += elm.Ground().at((x, y))
    else:
        drawing += elm.Dot(open=True).at((x, y))
        shift = 0.35 if up else -0.35
        _write(drawing, node, x, y + shift, "center")


def _draw_part(drawing: Any, part: _Part, x: float, y: float) -> None:
    end = (x, y - _STEP)
    if part.kind in "np":
        device = elm.NFet() if part.kind == "n" else elm.PFet()
        upper, lower = ("drain", "source") if part.kind == "n" else ("source", "drain")
        drawing += device.at((x, y - 0.5 * (_STEP - 1.6))).anchor(upper).theta(0)
        points = device.absanchors
        drawing += elm.Line().at((x, y)).to(points[upper])
        drawing += elm.Line().at(points[lower]).to(end)
        gate, middle = points["gate"], y - 0.5 * _STEP
        _write(drawing, part.gate, gate[0] + 0.1, gate[1], "left")
        _write(drawing, part.name, x - 0.15, middle + 0.2, "right")
        _write(drawing, part.label, x - 0.15, middle - 0.2, "right", size=9)
        return
    symbol = _SYMBOLS.get(part.kind, elm.RBox)
    # A source stands upright by itself, whatever .to() says; a voltage's plus is its second end.
    ends = (end, (x, y)) if part.kind == "v" else ((x, y), end)
    drawing += symbol().endpoints(*ends)
    beside = x - (0.7 if part.kind in "vibefgh" else 0.45)
    _write(drawing, part.name, beside, y - 0.5 * _STEP + 0.2, "right")
    _write(drawing, part.label, beside, y - 0.5 * _STEP - 0.2, "right", size=9)


_SYMBOLS: Mapping[str, Any] = {
    "r": elm.Resistor,
    "c": elm.Capacitor,
    "l": elm.Inductor2,
    "d": elm.Diode,
    "v": elm.SourceV,
    "i": elm.SourceI,
    **dict.fromkeys("befgh", elm.SourceControlled),
}


def _write(drawing: Any, text: str, x: float, y: float, side: str, size: float = 11) -> None:
    """Text beside a point, halfway up its line."""
    if text:
        label = elm.Label().at((x, y)).theta(0)
        drawing += label.label(_plain(text), halign=side, valign="center", fontsize=size)


def _plain(text: str) -> str:
    """Text that schemdraw shows as it is: it reads TeX between dollars, and for SVG also XML."""
    if default_canvas.default_canvas == "svg":
        return escape(text).replace("$", "&#36;")
    return text.replace("$", r"\$")


def _draw_boxes(
    drawing: Any,
    boxes: list[Instance | CodeModel],
    subcircuits: Mapping[str, Subcircuit],
    lowest: float,
) -> None:
    y = lowest - 1.5
    for index, box in enumerate(boxes):
        made_of = box.model if isinstance(box, CodeModel) else box.subcircuit
        inner = None if isinstance(box, CodeModel) else subcircuits.get(made_of.lower())
        ports = inner.ports if inner else tuple(str(i + 1) for i in range(len(box.nodes)))
        half = (len(ports) + 1) // 2
        height = 0.9 * half + 0.9
        x = (index % (_PER_ROW // 2)) * 2 * _COLUMN
        if index and index % (_PER_ROW // 2) == 0:
            y -= height + 1.6
        pins = [
            elm.IcPin(
                name=_plain(port),
                side="left" if place < half else "right",
                anchorname=f"p{place}",
            )
            for place, port in enumerate(ports)
        ]
        drawn = elm.Ic(pins=pins, size=(2.6, height)).at((x, y - height)).theta(0)
        drawing += drawn
        _write(drawing, f"{box.name}: {made_of}", x + 1.3, y + 0.3, "center")
        for place, node in enumerate(box.nodes):
            side = "right" if place < half else "left"
            shift = -0.2 if place < half else 0.1
            point = drawn.absanchors[f"p{place}"]
            _write(drawing, node, point[0] + shift, point[1], side)
