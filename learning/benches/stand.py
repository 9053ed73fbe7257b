"""What stands on a bench: one cell, and beside it only what the cell cannot do without.

A cell may ask for lines: voltages of a bias cell, phases of a sequencer. They come from the real
cells that offer them, each on a rail of its own, so that a cell is measured as it will be used and
its energy is its own. Pins bind by name, as the assembler binds them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from netlist.circuit import Model, Statement, Subcircuit
from netlist.errors import NetlistError
from netlist.naming import suggestion
from netlist.parts.architectures import Architecture
from netlist.parts.cell import Cell, cell_files, load_cell
from netlist.parts.process import Process
from netlist.parts.recognised import recognised
from netlist.parts.variation import NOMINAL, Chip

GIVERS = ("sequencer", "bias")
"""Slots whose cells offer lines; a sequencer may ask the bias for some itself."""


@dataclass(frozen=True, slots=True)
class Stand:
    """One cell and what it needs.

    Attributes:
        cell: The cell that is measured.
        architecture: Which it serves.
        process: Device models, at a corner and a temperature.
        beside: Cells that give it its lines, by slot.
        parameters: Of the cell, over the process's sizes, SI units.
        chip: What its devices have of their own.
        nudge: η where the cell takes one, as a parameter or a pin.
        supply_V: Of every rail, volts; None takes the process's.
        place: What the cell serves in a machine, for a chip's devices are told apart by it.
        others: Parameters of the cells beside, by slot, over the process's sizes.
    """

    cell: Cell
    architecture: Architecture
    process: Process
    beside: Mapping[str, Cell] = field(default_factory=dict)
    parameters: Mapping[str, float] = field(default_factory=dict)
    chip: Chip = NOMINAL
    nudge: float = 0.5
    supply_V: float | None = None
    place: str = "0"
    others: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def rail_V(self) -> float:
        """Supply, volts."""
        return self.supply_V or self.process.rail_V

    @property
    def cells(self) -> dict[str, Cell]:
        """Every cell by its slot, the measured one first."""
        return {self.cell.slot: self.cell, **self.beside}

    @property
    def pins(self) -> frozenset[str]:
        """Every pin of every cell."""
        return frozenset(pin for cell in self.cells.values() for pin in cell.pins)

    def at(self, process: Process, chip: Chip) -> Stand:
        """The same at another corner, temperature or chip."""
        return replace(self, process=process, chip=chip)

    def with_cell(self, slot: str) -> Stand:
        """The same with the architecture's own cell of a slot beside."""
        cell = load_cell(slot, self.architecture.cells[slot], self.architecture, lines=None)
        return replace(self, beside={**self.beside, slot: cell})

    def sizes(self, slot: str) -> dict[str, float]:
        """Parameters that a cell is used with.

        Args:
            slot: Its slot.

        Returns:
            The process's sizes where the cell has them, then what was given for it.
        """
        cell = self.cells[slot]
        known = cell.known({**self.process.parameters.get(slot, {}), "eta": self.nudge})
        own = self.parameters if slot == self.cell.slot else self.others.get(slot, {})
        return {**known, **own}

    def library(self) -> Iterator[Statement]:
        """Models and subcircuits of all cells, each name once."""
        seen: set[object] = set()
        for source in (self.process.statements, *(c.statements for c in self.cells.values())):
            for statement in source:
                key: object = id(statement)
                if isinstance(statement, Subcircuit | Model):
                    key = type(statement), statement.name.lower()
                if key not in seen:
                    seen.add(key)
                    yield statement


def stand(
    name_or_path: str,
    process: Process,
    *,
    slot: str | None = None,
    beside: Mapping[str, str] | None = None,
    parameters: Mapping[str, float] | None = None,
    nudge: float | None = None,
) -> Stand:
    """Put a cell on a bench.

    Args:
        name_or_path: A shipped cell, or the path of a ``.cir`` file.
        process: Device models.
        slot: What the cell is used as, where its pins leave a choice.
        beside: By slot, cells to take lines from; others are found by what they offer.
        parameters: Parameters of the cell that differ from its defaults, SI units.
        nudge: η; None takes 1 for a clamp that plays in turn without one, else a half.

    Returns:
        The stand.

    Raises:
        NetlistError: When there is no such cell, or nobody offers a line it asks for.
    """
    cell, architecture = recognised(name_or_path, slot)
    found = _beside(cell, architecture, beside or {})
    takes = cell.accepts("eta") or cell.uses("eta")
    own = 0.5 if takes or not architecture.in_turn else 1.0
    eta = own if nudge is None else nudge
    return Stand(cell, architecture, process, found, parameters or {}, nudge=eta)


def _beside(cell: Cell, architecture: Architecture, given: Mapping[str, str]) -> dict[str, Cell]:
    needed, found = set(_asked(cell, architecture)), dict[str, Cell]()
    for slot in GIVERS:
        if slot == cell.slot:
            continue
        giver = _giver(slot, architecture, given, needed)
        if giver is not None:
            found[slot] = giver
            needed |= set(_asked(giver, architecture))
            needed -= set(giver.pins)
    missing = sorted(needed)
    if missing:
        offered = {line for slot in GIVERS for line in _offered(slot, architecture, given)} - needed
        raise NetlistError(
            f"cell {cell.name} asks for the line {missing[0]!r}, which nothing beside it offers",
            where=cell.subcircuit.span or cell.file,
            hint=suggestion(missing[0], offered, "name the cell that does: --beside bias=mine.cir"),
        )
    return found


def _giver(
    slot: str, architecture: Architecture, given: Mapping[str, str], needed: set[str]
) -> Cell | None:
    """The cell that offers most of what is needed, the architecture's own before others."""
    cells = [
        load_cell(slot, name, architecture, lines=None)
        for name in _candidates(slot, architecture, given)
    ]
    best = max(cells, key=lambda cell: len(needed & set(cell.pins)), default=None)
    useful = best is not None and (needed & set(best.pins) or slot in given)
    return best if useful else None


def _asked(cell: Cell, architecture: Architecture) -> Iterator[str]:
    """Lines a cell asks for; a sequencer's further pins may be its own or the bias's."""
    contract = architecture.contracts[cell.slot]
    if not contract.asks:
        return
    if contract.offers:
        offered = set(_offered("bias", architecture, {}))
        yield from (pin for pin in cell.pins if pin in offered and pin not in contract.pins)
    else:
        yield from (pin for pin in cell.pins if pin not in contract.pins)


def _candidates(slot: str, architecture: Architecture, given: Mapping[str, str]) -> Iterator[str]:
    if slot in given:
        yield given[slot]
        return
    own = architecture.cells.get(slot)
    yield from (name for name in (own,) if name)
    yield from (name for name in cell_files() if name != own and name.partition("_")[0] == slot)


def _offered(slot: str, architecture: Architecture, given: Mapping[str, str]) -> Iterator[str]:
    for candidate in _candidates(slot, architecture, given):
        yield from load_cell(slot, candidate, architecture, lines=None).offers
