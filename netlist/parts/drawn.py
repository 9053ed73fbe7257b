"""Cells as schematic editors write them: foundry calls in microns, a top that is a comment.

xschem writes the schematic on the screen as ``**.subckt NAME PINS`` … ``**.ends``, for it may hold
a test bench, and calls a foundry's transistor by the foundry's name with sizes in the foundry's
unit. Here the top is a subcircuit like any other, and a transistor that is the process's own
``nfet`` or ``pfet`` becomes one, with the ``w`` of one finger and the ``m`` of all of them, in
metres. What a symbol says of diffusion (``ad as pd ps nrd nrs sa sb sd``) is left to the process,
which computes its own. A capacitor between metals becomes its capacitance, a resistor of
polysilicon its resistance.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from netlist.circuit import Expression, Instance, Parameter, Primitive, Statement, Subcircuit, Value
from netlist.errors import NetlistError

_TOP = re.compile(r"^\*\*(\.subckt[ \t]+\S+[ \t]+\S|\.ends)", re.IGNORECASE | re.MULTILINE)
_PARAM = re.compile(
    r"^\.param((?:[ \t]+\w+=[-+]?\.?\d[^\s{}'\"=]*)+)[ \t]*$(?!\n\+)", re.IGNORECASE | re.MULTILINE
)
_KICAD = re.compile(
    r"^(\.title KiCad schematic|\* *EESchema Netlist Version)", re.IGNORECASE | re.MULTILINE
)
_SCHEMATIC = re.compile(r"^\*\* sch_path: .*?([^/\\\s]+)\.sch\s*$", re.MULTILINE)
_MISSING = re.compile(r"^\*[ \t]+(\S+) -[ \t]+(\S+)[ \t]+IS MISSING !!!!", re.MULTILINE)
_NODES = 4


@dataclass(frozen=True, slots=True)
class Drawn:
    """A foundry's transistor as schematics call it.

    Attributes:
        device: The subcircuit of a process that it is: ``nfet`` or ``pfet``.
        unit_m: What its sizes are written in, metres.
        process: The process whose ``device`` it is.
    """

    device: str
    unit_m: float
    process: str


_TRANSISTORS: Mapping[str, Drawn] = {
    "sky130_fd_pr__nfet_01v8": Drawn("nfet", 1e-6, "sky130"),
    "sky130_fd_pr__pfet_01v8": Drawn("pfet", 1e-6, "sky130"),
    "nfet_03v3": Drawn("nfet", 1.0, "gf180mcu"),
    "pfet_03v3": Drawn("pfet", 1.0, "gf180mcu"),
}
"""Sizes of SKY130's calls are in microns (its models set ``scale``), GF180MCU's in metres."""

_LEAST_m = 1e-9
"""No transistor is so small: what is has its unit twice, as ``W=2u`` where ``W=2`` is microns."""

_AREA_F, _EDGE_F = 2.0e-15, 0.19e-15
"""SKY130's capacitor between metals, farads per square micron and per micron of its edge: the
foundry's typical ``camimc`` and ``cpmimc`` (models/r+c/res_typical__cap_typical__lin.spice)."""

_CAPACITORS = frozenset({"sky130_fd_pr__cap_mim_m3_1", "sky130_fd_pr__cap_mim_m3_2"})

_STRIPS: Mapping[str, tuple[float, float]] = {
    "sky130_fd_pr__res_high_po_0p35": (589.99, 1112.41),
    "sky130_fd_pr__res_high_po_0p69": (389.90, 491.36),
    "sky130_fd_pr__res_high_po_1p41": (254.77, 230.05),
    "sky130_fd_pr__res_high_po_2p85": (130.36, 113.56),
    "sky130_fd_pr__res_high_po_5p73": (68.05, 56.46),
}
"""SKY130's resistors of polysilicon: ohms of the contacts and per micron, the foundry's typical
``rcon`` and ``rsheet`` (cells/res_high_po/sky130_fd_pr__res_high_po_*.model.spice)."""

_SQUARE_ohm = 2000.0
_NARROW: Mapping[str, float] = {
    f"sky130_fd_pr__res_xhigh_po_{name}": float(name.replace("p", "."))
    for name in ("0p35", "0p69", "1p41", "2p85", "5p73")
}
"""Those of 2 kohm a square and their widths in microns; their contacts have
``-46.62/w**2 + 331.73/w + 20.576`` ohms (cells/res_xhigh_po, the foundry's base model)."""

