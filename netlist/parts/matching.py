"""How far devices of one process differ from each other: what its file says of mismatch.

A transistor's offsets follow Pelgrom's law: the standard deviation of its threshold voltage is a
coefficient over the square root of its gate area, that of its gain factor another (Pelgrom,
Duinmaijer and Welbers, "Matching properties of MOS transistors", IEEE J. Solid-State Circuits 24,
1989). A foundry's own coefficients stand in its files, and are read from them where those are at
hand. Resistors and capacitors have no geometry in a deck, so the process says what they are made
of: a value then has an area, and a mismatch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from math import sqrt
from pathlib import Path
from typing import Any, Protocol

from netlist.errors import NetlistError

KINDS = ("nmos", "pmos")


@dataclass(frozen=True, slots=True)
class Pelgrom:
    """Coefficients of one kind of transistor.

    Attributes:
        threshold_Vm: Standard deviation of the threshold at a gate of 1 m2, volts times metres.
        gain_m: That of the gain factor, as a share of it, metres.
    """

    threshold_Vm: float
    gain_m: float


@dataclass(frozen=True, slots=True)
class Passives:
    """What resistors and capacitors are made of.

    Attributes:
        capacitor_F_per_m2: Density of the capacitors, farads per square metre.
        capacitor_m: Standard deviation of a capacitor of 1 m2, as a share of it, metres.
        capacitor_corner: How far a whole chip's capacitors may be off, as a share.
        sheet_ohm: Resistance of a square of the resistors' film, ohms.
        resistor_width_m: Width of the resistors' film, metres.
        resistor_m: Standard deviation of a resistor of 1 m2, as a share of it, metres.
        resistor_corner: How far a whole chip's resistors may be off, as a share.
        capacitor_share: Standard deviation of every capacitor, as a share of it, whatever its
            value; 0 where `capacitor_m` says it. Parts on a board have one, and no area.
        resistor_share: The same of every resistor.
    """

    capacitor_F_per_m2: float = 1e-3
    capacitor_m: float = 1e-8
    capacitor_corner: float = 0.15
    sheet_ohm: float = 1e3
    resistor_width_m: float = 1e-6
    resistor_m: float = 2e-8
    resistor_corner: float = 0.15
    capacitor_share: float = 0.0
    resistor_share: float = 0.0

    def capacitor_area_m2(self, farads: float) -> float:
        """Area of a capacitor, square metres."""
        return abs(farads) / self.capacitor_F_per_m2

    def resistor_area_m2(self, ohms: float) -> float:
        """Area of a resistor's film, square metres."""
        return abs(ohms) / self.sheet_ohm * self.resistor_width_m**2

    def capacitor_deviation(self, farads: float) -> float:
        """Standard deviation of a capacitor, as a share of it."""
        return self.capacitor_share or _deviation(self.capacitor_m, self.capacitor_area_m2(farads))

    def resistor_deviation(self, ohms: float) -> float:
        """Standard deviation of a resistor, as a share of it."""
        return self.resistor_share or _deviation(self.resistor_m, self.resistor_area_m2(ohms))


def _deviation(coefficient_m: float, area_m2: float) -> float:
    return coefficient_m / sqrt(area_m2) if area_m2 else 0.0


PASSIVES = Passives()
"""Where a process says nothing: a capacitor between two metals of 1 fF/um2 (0.18 um nodes offer 1
to 2), matched to 1 % at 1 um2; polysilicon of 1 kohm a square, 1 um wide, matched to 2 % at 1 um2;
both within 15 % from chip to chip, the usual limits of untrimmed films and oxides (compare
Hastings, "The Art of Analog Layout", 2nd ed., chapters 5 to 7)."""


class Parameters(Protocol):
    """A foundry's library, as far as coefficients are read from it."""

    def parameter(self, name: str, subcircuit: str = "") -> float | None:
        """The number a library gives a parameter; None where it says nothing."""


def read_matching(table: Any, library: Parameters | None, path: Path) -> dict[str, Pelgrom]:
    """Read ``[mismatch]`` of a process file.

    Args:
        table: What the file says.
        library: The foundry's library; None without one.
        path: The file, for messages.

    Returns:
        By kind of transistor, "nmos" and "pmos"; empty when the file has no such section.

    Raises:
        NetlistError: When a kind or a coefficient is missing, unknown, or no positive number.
    """
    if table is None:
        return {}
    kinds = _section(table, KINDS, "mismatch", path)
    names = tuple(field.name for field in fields(Pelgrom))
    found = {}
    for kind in KINDS:
        given = _section(kinds[kind], names, f"mismatch.{kind}", path)
        values = {n: _coefficient(given[n], f"mismatch.{kind}.{n}", library, path) for n in names}
        found[kind] = Pelgrom(**values)
    return found


def read_passives(table: Any, path: Path) -> Passives:
    """Read ``[passives]`` of a process file.

    Args:
        table: What the file says; None takes `PASSIVES`.
        path: The file, for messages.

    Returns:
        The passives.

    Raises:
        NetlistError: When a key is unknown or not a positive number.
    """
    if table is None:
        return PASSIVES
    names = tuple(field.name for field in fields(Passives))
    given = _section(table, names, "passives", path, needed=False)
    return Passives(**{n: _positive(v, f"passives.{n}", path) for n, v in given.items()})


def read_offsets(table: Any, path: Path) -> dict[str, float]:
    """Read ``[offsets]`` of a process file: parts on a board, by what their data sheets say.

    Args:
        table: What the file says; None where it says nothing.
        path: The file, for messages.

    Returns:
        By kind of part, in lower case, the standard deviation of its offset voltage, volts.

    Raises:
        NetlistError: When it is no table of positive numbers.
    """
    if table is None:
        return {}
    if not isinstance(table, dict):
        raise NetlistError(
            f"[offsets] is {table!r}", where=str(path), hint="a table of volts, by kind of part"
        )
    return {kind.lower(): _positive(v, f"offsets.{kind}", path) for kind, v in table.items()}


def _coefficient(value: Any, key: str, library: Parameters | None, path: Path) -> float:
    """A number, or a number with the foundry's parameter that replaces it where it is found."""
    if not isinstance(value, dict):
        return _positive(value, key, path)
    keys = ("otherwise", "parameter", "subcircuit", "times")
    given = _section(value, keys, key, path, needed=False)
    otherwise = _positive(given.get("otherwise"), f"{key}.otherwise", path)
    times = _positive(given.get("times", 1.0), f"{key}.times", path)
    name, inside = str(given.get("parameter", "")), str(given.get("subcircuit", ""))
    found = library.parameter(name, inside) if library is not None else None
    return times * found if found else otherwise


def _section(
    table: Any, keys: tuple[str, ...], name: str, path: Path, *, needed: bool = True
) -> Mapping[str, Any]:
    given = table if isinstance(table, dict) else {}
    wrong = [key for key in given if key not in keys]
    missing = [key for key in keys if key not in given] if needed else []
    if wrong or missing or not isinstance(table, dict):
        what = f"has no key {wrong[0]}" if wrong else f"lacks {', '.join(missing) or 'its keys'}"
        raise NetlistError(f"[{name}] {what}", where=str(path), hint=f"its keys: {', '.join(keys)}")
    return given


def _positive(value: Any, key: str, path: Path) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 < value < 1e300:  # noqa: PLR2004 - neither inf nor nan
        raise NetlistError(
            f"{key} = {value!r} is not a positive number",
            where=str(path),
            hint="a coefficient in SI units, such as 3.5e-9 for 3.5 mV um",
        )
    return float(value)
