"""A cell of the library: one subcircuit file, bound by the names of its pins and not their order.

The slot a cell is used in (edge, update, clamp, driver, bias) decides which pins it may have; a
cell declares those it uses. So a new cell is a new file under ``circuits/cells`` and never a code
change, and a misspelt pin is an error at its line instead of a floating node.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path

from netlist.circuit import Instance, Parameter, Statement, Subcircuit
from netlist.errors import NetlistError
from netlist.parts.slots import CONTRACTS
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
    """

    slot: str
    subcircuit: Subcircuit
    statements: tuple[Statement, ...]
    file: str

    @property
    def name(self) -> str:
        """The subcircuit's name."""
        return self.subcircuit.name

    def uses(self, pin: str) -> bool:
        """Whether the cell declares this pin."""
        return pin in self._pins()

    def accepts(self, parameter: str) -> bool:
        """Whether the cell declares this parameter."""
        return parameter.lower() in {p.name.lower() for p in self.subcircuit.parameters}

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
        nodes = tuple(nets[pin] for pin in self._pins())
        values = tuple(Parameter(key, float(value)) for key, value in parameters.items())
        return Instance(f"X{name}", nodes, self.name, values)

    def _pins(self) -> tuple[str, ...]:
        return tuple(port.lower() for port in self.subcircuit.ports)


def library_path() -> Path:
    """The folder of the shipped cells."""
    return Path(str(files("circuits") / "cells"))


def load_cell(slot: str, name_or_path: str) -> Cell:
    """Read the cell a design names for a slot.

    The subcircuit that counts is the one named like the file, else the file's last one.

    Args:
        slot: A name in `netlist.parts.slots.SLOTS`.
        name_or_path: A name in ``circuits/cells``, or the path of a ``.cir`` file.

    Returns:
        The cell.

    Raises:
        NetlistError: When there is no such cell, no subcircuit in it, or a pin the slot's contract
            does not know or that is missing.
    """
    path = _find(slot, name_or_path)
    text = read_text(path, CELL)
    # What is no netlist may be anybody's secret, and the parser's messages show its lines.
    statements = parse_library(text, str(path)) if defines_subcircuit(text) else ()
    subcircuits = [s for s in statements if isinstance(s, Subcircuit)]
    if not subcircuits:
        raise NetlistError(
            "this cell file has no .subckt", where=str(path), hint=f".subckt {path.stem} <pins>"
        )
    named = [s for s in subcircuits if s.name.lower() == path.stem.lower()]
    cell = Cell(slot, (named or subcircuits)[-1], statements, str(path))
    _check_pins(cell)
    return cell


def _find(slot: str, name_or_path: str) -> Path:
    path = Path(name_or_path)
    if path.suffix and path.is_file():
        return path
    shipped = {p.stem: p for p in sorted(library_path().glob("*.cir"))}
    if name_or_path in shipped:
        return shipped[name_or_path]
    close = get_close_matches(name_or_path, shipped, n=1)
    hint = f"did you mean {close[0]}? " if close else ""
    raise NetlistError(
        f"there is no cell {name_or_path!r}",
        where=f"cells.{slot}",
        hint=f"{hint}shipped cells: {', '.join(shipped)}; or the path of a .cir file",
    )


def _check_pins(cell: Cell) -> None:
    contract, subcircuit = CONTRACTS[cell.slot], cell.subcircuit
    where = subcircuit.span or cell.file
    ports = [port.lower() for port in subcircuit.ports]
    for port in ports:
        if port not in contract.pins:
            close = get_close_matches(port, contract.pins, n=1)
            raise NetlistError(
                f"cell {cell.name} has a pin {port!r} that no {cell.slot} cell can have",
                where=where,
                hint=(f"did you mean {close[0]}? " if close else "")
                + f"{cell.slot} pins are: {' '.join(contract.pins)}",
            )
    missing = [pin for pin in contract.required if pin not in ports]
    if missing:
        raise NetlistError(
            f"cell {cell.name} lacks the pin {' '.join(missing)}",
            where=where,
            hint=f"every {cell.slot} cell has: {' '.join(contract.required)}",
        )
