"""The leaves of a hierarchy: every device the simulator sees, by the name it gives it.

ngspice calls device ``M0`` of instance ``Xa`` in ``Xb`` ``m.xb.xa.m0`` and that instance's inner
node ``s`` ``xb.xa.s``; the energy audit asks for devices and nodes by those names. A subcircuit
defined inside another is expanded there first, and its devices get a letter for each expansion:
``m.xb.m.xa.m0``. Parameters are left to the simulator: only the connections are flattened.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from netlist.circuit import (
    Behavioural,
    Circuit,
    Device,
    Directive,
    Expression,
    Gate,
    Instance,
    Polynomial,
    Primitive,
    Statement,
    Subcircuit,
    Table,
    Transfer,
)
from netlist.errors import NetlistError
from netlist.expression import Probe, inner_terms
from netlist.passes.hierarchy import DEEPEST, too_deep, undefined


@dataclass(frozen=True, slots=True)
class Leaf:
    """One device.

    Attributes:
        name: The simulator's name for it, lower case.
        nodes: The simulator's names of its terminal nodes, lower case.
        device: The statement it comes from.
        controls: The simulator's names of the nodes that a polynomial source or a gate follows.
        sensed: The simulator's names of the nodes whose voltages its expressions use.
    """

    name: str
    nodes: tuple[str, ...]
    device: Device
    controls: tuple[str, ...] = ()
    sensed: tuple[str, ...] = ()

    @property
    def letter(self) -> str:
        """The kind of device: m, c, r and so on."""
        return self.device.name[0].lower()


def leaves(circuit: Circuit) -> Iterator[Leaf]:
    """Every device of a deck, in order, depth first.

    Args:
        circuit: The deck.

    Yields:
        One `Leaf` per device.

    Raises:
        NetlistError: When an instance names a subcircuit that is not there, with another number
            of nodes, or that uses itself.
    """
    top = _Scope((), (circuit.subcircuits(),), {})
    yield from _leaves(circuit.body, top, _global_nodes(circuit))


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where a body stands.

    Attributes:
        calls: The instances it is in, outermost first: how deep the subcircuit used is defined
            (0 at the top of the deck), and the instance's name.
        known: Subcircuits it may use, by the depth of their definition.
        ports: Deck nodes of its ports.
    """

    calls: tuple[tuple[int, str], ...]
    known: tuple[Mapping[str, Subcircuit], ...]
    ports: Mapping[str, str]

    def node(self, name: str, everywhere: frozenset[str]) -> str:
        """The simulator's name of a node."""
        name = name.lower()
        if name in everywhere:
            return "0" if name == "gnd" else name
        return self.ports.get(name, ".".join((*(call for _, call in self.calls), name)))

    def device(self, name: str) -> str:
        """The simulator's name of a device: a letter for each depth at which it was expanded."""
        full = name.lower()
        calls = self.calls
        while calls:
            depth = calls[-1][0]
            start = len(calls)
            while start and calls[start - 1][0] >= depth:
                start -= 1
            full = ".".join((name[0].lower(), *(call for _, call in calls[start:]), full))
            calls = calls[:start]
        return full


def _global_nodes(circuit: Circuit) -> frozenset[str]:
    directives = (d for d in circuit.body if isinstance(d, Directive) and d.keyword == "global")
    return frozenset({"0", "gnd"}.union(*(map(str.lower, d.arguments) for d in directives)))


def _leaves(
    body: tuple[Statement, ...], scope: _Scope, everywhere: frozenset[str]
) -> Iterator[Leaf]:
    for statement in body:
        if isinstance(statement, Instance):
            nodes = tuple(scope.node(node, everywhere) for node in statement.nodes)
            depth, inner = _definition(statement, scope)
            nested = {s.name.lower(): s for s in inner.body if isinstance(s, Subcircuit)}
            below = _Scope(
                calls=(*scope.calls, (depth, statement.name.lower())),
                known=(*scope.known[: depth + 1], nested),
                ports=dict(zip((p.lower() for p in inner.ports), nodes, strict=True)),
            )
            yield from _leaves(inner.body, below, everywhere)
        elif isinstance(statement, Device):
            nodes = tuple(scope.node(node, everywhere) for node in statement.nodes)
            controls = tuple(scope.node(node, everywhere) for node in _followed(statement))
            sensed = tuple(scope.node(node, everywhere) for node in _sensed(statement))
            yield Leaf(scope.device(statement.name), nodes, statement, controls, sensed)


def _followed(statement: Device) -> tuple[str, ...]:
    polynomial = isinstance(statement, Polynomial) and statement.name[:1].lower() in "eg"
    if isinstance(statement, Gate) or (polynomial and isinstance(statement, Polynomial)):
        return statement.controls
    return ()


def _sensed(statement: Device) -> Iterator[str]:
    """Nodes in ``v(...)`` of a source's expression, or of a device whose value follows one."""
    for expression in _formulas(statement):
        if "(" not in expression.text:
            continue
        try:
            terms = inner_terms(expression.tree)
        except NetlistError:
            continue
        probes = (t for t in terms if isinstance(t, Probe) and t.quantity.lower()[0] == "v")
        yield from (node for probe in probes for node in probe.names)


def _formulas(statement: Device) -> Iterator[Expression]:
    match statement:
        case Behavioural() | Table() | Transfer():
            yield statement.expression
        case Primitive():
            values = (statement.value, *(p.value for p in statement.parameters))
            yield from (value for value in values if isinstance(value, Expression))


def _definition(instance: Instance, scope: _Scope) -> tuple[int, Subcircuit]:
    """The innermost definition in sight where the instance is written, and its depth."""
    name = instance.subcircuit.lower()
    depth = next((d for d in reversed(range(len(scope.known))) if name in scope.known[d]), None)
    if depth is None:
        raise undefined(instance)
    subcircuit = scope.known[depth][name]
    if len(subcircuit.ports) != len(instance.nodes):
        raise NetlistError(
            f"{instance.name} has {len(instance.nodes)} nodes, subcircuit {subcircuit.name} "
            f"has {len(subcircuit.ports)} ports",
            where=instance.span or instance.name,
            hint=f"ports in order: {' '.join(subcircuit.ports)}",
        )
    if len(scope.calls) >= DEEPEST:
        raise too_deep(instance, subcircuit.name)
    return depth, subcircuit
