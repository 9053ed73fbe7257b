"""A subcircuit as an xschem schematic: the placement of its picture, xschem's own symbols.

What xschem's library has a symbol for stands as that symbol; a subcircuit is a symbol of its own
beside its schematic, and anything else (a code model, a diode with more than an area) a symbol that
the schematic holds itself, whose format is the statement. Nodes have their names at each of their
pieces, pins are a column on the left, and what has no nodes stands as text. Thus xschem's
netlist is the subcircuit again.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from textwrap import wrap

from netlist.circuit import (
    Behavioural,
    Circuit,
    CodeModel,
    Comment,
    Connected,
    Expression,
    Gate,
    Instance,
    Primitive,
    Source,
    Subcircuit,
    Value,
)
from netlist.errors import NetlistError
from netlist.passes.joined import Joined
from netlist.passes.structures import Transistor, as_transistor, polarities
from netlist.text.emitter import emit_statements
from netlist.text.spelling import spelled
from netlist.views.drawing import sheet_of
from netlist.views.sheet import BOXES, Align, Pin, Point, Sheet, Symbol, Words
from netlist.views.shown import Part, inverter_pins
from netlist.views.symbols import CIRCLE, boxed, circles, outline
from netlist.views.wiring import along
from netlist.views.xschem_symbols import (
    HEAD,
    SHAPES,
    SKY130,
    Place,
    box_symbol,
    braced,
    check_file,
    check_name,
    component,
    pose,
    turned,
)

_STEP = 30
"""A step of the sheet in xschem's units: names in xschem's letters then have the room they need."""
_CIRCLE = round(CIRCLE * _STEP)
_PINS_LEFT = 150
"""From the drawing to the column of pins."""
_LETTER = 20
"""Height of a line of text."""
_WIDEST = 40
"""Letters on a line of an expression."""
_SIZES = ("w", "l", "m")
_FOUR, _TWO = 4, 2
_PIECE = re.compile(r"[^~%(),]+")

_Pairs = list[tuple[str, str]]


def xschem_files(
    circuit: Circuit, name: str, *, called: str = "", foundry: bool = False
) -> dict[str, str]:
    """Draw a subcircuit, and those it uses, for xschem.

    Args:
        circuit: A deck or library that defines it.
        name: The subcircuit.
        called: What it is called there, for xschem names a subcircuit after its file; its own name
            by default.
        foundry: Whether transistors are SKY130's, by the foundry's symbols and in microns.

    Returns:
        Texts by file name: a schematic and a symbol for each subcircuit.

    Raises:
        NetlistError: When there is no such subcircuit, or xschem could not hold it.
    """
    subcircuits = circuit.subcircuits()
    files: dict[str, str] = {}
    waiting, done = [name.lower()], set[str]()
    while waiting:
        one = waiting.pop()
        if one in done:
            continue
        done.add(one)
        sheet = sheet_of(circuit, one)
        found = subcircuits[one]
        file = (called if one == name.lower() else "") or found.name
        check_file(file, found.span)
        if f"{file}.sch" in files:
            raise NetlistError(
                f"the file {file}.sch would hold two subcircuits",
                where=found.span,
                hint="another name for what is drawn",
            )
        files[f"{file}.sch"] = _Schematic(circuit, found, sheet, foundry).text()
        files[f"{file}.sym"] = _symbol_file(found, polarities(circuit))
        used = (s.subcircuit.lower() for s in found.body if isinstance(s, Instance))
        waiting += [inner for inner in used if inner in subcircuits]
    return files


@dataclass(frozen=True, slots=True)
class _Schematic:
    """What a schematic is written from.

    Attributes:
        circuit: The file that the subcircuit is from.
        found: The subcircuit.
        sheet: Its picture.
        foundry: Whether transistors are SKY130's.
    """

    circuit: Circuit
    found: Subcircuit
    sheet: Sheet
    foundry: bool

    def text(self) -> str:
        """The whole file."""
        devices = [s for s in self.found.body if isinstance(s, Connected) and s.nodes]
        self._check(devices)
        by_name = {device.name: device for device in devices}
        drawn = [symbol for symbol in self.sheet.symbols if symbol.name in by_name]
        polarity = polarities(self.circuit)
        own = _OwnSymbols(self.found.name)
        lines = [HEAD, "G {}\nK {}\nV {}\nS {}\nE {}\n", self._heading()]
        lines += [_wire(_at(wire.start), _at(wire.end)) for wire in self.sheet.wires]
        lines += self._ports(devices, polarity)
        for symbol in drawn:
            device = by_name[symbol.name]
            transistor = as_transistor(device, polarity)
            plain = [] if symbol.kind in BOXES else _plain(device)
            inner = self._called(device)
            if transistor is not None and None not in transistor.size[1:]:
                lines += self._transistor(symbol, device, transistor)
            elif plain:
                lines += _two_ends(symbol, device, plain)
            elif inner is not None and isinstance(device, Instance):
                lines.append(_instance(symbol, device, inner))
            else:
                lines.append(own.placed(symbol, device))
        lines += _labels(self.sheet)
        lines += self._statements({symbol.name for symbol in drawn})
        return "".join(lines)

    def _check(self, devices: Sequence[Connected]) -> None:
        count = Counter(device.name for device in devices)
        twice = next((name for name, times in count.items() if times > 1), None)
        if twice is not None:
            raise NetlistError(
                f"the name {twice} stands twice in {self.found.name}",
                where=next(d.span for d in devices if d.name == twice),
                hint="names of their own: xschem takes one of two devices with one name",
            )
        for device in devices:
            for name in (device.name, *device.nodes):
                check_name(name, device.span)
        for port in self.found.ports:
            check_name(port, self.found.span)

    def _called(self, device: Connected) -> Subcircuit | None:
        """The subcircuit of this file that a call is of, all of whose pins it joins."""
        if not isinstance(device, Instance):
            return None
        inner = self.circuit.subcircuits().get(device.subcircuit.lower())
        return inner if inner is not None and len(inner.ports) == len(device.nodes) else None

    def _heading(self) -> str:
        """Above the drawing: the comments that the file begins with, or the name alone."""
        comments = []
        for statement in self.circuit.body:
            if not isinstance(statement, Comment):
                break
            comments.append(statement.text.strip())
        last = [s for s in self.circuit.body if isinstance(s, Subcircuit)][-1]
        whole = comments if comments and last is self.found else [self.found.name]
        high = max([0.0, *(words.y for words in self.sheet.words)])
        y = -round(high) * _STEP - _LETTER * (len(whole) + 2)
        return f"T {braced(chr(10).join(whole))} 0 {y} 0 0 0.3 0.3 {{}}\n"

    def _ports(self, devices: Iterable[Connected], polarity: Mapping[str, str]) -> Iterator[str]:
        """A column of pins on the left: inputs are those that lead to gates alone."""
        carrying: set[str] = set()
        for device in devices:
            one = as_transistor(device, polarity)
            nodes = device.nodes if one is None else (one.drain, one.source, one.bulk)
            carrying.update(node.lower() for node in nodes)
        left = round(min([0.0, *(symbol.box.left for symbol in self.sheet.symbols)])) * _STEP
        for number, port in enumerate(self.found.ports):
            name = port.lower()
            file, flip = ("iopin", 1) if name in carrying else ("ipin", 0)
            pairs = [("name", f"pin{number + 1}"), ("lab", name)]
            at = (left - _PINS_LEFT, number * _STEP)
            yield component(f"devices/{file}.sym", at, pairs, (0, flip))

    def _transistor(self, symbol: Symbol, device: Connected, one: Transistor) -> Iterator[str]:
        shape = SHAPES[one.kind]
        ends = [_at(pin.at) for pin in _ends(symbol, one)]
        rotation, flip, origin = pose(shape, ends)
        if self.foundry and one.size[0] in ("nfet", "pfet"):
            file, pairs = SKY130[one.kind], _in_microns(one)
        else:
            file, pairs = shape.file, _as_called(device, one)
        yield component(file, origin, pairs, (rotation, flip))
        pins = [_moved(turned(pin, rotation, flip), origin) for pin in shape.pins]
        yield from (_wire(a, b) for a, b in zip(pins[:3], ends, strict=True) if a != b)
        yield from _body(f"{device.name}_body", one.bulk, pins[3], turned((1, 0), rotation, flip))

    def _statements(self, drawn: set[str]) -> Iterator[str]:
        """What has no symbol, as text for the netlist; parameters likewise, for the top alone."""
        low = min([0.0, *(words.y for words in self.sheet.words)])
        y = -round(low) * _STEP + 3 * _STEP
        rest = [
            statement
            for statement in self.found.body
            if not isinstance(statement, Comment)
            and not (isinstance(statement, Connected) and statement.name in drawn)
        ]
        blocks = [("STATEMENTS", "false", emit_statements(rest))] if rest else []
        given = [(p.name, _text(p.value)) for p in self.found.parameters if p.value is not None]
        if given:
            values = " ".join(f"{name}={value}" for name, value in given)
            blocks.append(("PARAMETERS", "true", f".param {values}\n"))
        for name, top, value in blocks:
            pairs = [("name", name), ("only_toplevel", top), ("value", value)]
            yield component("devices/code_shown.sym", (0, y), pairs)
            y += _LETTER * (value.count("\n") + 3)


@dataclass(frozen=True, slots=True)
class _OwnSymbols:
    """Symbols that a schematic holds itself, one for each format.

    Attributes:
        owner: The subcircuit, whose name theirs begin with: xschem keeps them all in one table.
        names: Name of a symbol by its text.
    """

    owner: str
    names: dict[str, str] = field(default_factory=dict)

    def placed(self, symbol: Symbol, device: Connected) -> str:
        """The line that places a device, and its symbol where it is the first of these."""
        origin = _at((symbol.x, symbol.y))
        pins: list[tuple[str, Place, Place]] = []
        free = list(symbol.pins)
        form = _words(device)
        place = 1
        for node in _nodes(device):
            pin = next((pin for pin in free if pin.net == node.lower()), None)
            pieces = _PIECE.findall(form[place]) if place < len(form) else []
            while place < len(form) and node not in pieces:
                place += 1
                pieces = _PIECE.findall(form[place]) if place < len(form) else []
            if place < len(form) and form[place] == node:
                if pin is not None:
                    free.remove(pin)
                    name = f"p{len(pins) + 1}"
                    pins.append((name, _moved(_at(pin.at), (-origin[0], -origin[1])), _way(pin)))
                    form[place] = f"@@{name}"
                place += 1
        model = f": {device.model}" if isinstance(device, CodeModel) else ""
        kind = {
            "type": "primitive",
            "title": f"@name{model}",
            "format": " ".join(form),
            "template": f"name={device.name[0]}1",
        }
        back = (-origin[0], -origin[1])
        lines = [[_moved(_at(place), back) for place in line] for line in outline(symbol)]
        rounds = [(_moved(_at(place), back), _CIRCLE) for place in circles(symbol)]
        left, upper = _moved(_at((symbol.box.left, symbol.box.top)), back)
        right, lower = _moved(_at((symbol.box.right, symbol.box.bottom)), back)
        text = box_symbol(kind, pins, (left, upper, right, lower), lines, rounds)
        first = text not in self.names
        file = self.names.setdefault(text, f"{self.owner}_{len(self.names) + 1}.sym")
        line = component(file, origin, [("name", device.name), ("embed", "true")])
        return f"{line}[\n{text}]\n" if first else line


def _words(device: Connected) -> list[str]:
    """A statement's words as a format: its name is that of the instance."""
    (_, *words) = _line(device).split()
    return ["@name", *(re.sub(r"([@%\\])", r"\\\1", word) for word in words)]


