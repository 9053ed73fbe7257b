"""What the words of an E, G, F or H line mean: linear, ``POLY``, ``value=``, ``TABLE`` and others.

Several have an equals sign or brackets of their own, so they are told by their fourth word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lark import Token

from netlist.circuit import (
    Behavioural,
    Expression,
    Gate,
    Parameter,
    Polynomial,
    Statement,
    Table,
    Transfer,
    Value,
)
from netlist.text.device import primitive
from netlist.text.line import LogicalLine
from netlist.text.shape import BRACED, Shape, number_list, word_value
from netlist.text.usage import usage

_QUANTITIES = frozenset(("value", "vol", "cur"))
FORMS_OF_THEIR_OWN = _QUANTITIES | {"poly", "table", "freq", "laplace", "chebyshev"}
"""Words after the nodes that no node or controlling source may be called."""
GATES = frozenset(("and", "nand", "or", "nor"))
"""Kinds of logic gate of old E and G lines."""
TABLE_HEAD = re.compile(r"[eg]\S*\s+\S+\s+\S+\s+(table|freq|laplace|chebyshev)\b", re.IGNORECASE)
"""How an E or G line begins that has an equals sign of its own."""
_TABLE = re.compile(
    r"\S+\s+\S+\s+\S+\s+(?P<kind>table|freq|laplace|chebyshev)\s*"
    rf"(?P<expression>{BRACED}|'[^']*')\s*=?(?P<points>.*)",
    re.IGNORECASE,
)
_POINT = re.compile(rf"{BRACED}|'[^']*'|[^\s,()]+")
_NUMERIC = re.compile(r"[+-]?\.?[0-9]|[{']")
_MOST = 1000
"""Dimensions of a polynomial, and inputs of a gate."""


def controlled(line: LogicalLine, name: str, shape: Shape) -> Statement | None:
    """Read an E, G, F or H: linear, with ``POLY``, or with ``value=``.

    Args:
        line: Its line.
        name: Its name.
        shape: The rest of the line.

    Returns:
        The source; None when it is of another form.

    Raises:
        NetlistError: When words are missing, or a number is none.
    """
    words, parameters = shape.words, shape.parameters
    form = words[2].lower() if words[2:] else ""
    if form == "poly" and not shape.strange:
        return _polynomial(line, name, shape)
    if form in GATES and shape.strange and (gate := _gate(line, name, words, parameters)):
        return gate
    if words[1:] and not form and parameters and parameters[0].name.lower() in _QUANTITIES:
        return _functional(line, name, words, parameters[0].name, parameters[0].value, parameters)
    if form in _QUANTITIES and words[3:] and not words[4:] and words[3][0] in "{'":
        value = word_value(line, words[3], name)
        return _functional(line, name, words, form, value, (Parameter(form), *parameters))
    return primitive(line, name, shape)


def _functional(
    line: LogicalLine,
    name: str,
    words: Sequence[Token],
    quantity: str,
    value: Value | None,
    parameters: Sequence[Parameter],
) -> Statement | None:
    if isinstance(value, str) and value[0] not in "{'\"":
        value = Expression(value)
    if isinstance(value, float):
        value = Expression(str(value))
    if not isinstance(value, Expression) or any(p.value is None for p in parameters[1:]):
        return None
    nodes = (str(words[0]), str(words[1]))
    return Behavioural(name, nodes, quantity.upper(), value, tuple(parameters[1:]), line.span)


def _polynomial(line: LogicalLine, name: str, shape: Shape) -> Statement | None:
    words = shape.words
    hint = f"write POLY(n), its controls and then its coefficients: {usage(name)}"
    if not words[3:] or not words[3].isdigit() or not 0 < int(words[3]) < _MOST:
        raise line.error("POLY has no dimension", len(line.text), hint)
    count = int(words[3]) * (2 if name[0] in "eEgG" else 1)
    controls, coefficients = words[4 : 4 + count], words[4 + count :]
    if len(controls) < count or not coefficients:
        raise line.error(f"POLY has {len(words) - 4} of its words", len(line.text), hint)
    return Polynomial(
        name,
        (str(words[0]), str(words[1])),
        tuple(map(str, controls)),
        number_list(line, coefficients),
        shape.parameters,
        line.span,
    )


def table(line: LogicalLine, text: str) -> Statement | None:
    """Read an E or G line with ``TABLE``, whose equals sign is no parameter's.

    Args:
        line: Its line.
        text: Its text.

    Returns:
        The source; None when its points are no pairs, or it has ``LAPLACE`` or the like.

    Raises:
        NetlistError: When a number is none.
    """
    found = _TABLE.fullmatch(text)
    if found is None or found["kind"].lower() != "table":
        return None
    words = _points(found)
    if len(words) % 2 or not words or any("=" in w and w[0] not in "{'" for w in words):
        return None
    values = number_list(line, words)
    name, plus, minus, _ = text.split(maxsplit=3)
    points = tuple(zip(values[::2], values[1::2], strict=True))
    return Table(name, (plus, minus), _filtered(found), points, line.span)


def _points(found: re.Match[str]) -> list[Token]:
    begin = found.start("points")
    return [Token("WORD", m[0], begin + m.start()) for m in _POINT.finditer(found["points"])]


def _filtered(found: re.Match[str]) -> Expression:
    return Expression(" ".join(found["expression"][1:-1].split()))


def transfer(line: LogicalLine, text: str) -> Statement | None:
    """Read an E or G line with ``LAPLACE``, ``FREQ`` or ``CHEBYSHEV``.

    Args:
        line: Its line.
        text: Its text.

    Returns:
        The source; None when its words are in no order we know.

    Raises:
        NetlistError: When a number is none.
    """
    found = _TABLE.fullmatch(text)
    if found is None or found["kind"].lower() == "table":
        return None
    words, kind = _points(found), found["kind"].upper()
    if not in_order(kind, words):
        return None
    name, plus, minus, _ = text.split(maxsplit=3)
    arguments = number_list(line, words)
    return Transfer(name, (plus, minus), kind, _filtered(found), arguments, line.span)


def in_order(kind: str, words: Sequence[str]) -> bool:
    """Whether the arguments of such a source are what its kind takes.

    Args:
        kind: LAPLACE, FREQ or CHEBYSHEV.
        words: As written.

    Returns:
        True for one expression of LAPLACE; words and then triples of FREQ; a word and numbers of
        CHEBYSHEV.
    """
    if any("=" in w and w[0] not in "{'" for w in words):
        return False
    if kind == "LAPLACE":
        return len(words) == 1 and words[0][0] in "{'"
    names = next((i for i, word in enumerate(words) if _NUMERIC.match(word)), len(words))
    numbers = len(words) - names
    if not numbers or not all(_NUMERIC.match(word) for word in words[names:]):
        return False
    return numbers % 3 == 0 if kind == "FREQ" else names == 1


def _gate(
    line: LogicalLine, name: str, words: Sequence[Token], parameters: Sequence[Parameter]
) -> Statement | None:
    """``E1 out 0 NAND(2) a 0 b 0 (x, y) (x, y)``: two nodes an input, then the characteristic."""
    if parameters or name[0] not in "eEgG" or not words[3:] or not words[3].isdigit():
        return None
    end = 4 + 2 * min(int(words[3]), _MOST)
    controls, points = words[4:end], words[end:]
    if len(controls) < end - 4 or not controls or not points or len(points) % 2:
        return None
    values = number_list(line, points)
    return Gate(
        name,
        (str(words[0]), str(words[1])),
        words[2].upper(),
        tuple(map(str, controls)),
        tuple(zip(values[::2], values[1::2], strict=True)),
        line.span,
    )
