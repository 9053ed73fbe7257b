"""A cell of the library: one subcircuit file, bound by the names of its pins and not their order.

The slot a cell is used in decides which pins it may have (`netlist.parts.architectures`); a cell
declares those it uses. So a new cell is a new file under ``circuits/cells`` and never a code
change, and a misspelt pin is an error at its line instead of a floating node.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path

from netlist.circuit import (
    Behavioural,
    Circuit,
    CodeModel,
    Instance,
    Parameter,
    Primitive,
    Statement,
    Subcircuit,
)
from netlist.errors import NetlistError
from netlist.naming import find_file, suggestion
from netlist.parts.architectures import ARCHITECTURES, TWIN, Architecture, Contract
from netlist.parts.drawn import (
    check_complete,
    export_hint,
    in_metres,
    whole_cell,
    with_top,
)
from netlist.reading import CELL, read_text
from netlist.text.deckfile import defines_subcircuit
from netlist.text.parser import parse_library


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell, read and checked against its slot's contract.

    Attributes:
        slot: The slot it was read for.
        subcircuit: The subcircuit whose ports are the pins.
        statements: Everything in its file, `subcircuit` and the subcircuits it uses included.
        file: The file, for messages.
        text: What stands in it.
        offers: Lines it puts at the service of other cells, by pin.
    """

    slot: str
    subcircuit: Subcircuit
    statements: tuple[Statement, ...]
    file: str
    text: str = field(repr=False)
    offers: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The subcircuit's name."""
        return self.subcircuit.name

    @property
    def pins(self) -> tuple[str, ...]:
        """Its pins, in the order of its subcircuit's ports."""
        return tuple(port.lower() for port in self.subcircuit.ports)

    @property
    def is_behavioural(self) -> bool:
        """Whether it is not of real devices alone: a controlled source or code model is in it."""
        inside = Circuit(self.name, self.statements).statements()
        return any(
            isinstance(s, Behavioural | CodeModel)
            or (isinstance(s, Primitive) and s.name[0].lower() in "efgh")
            for s in inside
        )

    def uses(self, pin: str) -> bool:
        """Whether the cell declares this pin."""
        return pin in self.pins

    def accepts(self, parameter: str) -> bool:
        """Whether the cell declares this parameter."""
        return parameter.lower() in {p.name.lower() for p in self.subcircuit.parameters}

    def known(self, sizes: Mapping[str, float]) -> dict[str, float]:
        """Those of some parameters that the cell declares.

        Args:
            sizes: Values by name, SI units.

        Returns:
            Its own ones, in order.
        """
        return {name: float(value) for name, value in sizes.items() if self.accepts(name)}

    def instance(
        self, name: str, nets: Mapping[str, str], parameters: Mapping[str, float]
    ) -> Instance:
        """Use the cell once.

        Args:
            name: Instance name without its X.
            nets: Node of the deck for every pin the cell uses.
            parameters: Values that differ from the cell's defaults, SI units.

        Returns:
            The X line.

        Raises:
            NetlistError: When a parameter is unknown to the cell.
        """
        for parameter in parameters:
            if not self.accepts(parameter):
                known = ", ".join(p.name for p in self.subcircuit.parameters) or "none"
                raise NetlistError(
                    f"cell {self.name} has no parameter {parameter}",
                    where=f"cells.parameters.{self.slot}.{parameter}",
                    hint=f"its parameters are: {known} ({self.file})",
                )
        nodes = tuple(nets[pin] for pin in self.pins)
        values = tuple(Parameter(key, float(value)) for key, value in parameters.items())
        return Instance(f"X{name}", nodes, self.name, values)


def library_path() -> Path:
    """The folder of the shipped cells."""
    return Path(str(files("circuits") / "cells"))


def cell_files() -> dict[str, Path]:
    """The shipped cells by name, in order."""
    return {path.stem: path for path in sorted(library_path().glob("*.cir"))}


PLAIN_LINES: Mapping[str, tuple[str, ...]] = {"the plain bias": ("vbias",)}
"""Lines a cell may ask for when it is read alone."""


def load_cells(names: Mapping[str, str], architecture: Architecture = TWIN) -> dict[str, Cell]:
    """Read all cells of a machine, and see that each finds the lines it asks for.

    Args:
        names: By slot, a name in ``circuits/cells`` or the path of a ``.cir`` file.
        architecture: Which pins the slots' cells have.

    Returns:
        By slot, in the order of `names`.

    Raises:
        NetlistError: As for `load_cell`.
    """
    lines: dict[str, tuple[str, ...]] = {}
    found: dict[str, Cell] = {}
    givers = (slot for slot, contract in architecture.contracts.items() if contract.offers)
    for slot in sorted(names, key=[*givers, *names].index):
        found[slot] = load_cell(slot, names[slot], architecture, lines)
        if found[slot].offers:
            lines[f"{slot} {found[slot].name}"] = found[slot].offers
    return {slot: found[slot] for slot in names}


