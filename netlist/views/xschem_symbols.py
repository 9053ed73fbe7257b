"""Symbols of xschem's library, where their pins are, and how its files spell text.

Units are xschem's own: y goes down, symbols have their pins on multiples of ten. Positions and
formats are those of ``xschem_library/devices`` and of ``sky130_fd_pr``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import TypeAlias

from netlist.errors import NetlistError
from netlist.span import Span

Place: TypeAlias = tuple[int, int]

HEAD = "v {xschem version=3.4.5 file_version=1.2\n}\n"
_UNSAFE = re.compile(r"[*,:.\[\]\s{}\"\\@]")
"""What xschem reads as a bus or as an end in the name of a node, a pin or a device."""
_FILE = re.compile(r"[\w$+-]+")
_PLAIN = re.compile(r"[^\s;=\"\\]+")
"""A value that stands without quotes."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A symbol of a library.

    Attributes:
        file: What a schematic calls it.
        pins: Where its pins are, in the order of its netlist.
    """

    file: str
    pins: tuple[Place, ...]


_CORNERS = 4
"""Of a triangle that is closed: its pins have no names inside, and one of them is above."""

_TWO: tuple[Place, ...] = ((0, -30), (0, 30))
_CONTROLLED: tuple[Place, ...] = (*_TWO, (-40, -20), (-40, 20))
_N: tuple[Place, ...] = ((20, -30), (-20, 0), (20, 30), (20, 0))
_P: tuple[Place, ...] = ((20, 30), (-20, 0), (20, -30), (20, 0))

SHAPES: Mapping[str, Shape] = {
    "n": Shape("devices/nmos4.sym", _N),
    "p": Shape("devices/pmos4.sym", _P),
    "r": Shape("devices/res.sym", _TWO),
    "c": Shape("devices/capa.sym", _TWO),
    "l": Shape("devices/ind.sym", _TWO),
    "v": Shape("devices/vsource.sym", _TWO),
    "i": Shape("devices/isource.sym", _TWO),
    "b": Shape("devices/bsource.sym", _TWO),
    "e": Shape("devices/vcvs.sym", _CONTROLLED),
    "g": Shape("devices/vccs.sym", _CONTROLLED),
    "f": Shape("devices/cccs.sym", _TWO),
    "h": Shape("devices/ccvs.sym", _TWO),
}
"""By kind of device; a transistor's pins are drain, gate, source and body."""

SKY130: Mapping[str, str] = {
    "n": "sky130_fd_pr/nfet_01v8.sym",
    "p": "sky130_fd_pr/pfet_01v8.sym",
}
"""The same transistors in the foundry's library; their pins are at the same places."""


def turned(place: Place, rotation: int, flip: int) -> Place:
    """A point of a symbol as xschem turns it: mirrored first, then by quarters."""
    x, y = (-place[0] if flip else place[0]), place[1]
    return ((x, y), (-y, x), (-x, -y), (y, -x))[rotation]


def pose(shape: Shape, ends: Sequence[Place]) -> tuple[int, int, Place]:
    """How a symbol stands so that its pins point to where they are to be joined.

    Args:
        shape: The symbol.
        ends: Where its first two pins are led to, a transistor's first three.

    Returns:
        Rotation, flip and origin.
    """
    first, last = (0, 2) if shape.pins in (_N, _P) else (0, 1)
    middle = _between(ends[first], ends[last])
    ways = [_way(middle, ends[first])]
    if last > 1:
        ways.append(_way(middle, ends[1]))
    for flip, rotation in product((0, 1), range(4)):
        pins = [turned(pin, rotation, flip) for pin in shape.pins]
        own = _between(pins[first], pins[last])
        if [_way(own, pin) for pin in pins[: len(ways)]] == ways:
            return rotation, flip, (middle[0] - own[0], middle[1] - own[1])
    raise NetlistError(f"pins at {ends} are those of no {shape.file}")


def _between(one: Place, other: Place) -> Place:
    return (one[0] + other[0]) // 2, (one[1] + other[1]) // 2


def _way(start: Place, end: Place) -> Place:
    dx, dy = end[0] - start[0], end[1] - start[1]
    return (dx > 0) - (dx < 0), (dy > 0) - (dy < 0)


