"""The shape of each drawn device: its room, its ends, and where texts and names of nodes go."""

from __future__ import annotations

from netlist.views.sheet import (
    LINE,
    NODE,
    PLAIN,
    SMALL,
    Align,
    Pin,
    Place,
    Rect,
    Symbol,
    Words,
    width_of,
)
from netlist.views.shown import Part

ROUND = frozenset("vibefgh")
"""Sources: a circle or a diamond, wider than other devices."""
GATE = 2
"""From a transistor's middle to the end of its gate, steps; its ends are as far above and below."""

SIDE = 4
"""Of the triangle of an inverter, steps."""

CIRCLE = 0.2
"""Radius of the circle of a negation, steps."""

_BESIDE_GATE, _TEXT = 1.4, 1.25
"""Where the texts of a lying transistor begin, from its middle, and how high they are."""


def upright(part: Part, x: int, y: int, *, flip: bool) -> tuple[Symbol, list[Words]]:
    """A device whose current flows from top to bottom.

    Args:
        part: The device.
        x: Its middle.
        y: Its middle.
        flip: Whether the gate is on the right.

    Returns:
        Its symbol and its texts.
    """
    up = part.side != "n"
    top, bottom = (part.source, part.drain) if up else (part.drain, part.source)
    sign = -1 if flip else 1
    text: Align = "right" if flip else "left"
    aside = x + sign * 0.4
    pins = [
        Pin(top, x, y + GATE, (aside, y + GATE + 0.35), text, (0, 1), "top"),
        Pin(bottom, x, y - GATE, (aside, y - GATE - 0.35), text, (0, -1), "bottom"),
    ]
    if part.gate:
        gate = x - sign * GATE
        away: Align = "left" if flip else "right"
        pins.append(Pin(part.gate, gate, y, (gate - sign * 0.25, y), away, (-sign, 0), "gate"))
        low, high = sorted((x - sign * 1.3, x + sign * 0.3))
        box, beside = Rect(low, y - 1.9, high, y + 1.9), 0.6
    else:
        half = 1.05 if part.kind in ROUND else 0.65
        box, beside = Rect(x - half, y - 1.9, x + half, y + 1.9), half + 0.25
    words = block(part, x + sign * beside, y, text)
    pose = "over" if part.over else "up"
    return Symbol(part.name, part.kind, x, y, pose, flip, box, tuple(pins)), words


def flat(part: Part, x: int, y: int, *, back: bool, flip: bool) -> tuple[Symbol, list[Words]]:
    """A device whose current flows from left to right.

    Args:
        part: The device.
        x: Its middle.
        y: Height of its ends.
        back: Whether its source, or first end, is on the right.
        flip: Whether its gate is below.

    Returns:
        Its symbol and its texts.
    """
    left, right = (part.drain, part.source) if back else (part.source, part.drain)
    pins = [
        Pin(left, x - GATE, y, (x - GATE - 0.25, y), "right", (-1, 0), "left"),
        Pin(right, x + GATE, y, (x + GATE + 0.25, y), "left", (1, 0), "right"),
    ]
    if part.gate:
        sign = -1 if flip else 1
        gate = y + sign * GATE
        # A long name goes above the texts beside it.
        long = width_of(part.gate, NODE) > 2 * _BESIDE_GATE
        clear = max(0.5, _TEXT + 0.5 * height(part) + 0.4 - GATE) if long else 0.5
        pins.append(Pin(part.gate, x, gate, (x, gate + sign * clear), "center", (0, sign), "gate"))
        low, high = sorted((y - sign * 0.15, y + sign * 1.3))
        box = Rect(x - 1.2, low, x + 1.2, high)
        words = block(part, x + _BESIDE_GATE, y + sign * _TEXT, "left")
    else:
        half = 1.05 if part.kind in ROUND else 0.6
        box = Rect(x - 1.9, y - half, x + 1.9, y + half)
        tall = 0.5 * height(part)
        words = block(part, x, y + half + 0.15 + tall, "center")
    pose = "back" if back else "flat"
    return Symbol(part.name, part.kind, x, y, pose, flip, box, tuple(pins)), words


def height(part: Part) -> float:
    """How high a device's texts are, steps."""
    return LINE * (1 + len(part.lines))


def block(part: Part, x: float, y: float, align: Align) -> list[Words]:
    """A device's name and values as lines around a height."""
    lines = [(part.name, PLAIN), *((line, SMALL) for line in part.lines)]
    first = y + 0.5 * LINE * (len(lines) - 1)
    return [
        Words(text, x, first - LINE * number, align, size)
        for number, (text, size) in enumerate(lines)
    ]