def _line(device: Connected) -> str:
    """A statement as one line."""
    return re.sub(r"\n\s*\+", "", emit_statements((device,)).strip())


def _nodes(device: Connected) -> tuple[str, ...]:
    return (*device.nodes, *device.controls) if isinstance(device, Gate) else device.nodes


def _way(pin: Pin) -> Place:
    return pin.way[0], -pin.way[1]


def _at(point: tuple[float, float]) -> Place:
    return round(point[0] * _STEP), -round(point[1] * _STEP)


def _moved(place: Place, by: Place) -> Place:
    return place[0] + by[0], place[1] + by[1]


def _wire(start: Place, end: Place) -> str:
    return f"N {start[0]} {start[1]} {end[0]} {end[1]} {{}}\n"


def _text(value: Value | None) -> str:
    return "" if value is None else " ".join(spelled(value))


def _ends(symbol: Symbol, one: Transistor) -> tuple[Pin, Pin, Pin]:
    """Where a transistor's drain, gate and source are on the sheet."""
    first, second = (pin for pin in symbol.pins if pin.role != "gate")
    gate = next(pin for pin in symbol.pins if pin.role == "gate")
    drain, source = (first, second) if first.net == one.drain else (second, first)
    return drain, gate, source


def _body(name: str, net: str, pin: Place, away: Place) -> Iterator[str]:
    """The name of a body's node, level and clear of the gate and of the channel."""
    if away[0]:
        yield _label(name, net, pin, away)
        return
    end = _moved(pin, (0, _LETTER * away[1]))
    yield _wire(pin, end)
    yield _label(name, net, end, (1, 0))


