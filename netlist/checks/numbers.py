"""How numbers are written: what ngspice reads in part, or as another number than is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from netlist.checks.finding import Finding, Lines
from netlist.circuit import (
    Circuit,
    Expression,
    Instance,
    Model,
    Params,
    Primitive,
    Raw,
    Statement,
    Vector,
)
from netlist.errors import NetlistError
from netlist.expression import Number, inner_terms
from netlist.number import Spelled, beginning_number, parse_number
from netlist.span import Span

_FORTY = 1e-18
_ATTO = re.compile(r"[+-]?[\d.]+(?:e[+-]?\d+)?a", re.IGNORECASE)
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.ASCII)
_COMMA = re.compile(r"(?<![\w.,])[+-]?\d+,\d+\w*(?![\w.,])")
_TIGHT = re.compile(r"\b\w+\s*=\s*[^\s,=]+,[^\s,=]+(?=\s|$)")
_GROUPS = re.compile(r"\{[^{}]*\}|'[^']*'|\"[^\"]*\"|\([^()]*\)")
_LIST = re.compile(r"[^\s,],\s*[^\s,]")
_PLAIN_SOURCE = re.compile(r"[vi]\S*\s+\S+\s+\S+\s+(?:dc\s+)?[+-]?\d+,\d", re.IGNORECASE)

_SPACED = frozenset("rcld")
"""Devices whose parameters take a list only with a blank behind each comma; a transistor's do not
mind."""


def check_numbers(circuit: Circuit, lines: Lines) -> Iterator[Finding]:
    """Look for numbers that mean something else than they seem to.

    Args:
        circuit: The deck.
        lines: Its lines.

    Yields:
        Findings in the order of the deck.
    """
    for statement in circuit.statements():
        for spelling in dict.fromkeys(_spellings(statement)):
            yield from _spelling(spelling, statement.span, lines)
        yield from _commas(statement, lines)
        if isinstance(statement, Primitive) and statement.name[:1].lower() in _SPACED:
            yield from _tight(statement, lines)


def _spellings(part: object) -> Iterator[str]:
    """Numbers of a statement that are kept as they are written, without those in its bodies."""
    if isinstance(part, Spelled):
        yield part.spelling
    elif isinstance(part, Expression):
        yield from _in_expression(part)
    elif isinstance(part, tuple):
        for item in part:
            yield from _spellings(item)
    elif is_dataclass(part):
        for entry in fields(part):
            value = getattr(part, entry.name)
            if entry.name not in ("body", "branches") and not isinstance(value, str | Span | None):
                yield from _spellings(value)


def _in_expression(expression: Expression) -> Iterator[str]:
    if not _ATTO.search(expression.text):
        return
    try:
        tree = expression.tree
    except NetlistError:
        return
    numbers = (term.text for term in inner_terms(tree) if isinstance(term, Number))
    yield from filter(_ATTO.match, numbers)


def _spelling(text: str, span: Span | None, lines: Lines) -> Iterator[Finding]:
    if _PLAIN.fullmatch(text):
        return
    if _ATTO.match(text):
        value = parse_number(text)
        message = f"{text} is {value:g} to ngspice 39 and {value * _FORTY:g} from ngspice 40 on"
        yield lines.finding("version-suffix", message, span, text)
    elif not text.lower().rstrip("s").endswith("mil"):
        value = _read_of(text)
        yield lines.finding("partly-read", f"ngspice reads {text} as {value:g}", span, text)


def _read_of(text: str) -> float:
    try:
        return parse_number(text)
    except NetlistError:
        return beginning_number(text)


def _commas(statement: Statement, lines: Lines) -> Iterator[Finding]:
    match statement:
        case Params(span=span):
            text = _without_groups(lines.text(span))
            found = _LIST.search(text)
            if found is not None:
                message = "ngspice does not get past the comma between these parameters"
                yield lines.finding("param-comma", message, span, ",")
        case Primitive(span=span, value=float(), parameters=parameters):
            second = parameters[0].name if parameters and parameters[0].value is None else ""
            if second[:1].isdigit():
                message = f"{statement.name} has two values, and ngspice uses {second}"
                yield lines.finding("decimal-comma", message, span, second)
        case Model(span=span, parameters=parameters) | Instance(span=span, parameters=parameters):
            if any(isinstance(p.value, Vector) and not p.value.brackets for p in parameters):
                yield from _comma(statement, lines)
        case Raw(span=span, text=text) if _PLAIN_SOURCE.match(text.lstrip()):
            yield from _comma(statement, lines, "unreadable")
        case _:
            return


def _tight(statement: Primitive, lines: Lines) -> Iterator[Finding]:
    """A list of a device's parameter without a blank behind its comma."""
    if not any(isinstance(p.value, Vector) and not p.value.brackets for p in statement.parameters):
        return
    found = _TIGHT.search(_without_groups(lines.text(statement.span)))
    if found is not None:
        name = found[0].partition("=")[0].rstrip()
        message = f"ngspice does not get past the comma in the list of {name}"
        hint = "a blank behind the comma"
        yield lines.finding("unreadable", message, statement.span, name, hint)


def _comma(
    statement: Model | Instance | Raw, lines: Lines, rule: str = "decimal-comma"
) -> Iterator[Finding]:
    found = _COMMA.search(lines.text(statement.span))
    if found is None:
        return
    rule = "unreadable" if isinstance(statement, Instance) else rule
    hint = "a point before decimals" if rule == "unreadable" else ""
    yield lines.finding(rule, f"{found[0]} is two numbers", statement.span, found[0], hint)


def _without_groups(text: str) -> str:
    """Text without what stands in brackets and quotes, and without what ngspice does not read."""
    text = re.sub(r"(?m)[ \t]*(;|\$[ \t]).*$", "", text)
    text = re.sub(r"\n\s*\+", " ", text)
    while (shorter := _GROUPS.sub("x", text)) != text:
        text = shorter
    return text