def boxed(part: Part, x: int, y: int) -> tuple[Symbol, list[Words]]:
    """A subcircuit, a code model or another device with many ends, as a box.

    Args:
        part: The device.
        x: Its left edge.
        y: Its upper edge.

    Returns:
        Its symbol and its texts, the names inside among them.
    """
    if part.inverter:
        return _triangle(part, x, y)
    half = (len(part.pins) + 1) // 2 if part.outputs is None else len(part.pins) - part.outputs
    rows = max(half, len(part.pins) - half)
    inner = [width_of(name, SMALL) for name, _ in part.pins]
    before, behind = max(inner[:half], default=0), max(inner[half:], default=0)
    wide = max(4, int(before + behind + 2.5))
    pins: list[Pin] = []
    words: list[Words] = []
    for number, (name, node) in enumerate(part.pins):
        left = number < half
        row = y - 1 - (number if left else number - half)
        at = x - 1 if left else x + wide + 1
        away = -1 if left else 1
        align: Align = "right" if left else "left"
        role = "negated" if node in part.negated else "box"
        pins.append(Pin(node, at, row, (at + 0.25 * away, row), align, (away, 0), role))
        inside: Align = "left" if left else "right"
        edge = x + 0.3 if left else x + wide - 0.3
        if name:
            words.append(Words(name, edge, row, inside, SMALL))
    if part.mark:
        middle = 0.5 * (x + before + x + wide - behind)
        words.append(Words(part.mark, middle, y - 0.5, "center", SMALL))
    title = [(part.lines[0], PLAIN), *((line, SMALL) for line in part.lines[1:])]
    for number, (text, size) in enumerate(reversed(title)):
        words.append(Words(text, x + 0.5 * wide, y + 0.5 + LINE * number, "center", size))
    box = Rect(x, y - rows - 1, x + wide, y)
    return Symbol(part.name, "box", x, y, "up", flip=False, box=box, pins=tuple(pins)), words


def _triangle(part: Part, x: int, y: int) -> tuple[Symbol, list[Words]]:
    """An inverter: the input on the left, the output on the right, supplies above and below."""
    nodes = [part.pins[place][1] for place in part.inverter]
    middle, over, under = y - SIDE // 2, y + 1, y - SIDE - 1
    pins = [
        Pin(nodes[0], x - 1, middle, (x - 1.25, middle), "right", (-1, 0), "box"),
        Pin(nodes[1], x + SIDE + 1, middle, (x + SIDE + 1.25, middle), "left", (1, 0), "negated"),
        Pin(nodes[2], x + 1, over, (x + 1, over + 0.35), "center", (0, 1), "box"),
        Pin(nodes[3], x + 1, under, (x + 1, under - 0.35), "center", (0, -1), "box"),
    ]
    ordered = tuple(pins[part.inverter.index(number)] for number in range(len(pins)))
    first = over + 0.5 + LINE * len(part.lines)
    words = [
        Words(text, x - 0.5, first - LINE * number, "left", SMALL if number else PLAIN)
        for number, text in enumerate(part.lines)
    ]
    box = Rect(x, y - SIDE, x + SIDE, y)
    return Symbol(part.name, "inverter", x, y, "up", flip=False, box=box, pins=ordered), words


def outline(symbol: Symbol) -> list[list[Place]]:
    """The lines of a box or of an inverter, and those from it to its pins.

    Args:
        symbol: One made by `boxed`.

    Returns:
        Polylines, the outline first, then for each pin from it inwards; circles at negated pins,
        for which they leave room, are not among them.
    """
    box, slanted = symbol.box, symbol.kind == "inverter"
    corners: list[Place] = [(box.left, box.top), (box.right, box.top), (box.right, box.bottom)]
    if slanted:
        corners = [(box.left, box.top), (box.right, 0.5 * (box.bottom + box.top))]
    corners.append((box.left, box.bottom))
    lines = [[*corners, corners[0]]]
    for pin in symbol.pins:
        far = 1.0 + 0.5 * (pin.x - box.left) if slanted and pin.way[1] else 1.0
        far -= 2 * CIRCLE if pin.role == "negated" else 0.0
        lines.append([pin.at, (pin.x - pin.way[0] * far, pin.y - pin.way[1] * far)])
    return lines


def circles(symbol: Symbol) -> list[Place]:
    """Where the circles of a box's negated pins are, of radius `CIRCLE`."""
    near = 1.0 - CIRCLE
    return [
        (pin.x - pin.way[0] * near, pin.y - pin.way[1] * near)
        for pin in symbol.pins
        if pin.role == "negated"
    ]
