"""What nodes are for: which are sources, targets and ground, and whether that makes sense.

Apart from the topology because the same network is taught many tasks. Nodes named in the design
are placed first and random ones among what is left, so that naming one more node never lands on a
random one by accident.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeAlias

import networkx as nx
import numpy as np

from netlist.errors import NetlistError
from netlist.machine.topology import Network, Port
from netlist.naming import nearest

Placement: TypeAlias = Sequence[str] | int
"""Entries such as ("0", "3-7"), or how many single nodes to place at random."""

_SHOWN = 8
"""How many node names of a long list a message shows."""


def with_roles(
    network: Network,
    sources: Placement,
    targets: Placement,
    ground: Sequence[str],
    rng: np.random.Generator,
) -> Network:
    """Give nodes their roles, and check that the network can then be taught.

    An empty sequence keeps the role as the network already has it (from its GraphML file).

    Args:
        network: Any network.
        sources: Node names, "a-b" for differential pairs; or a number of nodes to place at random.
        targets: The same for targets.
        ground: Node names.
        rng: Places the random nodes, sources before targets.

    Returns:
        The network with its roles.

    Raises:
        NetlistError: For an unknown node, a node used twice, a missing role, too many random
            nodes, or a network in several pieces; `where` is the design key.
    """
    fixed = replace(
        network,
        sources=_ports(sources, network.sources, "sources"),
        targets=_ports(targets, network.targets, "targets"),
        ground=tuple(ground) or network.ground,
    )
    _check_known(fixed)
    _check_once(fixed)
    placed = _place(fixed, sources, targets, rng)
    for role, chosen in _used(placed):
        if not chosen:
            raise NetlistError(
                f"the network has no {role.removesuffix('s')}",
                where=f"network.roles.{role}",
                hint=f'name a node, such as {role} = ["{network.nodes[0]}"]',
            )
    _check_connected(placed)
    return placed


def _ports(entries: Placement, already: tuple[Port, ...], role: str) -> tuple[Port, ...]:
    if isinstance(entries, int):
        return ()
    if isinstance(entries, str):
        raise NetlistError(
            f"{entries!r} places no nodes",
            where=f"network.roles.{role}",
            hint='a list of nodes such as ["0", "3-7"], or a number of nodes',
        )
    return tuple(_port(entry, role) for entry in entries) or already


def _port(entry: str, role: str) -> Port:
    names = entry.split("-")
    if len(names) > 2 or not all(names):  # noqa: PLR2004 - a pair
        raise NetlistError(
            f"{entry!r} is neither a node nor a pair of nodes",
            where=f"network.roles.{role}",
            hint='a node name such as "3", or a differential pair such as "3-7"',
        )
    return Port(*names)


def _place(
    network: Network, sources: Placement, targets: Placement, rng: np.random.Generator
) -> Network:
    for role, entries in (("sources", sources), ("targets", targets)):
        if not isinstance(entries, int):
            continue
        taken = {node for _, nodes in _used(network) for node in nodes}
        free = [node for node in network.nodes if node not in taken]
        if not 0 < entries <= len(free):
            raise NetlistError(
                f"cannot place {entries} {role} at random among {len(free)} free nodes",
                where=f"network.roles.{role}",
                hint="from 1 to the number of free nodes, or a larger network (network.rows)",
            )
        chosen = rng.choice(len(free), size=entries, replace=False)
        ports = tuple(Port(free[index]) for index in chosen)
        network = replace(
            network,
            sources=ports if role == "sources" else network.sources,
            targets=ports if role == "targets" else network.targets,
        )
    return network


def _used(network: Network) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Every role with its nodes, a pair counting as two."""
    return (
        ("ground", network.ground),
        ("sources", tuple(node for port in network.sources for node in port.nodes)),
        ("targets", tuple(node for port in network.targets for node in port.nodes)),
    )


def _check_known(network: Network) -> None:
    for role, nodes in _used(network):
        for node in nodes:
            if node not in network.nodes:
                near = nearest(node, network.nodes)
                raise NetlistError(
                    f"the network has no node {node!r}",
                    where=f"network.roles.{role}",
                    hint=f"node {near}" if near else f"one of {_shortened(network.nodes)}",
                )


def _check_once(network: Network) -> None:
    first: dict[str, str] = {}
    for role, nodes in _used(network):
        for node in nodes:
            if node in first:
                other = first[node]
                what = f"twice in {role}" if other == role else f"in both {other} and {role}"
                raise NetlistError(
                    f"node {node} is used {what}",
                    where=f"network.roles.{role}",
                    hint="one role per node; a pair uses both of its nodes",
                )
            first[node] = role


def _check_connected(network: Network) -> None:
    graph = network.graph()
    order = {node: index for index, node in enumerate(network.nodes)}
    reached = set(nx.node_connected_component(graph, network.ground[0]))
    unreached = [
        sorted(component, key=order.__getitem__)
        for component in nx.connected_components(graph)
        if not component & reached
    ]
    if unreached:
        smallest = min(unreached, key=lambda component: (len(component), order[component[0]]))
        raise NetlistError(
            f"no path from ground {network.ground[0]} to node(s) {_shortened(smallest)}",
            where="network",
            hint="an edge that joins them to the rest, or leave them out",
        )


def _shortened(names: Iterable[str]) -> str:
    names = tuple(names)
    return ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
