"""A deck without subcircuits: every device at the top, by the name the simulator gives it.

Parameters are worked out to numbers where they are used; what only the simulator knows (a voltage,
``time``, ``temper``) stays an expression. The flat deck means the same as the deep one, and gives
the same figures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from itertools import islice
from typing import Any

from netlist.circuit import (
    Behavioural,
    Bundle,
    Circuit,
    CodeModel,
    Comment,
    Component,
    Conditional,
    Coupling,
    Device,
    Directive,
    Expression,
    Function,
    Gate,
    Instance,
    Model,
    NumericalModel,
    Parameter,
    Params,
    Polynomial,
    Primitive,
    Source,
    Statement,
    Subcircuit,
    Value,
)
from netlist.errors import NetlistError
from netlist.number import format_number
from netlist.passes.evaluate import Parameters, evaluate
from netlist.passes.hierarchy import DEEPEST, MOST_DEVICES

_MULTIPLIED = frozenset("rclmdqjzgf")
"""Devices that take a multiplier ``m``."""

_TOKENS = re.compile(
    r"(?P<probe>(?<![\w.])(?P<kind>[vi][mripd]?(?:db)?)\s*\((?P<names>[^()]*)\))"
    r"|(?P<call>[A-Za-z_]\w*\s*\()|(?P<number>(?<![A-Za-z_])(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\w*)"
    r"|(?P<name>[A-Za-z_]\w*)",
    re.IGNORECASE,
)


def flattened(circuit: Circuit) -> Circuit:
    """Take a deck's hierarchy apart.

    Args:
        circuit: The deck.

    Returns:
        A deck with the same devices, nodes and models under the simulator's names for them, and
        without subcircuits.

    Raises:
        NetlistError: When an instance names no subcircuit or has another number of nodes, a
            subcircuit uses itself, or a value cannot be worked out.
    """
    lines = (s for s in circuit.body if isinstance(s, Directive) and s.keyword == "global")
    everywhere = frozenset({"0", "gnd"}.union(*(map(str.lower, d.arguments) for d in lines)))
    values = _written(circuit.body)
    top = _Place((), {}, Parameters(values), {}, circuit.subcircuits(), everywhere, 1.0)
    body = tuple(islice(_flat(circuit.body, top), MOST_DEVICES + 1))
    if len(body) > MOST_DEVICES:
        raise NetlistError(
            f"taken apart, this deck has more than {MOST_DEVICES} lines",
            hint="take one of its subcircuits apart",
        )
    return replace(circuit, body=body)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a body stands.

    Attributes:
        path: Names of the instances it is in, outermost first.
        ports: Flat nodes of its ports.
        known: Its parameters.
        models: Flat names of models defined around it.
        subcircuits: Subcircuits it may use.
        everywhere: Global nodes.
        multiplier: Copies of it in parallel.
    """

    path: tuple[str, ...]
    ports: Mapping[str, str]
    known: Mapping[str, float]
    models: Mapping[str, str]
    subcircuits: Mapping[str, Subcircuit]
    everywhere: frozenset[str]
    multiplier: float

    def node(self, name: str) -> str:
        """The flat name of a node."""
        low = name.lower()
        if low in self.everywhere or not self.path:
            return name
        return self.ports.get(low, ".".join((*self.path, low)))

    def device(self, name: str) -> str:
        """The flat name of a device: its letter, the path, its name."""
        return ".".join((name[0].lower(), *self.path, name.lower())) if self.path else name

    def model(self, name: str) -> str:
        """The flat name of a model."""
        return self.models.get(name.lower(), name)


def _written(body: tuple[Statement, ...]) -> dict[str, Value | None]:
    lines = (s for s in body if isinstance(s, Params))
    return {p.name.lower(): p.value for line in lines for p in line.parameters}


def _flat(body: tuple[Statement, ...], place: _Place) -> Iterator[Statement]:
    for statement in body:
        match statement:
            case Subcircuit():
                continue
            case Comment() | Params() if place.path:
                continue
            case Instance():
                yield from _inside(statement, place)
            case Conditional():
                yield from _flat(_taken(statement, place), place)
            case Function() if place.path:
                raise NetlistError(
                    f"function {statement.name} is defined inside a subcircuit",
                    where=statement.span,
                    hint="move the .func line to the top of the deck",
                )
            case _:
                yield _placed(statement, place)


def _taken(line: Conditional, place: _Place) -> tuple[Statement, ...]:
    for branch in line.branches:
        if branch.condition is None or evaluate(branch.condition, place.known):
            return branch.body
    return ()


def _inside(line: Instance, place: _Place) -> Iterator[Statement]:
    inner = place.subcircuits.get(line.subcircuit.lower())
    if inner is None or len(inner.ports) != len(line.nodes) or len(place.path) >= DEEPEST:
        raise NetlistError(
            f"{line.name} cannot be taken apart: {_why_not(line, inner)}",
            where=line.span or line.name,
            hint="joulearn check shows what is wrong with it",
        )
    given = {p.name.lower(): evaluate(p.value, place.known) for p in line.parameters}
    declared: dict[str, Value | None] = {p.name.lower(): p.value for p in inner.parameters}
    path = (*place.path, line.name.lower())
    models = (s for s in inner.body if isinstance(s, Model | NumericalModel))
    nested = {s.name.lower(): s for s in inner.body if isinstance(s, Subcircuit)}
    times = given.get("m", 1.0) if "m" not in declared else 1.0
    below = _Place(
        path=path,
        ports={p.lower(): place.node(n) for p, n in zip(inner.ports, line.nodes, strict=True)},
        known=Parameters({**declared, **_written(inner.body), **given}, place.known),
        models={**place.models, **{m.name.lower(): ".".join((*path, m.name)) for m in models}},
        subcircuits={**place.subcircuits, **nested},
        everywhere=place.everywhere,
        multiplier=place.multiplier * times,
    )
    yield from _flat(inner.body, below)


