"""Connectivity as a graph (networkx): devices and nodes, joined where a terminal is.

Two kinds of vertex rather than one edge per device, because a transistor joins four nodes; what
networkx offers (paths, components, isomorphism, GraphML) then works on any circuit.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import networkx as nx

from netlist.circuit import Circuit, Connected, Instance
from netlist.passes.inventory import require_flattenable
from netlist.passes.leaves import leaves
from netlist.printable import printable

_PINS = {
    "m": ("drain", "gate", "source", "bulk"),
    "q": ("collector", "base", "emitter", "substrate"),
    "j": ("drain", "gate", "source"),
    "z": ("drain", "gate", "source"),
    "d": ("anode", "cathode"),
    "e": ("plus", "minus", "control_plus", "control_minus"),
    "g": ("plus", "minus", "control_plus", "control_minus"),
}


def connectivity(circuit: Circuit, *, flat: bool = True) -> nx.MultiGraph[str]:
    """A deck's devices and nodes as a graph.

    Args:
        circuit: The deck.
        flat: Take subcircuits apart; else each instance is one device.

    Returns:
        A graph with vertices ``device:NAME`` (attributes ``kind`` "device", ``letter``, ``model``)
        and ``node:NAME`` (``kind`` "node"), and an edge for each terminal with its ``pin``.

    Raises:
        NetlistError: When `flat` and the hierarchy is broken, or has more than a million devices.
    """
    graph: nx.MultiGraph[str] = nx.MultiGraph(name=printable(circuit.title))
    if flat:
        require_flattenable(circuit)
        for leaf in leaves(circuit):
            model = getattr(leaf.device, "model", None) or ""
            _join(graph, leaf.name, leaf.letter, model, (*leaf.nodes, *leaf.controls))
        return graph
    for statement in circuit.body:
        if isinstance(statement, Connected) and statement.nodes:
            name = statement.name.lower()
            model = getattr(statement, "model", None) or ""
            if isinstance(statement, Instance):
                model = statement.subcircuit
            _join(graph, name, name[:1], model, tuple(n.lower() for n in statement.nodes))
    return graph


def _join(
    graph: nx.MultiGraph[str], name: str, letter: str, model: str, nodes: tuple[str, ...]
) -> None:
    device = printable(f"device:{name}")
    graph.add_node(device, kind="device", letter=letter, model=printable(model))
    pins = _PINS.get(letter, ())
    for place, node in enumerate(nodes):
        vertex = printable(f"node:{node}")
        graph.add_node(vertex, kind="node")
        pin = pins[place] if place < len(pins) else str(place + 1)
        graph.add_edge(device, vertex, pin=pin)


def write_graphml(graph: nx.MultiGraph[str], path: Path | BinaryIO) -> None:
    """Write a graph as GraphML, which drawing programs and other languages read.

    Args:
        graph: From `connectivity`.
        path: The file, or one that is open for bytes.
    """
    nx.write_graphml(graph, path)
