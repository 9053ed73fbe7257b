"""The leaves of a hierarchy: every device the simulator sees, by the name it gives it.

ngspice calls device ``M0`` of instance ``Xa`` in ``Xb`` ``m.xb.xa.m0`` and that instance's inner
node ``s`` ``xb.xa.s``; the energy audit asks for devices and nodes by those names. Parameters are
left to the simulator: only the connections are flattened.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from netlist.circuit import (
    Behavioural,
    Circuit,
    Directive,
    Instance,
    Primitive,
    Source,
    Statement,
    Subcircuit,
)
from netlist.errors import NetlistError

Device: TypeAlias = Primitive | Source | Behavioural


@dataclass(frozen=True, slots=True)
class Leaf:
    """One device.

    Attributes:
        name: The simulator's name for it, lower case.
        nodes: The simulator's names of its terminal nodes, lower case.
        device: The statement it comes from.
    """

    name: str
    nodes: tuple[str, ...]
    device: Device

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
        NetlistError: When an instance names a subcircuit that is not there, or with another number
            of nodes.
    """
    yield from _leaves(circuit.body, "", {}, circuit.subcircuits(), _global_nodes(circuit))


def _global_nodes(circuit: Circuit) -> frozenset[str]:
    words = (d.arguments for d in circuit.body if isinstance(d, Directive))
    keywords = (d.keyword for d in circuit.body if isinstance(d, Directive))
    named = {
        word.lower()
        for keyword, arguments in zip(keywords, words, strict=True)
        if keyword == "global"
        for word in arguments
    }
    return frozenset({"0", "gnd"} | named)


def _leaves(
    body: tuple[Statement, ...],
    path: str,
    ports: Mapping[str, str],
    known: Mapping[str, Subcircuit],
    everywhere: frozenset[str],
) -> Iterator[Leaf]:
    known = {**known, **{s.name.lower(): s for s in body if isinstance(s, Subcircuit)}}

    def outer(node: str) -> str:
        name = node.lower()
        if name in everywhere or not path:
            return ports.get(name, name)
        return ports.get(name, f"{path}.{name}")

    for statement in body:
        if isinstance(statement, Instance):
            inner = _definition(statement, known)
            nodes = (outer(node) for node in statement.nodes)
            bound = dict(zip((p.lower() for p in inner.ports), nodes, strict=True))
            below = f"{path}.{statement.name.lower()}" if path else statement.name.lower()
            yield from _leaves(inner.body, below, bound, known, everywhere)
        elif isinstance(statement, Primitive | Source | Behavioural):
            name = statement.name.lower()
            full = f"{name[0]}.{path}.{name}" if path else name
            yield Leaf(full, tuple(outer(node) for node in statement.nodes), statement)


def _definition(instance: Instance, known: Mapping[str, Subcircuit]) -> Subcircuit:
    subcircuit = known.get(instance.subcircuit.lower())
    if subcircuit is None:
        raise NetlistError(
            f"{instance.name} uses subcircuit {instance.subcircuit}, which is not there",
            where=instance.span or instance.name,
            hint="define it, or include the file that does",
        )
    if len(subcircuit.ports) != len(instance.nodes):
        raise NetlistError(
            f"{instance.name} has {len(instance.nodes)} nodes, subcircuit {subcircuit.name} "
            f"has {len(subcircuit.ports)} ports",
            where=instance.span or instance.name,
            hint=f"ports in order: {' '.join(subcircuit.ports)}",
        )
    return subcircuit