def _why_not(line: Instance, inner: Subcircuit | None) -> str:
    if inner is None:
        return f"there is no subcircuit {line.subcircuit}"
    if len(inner.ports) != len(line.nodes):
        return f"it has {len(line.nodes)} nodes, {inner.name} has {len(inner.ports)} ports"
    return f"{inner.name} uses itself"


def _placed(statement: Statement, place: _Place) -> Statement:
    """A statement of a body as it is written at the top."""
    if not place.path and not isinstance(statement, Primitive | Source | Behavioural | Model):
        return statement
    parts: dict[str, Any] = {
        entry.name: _resolved(getattr(statement, entry.name), place)
        for entry in fields(statement)
        if entry.name not in ("span", "name", "nodes", "kind", "quantity", "text", "keyword")
    }
    match statement:
        case Model() | NumericalModel():
            return replace(statement, name=place.model(statement.name), **parts)
        case Directive():
            words = tuple(_text(word, place) for word in statement.arguments)
            return replace(statement, arguments=words)
        case Coupling():
            parts["inductors"] = tuple(map(place.device, statement.inductors))
        case Gate():
            parts["controls"] = tuple(map(place.node, statement.controls))
        case Polynomial():
            name = place.node if statement.name[:1].lower() in "eg" else place.device
            parts["controls"] = tuple(map(name, statement.controls))
        case Behavioural() if isinstance(parts["expression"], float):
            # What a behavioural source follows is an expression, a constant too.
            parts["expression"] = Expression(format_number(parts["expression"]))
        case Primitive():
            parts["control"] = place.device(statement.control) if statement.control else None
    if isinstance(statement, Primitive | CodeModel) and statement.model:
        parts["model"] = place.model(statement.model)
    return _device(statement, parts, place)


def _device(statement: Any, parts: dict[str, Any], place: _Place) -> Statement:
    if isinstance(statement, CodeModel):
        parts["ports"] = tuple(_port(port, place) for port in statement.ports)
    elif isinstance(statement, Device) and not isinstance(statement, CodeModel):
        parts["nodes"] = tuple(map(place.node, statement.nodes))
    if isinstance(statement, Component):
        parts["name"] = place.device(statement.name)
    if place.multiplier != 1 and isinstance(statement, Primitive):
        parts["parameters"] = _times(statement, parts["parameters"], place.multiplier)
    flat: Statement = replace(statement, **parts)
    return flat


def _port(port: Any, place: _Place) -> Any:
    if isinstance(port, Bundle):
        inside = tuple(_port(connection, place) for connection in port.connections)
        return replace(port, connections=inside)
    nodes = (n if n.lower() == "null" else place.node(n) for n in port.nodes)
    return replace(port, nodes=tuple(nodes))


def _times(
    device: Primitive, parameters: tuple[Parameter, ...], times: float
) -> tuple[Parameter, ...]:
    """Parameters with the multiplier of the instances around in their ``m``."""
    if device.name[:1].lower() not in _MULTIPLIED:
        raise NetlistError(
            f"{device.name} takes no multiplier, and its subcircuit is used with one",
            where=device.span or device.name,
            hint="write the instance several times",
        )
    own = next((p.value for p in parameters if p.name.lower() == "m"), 1.0)
    if not isinstance(own, int | float):
        raise NetlistError(f"m of {device.name} has no value", device.span, "give it a number")
    others = tuple(p for p in parameters if p.name.lower() != "m")
    return (*others, Parameter("m", own * times))


def _resolved(value: Any, place: _Place) -> Any:
    """A part of a statement with its parameters worked out."""
    if isinstance(value, Expression):
        try:
            return evaluate(value, place.known)
        except NetlistError:
            return Expression(_text(value.text, place, numbers=True))
    if isinstance(value, Parameter):
        return replace(value, value=_word(_resolved(value.value, place), place))
    if isinstance(value, tuple):
        return tuple(_resolved(item, place) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        parts = {e.name: _resolved(getattr(value, e.name), place) for e in fields(value)}
        return replace(value, **parts)
    return value


def _word(value: Any, place: _Place) -> Any:
    """A bare word that is a parameter's name stands for its value."""
    return place.known[value.lower()] if isinstance(value, str) and value in place.known else value


def _text(text: str, place: _Place, *, numbers: bool = False) -> str:
    """Text with its probes, and when asked its parameters, as they are at the top."""

    def swap(found: re.Match[str]) -> str:
        if found["probe"]:
            names = [name.strip() for name in found["names"].split(",")]
            rename = place.node if found["kind"][0] in "vV" else place.device
            return f"{found['kind']}({', '.join(map(rename, names))})"
        if numbers and found["name"] and found["name"].lower() in place.known:
            return f"({format_number(place.known[found['name'].lower()])})"
        return found[0]

    return _TOKENS.sub(swap, text)
