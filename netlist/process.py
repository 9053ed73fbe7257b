"""A process: device models behind ``nfet`` and ``pfet``, and what the cells need to know of it.

Two files: ``NAME.toml`` with voltages, temperature and the sizes in which this process differs
from the cells' defaults, and the models it names. Every process offers ``.subckt nfet d g s b``
and ``pfet`` with w, l and m, therefore one cell runs on all of them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files
from math import isfinite
from pathlib import Path
from typing import Any

from netlist.cell import CONTRACTS
from netlist.circuit import Statement, Subcircuit
from netlist.errors import NetlistError
from netlist.parser import parse_library

_TERMINALS = ("d", "g", "s", "b")
_SIZES = ("w", "l", "m")
_KEYS = ("description", "models", "rail_V", "gate_V", "temperature_C", "cells")


@dataclass(frozen=True, slots=True)
class Process:
    """A process, ready to be put in front of a deck.

    Attributes:
        name: Its name.
        description: What it is and where its figures come from.
        statements: Its models and subcircuits.
        rail_V: Nominal supply, volts.
        gate_V: Gate voltage of a medium edge, volts: where a run starts unless a design says.
        temperature_C: Temperature, degrees Celsius.
        parameters: By slot, cell parameters that differ from the cells' defaults, SI units.
    """

    name: str
    description: str
    statements: tuple[Statement, ...]
    rail_V: float
    gate_V: float
    temperature_C: float
    parameters: Mapping[str, Mapping[str, float]]


def load_process(name_or_path: str) -> Process:
    """Read a process.

    Args:
        name_or_path: A name in ``circuits/processes``, or the path of its ``.toml`` file.

    Returns:
        The process.

    Raises:
        NetlistError: When there is no such process, a key is unknown, missing or not a number, or
            it does not offer ``nfet`` and ``pfet``.
    """
    path = _find(name_or_path)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise NetlistError(f"not a TOML file: {error}", where=str(path), hint="mend it") from error
    _check_keys(table, path)
    models = path.parent / str(table["models"])
    if not models.is_file():
        raise NetlistError(
            f"there is no models file {models.name}", where=str(path), hint="models = a file here"
        )
    process = Process(
        name=path.stem,
        description=str(table.get("description", "")),
        statements=parse_library(models.read_text(encoding="utf-8"), str(models)),
        rail_V=_number(table["rail_V"], "rail_V", path),
        gate_V=_number(table["gate_V"], "gate_V", path),
        temperature_C=_number(table.get("temperature_C", 27.0), "temperature_C", path),
        parameters=_sizes(table.get("cells", {}), path),
    )
    _check_transistors(process, models)
    return process


def _find(name_or_path: str) -> Path:
    path = Path(name_or_path)
    if path.suffix == ".toml" and path.is_file():
        return path
    folder = Path(str(files("circuits") / "processes"))
    shipped = {p.stem: p for p in sorted(folder.glob("*.toml"))}
    if name_or_path in shipped:
        return shipped[name_or_path]
    close = get_close_matches(name_or_path, shipped, n=1)
    hint = f"did you mean {close[0]}? " if close else ""
    raise NetlistError(
        f"there is no process {name_or_path!r}",
        where="process",
        hint=f"{hint}shipped processes: {', '.join(shipped)}; or the path of a .toml file",
    )


def _check_keys(table: Mapping[str, Any], path: Path) -> None:
    for key in table:
        if key not in _KEYS:
            raise NetlistError(
                f"unknown key {key!r}", where=str(path), hint=f"known keys: {', '.join(_KEYS)}"
            )
    for key in ("models", "rail_V", "gate_V"):
        if key not in table:
            raise NetlistError(f"the key {key} is missing", where=str(path), hint=f"add {key} = …")


def _sizes(table: Any, path: Path) -> Mapping[str, Mapping[str, float]]:
    slots = table if isinstance(table, dict) else {"": table}
    for slot, sizes in slots.items():
        if slot not in CONTRACTS or not isinstance(sizes, dict):
            raise NetlistError(
                f"no sizes can be given for {slot or repr(table)}",
                where=str(path),
                hint=f"a table [cells.SLOT], where SLOT is one of {', '.join(CONTRACTS)}",
            )
    return {
        slot: {key: _number(value, f"cells.{slot}.{key}", path) for key, value in sizes.items()}
        for slot, sizes in slots.items()
    }


def _number(value: Any, key: str, path: Path) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise NetlistError(
            f"{key} = {value!r} is not a number",
            where=str(path),
            hint="a plain number in SI units, such as 1.8 or 1e-6",
        )
    return float(value)


def _check_transistors(process: Process, models: Path) -> None:
    offered = {s.name.lower(): s for s in process.statements if isinstance(s, Subcircuit)}
    for name in ("nfet", "pfet"):
        found = offered.get(name)
        fits = found is not None and (
            tuple(port.lower() for port in found.ports) == _TERMINALS
            and {p.name.lower() for p in found.parameters} >= set(_SIZES)
        )
        if not fits:
            raise NetlistError(
                f"process {process.name} does not offer {name} as the cells use it",
                where=str(models),
                hint=f".subckt {name} d g s b w=… l=… m=1 (metres)",
            )