def _as_called(device: Connected, one: Transistor) -> _Pairs:
    given = {p.name.lower(): _text(p.value) for p in getattr(device, "parameters", ())}
    sizes = [(name, given.pop(name, "1")) for name in _SIZES]
    more = " ".join(f"{name}={value}" for name, value in given.items())
    model = ("model", str(one.size[0]))
    return [("name", device.name), model, *sizes, *([("extra", more)] if more else [])]


def _in_microns(one: Transistor) -> _Pairs:
    """As the foundry's symbols have it, which put the X before a name themselves."""
    width, length = (_scaled(value) for value in one.size[1:])
    times = "1" if one.times is None else _text(one.times)
    sizes = [("W", width), ("L", length), ("nf", "1"), ("mult", times)]
    model = "nfet_01v8" if one.kind == "n" else "pfet_01v8"
    return [("name", one.name[1:]), *sizes, ("model", model), ("spiceprefix", "X")]


def _scaled(value: Value | None) -> str:
    if isinstance(value, Expression):
        return f"{{1e6*({value.text})}}"
    return f"{1e6 * value:.12g}" if isinstance(value, float | int) else _text(value)


def _plain(device: Connected) -> _Pairs:
    """Attributes of a device that xschem's library has a symbol for; none of any other."""
    kind = device.name[0].lower()
    if isinstance(device, Source):
        return [("value", " ".join(_line(device).split()[3:]))]
    if isinstance(device, Behavioural) and kind == "b" and not device.parameters:
        # Broken at blanks, as a netlist may be: on one line it would cover its neighbours.
        lines = wrap(
            device.expression.text, _WIDEST, break_long_words=False, break_on_hyphens=False
        )
        return [("VAR", device.quantity), ("FUNC", "\n+ ".join(lines))]
    if not isinstance(device, Primitive) or device.model or device.parameters:
        return []
    has_ends = (kind in "rcl" and device.value is not None) or kind in "fh"
    if not (has_ends or (kind in "eg" and len(device.nodes) == _FOUR)):
        return []
    control = [("vnam", device.control)] if device.control else []
    return [*control, ("value", _text(device.value))]


