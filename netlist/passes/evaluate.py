"""Expressions worked out: the number a parameter has where it stands.

ngspice works expressions out itself; we do it only to know sizes before a deck runs (which of a
foundry's model cards it needs, how much gate area it has). Random functions give their mean, as a
deck without mismatch would. What cannot be known before a run, a probe or ``time``, is an error.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

from netlist.circuit import Expression, Value, Vector
from netlist.errors import NetlistError
from netlist.expression import (
    Binary,
    Call,
    Choice,
    Group,
    Name,
    Number,
    Term,
    Unary,
    read_expression,
)
from netlist.number import parse_number


class Parameters(Mapping[str, float]):
    """Parameters by name whose values are worked out when first asked for.

    Args:
        values: By name: a number, an expression, or a word that is another parameter's name.
        outer: What names mean that are not here.
    """

    def __init__(
        self, values: Mapping[str, Value | None], outer: Mapping[str, float] | None = None
    ) -> None:
        self._values = {name.lower(): value for name, value in values.items()}
        self._outer: Mapping[str, float] = outer if outer is not None else {}
        self._known: dict[str, float] = {}
        self._open: set[str] = set()

    def __getitem__(self, name: str) -> float:
        name = name.lower()
        if name in self._known:
            return self._known[name]
        if name not in self._values:
            return self._outer[name]
        if name in self._open:
            raise NetlistError(f"parameter {name} depends on itself", hint="give it a number")
        self._open.add(name)
        try:
            self._known[name] = evaluate(self._values[name], self)
        finally:
            self._open.discard(name)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._values, **dict.fromkeys(self._outer)})

    def __len__(self) -> int:
        return len({**self._values, **dict.fromkeys(self._outer)})


def evaluate(value: Value | None, known: Mapping[str, float]) -> float:
    """Work a value out.

    Args:
        value: A number, an expression, or a word: a number with a suffix, or a name.
        known: Numbers of the names it uses, in lower case.

    Returns:
        The number, SI units.

    Raises:
        NetlistError: When it uses a name or function that is not known, or has no real value.
    """
    if isinstance(value, int | float):
        return float(value)
    if value is None or isinstance(value, Vector):
        raise NetlistError(f"{value!r} is no number", hint="one number or expression")
    if not isinstance(value, Expression) and value[:1].isdigit():
        return parse_number(value, formula=True)
    text = value.text if isinstance(value, Expression) else value
    try:
        return float(_number(read_expression(text), known))
    except (ValueError, OverflowError, ZeroDivisionError, TypeError) as error:
        raise NetlistError(f"{text!r} has no value: {error}", hint="check its numbers") from None


def _number(term: Term, known: Mapping[str, float]) -> float:  # noqa: PLR0911 - one per term
    match term:
        case Number():
            return term.value
        case Name():
            return _named(term.name, known)
        case Unary():
            inner = _number(term.term, known)
            return {"-": -inner, "+": inner}.get(term.operator, float(not inner))
        case Binary():
            operator = _OPERATORS[term.operator.lower()]
            return float(operator(_number(term.left, known), _number(term.right, known)))
        case Choice():
            return _number(term.yes if _number(term.condition, known) else term.no, known)
        case Group(terms=(inner_term,)):
            return _number(inner_term, known)
        case Call():
            return _called(term, known)
        case _:
            raise NetlistError(
                f"{term} has no value before the circuit runs", hint="use numbers and parameters"
            )


def _named(name: str, known: Mapping[str, float]) -> float:
    try:
        return known[name.lower()]
    except KeyError:
        pass
    try:
        return _CONSTANTS.get(name.lower()) or parse_number(name)
    except NetlistError:
        raise NetlistError(f"parameter {name} is not defined", hint="add a .param line") from None


def _called(term: Call, known: Mapping[str, float]) -> float:
    name = term.function.lower()
    if name in _MEANS:
        return _number(term.arguments[0], known)
    if name not in _FUNCTIONS:
        raise NetlistError(f"function {name} is not known", hint=f"known: {', '.join(_FUNCTIONS)}")
    return float(_FUNCTIONS[name](*(_number(argument, known) for argument in term.arguments)))


_CONSTANTS = {"pi": math.pi, "e": math.e, "true": 1.0}

_MEANS = ("agauss", "gauss", "aunif", "unif", "limit")
"""Random functions, whose first argument is the mean."""

_OPERATORS: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "%": math.fmod,
    "mod": math.fmod,
    "\\": lambda a, b: math.trunc(a / b),
    "div": lambda a, b: math.trunc(a / b),
    "**": lambda a, b: abs(a) ** b,
    "^": lambda a, b: abs(a) ** b,
    "==": lambda a, b: a == b,
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "&&": lambda a, b: bool(a) and bool(b),
    "&": lambda a, b: bool(a) and bool(b),
    "and": lambda a, b: bool(a) and bool(b),
    "||": lambda a, b: bool(a) or bool(b),
    "|": lambda a, b: bool(a) or bool(b),
    "or": lambda a, b: bool(a) or bool(b),
}

_FUNCTIONS: dict[str, Callable[..., float]] = {
    "abs": abs,
    "sqrt": math.sqrt,
    "exp": math.exp,
    "ln": math.log,
    "log": math.log,
    "log10": math.log10,
    "min": min,
    "max": max,
    "pow": lambda a, b: abs(a) ** b,
    "pwr": lambda a, b: abs(a) ** b,
    "int": math.trunc,
    "nint": round,
    "floor": math.floor,
    "ceil": math.ceil,
    "sgn": lambda a: (a > 0) - (a < 0),
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "sinh": math.sinh,
    "cosh": math.cosh,
    "tanh": math.tanh,
    "asin": math.asin,
    "acos": math.acos,
    "atan": math.atan,
    "ternary_fcn": lambda condition, yes, no: yes if condition else no,
    "u": lambda a: float(a > 0),
    "uramp": lambda a: max(a, 0.0),
}
