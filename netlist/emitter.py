"""Writes statements as SPICE text: same circuit, same bytes, and the parser reads it back equal.

Small on purpose: every statement becomes a list of pieces, one rule wraps them, one formatter
writes numbers. What would read back as something else (a blank in a name, a line break in a title)
is refused, therefore no name taken from a design file can smuggle a line into a deck.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from netlist.circuit import (
    Behavioural,
    Circuit,
    Comment,
    Directive,
    Expression,
    Instance,
    Model,
    Parameter,
    Params,
    Primitive,
    Raw,
    Source,
    Statement,
    Subcircuit,
    Value,
    Waveform,
)
from netlist.errors import NetlistError
from netlist.number import format_number

_WIDTH = 100
_INDENT = "  "
_WORD = re.compile(r"[^\s,=(){}'\"]+")
_VALUE = re.compile(r"[^\s,=(){}'\"]+|\"[^\"]*\"")
_BRACED = re.compile(r"\{([^{}]|\{[^{}]*\})*\}")
_BREAK_OR_COMMENT = re.compile(r"[\r\n;]|//|(?:^|[\s,])\$")


def emit(circuit: Circuit) -> str:
    """Write a whole deck: title, statements, ``.end``.

    Args:
        circuit: The deck.

    Returns:
        Text ending in a line break; ``parse(emit(circuit)) == circuit``.

    Raises:
        NetlistError: When a name or text would not read back as itself.
    """
    if "\n" in circuit.title or "\r" in circuit.title:
        raise _unwritable(circuit.title, "a title is one line")
    if circuit.title.lower().startswith("*ng_script"):
        raise _unwritable(circuit.title, "ngspice runs such a file as commands; change the title")
    return f"{circuit.title}\n{emit_statements(circuit.body)}.end\n"


def emit_statements(statements: Iterable[Statement]) -> str:
    """Write statements alone, as a library file holds them: no title, no ``.end``.

    Args:
        statements: The statements, in order.

    Returns:
        Text ending in a line break, or nothing for no statements.

    Raises:
        NetlistError: When a name or text would not read back as itself.
    """
    return "".join(f"{line}\n" for line in _lines(statements, ""))


def _lines(statements: Iterable[Statement], indent: str) -> Iterator[str]:
    for statement in statements:
        if isinstance(statement, Raw):
            yield statement.text
        elif isinstance(statement, Comment):
            if "\n" in statement.text or "\r" in statement.text:
                raise _unwritable(statement.text, "use one Comment per line")
            yield f"{indent}*{statement.text}"
        elif isinstance(statement, Subcircuit):
            yield from _wrap(_heading(statement), indent)
            yield from _lines(statement.body, indent + _INDENT)
            yield f"{indent}.ends {statement.name}"
        else:
            yield from _wrap(_pieces(statement), indent)


def _wrap(pieces: Iterable[str], indent: str) -> Iterator[str]:
    """Join pieces with blanks, breaking before the one that would pass column 100."""
    line: list[str] = []
    length = 0
    for piece in pieces:
        if line and length + 1 + len(piece) > _WIDTH:
            yield indent + " ".join(line)
            line, length = ["+"], len(indent) + 1
        length += len(piece) + 1 if line else len(indent) + len(piece)
        line.append(piece)
    yield indent + " ".join(line)


def _pieces(
    statement: Primitive | Source | Behavioural | Instance | Model | Params | Directive,
) -> Iterator[str]:
    match statement:
        case Primitive():
            yield from _device(statement.name, "rclmdegfhs", statement.nodes)
            yield from _words(*filter(None, (statement.control,)))
            if not _model_first(statement):
                yield from _optional(statement.value)
            yield from _words(*filter(None, (statement.model,)))
            if _model_first(statement):
                yield from _optional(statement.value)
            yield from _parameters(statement.parameters)
        case Source():
            yield from _source(statement)
        case Behavioural():
            yield from _device(statement.name, "b", statement.nodes)
            text = _readable(statement.expression.text)
            yield from f"{statement.quantity}={text}".split()
        case Instance():
            yield from _device(statement.name, "x", statement.nodes)
            yield from _words(statement.subcircuit)
            yield from _parameters(statement.parameters)
        case Model():
            yield from _words(".model", statement.name, statement.kind)
            yield from _parameters(statement.parameters)
        case Params():
            yield from _words(".param")
            yield from _parameters(statement.parameters)
        case Directive():
            yield from _words(f".{statement.keyword}")
            yield from map(_readable, statement.arguments)


def _heading(subcircuit: Subcircuit) -> Iterator[str]:
    yield from _words(".subckt", subcircuit.name, *subcircuit.ports)
    yield from _parameters(subcircuit.parameters)


def _model_first(primitive: Primitive) -> bool:
    """A diode's area stands after its model, a resistor's ohms before."""
    return primitive.name[:1].lower() == "d"


def _source(source: Source) -> Iterator[str]:
    yield from _device(source.name, "vi", source.nodes)
    if source.dc is not None:
        yield "dc"
        yield from _value(source.dc)
    if source.waveform is not None:
        yield from _waveform(source.waveform)


def _waveform(waveform: Waveform) -> Iterator[str]:
    if waveform.kind == "EXTERNAL":
        yield "external"
        return
    (kind,) = _words(waveform.kind)
    before, last = f"{kind}(", None
    for argument in waveform.arguments:
        if last is not None:
            yield last
        last, before = before + format_number(argument), ""
    yield (before if last is None else last) + ")"
    yield from _parameters(waveform.options)


def _optional(value: Value | None) -> Iterator[str]:
    if value is not None:
        yield from _value(value)


def _parameters(parameters: Iterable[Parameter]) -> Iterator[str]:
    for parameter in parameters:
        (name,) = _words(parameter.name)
        first, *rest = _value(parameter.value)
        yield f"{name}={first}"
        yield from rest


def _value(value: Value) -> Iterator[str]:
    """One piece; an expression is one per blank, so that a long one wraps."""
    if isinstance(value, Expression):
        text = f"{{{_readable(value.text)}}}"
        if not _BRACED.fullmatch(text):
            raise _unwritable(value.text, "close its braces, and nest them at most once")
        yield from text.split()
    elif isinstance(value, str):
        if not _VALUE.fullmatch(value):
            raise _unwritable(
                value, "a value is one word; text the simulator evaluates is an Expression"
            )
        yield _readable(value)
    else:
        yield format_number(value)


def _device(name: str, letters: str, nodes: Iterable[str]) -> Iterator[str]:
    if name[:1].lower() not in letters:
        raise _unwritable(name, f"the name of this device begins with one of {letters.upper()}")
    yield from _words(name, *nodes)


def _words(*words: str) -> Iterator[str]:
    for word in words:
        if not _WORD.fullmatch(word):
            raise _unwritable(word, "a name has no blanks, commas, brackets, quotes or =")
        yield _readable(word)


def _readable(text: str) -> str:
    """The text, unless it breaks the line or holds what ngspice takes for a comment."""
    if not text or _BREAK_OR_COMMENT.search(text):
        raise _unwritable(text, "it is empty, breaks the line or begins a comment (; // $)")
    return text


def _unwritable(text: str, hint: str) -> NetlistError:
    return NetlistError(f"{text!r} cannot stand in a deck", hint=hint)
