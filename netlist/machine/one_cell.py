"""One cell in a deck of its own, sized as a process has it: for whoever asks what it takes."""

from __future__ import annotations

from netlist.circuit import Circuit
from netlist.machine import names
from netlist.parts.cell import Cell
from netlist.parts.process import Process


def one_cell(cell: Cell, process: Process) -> Circuit:
    """A deck with one use of a cell and nothing else.

    Args:
        cell: The cell.
        process: Its models and its sizes of the cell.

    Returns:
        A circuit whose instance is named after the cell's slot; it has no sources.

    Raises:
        NetlistError: When a foundry has no model for a size.
    """
    sizes = process.parameters.get(cell.slot, {})
    known = {name: value for name, value in sizes.items() if cell.accepts(name)}
    nets = {pin: "0" if pin == "vss" else pin for pin in cell.pins}
    instance = cell.instance(names.cell(cell.slot, 0), nets, known)
    body = (*process.statements, *cell.statements, instance)
    return process.complete(Circuit(cell.name, body))
