"""Edges that break: cut off, left to themselves, or shorted, in the deck itself.

A break is a wire that is not there or one too many, never a switch: the deck of a broken machine is
a real circuit as that of a sound one is, and every joule of it is billed in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from learning.design.sections import DamageSpec
from learning.errors import LearningError
from netlist.circuit import Instance, Primitive, Statement
from netlist.machine import names
from netlist.machine.assembly import Assembly
from netlist.parts.cell import Cell
from netlist.parts.slots import BY_NAME

SHORT_OHM = 1e3
"""Of a short between a gate and a supply, a bridge of polysilicon."""

STUB_OHM = 1e9
"""Of what is left of the wire from an update cell to its gate: a cell's current goes somewhere."""


def broken_edges(spec: DamageSpec, n_edge: int) -> tuple[int, ...]:
    """Which edges break.

    Args:
        spec: The ``[damage]`` of a design.
        n_edge: Edges of its network.

    Returns:
        Their numbers in order; a larger count breaks those of a smaller one too.

    Raises:
        LearningError: When there are not so many edges.
    """
    if spec.kind == "none":
        return ()
    wrong = [edge for edge in spec.edges if edge >= n_edge]
    if wrong or spec.count > n_edge:
        what = f"edge {wrong[0]}" if wrong else f"{spec.count} edges"
        where = "damage.edges" if wrong else "damage.count"
        raise LearningError(
            f"{what} cannot break: the network has {n_edge}", where, f"0 to {n_edge - 1} by number"
        )
    drawn = np.random.default_rng(spec.seed).permutation(n_edge)[: spec.count]
    return tuple(sorted({*spec.edges, *drawn.tolist()}))


def gates_when_broken(
    spec: DamageSpec, gates_V: tuple[float, ...], rail_V: float
) -> tuple[float, ...]:
    """Gate voltages with those of shorted edges where the short holds them, volts."""
    held_V = {"low": 0.0, "high": rail_V}.get(spec.kind)
    if held_V is None:
        return gates_V
    broken = broken_edges(spec, len(gates_V))
    return tuple(held_V if i in broken else gate_V for i, gate_V in enumerate(gates_V))


def damaged(assembly: Assembly, cells: Mapping[str, Cell], spec: DamageSpec) -> Assembly:
    """The deck of a machine whose edges are broken.

    Args:
        assembly: That of the sound machine, its cells still instances.
        cells: By slot.
        spec: What breaks.

    Returns:
        The deck; the same one when nothing breaks.

    Raises:
        LearningError: When the network has not so many edges, or no rail to be shorted to.
    """
    broken = broken_edges(spec, len(assembly.gates))
    if not broken:
        return assembly
    body, added = assembly.circuit.body, tuple[Statement, ...]()
    if spec.kind in ("low", "high"):
        to = names.GROUND if spec.kind == "low" else _rail(assembly)
        added = tuple(
            Primitive(f"Rshort_{edge}", (assembly.gates[edge], to), value=SHORT_OHM)
            for edge in broken
        )
    else:
        slot = "edge" if spec.kind == "open" else "update"
        pins = _ends(cells[slot]) if spec.kind == "open" else ("gate",)
        cuts = {f"x{names.cell(slot, edge)}": edge for edge in broken}
        body = tuple(
            _cut(s, cells[slot], pins, cuts[s.name.lower()])
            if isinstance(s, Instance) and s.name.lower() in cuts
            else s
            for s in body
        )
        if spec.kind == "stuck":
            added = tuple(
                Primitive(f"Rstub_{edge}", (names.cut(edge, "gate"), names.GROUND), value=STUB_OHM)
                for edge in broken
            )
    return replace(assembly, circuit=replace(assembly.circuit, body=(*body, *added)))


def _ends(edge: Cell) -> tuple[str, ...]:
    """The pins at one end of an edge."""
    return tuple(pin for pin in ("a", "fa", "ca") if edge.uses(pin))


def _cut(instance: Instance, cell: Cell, pins: tuple[str, ...], edge: int) -> Instance:
    nodes = tuple(
        names.cut(edge, pin) if pin in pins else node
        for pin, node in zip(cell.pins, instance.nodes, strict=True)
    )
    return replace(instance, nodes=nodes)


def _rail(assembly: Assembly) -> str:
    block = BY_NAME["edge"].rail
    rail = next((rail.node for rail in assembly.rails if rail.block == block), None)
    if rail is None:
        raise LearningError(
            "the edges of this machine have no rail to be shorted to",
            "damage.kind",
            '"low", "open" or "stuck"',
        )
    return rail
