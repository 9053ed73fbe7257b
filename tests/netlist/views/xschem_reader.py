"""Schematics netlisted as xschem does it, from coordinates and its symbols' pins alone.

Written against xschem's file format and sources, not against what writes the schematics: pins,
formats and templates below are those of its library (``xschem_library/devices`` and SKY130's
``sky130_fd_pr``), typed again.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Place: TypeAlias = tuple[float, float]


@dataclass
class Kind:
    """A symbol: its pins in order, what it is and how it is netlisted."""

    pins: dict[str, Place]
    format: str = ""
    template: str = ""
    type: str = ""


@dataclass
class Drawing:
    """A schematic's wires and placed symbols, and the symbols that it holds itself."""

    wires: list[tuple[Place, Place]] = field(default_factory=list)
    placed: list[tuple[str, Place, int, int, dict[str, str]]] = field(default_factory=list)
    own: dict[str, Kind] = field(default_factory=dict)


_ENDS: dict[str, Place] = {"p": (0, -30), "m": (0, 30)}
_CONTROLS: dict[str, Place] = {"cp": (-40, -20), "cm": (-40, 20)}
_N: dict[str, Place] = {"d": (20, -30), "g": (-20, 0), "s": (20, 30), "b": (20, 0)}
_P: dict[str, Place] = {"d": (20, 30), "g": (-20, 0), "s": (20, -30), "b": (20, 0)}
_MOS = "@spiceprefix@name @pinlist @model w=@w l=@l @extra m=@m"
_FET = "@spiceprefix@name @pinlist sky130_fd_pr__@model L=@L W=@W nf=@nf mult=@mult m=@mult"
_POINT: dict[str, Place] = {"p": (0, 0)}

LIBRARY: Mapping[str, Kind] = {
    "devices/nmos4.sym": Kind(_N, _MOS, "name=M1 model=nmos w=5u l=0.18u del=0 m=1"),
    "devices/pmos4.sym": Kind(_P, _MOS, "name=M1 model=pmos w=5u l=0.18u del=0 m=1"),
    "devices/res.sym": Kind(_ENDS, "@name @pinlist @value m=@m", "name=R1 m=1"),
    "devices/capa.sym": Kind(_ENDS, "@name @pinlist @value m=@m", "name=C1 m=1"),
    "devices/ind.sym": Kind(_ENDS, "@name @pinlist @value m=@m", "name=L1 m=1"),
    "devices/vsource.sym": Kind(_ENDS, "@name @pinlist @value", "name=V1 value=3"),
    "devices/isource.sym": Kind(_ENDS, "@name @pinlist @value", "name=I0 value=1m"),
    "devices/bsource.sym": Kind(_ENDS, "@name @pinlist @VAR = @FUNC m=@m", "name=B1 VAR=I m=1"),
    "devices/vcvs.sym": Kind({**_ENDS, **_CONTROLS}, "@name @pinlist @value", "name=E1 value=3"),
    "devices/vccs.sym": Kind({**_ENDS, **_CONTROLS}, "@name @pinlist @value", "name=G1 value=1e-6"),
    "devices/cccs.sym": Kind(_ENDS, "@name @pinlist @vnam @value", "name=F1 vnam=v1 value=1"),
    "devices/ccvs.sym": Kind(_ENDS, "@name @pinlist @vnam @value", "name=H1 vnam=v1 value=1"),
    "devices/lab_pin.sym": Kind(_POINT, type="label"),
    "devices/lab_wire.sym": Kind(_POINT, type="label"),
    "devices/ipin.sym": Kind(_POINT, type="pin"),
    "devices/opin.sym": Kind(_POINT, type="pin"),
    "devices/iopin.sym": Kind(_POINT, type="pin"),
    "devices/code_shown.sym": Kind({}, "@value", type="netlist_commands"),
    "sky130_fd_pr/nfet_01v8.sym": Kind(_N, _FET, "name=M1 W=1 L=0.15 nf=1 mult=1 spiceprefix=X"),
    "sky130_fd_pr/pfet_01v8.sym": Kind(_P, _FET, "name=M1 W=1 L=0.15 nf=1 mult=1 spiceprefix=X"),
}
"""Symbols of xschem, by what schematics call them."""


def netlist(files: Mapping[str, str], top: str) -> str:
    """What xschem writes of a sheet on which the symbol of `top` stands."""
    waiting, done = [top], dict[str, str]()
    while waiting:
        name = waiting.pop()
        if name in done:
            continue
        symbol, drawing = _symbol(files[f"{name}.sym"]), _drawing(files[f"{name}.sch"])
        given = " ".join(f"{k}={v}" for k, v in attributes(symbol.template).items() if k != "name")
        lines = [f".subckt {name} {' '.join(symbol.pins)} {given}"]
        assert sorted(symbol.pins) == sorted(_pins(drawing)), f"pins of {name}.sym and {name}.sch"
        lines += _elements(files, drawing, top=False)
        done[name] = "\n".join([*lines, f".ends {name}"])
        waiting += [file.removesuffix(".sym") for file, *_ in drawing.placed if file in files]
    return "\n".join(done.values()) + "\n"


def netlist_of_the_top(files: Mapping[str, str], top: str) -> str:
    """What xschem writes of a schematic that is open itself: a comment for its heading."""
    drawing = _drawing(files[f"{top}.sch"])
    pins = " ".join(_symbol(files[f"{top}.sym"]).pins)
    lines = [f"** sch_path: /home/me/{top}.sch", f"**.subckt {top} {pins}"]
    lines += [*_elements(files, drawing, top=True), "**.ends"]
    used = {file.removesuffix(".sym") for file, *_ in drawing.placed if file in files}
    return "\n".join([*lines, *(netlist(files, one) for one in sorted(used)), ".end\n"])


