"""How names, values and parameters are written, and what of them would not read back as itself.

The small end of the emitter: pieces of a line, between which it may be broken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from netlist.circuit import Expression, Parameter, Value, Vector
from netlist.errors import NetlistError
from netlist.number import format_number
from netlist.text.line import INLINE_COMMENT
from netlist.text.shape import OPTIONAL, scalar

_WORD = re.compile(r"[^\s,=(){}'\"]+")
_BRACED = re.compile(r"\{([^{}]|\{([^{}]|\{[^{}]*\})*\})*\}")
_GROUP = r"\(([^()]|\(([^()]|\([^()]*\))*\))*\)"
_VALUE = re.compile(rf"(?!\[.*\])([^\s,=(){{}}'\"]|\"[^\"]*\"|'[^']*'|{_GROUP}|{_BRACED.pattern})+")
_ITEM = re.compile(r"[^\s,=(){}'\"\[\]<>]+|\"[^\"]*\"|<[^<>]*>")
_NUMERIC = re.compile(r"[+-]?\.?[0-9]")
_BREAK_OR_COMMENT = re.compile(rf"[\r\n]|{INLINE_COMMENT.pattern}")


def parameters(given: Iterable[Parameter]) -> Iterator[str]:
    """Parameters as they stand at the end of a line.

    Args:
        given: The parameters, bare words among them.

    Yields:
        Pieces of the line.

    Raises:
        NetlistError: When one would not read back as itself.
    """
    before: Parameter | None = None
    optional = False
    for parameter in given:
        name = one_word(parameter.name)
        optional = optional or name.lower() == OPTIONAL
        if parameter.value is None:
            if name.lower() == "params:" and not optional:
                raise unwritable(name, "it marks where parameters begin")
            if before is not None and before.value is not None and _NUMERIC.match(name):
                raise unwritable(name, "a number after a parameter belongs to its value")
            yield name
        else:
            yield from _assignment(name, parameter.value)
        before = parameter


def _assignment(name: str, value: Value) -> Iterator[str]:
    pieces = _vector(value) if isinstance(value, Vector) else _parameter_value(name, value)
    first, *rest = pieces
    yield f"{name}={first}"
    yield from rest


def _parameter_value(name: str, value: float | Expression | str) -> Iterator[str]:
    is_version = name.lower() == "version"
    if is_version and not isinstance(value, str):
        raise unwritable(f"version={value}", "a version is a text, for 3.30 is not 3.3")
    if isinstance(value, str) and not is_version:
        check_word(value)
    yield from spelled(value)


def check_word(text: str) -> None:
    """Refuse a word that would be read as a number or an expression."""
    if scalar(text or "0") != text:
        raise unwritable(text, "it would be read as a number or an expression; give it as one")


def _vector(vector: Vector) -> Iterator[str]:
    for item in vector.items:
        if isinstance(item, str):
            check_word(item)
    if vector.brackets:
        yield "["
        for item in vector.items:
            yield from _item(item)
        yield "]"
        return
    if len(vector.items) < 2:  # noqa: PLR2004 - fewer are no list
        raise unwritable(str(vector.items), "a list without brackets has two items or more")
    *items, last = vector.items
    for item in items:
        *pieces, end = _lone(item)
        yield from pieces
        yield end + ","
    yield from _lone(last)


def _item(item: float | Expression | str) -> Iterator[str]:
    if isinstance(item, str) and not _ITEM.fullmatch(item):
        raise unwritable(item, "an item in brackets is a number, a word, a text or <a, b>")
    yield from (item,) if isinstance(item, str) else spelled(item)


def positional(value: Value) -> Iterator[str]:
    """A value where numbers are wanted: a word must not begin like one."""
    if isinstance(value, str) and _NUMERIC.match(value):
        raise unwritable(value, "a parameter's name begins with a letter")
    yield from _lone(value)


def _lone(value: Value) -> Iterator[str]:
    """A value that stands alone: a word must not be a number."""
    if isinstance(value, Vector):
        raise unwritable(str(value), "a list has a name")
    if isinstance(value, str):
        check_word(value)
        if value[:1] != '"':
            yield from words(value)
            return
    yield from spelled(value)


def spelled(value: Value) -> Iterator[str]:
    """One piece; an expression is one per blank, so that a long one wraps."""
    if isinstance(value, Vector):
        yield from _vector(value)
    elif isinstance(value, Expression):
        text = f"{{{readable(value.text)}}}"
        if not _BRACED.fullmatch(text):
            raise unwritable(value.text, "close its braces, and nest them at most twice")
        yield from text.split()
    elif isinstance(value, str):
        if not _VALUE.fullmatch(value):
            raise unwritable(
                value, "a value is one word; text the simulator evaluates is an Expression"
            )
        yield readable(value)
    else:
        yield format_number(value)


def one_word(name: str) -> str:
    """A name, when it reads back as one."""
    (word,) = words(name)
    return word


def words(*names: str) -> Iterator[str]:
    """Names, each a piece of the line, when they read back as such."""
    for word in names:
        if not _WORD.fullmatch(word):
            raise unwritable(word, "a name has no blanks, commas, brackets, quotes or =")
        yield readable(word)


def readable(text: str) -> str:
    """The text, unless it breaks the line or holds what ngspice takes for a comment."""
    if not text or _BREAK_OR_COMMENT.search(text):
        raise unwritable(text, "it is empty, breaks the line or begins a comment (; // $)")
    return text


def unwritable(text: str, hint: str) -> NetlistError:
    """The error for what would not read back as itself, to be raised by the caller."""
    return NetlistError(f"{text!r} cannot stand in a deck", hint=hint)