def _two_ends(symbol: Symbol, device: Connected, pairs: _Pairs) -> Iterator[str]:
    shape = SHAPES[device.name[0].lower()]
    first, second = symbol.pins
    if first.net != device.nodes[0].lower():
        first, second = second, first
    ends = [_at(first.at), _at(second.at)]
    rotation, flip, origin = pose(shape, ends)
    yield component(shape.file, origin, [("name", device.name), *pairs], (rotation, flip))
    pins = [_moved(turned(pin, rotation, flip), origin) for pin in shape.pins]
    yield from (_wire(a, b) for a, b in zip(pins, ends, strict=False) if a != b)
    away = turned((-1, 0), rotation, flip)
    for number, (node, pin) in enumerate(zip(device.nodes[2:], pins[2:], strict=True), 1):
        yield _label(f"{device.name}_control{number}", node.lower(), pin, away)


def _instance(symbol: Symbol, device: Instance, inner: Subcircuit) -> str:
    pairs = [("name", device.name), *((p.name, _text(p.value)) for p in device.parameters)]
    return component(f"{inner.name}.sym", _at((symbol.x, symbol.y)), pairs)


def _symbol_file(found: Subcircuit, polarity: Mapping[str, str]) -> str:
    """The symbol that calls of a subcircuit are drawn with."""
    ports = tuple((port.lower(), port.lower()) for port in found.ports)
    part = Part("x1", "box", "", "", "", (found.name,), "", ports)
    symbol, _ = boxed(replace(part, inverter=inverter_pins(found, polarity)), 0, 0)
    given = [p for p in found.parameters if p.value is not None]
    calls = " ".join(("@name @pinlist @symname", *(f"{p.name}=@{p.name}" for p in given)))
    template = " ".join(("name=x1", *(f"{p.name}={_text(p.value)}" for p in given)))
    kind = {"type": "subcircuit", "format": calls, "template": template}
    kind["title"] = "@name: @symname"
    pins = [(pin.net, _at(pin.at), _way(pin)) for pin in symbol.pins]
    box = symbol.box
    room = (*_at((box.left, box.top)), *_at((box.right, box.bottom)))
    lines = [[_at(place) for place in line] for line in outline(symbol)]
    rounds = [(_at(place), _CIRCLE) for place in circles(symbol)]
    return box_symbol(kind, pins, room, lines, rounds)


