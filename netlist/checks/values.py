"""Values that nobody means: M for a million, F for a farad, metres for micrometres."""

from __future__ import annotations

import re
from collections.abc import Iterator

from netlist.checks.finding import Finding, Lines
from netlist.circuit import Circuit, Directive, Primitive, Value

_WITH_SUFFIX = re.compile(r"[+-]?[\d.]+(?:[eE][+-]?\d+)?([A-Za-zµ]+)")

_RANGES = {
    "r": (1e-6, 1e15, "ohm"),
    "c": (1e-21, 1.0, "F"),
    "l": (1e-15, 1e3, "H"),
}
"""Smallest and largest value that is built, by letter."""

_FEW_FEMTO = 1e-14
"""More than ten femtofarads are probably meant: old decks are all in capitals."""

SIZES_M = (1e-9, 1e-2)
"""Smallest and largest channel, metres."""


def check_values(circuit: Circuit, lines: Lines) -> Iterator[Finding]:
    """Look for values that are probably a slip of the pen.

    Args:
        circuit: The deck.
        lines: Its lines.

    Yields:
        Findings in the order of the deck.
    """
    scaled = any(_scales(s) for s in circuit.statements() if isinstance(s, Directive))
    for statement in circuit.statements():
        if not isinstance(statement, Primitive):
            continue
        letter = statement.name[:1].lower()
        if letter in _RANGES:
            yield from _passive(statement, letter, lines)
        elif letter == "m" and not scaled:
            yield from _channel(statement, lines)


def _scales(line: Directive) -> bool:
    return line.keyword in ("option", "options", "opt") and any(
        word.lower().startswith("scale") for word in line.arguments
    )


def _passive(line: Primitive, letter: str, lines: Lines) -> Iterator[Finding]:
    given = {p.name.lower(): p.value for p in line.parameters}
    value = line.value if line.value is not None else given.get(letter)
    if value is None and line.model is None and not line.parameters:
        yield lines.finding("no-value", f"{line.name} has no value", line.span, line.name)
    if not isinstance(value, float | int):
        return
    written = lines.number(line.span, len(line.nodes) + 1, float(value))
    suffix = _WITH_SUFFIX.fullmatch(written)
    unit = suffix[1] if suffix else ""
    low, high, name = _RANGES[letter]

    def finding(rule: str, message: str, hint: str = "") -> Finding:
        return lines.finding(rule, message, line.span, written, hint)

    if letter == "r" and unit.startswith("M") and not re.match(r"(?i)meg|mil", unit):
        yield finding("milli-not-mega", f"{line.name} is {value:g} ohm, not {value * 1e9:g} ohm")
    elif letter == "c" and re.fullmatch(r"F|[fF]arads?", unit) and value <= _FEW_FEMTO:
        yield finding("femto-not-farad", f"{line.name} is {value:g} F")
    elif value < 0:
        yield finding("negative-value", f"{line.name} is {value:g} {name}")
    elif value == 0:
        if letter == "r":
            yield finding("zero-resistance", f"{line.name} is 0 ohm")
    elif not low <= value < high:
        yield finding("unit-slip", f"{line.name} is {value:g} {name}")


def _channel(line: Primitive, lines: Lines) -> Iterator[Finding]:
    for parameter in line.parameters:
        value: Value | None = parameter.value
        if parameter.name.lower() not in ("w", "l") or not isinstance(value, float | int):
            continue
        low, high = SIZES_M
        if not low <= value < high:
            message = f"{line.name} has {parameter.name} = {value:g} m"
            hint = (
                f"{parameter.name}={value:g}u, when micrometres are meant" if value >= high else ""
            )
            yield lines.finding("unit-slip", message, line.span, parameter.name, hint)