_FOUNDRIES = ("sky130_fd_pr__", "sky130_fd_sc_", "sky130_ef_sc_", "sg13_", "gf180mcu_")
"""How names of other foundry devices begin."""


def with_top(text: str) -> str:
    """A netlist whose commented top is a subcircuit; line numbers stay.

    Numbers that a ``.param`` of the top gives are parameters of the subcircuit, so that a design
    can set them: xschem has no other way to say them of the schematic on the screen.

    Args:
        text: As the editor wrote it.

    Returns:
        The same where there is no such top, or it has no pins and is a test bench.
    """
    found = [*_TOP.finditer(text)]
    words = [match[1].lower() for match in found]
    if len(words) != 2 or words[0] == ".ends" or words[1] != ".ends":  # noqa: PLR2004
        return text
    start, end = found[0].start(), found[1].end()
    heading, line, rest = text[start:end].partition("\n")
    given = "".join(match[1] for match in _PARAM.finditer(rest))
    if given and not rest.startswith("+"):
        heading, rest = heading + given, _PARAM.sub(r"*\g<0>", rest)
    return text[:start] + _TOP.sub(r"\1", heading + line + rest) + text[end:]


def export_hint(text: str) -> str:
    """How to get a subcircuit out of the editor that wrote a netlist without one; may be empty."""
    if _KICAD.search(text):
        return "KiCad: File > Export > Netlist > Spice Model; its pins are the hierarchical labels"
    if _TOP.search(text) or "** sch_path:" in text:
        return "xschem: give the schematic ipin, opin and iopin symbols, one for each pin"
    return ""


def whole_cell(subcircuits: Sequence[Subcircuit], stem: str, text: str) -> Subcircuit:
    """The subcircuit of a file that the others are parts of.

    Args:
        subcircuits: Those of the file, at least one.
        stem: The file's name.
        text: The file.

    Returns:
        The one named like the file; else the only one that no other calls; else the one of the
        schematic that xschem netlisted, which it writes first; else the last.
    """
    called = {
        inner.subcircuit.lower()
        for one in subcircuits
        for inner in one.body
        if isinstance(inner, Instance)
    }
    roots = [one for one in subcircuits if one.name.lower() not in called]
    schematic = _SCHEMATIC.search(text)
    names = [stem.lower(), schematic[1].lower() if schematic else ""]
    named = [[one for one in subcircuits if one.name.lower() == name] for name in names]
    choices = (named[0], roots if len(roots) == 1 else [], named[1], subcircuits)
    return next(some for some in choices if some)[-1]


def check_complete(text: str, where: str) -> None:
    """Refuse a netlist in which xschem left out what it had no symbol for.

    Args:
        text: The netlist.
        where: The file.

    Raises:
        NetlistError: When a device, a pin or a label is missing.
    """
    missing = _MISSING.search(text)
    if missing:
        line = text.count("\n", 0, missing.start()) + 1
        raise NetlistError(
            f"{missing[1]} is missing: xschem found no symbol {missing[2]}",
            where=f"{where}:{line}:1",
            hint="netlist again with XSCHEM_LIBRARY_PATH leading to the symbols",
        )