def _pins(drawing: Drawing) -> Iterator[str]:
    for file, *_, given in drawing.placed:
        if file in LIBRARY and LIBRARY[file].type == "pin":
            yield given["lab"]


def _elements(files: Mapping[str, str], drawing: Drawing, *, top: bool) -> Iterator[str]:
    kinds = {**LIBRARY, **drawing.own}
    kinds |= {file: _symbol(text) for file, text in files.items() if file.endswith(".sym")}
    net_at = _nets(drawing, kinds)
    names = [given["name"] for *_, given in drawing.placed]
    assert len(names) == len(set(names)), "two symbols of one name"
    for file, at, rotation, flip, given in drawing.placed:
        kind = kinds[file]
        if kind.type in ("label", "pin") or (given.get("only_toplevel") == "true" and not top):
            continue
        nets = {n: net_at[_turned(pin, at, rotation, flip)] for n, pin in kind.pins.items()}
        yield from _element(kind, file, given, nets).splitlines()


def _element(kind: Kind, file: str, given: Mapping[str, str], nets: Mapping[str, str]) -> str:
    values = {**attributes(kind.template), **given}
    values["symname"] = file.removesuffix(".sym").rpartition("/")[2]
    values["pinlist"] = " ".join(nets.values())

    def replaced(match: re.Match[str]) -> str:
        if match[1]:
            return match[1]
        name = match[2]
        return nets[name[1:]] if name.startswith("@") else values.get(name, "")

    text = re.sub(r"\\(.)|@(@?\w+)", replaced, kind.format)
    return re.sub(r" [mM] *= *1 *$", "", text)


def _nets(drawing: Drawing, kinds: Mapping[str, Kind]) -> dict[Place, str]:
    """The name of the node at every pin: what touches is joined, and so is what has one name."""
    pins = [
        _turned(pin, at, rotation, flip)
        for file, at, rotation, flip, _ in drawing.placed
        for pin in kinds[file].pins.values()
    ]
    ends = [end for wire in drawing.wires for end in wire]
    above: dict[object, object] = {}

    def group(one: object) -> object:
        while above.get(one, one) != one:
            one = above[one]
        return one

    for wire in drawing.wires:
        for point in {*pins, *ends}:
            if _touches(wire, point):
                above[group(point)] = group(wire[0])
    names: dict[object, set[str]] = defaultdict(set)
    for file, at, _, _, given in drawing.placed:
        if kinds[file].type in ("label", "pin"):
            names[group(at)].add(given["lab"])
    wrong = [some for some in names.values() if len(some) > 1]
    assert not wrong, f"nodes joined: {wrong}"
    found = {}
    for number, pin in enumerate(pins):
        found[pin] = next(iter(names.get(group(pin), {f"net{number}"})))
    return found


def _touches(wire: tuple[Place, Place], point: Place) -> bool:
    (x, y), (u, v) = wire
    assert x == u or y == v, "a slanted wire"
    return min(x, u) <= point[0] <= max(x, u) and min(y, v) <= point[1] <= max(y, v)


def _turned(pin: Place, at: Place, rotation: int, flip: int) -> Place:
    x, y = (-pin[0] if flip else pin[0]), pin[1]
    for _ in range(rotation):
        x, y = -y, x
    return at[0] + x, at[1] + y


def _symbol(text: str) -> Kind:
    kind = Kind({})
    for tag, fields in _records(text):
        if tag == "K":
            given = attributes(fields[0])
            kind.type, kind.format = given["type"], given["format"]
            kind.template = given["template"]
        if tag == "B" and fields[0] == "5":
            x, y, u, v = map(float, fields[1:5])
            kind.pins[attributes(fields[5])["name"]] = (0.5 * (x + u), 0.5 * (y + v))
    return kind


def _drawing(text: str) -> Drawing:
    drawing = Drawing()
    # An embedded symbol follows the first line that places it.
    outer, *inner = re.split(r"^\[\n(.*?)^\]\n", text, flags=re.MULTILINE | re.DOTALL)[0::1]
    pieces = [outer, *inner]
    for number, piece in enumerate(pieces):
        if number % 2:
            drawing.own[drawing.placed[-1][0]] = _symbol(piece)
            continue
        for tag, fields in _records(piece):
            if tag == "N":
                x, y, u, v = map(float, fields[:4])
                drawing.wires.append(((x, y), (u, v)))
            if tag == "C":
                at = (float(fields[1]), float(fields[2]))
                given = attributes(fields[5])
                drawing.placed.append((fields[0], at, int(fields[3]), int(fields[4]), given))
    return drawing


def _records(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each record's letter and fields, texts in braces freed of them and of what escapes them."""
    field_of = re.compile(r"\{((?:[^{}\\]|\\.)*)\}|(\S+)", re.DOTALL)
    tag, fields = "", list[str]()
    for match in field_of.finditer(text):
        at_start = match.start() == 0 or text[match.start() - 1] == "\n"
        if match[2] is not None and at_start:
            if tag:
                yield tag, fields
            tag, fields = match[2], []
        else:
            inner = match[1] if match[1] is not None else None
            fields.append(
                match[2] if inner is None else re.sub(r"\\(.)", r"\1", inner, flags=re.DOTALL)
            )
    if tag:
        yield tag, fields


def attributes(text: str) -> dict[str, str]:
    """Names and values: a value ends at a blank or semicolon that is in no quotes."""
    pair = re.compile(r'([^\s=;]+)=("(?:[^"\\]|\\.)*"|(?:[^\s;"\\]|\\.)*)', re.DOTALL)
    found = {}
    for name, value in pair.findall(text):
        bare = value[1:-1] if value.startswith('"') else value
        found[name] = re.sub(r"\\(.)", r"\1", bare, flags=re.DOTALL)
    return found