def braced(text: str) -> str:
    """A text as xschem's files hold it.

    Raises:
        NetlistError: When xschem would run it: it takes what follows ``tcleval(`` for a program.
    """
    if "tcleval(" in text.lower():
        raise NetlistError(
            "a text with tcleval( would be run as a program by xschem",
            hint="another name for the function, or for the node",
        )
    return "{" + re.sub(r"([{}\\])", r"\\\1", text) + "}"


def attributes(pairs: Iterable[tuple[str, str]]) -> str:
    """Names and values as a string of attributes, quoted where they have to be."""
    return " ".join(f"{name}={_value(value)}" for name, value in pairs)


def _value(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    return '"' + re.sub(r"([\\\"])", r"\\\1", text) + '"'


def check_name(name: str, where: Span | None) -> None:
    """Refuse a name that xschem would not take as it is.

    Args:
        name: Of a node, a pin or a device.
        where: Its statement.

    Raises:
        NetlistError: When xschem would read it as a bus, or not to its end.
    """
    if _UNSAFE.search(name) or name.startswith(("#", "?", "=", "+")):
        raise NetlistError(
            f"the name {name} would be read as something else by xschem",
            where=where,
            hint="letters, digits and underscores",
        )


def check_file(name: str, where: Span | None) -> None:
    """Refuse a subcircuit's name that cannot be the name of a file everywhere.

    Args:
        name: Of the subcircuit.
        where: Its statement.

    Raises:
        NetlistError: When it has anything but letters, digits and a few signs.
    """
    if not _FILE.fullmatch(name):
        raise NetlistError(
            f"the name {name} would be read as something else by xschem, as a file's",
            where=where,
            hint="letters, digits and underscores",
        )


def component(file: str, at: Place, pairs: Iterable[tuple[str, str]], turn: Place = (0, 0)) -> str:
    """A line that places a symbol.

    Args:
        file: The symbol.
        at: Its origin.
        pairs: Its attributes.
        turn: Rotation in quarters, and 1 where it is mirrored first.
    """
    text = braced(attributes(pairs))
    return f"C {{{file}}} {at[0]} {at[1]} {turn[0]} {turn[1]} {text}\n"


def box_symbol(
    kind: Mapping[str, str],
    pins: Sequence[tuple[str, Place, Place]],
    room: tuple[int, ...],
    lines: Sequence[Sequence[Place]],
    circles: Sequence[tuple[Place, int]],
) -> str:
    """The file of a symbol that is a box with names at its pins, or an inverter.

    Args:
        kind: Of the whole: its type, format and template, and the title above it.
        pins: Of each its name, where it is, and the way that leads away from the box.
        room: The box: left, upper, right and lower edge.
        lines: What is drawn, polylines: the outline, then what leads from each pin to it.
        circles: Their middles and radii.

    Returns:
        The text.
    """
    left, upper, right, _ = room
    own = [(name, kind[name]) for name in ("type", "format", "template")]
    text = [HEAD, "G {}\n", f"K {braced(attributes(own))}\n", "V {}\nS {}\nE {}\n"]
    shape, *leads = lines
    text += [_stroke(one, other) for one, other in pairwise(shape)]
    text += [f"A 4 {x} {y} {radius} 0 360 {{}}\n" for (x, y), radius in circles]
    triangle = len(shape) == _CORNERS
    ends = {line[0]: line[-1] for line in leads}
    for name, (x, y), (dx, _) in pins:
        text.append(_stroke((x, y), ends[x, y]))
        square = f"{x - 2.5:g} {y - 2.5:g} {x + 2.5:g} {y + 2.5:g}"
        text.append(f"B 5 {square} {braced(f'name={name} dir=inout')}\n")
        # Beside an upper or lower pin there is no room that is its own.
        if dx and not triangle:
            at = (right if dx > 0 else left) - 5 * dx
            text.append(f"T {braced(name)} {at} {y - 4} 0 {int(dx > 0)} 0.2 0.2 {{}}\n")
    above = (left + 40, upper - 20) if triangle else (left, upper - 15)
    text.append(f"T {braced(kind['title'])} {above[0]} {above[1]} 0 0 0.2 0.2 {{}}\n")
    return "".join(text)


def _stroke(start: Place, end: Place) -> str:
    return f"L 4 {start[0]} {start[1]} {end[0]} {end[1]} {{}}\n"