def in_metres(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """Foundry calls as calls of the process's own transistors.

    Args:
        statements: Of a cell's file.

    Returns:
        The same statements, calls replaced; a file that defines such a subcircuit keeps its calls.

    Raises:
        NetlistError: For a foundry's device that is not one of a process's two transistors, or a
            call without four nodes, a width or a length.
    """
    own = {s.name.lower() for s in statements if isinstance(s, Subcircuit)}
    return tuple(_replaced(statement, own) for statement in statements)


def _replaced(statement: Statement, own: Iterable[str]) -> Statement:
    if isinstance(statement, Subcircuit):
        body = tuple(_replaced(inner, own) for inner in statement.body)
        return replace(statement, body=body)
    if not isinstance(statement, Instance) or statement.subcircuit.lower() in own:
        return statement
    name = statement.subcircuit.lower()
    drawn = _TRANSISTORS.get(name)
    if drawn is not None:
        return _transistor(statement, drawn)
    if name in _CAPACITORS:
        return _capacitor(statement)
    if name in _STRIPS or name in _NARROW:
        return _resistor(statement)
    if name.startswith(_FOUNDRIES):
        gates = "its netlist in the same file, of the process's own transistors"
        devices = f"{' '.join(_TRANSISTORS)}; resistors as R with their value"
        raise NetlistError(
            f"{statement.name} is a {statement.subcircuit}, which no process here offers",
            where=statement.span,
            hint=gates if "_sc_" in name else devices,
        )
    return statement


def _transistor(call: Instance, drawn: Drawn) -> Instance:
    if len(call.nodes) != _NODES:
        raise NetlistError(
            f"{call.name} has {len(call.nodes)} nodes, a transistor has four",
            where=call.span,
            hint="the symbol with a pin for the body: drain gate source body",
        )
    given = {parameter.name.lower(): parameter.value for parameter in call.parameters}
    sizes = {name: _size(call, given, name) for name in ("w", "l")}
    for name, value in sizes.items():
        if isinstance(value, float) and abs(value) * drawn.unit_m < _LEAST_m:
            raise NetlistError(
                f"{call.name} has {name.upper()} = {value * drawn.unit_m:.3g} m, smaller than any",
                where=call.span,
                hint=f"sizes of {call.subcircuit} in units of {drawn.unit_m:g} m, without a suffix",
            )
    fingers, times = given.get("nf", 1.0), given.get("m", given.get("mult", 1.0))
    width = _product(sizes["w"], drawn.unit_m, over=fingers)
    length = _product(sizes["l"], drawn.unit_m)
    parameters = (
        Parameter("w", width),
        Parameter("l", length),
        Parameter("m", _product(fingers, times)),
    )
    return Instance(call.name, call.nodes, drawn.device, parameters, span=call.span)


def _capacitor(call: Instance) -> Primitive:
    """As drawn and typical; its leads' resistance, of ohms, is left out.

    ``MF`` is how many there are as far as mismatch goes; ``m`` is what makes them so many.
    """
    width, length, times = _numbers(call, ("w", "l"), ("m",), "W=20 L=20 m=1")
    farads = times * (_AREA_F * width * length + 2.0 * _EDGE_F * (width + length))
    return Primitive(f"C{call.name}", call.nodes[:2], float(f"{farads:.6g}"), span=call.span)


def _resistor(call: Instance) -> Primitive:
    """As drawn and typical, at small voltages; its capacitance to the substrate is left out."""
    length, times = _numbers(call, ("l",), ("m",), "L=5 m=1")
    name = call.subcircuit.lower()
    if name in _STRIPS:
        contacts, per_micron = _STRIPS[name]
    else:
        width = _NARROW[name]
        contacts = -46.62 / width**2 + 331.73 / width + 20.576
        per_micron = _SQUARE_ohm / width
    ohms = (contacts + per_micron * length) / times
    return Primitive(f"R{call.name}", call.nodes[:2], float(f"{ohms:.6g}"), span=call.span)


def _numbers(
    call: Instance, sizes: Iterable[str], counts: Iterable[str], example: str
) -> tuple[float, ...]:
    """Sizes that a call has to give, and counts that are one where it does not."""
    given = {parameter.name.lower(): parameter.value for parameter in call.parameters}
    found = [_size(call, given, name) for name in sizes]
    found += [given.get(name) or 1.0 for name in counts]
    numbers = tuple(value for value in found if isinstance(value, float))
    if len(numbers) != len(found):
        raise NetlistError(
            f"{call.name} has a size that is no number", where=call.span, hint=example
        )
    return numbers


def _size(call: Instance, given: Mapping[str, Value | None], name: str) -> Value:
    value = given.get(name)
    if value is None:
        raise NetlistError(
            f"{call.name} says no {name.upper()}=", where=call.span, hint="W= and L= of the symbol"
        )
    return value


def _product(
    first: Value | None, second: Value | None, over: Value | None = 1.0
) -> float | Expression:
    """A product over a divisor: a number where all are, else an expression."""
    if isinstance(first, float) and isinstance(second, float) and isinstance(over, float):
        # written as a decimal: 0.15 microns are 1.5e-07 metres, not 1.4999999999999999e-07
        return float(f"{first * second / over:.12g}")
    text = f"({_text(first)})*({_text(second)})"
    return Expression(text if over == 1.0 else f"{text}/({_text(over)})")


def _text(value: Value | None) -> str:
    return value.text if isinstance(value, Expression) else str(value)
