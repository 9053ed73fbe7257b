"""Operators and functions that other simulators have and ngspice has not.

ngspice reads formulas twice: those in braces and of ``.param`` once, while it loads a deck, and
those of sources again and again while it runs. Each has functions and operators of its own; the
tables here are what ngspice 39 took when each was tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from netlist.checks.finding import Finding, Lines
from netlist.checks.scope import Scope
from netlist.circuit import (
    Behavioural,
    Expression,
    Function,
    Model,
    Params,
    Primitive,
    Source,
    Statement,
    Subcircuit,
    Table,
)
from netlist.errors import NetlistError
from netlist.expression import Binary, Call, Name, Probe, Term, Unary, inner_terms
from netlist.span import Span

_BOTH = frozenset(
    (
        *("abs", "sqrt", "exp", "ln", "log", "log10", "nint", "floor", "ceil", "sgn"),
        *("sin", "cos", "tan", "sinh", "cosh", "tanh", "asin", "acos", "atan"),
        *("asinh", "acosh", "atanh", "min", "max", "pow", "pwr", "ternary_fcn"),
        *("agauss", "gauss", "aunif", "unif", "limit", "v", "i"),
    )
)
_RUNNING = _BOTH | frozenset(
    ("u", "u2", "uramp", "ddt", "pwl", "eq0", "ne0", "gt0", "lt0", "ge0", "le0")
)
_LOADING = _BOTH | frozenset(("int", "sqr", "arctan", "defined"))
_NOWHERE = frozenset(("&", "|", "~", "and", "or", "not", "mod", "div"))
_NOT_RUNNING = _NOWHERE | frozenset(("%", "\\", "="))
_CHANGING = frozenset(("time", "temper", "hertz"))
_WITH_FORMULAS = (Primitive, Source, Params, Model, Function, Behavioural, Table, Subcircuit)


def check_formulas(found: tuple[Scope, ...], lines: Lines) -> Iterator[Finding]:
    """Look for what ngspice cannot work out.

    Args:
        found: The deck's scopes.
        lines: Its lines.

    Yields:
        Findings in the order of the scopes, one for each word of a statement.
    """
    for scope in found:
        for statement in scope.statements:
            if isinstance(statement, _WITH_FORMULAS):
                yield from _statement(statement, scope, lines)


def _statement(statement: Statement, scope: Scope, lines: Lines) -> Iterator[Finding]:
    wrong: dict[str, str] = {}
    for expression in _formulas(statement):
        try:
            terms = tuple(inner_terms(expression.tree))
        except NetlistError:
            if _comma_between(expression.text):
                wrong[","] = "ngspice has no operator , here"
            continue
        wrong |= dict(_wrong(statement, expression, terms, scope))
    for word, message in wrong.items():
        yield lines.finding("unknown-function", message, statement.span, word)


def _comma_between(text: str) -> bool:
    """Whether a formula has a comma outside of round and square brackets."""
    depth = 0
    for sign in text:
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and depth == 0:
            return True
    return False


def _formulas(part: object) -> Iterator[Expression]:
    if isinstance(part, Expression):
        yield part
    elif isinstance(part, tuple):
        for item in part:
            yield from _formulas(item)
    elif is_dataclass(part):
        for entry in fields(part):
            value = getattr(part, entry.name)
            if entry.name != "body" and not isinstance(value, str | float | Span | None):
                yield from _formulas(value)


def _wrong(
    statement: Statement, expression: Expression, terms: tuple[Term, ...], scope: Scope
) -> Iterator[tuple[str, str]]:
    running = isinstance(statement, Behavioural | Table) or any(map(_changes, terms))
    if isinstance(statement, Function):  # used in either kind of formula
        known, operators = _RUNNING | _LOADING, _NOWHERE
    elif running:
        known = _RUNNING | (_LOADING if "{" in expression.text else frozenset())
        operators = _NOWHERE if "{" in expression.text else _NOT_RUNNING
    else:
        known, operators = _LOADING, _NOWHERE
    for term in terms:
        if isinstance(term, Binary | Unary) and term.operator.lower() in operators:
            yield term.operator, f"ngspice has no operator {term.operator} here"
        elif isinstance(term, Call):
            name = term.function.lower()
            if name not in known and not scope.has_parameter(name):
                yield term.function, f"ngspice has no function {term.function} here"


def _changes(term: Term) -> bool:
    return isinstance(term, Probe) or (isinstance(term, Name) and term.name.lower() in _CHANGING)