def load_cell(
    slot: str,
    name_or_path: str,
    architecture: Architecture = TWIN,
    lines: Mapping[str, tuple[str, ...]] | None = PLAIN_LINES,
) -> Cell:
    """Read the cell a design names for a slot.

    The subcircuit that counts is the one named like the file, else the only one that no other of
    the file calls, else the last one.

    Args:
        slot: A name in `netlist.parts.slots.SLOTS`.
        name_or_path: A name in ``circuits/cells``, or the path of a ``.cir`` file.
        architecture: Which pins a slot's cells have.
        lines: Lines there are to ask for, by who offers them; None takes any for granted.

    Returns:
        The cell.

    Raises:
        NetlistError: When there is no such cell, no subcircuit in it, or a pin that is missing or
            that neither the slot's contract knows nor anyone offers.
    """
    path = _find(slot, name_or_path)
    text = with_top(read_text(path, CELL))
    # What is no netlist may be anybody's secret, and the parser's messages show its lines.
    statements = parse_library(text, str(path)) if defines_subcircuit(text) else ()
    statements = in_metres(statements)
    subcircuits = [s for s in statements if isinstance(s, Subcircuit)]
    if not subcircuits:
        hint = export_hint(text) or f".subckt {path.stem} <pins>"
        raise NetlistError("this cell file has no .subckt", where=str(path), hint=hint)
    check_complete(text, str(path))
    cell = Cell(slot, whole_cell(subcircuits, path.stem, text), statements, str(path), text)
    contract = architecture.contracts[slot]
    others = tuple(pin for pin in cell.pins if pin not in contract.pins)
    offered = lines.values() if lines and contract.asks else ()
    asked = {line for some in offered for line in some}
    if contract.offers:
        cell = replace(cell, offers=tuple(pin for pin in others if pin not in asked))
        _check_offer(cell)
    # A line that it offers, or that is taken for granted, is known.
    unknown = () if contract.offers or lines is None else others
    _check_pins(cell, contract, unknown, lines or {})
    return cell


def _find(slot: str, name_or_path: str) -> Path:
    shipped = cell_files()
    refusal = NetlistError(
        f"there is no cell {name_or_path!r}",
        where=f"cells.{slot}",
        hint=f"shipped cells: {', '.join(shipped)}; or the path of a .cir file",
    )
    return find_file(name_or_path, shipped, refusal, path=bool(Path(name_or_path).suffix))


def _check_pins(
    cell: Cell, contract: Contract, others: tuple[str, ...], lines: Mapping[str, tuple[str, ...]]
) -> None:
    """See that it has no pin that nobody knows, and every pin that it must have."""
    givers = lines if contract.asks else {}
    offered = tuple(line for its in givers.values() for line in its)
    strange = next((pin for pin in others if pin not in offered), "")
    missing = [pin for pin in contract.required if pin not in cell.pins]
    if not strange and not missing:
        return
    where, elsewhere = cell.subcircuit.span or cell.file, _other_architecture(cell, contract)
    if strange:
        pins = f"{cell.slot} pins are: {' '.join(contract.pins)}"
        also = "".join(f"; {giver} offers {' '.join(its)}" for giver, its in givers.items())
        raise NetlistError(
            f"cell {cell.name} has a pin {strange!r} that no {cell.slot} cell can have",
            where=where,
            hint=suggestion(strange, (*contract.pins, *offered), f"{pins}{also}") + elsewhere,
        )
    raise NetlistError(
        f"cell {cell.name} lacks the pin {' '.join(missing)}",
        where=where,
        hint=f"every {cell.slot} cell has: {' '.join(contract.required)}{elsewhere}",
    )


def _other_architecture(cell: Cell, contract: Contract) -> str:
    """The architecture that a cell with these pins serves, when it is not this one's."""
    for architecture in ARCHITECTURES.values():
        other = architecture.contracts[cell.slot]
        if other.required != contract.required and set(other.required) <= set(cell.pins):
            return f'; {cell.name} serves architecture = "{architecture.name}"'
    return ""


def _check_offer(cell: Cell) -> None:
    if not cell.offers:
        raise NetlistError(
            f"cell {cell.name} offers no line",
            where=cell.subcircuit.span or cell.file,
            hint=f"a {cell.slot} cell has a pin for each line that others ask for, such as vbias",
        )