class _Pieces:
    """What of each node is joined by wires on a sheet, and which of that has a name already."""

    def __init__(self, sheet: Sheet) -> None:
        self._joined: dict[str, Joined] = defaultdict(Joined)
        self._ways: set[tuple[Point, int]] = set()
        self._named: set[tuple[str, str]] = set()
        self.points: dict[str, list[Point]] = defaultdict(list)
        for wire in sheet.wires:
            reached = along(wire)
            self.points[wire.net] += reached
            self._joined[wire.net].join(*map(str, reached))
            for one, other in pairwise(reached):
                self._ways |= {(one, other[0] - one[0]), (other, one[0] - other[0])}
        for pin in (pin for symbol in sheet.symbols for pin in symbol.pins):
            self.points[pin.net].append(pin.at)

    def name(self, net: str, point: Point) -> bool:
        """Give the piece at a point its name; returns whether it had none."""
        piece = (net, self._joined[net].group(str(point)))
        is_new = piece not in self._named
        self._named.add(piece)
        return is_new

    def free(self, point: Point, align: Align) -> Place:
        """Which way a name goes from a point, not over a wire; none for above it."""
        ways = {"left": (1, -1), "right": (-1, 1), "center": ()}[align]
        return next((way for way in ways if (point, way) not in self._ways), 0), 0


def _labels(sheet: Sheet) -> Iterator[str]:
    """The name of each node at each of its pieces, where the sheet has it or at a pin."""
    pieces = _Pieces(sheet)
    count = 0
    for words in sheet.words:
        if words.net in pieces.points:
            point = min(pieces.points[words.net], key=lambda p: _apart(words, p))
            if pieces.name(words.net, point):
                count += 1
                way = pieces.free(point, words.align)
                yield _label(f"lab{count}", words.net, _at(point), way)
    for net, points in list(pieces.points.items()):
        for point in points:
            if pieces.name(net, point):
                count += 1
                yield _label(f"lab{count}", net, _at(point), (1, 0))


def _apart(words: Words, point: Point) -> float:
    return abs(words.x - point[0]) + abs(words.y - point[1])


def _label(name: str, net: str, at: Place, way: Place) -> str:
    """A node's name at a point, leading away from it; above it without a way."""
    pairs = [("name", name), ("lab", net.lower())]
    if way == (0, 0):
        return component("devices/lab_wire.sym", at, pairs)
    rotation, flip = {(-1, 0): (0, 0), (1, 0): (0, 1), (0, -1): (1, 0), (0, 1): (3, 0)}[way]
    return component("devices/lab_pin.sym", at, pairs, (rotation, flip))
