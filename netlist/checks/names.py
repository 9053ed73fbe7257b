"""Names: what a deck uses and does not define, defines twice, or connects by the wrong number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from itertools import chain, islice

from netlist.checks.definitions import Definitions
from netlist.checks.finding import Finding, Lines
from netlist.checks.scope import Scope, global_nodes
from netlist.circuit import (
    Behavioural,
    Circuit,
    CodeModel,
    Component,
    Coupling,
    Directive,
    Expression,
    Function,
    Gate,
    Instance,
    Model,
    Params,
    Polynomial,
    Primitive,
    Statement,
    Subcircuit,
    Table,
    Transfer,
    bodies,
)
from netlist.errors import NetlistError
from netlist.expression import Name, Probe, inner_terms
from netlist.naming import suggestion

_BUILT_IN = frozenset(
    (
        *("time", "temper", "hertz", "freq", "omega", "temp", "tnom", "vt", "gmin"),
        *("pi", "e", "inf", "true", "false", "yes", "no", "trise", "tfall"),
    )
)
_PROBED = ("ic", "nodeset", "save", "print", "plot", "probe", "four")
_PROBE = re.compile(r"(?i)\bv[mripd]?(?:db)?\(\s*([^\s,()]+)\s*(?:,\s*([^\s,()]+)\s*)?\)")
_MOST_COMPARED = 20_000
"""Names that wrong ones are compared with, in one file: a second or less."""
_HIERARCHICAL = re.compile(r"[.#@*?\[\]:{}]")


def check_names(
    circuit: Circuit, found: tuple[Scope, ...], included: Definitions, lines: Lines
) -> Iterator[Finding]:
    """Look for names that mean nothing, or two things.

    Args:
        circuit: The deck.
        found: Its scopes.
        included: What its included files define.
        lines: Its lines.

    Yields:
        Findings in the order of the scopes.
    """
    everywhere, near = global_nodes(circuit), _Nearest()
    for scope in found:
        yield from _twice(scope, lines)
        for statement in scope.statements:
            yield from _instance(statement, scope, included, lines, near)
            if not included.missing:
                yield from _model(statement, scope, lines, near)
                yield from _parameters(statement, scope, lines)
            yield from _devices(statement, scope, lines, near)
            yield from _probes(statement, scope, everywhere, lines, near)


def _instance(
    statement: Statement, scope: Scope, included: Definitions, lines: Lines, near: _Nearest
) -> Iterator[Finding]:
    if not isinstance(statement, Instance):
        return
    name = statement.subcircuit
    used = scope.find(name)
    ports = (
        used.subcircuit.ports
        if used and used.subcircuit
        else included.subcircuits.get(name.lower())
    )
    if ports is None:
        if not included.missing:
            message = f"{statement.name} uses subcircuit {name}, which is not defined"
            hint = near.hint(name, chain(_subcircuits(scope), included.subcircuits))
            yield lines.finding("undefined-subcircuit", message, statement.span, name, hint)
        return
    if len(ports) != len(statement.nodes):
        message = (
            f"{statement.name} has {len(statement.nodes)} nodes, subcircuit {name} has "
            f"{len(ports)} ports"
        )
        hint = f"its ports in order: {' '.join(ports)}"
        yield lines.finding("pin-count", message, statement.span, name, hint)
    if scope.is_value(name):
        message = f"{name} is a parameter here, too"
        yield lines.finding("name-clash", message, statement.span, name)
    if used is None:
        return
    for parameter in statement.parameters:
        low = parameter.name.lower()
        if low != "m" and low not in used.parameters:
            message = f"subcircuit {name} has no parameter {parameter.name}"
            hint = near.hint(parameter.name, used.parameters)
            yield lines.finding("unknown-parameter", message, statement.span, parameter.name, hint)


def _subcircuits(scope: Scope | None) -> Iterator[str]:
    while scope is not None:
        yield from scope.subcircuits
        scope = scope.outer


def _model(statement: Statement, scope: Scope, lines: Lines, near: _Nearest) -> Iterator[Finding]:
    if not isinstance(statement, Primitive | CodeModel) or not statement.model:
        return
    name = statement.model
    if scope.has_model(name) or scope.has_parameter(name):
        return
    message = f"{statement.name} uses model {name}, which is not defined"
    yield lines.finding(
        "undefined-model", message, statement.span, name, near.hint(name, _models(scope))
    )


def _models(scope: Scope | None) -> Iterator[str]:
    while scope is not None:
        yield from scope.models
        scope = scope.outer


def _own(statement: Statement, scope: Scope) -> frozenset[str]:
    """Names that a statement's formulas may use besides those of its scope.

    ngspice works a call's values out where the subcircuit's parameters are in sight, those that the
    same line gives among them: ``X1 a b foo nf=2 ad={w/nf}``, as xschem writes transistors.
    """
    match statement:
        case Function(arguments=arguments):
            names = list(arguments)
        case Subcircuit(parameters=parameters):
            names = [p.name for p in parameters]
        case Instance(parameters=parameters, subcircuit=called):
            found = scope.find(called)
            declared = found.subcircuit.parameters if found and found.subcircuit else ()
            names = [p.name for p in (*parameters, *declared)]
        case _:
            names = []
    return frozenset(name.lower() for name in names)


def _parameters(statement: Statement, scope: Scope, lines: Lines) -> Iterator[Finding]:
    own = _own(statement, scope)
    reported: set[str] = set()
    for expression in _expressions(statement):
        for name in _names(expression):
            low = name.lower()
            if low in own or low in _BUILT_IN or low in reported or low[:1] == "@":
                continue
            if scope.has_parameter(low):
                continue
            reported.add(low)
            message = f"parameter {name} is not defined"
            yield lines.finding("undefined-parameter", message, statement.span, name)


def _names(expression: Expression) -> Iterator[str]:
    try:
        tree = expression.tree
    except NetlistError:
        return
    for term in inner_terms(tree):
        if isinstance(term, Name):
            yield term.name


def _expressions(statement: Statement) -> Iterator[Expression]:
    """Expressions of a statement itself, not of statements inside it."""
    if isinstance(statement, Subcircuit):
        yield from _inside(statement.parameters)
    elif isinstance(statement, _WITH_EXPRESSIONS):
        yield from _inside(statement)


_WITH_EXPRESSIONS = (
    *(Primitive, Params, Model, Function, Instance),
    *(Behavioural, Table, Polynomial, Gate),
)


def _inside(value: object) -> Iterator[Expression]:
    if isinstance(value, Expression):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _inside(item)
    elif is_dataclass(value):
        for entry in fields(value):
            yield from _inside(getattr(value, entry.name))


def _devices(statement: Statement, scope: Scope, lines: Lines, near: _Nearest) -> Iterator[Finding]:
    """Sources and inductors that a line names."""
    wanted: tuple[str, ...] = ()
    if isinstance(statement, Primitive) and statement.control:
        wanted = (statement.control,)
    elif isinstance(statement, Polynomial) and statement.name[:1].lower() in "fh":
        wanted = statement.controls
    elif isinstance(statement, Coupling):
        wanted = statement.inductors
    for name in wanted:
        if name.lower() not in scope.devices and "." not in name:
            message = f"{statement.name} names {name}, which is not there"  # type: ignore[union-attr]
            hint = near.hint(name, scope.devices, begin=name[:1].lower())
            yield lines.finding("undefined-device", message, statement.span, name, hint)


def _probes(
    statement: Statement,
    scope: Scope,
    everywhere: frozenset[str],
    lines: Lines,
    near: _Nearest,
) -> Iterator[Finding]:
    nodes: Iterable[str] = ()
    if isinstance(statement, Directive) and statement.keyword in _PROBED:
        if "noise" in map(str.lower, statement.arguments[:1]):
            return
        text = " ".join(statement.arguments)
        nodes = [n for pair in _PROBE.findall(text) for n in pair if n]
    elif isinstance(statement, Behavioural | Table | Transfer):
        nodes = _probed(statement.expression)
    for node in dict.fromkeys(nodes):
        low = node.lower()
        if low in scope.nodes | everywhere or _HIERARCHICAL.search(node) or low in scope.parameters:
            continue
        message = f"there is no node {node}"
        hint = near.hint(node, scope.nodes)
        yield lines.finding("undefined-node", message, getattr(statement, "span", None), node, hint)


def _probed(expression: Expression) -> Iterator[str]:
    try:
        tree = expression.tree
    except NetlistError:
        return
    for term in inner_terms(tree):
        if isinstance(term, Probe) and term.quantity.lower().startswith("v"):
            yield from term.names


def _twice(scope: Scope, lines: Lines) -> Iterator[Finding]:
    """Names that two statements of one body have; branches and sections are alternatives."""
    body = scope.subcircuit.body if scope.subcircuit is not None else scope.statements
    top = _top_level(scope) if scope.subcircuit is None else body
    seen: dict[tuple[str, str], Statement] = {}
    for statement in top:
        kind = _kind(statement)
        name = getattr(statement, "name", "")
        if not kind or not name:
            continue
        first = seen.setdefault((kind, name.lower()), statement)
        if first is statement:
            continue
        where = getattr(first, "span", None)
        rule = "duplicate-name" if kind == "device" else "duplicate-definition"
        message = f"{name} is already the name of a {kind}" + (
            f" in line {where.line}" if where else ""
        )
        yield lines.finding(rule, message, getattr(statement, "span", None), name)


def _top_level(scope: Scope) -> Iterator[Statement]:
    """The deck's own statements without those of its branches and sections."""
    inner = {
        id(s)
        for statement in scope.statements
        if not isinstance(statement, Subcircuit)
        for body in bodies(statement)
        for s in body
    }
    return (s for s in scope.statements if id(s) not in inner)


def _kind(statement: Statement) -> str:
    if isinstance(statement, Subcircuit):
        return "subcircuit"
    if isinstance(statement, Model):
        return "model"
    if isinstance(statement, Function):
        return "function"
    return "device" if isinstance(statement, Component) else ""


class _Nearest:
    """Hints that name what was probably meant, as long as that is not most of the work."""

    def __init__(self) -> None:
        self._left = _MOST_COMPARED

    def hint(self, name: str, known: Iterable[str], begin: str = "") -> str:
        """The hint for a wrong name; empty when none is near, or too much was compared."""
        names = tuple(islice(known, self._left + 1))
        self._left = max(0, self._left - len(names))
        near = sorted({other for other in names if other.startswith(begin)})
        return suggestion(name.lower(), near) if self._left else ""
