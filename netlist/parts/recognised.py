"""A cell by its pins alone: which slot it fills and which architecture it serves.

A tool that is given one cell has no design that says what it is for; its pins do. Contracts are
tried from the narrowest to the widest, because a bias cell may offer a line of any name.
"""

from __future__ import annotations

from itertools import product

from netlist.errors import NetlistError
from netlist.naming import find_file, suggestion
from netlist.parts.architectures import ARCHITECTURES, Architecture, Contract
from netlist.parts.cell import Cell, cell_files, load_cell
from netlist.parts.slots import BY_NAME

_ORDER = ("clamp", "driver", "edge", "update", "sequencer", "bias")
"""From the narrowest contract to the widest; an edge asks for no line, an update cell may."""


def recognised(name_or_path: str, slot: str | None = None) -> tuple[Cell, Architecture]:
    """Read a cell and find out what it is for.

    Args:
        name_or_path: A name in ``circuits/cells``, or the path of a ``.cir`` file.
        slot: Its slot, where the pins leave a choice; None for the narrowest that fits.

    Returns:
        The cell, read for its slot, and the architecture it serves.

    Raises:
        NetlistError: When there is no such cell or slot, or its pins fit no slot.
    """
    if slot is not None and slot not in BY_NAME:
        raise NetlistError(
            f"there is no slot {slot!r}", where="slot", hint=f"slots: {', '.join(BY_NAME)}"
        )
    _there(name_or_path)
    refusal: NetlistError | None = None
    for one, architecture in product((slot,) if slot else _ORDER, ARCHITECTURES.values()):
        try:
            cell = load_cell(one, name_or_path, architecture, lines=None)
        except NetlistError as error:
            refusal = error
            continue
        if slot or _fits(cell, architecture.contracts[one]):
            return cell, architecture
    if slot and refusal is not None:
        raise refusal
    pins = " ".join(load_cell("bias", name_or_path, lines=None).pins)
    raise NetlistError(
        f"no slot takes a cell with the pins {pins}",
        where=name_or_path,
        hint="edges have a b gate or fa fb ca cb gate, clamps label, drivers in out",
    )


def _there(name_or_path: str) -> None:
    """Whoever names no cell is told so, and nothing of slots."""
    shipped = cell_files()
    refusal = NetlistError(
        "there is no such file and no such shipped cell",
        where=name_or_path,
        hint=suggestion(name_or_path, shipped, f"cells: {', '.join(shipped)}"),
    )
    find_file(name_or_path, shipped, refusal)


def _fits(cell: Cell, contract: Contract) -> bool:
    """Whether every pin has a meaning in the slot; only a sequencer is told by its controls."""
    if cell.slot == "sequencer":
        return any(pin in contract.controls for pin in cell.pins)
    return contract.asks or contract.offers or set(cell.pins) <= set(contract.pins)
