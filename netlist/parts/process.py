"""A process: device models behind ``nfet`` and ``pfet``, and what the cells need to know of it.

Two files: ``NAME.toml`` with voltages, temperature, corners and the sizes in which this process
differs from the cells' defaults, and the models it names. Every process offers
``.subckt nfet d g s b`` and ``pfet`` with w, l and m, therefore one cell runs on all of them.

A corner either changes parameters of the process's own models, or names what a foundry calls it.
A foundry's models are not in the repository: the process file says where they are had
(`netlist.parts.foundry`), and a deck gets the cards it uses (`netlist.parts.model_cards`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from math import isfinite
from pathlib import Path
from typing import Any

from netlist.circuit import Circuit, Comment, Model, Parameter, Statement, Subcircuit
from netlist.errors import NetlistError
from netlist.naming import find_file
from netlist.parts.foundry import Foundry, Package, Tree, find
from netlist.parts.matching import (
    PASSIVES,
    Passives,
    Pelgrom,
    read_matching,
    read_offsets,
    read_passives,
)
from netlist.parts.model_cards import Library, library_text
from netlist.parts.slots import BY_NAME
from netlist.passes.sizes import transistor_sizes
from netlist.reading import LIBRARY, PROCESS, read_text, read_toml
from netlist.text.deckfile import defines_subcircuit
from netlist.text.parser import parse_library

_TERMINALS = ("d", "g", "s", "b")
_SIZES = ("w", "l", "m")
_KEYS = (
    "description", "models", "rail_V", "gate_V", "temperature_C", "cells", "corners", "foundry",
    "mismatch", "passives", "offsets", "discrete",
)  # fmt: skip

TYPICAL = "tt"
"""The corner that every process has."""


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
        corner: The corner its models are at.
        corners: Every corner it has.
        library: A foundry's cards, of which a deck gets those it uses; None when `statements`
            hold all models.
        source: Where a foundry's cards come from; empty without a foundry.
        matching: By kind of transistor, how far they differ from each other; empty when the
            process says nothing of it.
        passives: What its resistors and capacitors are made of.
        offsets: By kind of part on a board, the standard deviation of its offset voltage, volts.
        discrete: Whether it is a board's parts, which take no area on a chip.
        file: Its file.
        models: The file of its own models.
    """

    name: str
    description: str
    statements: tuple[Statement, ...]
    rail_V: float
    gate_V: float
    temperature_C: float
    parameters: Mapping[str, Mapping[str, float]]
    corner: str = TYPICAL
    corners: tuple[str, ...] = (TYPICAL,)
    library: Library | None = None
    source: str = ""
    matching: Mapping[str, Pelgrom] = field(default_factory=dict)
    passives: Passives = PASSIVES
    offsets: Mapping[str, float] = field(default_factory=dict)
    discrete: bool = False
    file: Path = Path()
    models: Path = Path()

    def complete(self, circuit: Circuit) -> Circuit:
        """Add the foundry's cards that a deck uses.

        Args:
            circuit: A deck with this process's `statements` in it.

        Returns:
            The deck, able to run by itself; the same deck without a foundry.

        Raises:
            NetlistError: When a transistor's size cannot be worked out or is outside every bin.
        """
        if self.library is None:
            return circuit
        cards = self.library.models(transistor_sizes(circuit))
        comment = Comment(f" {self.source}, corner {self.corner}: the cards in use")
        return replace(circuit, body=(comment, *cards, *circuit.body))


def process_files() -> dict[str, Path]:
    """The shipped process files by name, in order."""
    folder = Path(str(files("circuits") / "processes"))
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def load_process(
    name_or_path: str, corner: str = TYPICAL, temperature_C: float | None = None
) -> Process:
    """Read a process.

    Args:
        name_or_path: A name in ``circuits/processes``, or the path of its ``.toml`` file.
        corner: One of its corners.
        temperature_C: Temperature, degrees Celsius; None takes the process's own.

    Returns:
        The process.

    Raises:
        NetlistError: When there is no such process or corner, a key is unknown, missing or of the
            wrong kind, it does not offer ``nfet`` and ``pfet``, or a foundry's models are not on
            this machine.
    """
    path = _find(name_or_path)
    table = read_toml(path, PROCESS)
    _check_keys(table, path)
    models = path.parent / str(table["models"])
    if not models.is_file():
        raise NetlistError(
            f"there is no models file {models.name}", where=str(path), hint="models = a file here"
        )
    corners = _corners(table, path)
    if corner not in corners:
        raise NetlistError(
            f"process {path.stem} has no corner {corner!r}",
            where="corner",
            hint=f"its corners: {', '.join(corners)}",
        )
    text = read_text(models, LIBRARY)
    # What is no netlist may be anybody's secret, and the parser's messages show its lines.
    statements = parse_library(text, str(models)) if defines_subcircuit(text) else ()
    own_C = _number(table.get("temperature_C", 27.0), "temperature_C", path)
    process = Process(
        name=path.stem,
        description=str(table.get("description", "")),
        statements=_at_corner(statements, corners[corner], path),
        rail_V=_number(table["rail_V"], "rail_V", path),
        gate_V=_number(table["gate_V"], "gate_V", path),
        temperature_C=own_C if temperature_C is None else temperature_C,
        parameters=_sizes(table.get("cells", {}), path),
        corner=corner,
        corners=tuple(corners),
        discrete=_flag(table.get("discrete", False), "discrete", path),
        file=path,
        models=models,
    )
    _check_transistors(process, models)
    foundry = _foundry(table, path)
    whole = process if foundry is None else _with_library(process, foundry)
    return replace(
        whole,
        matching=read_matching(table.get("mismatch"), whole.library, path),
        passives=read_passives(table.get("passives"), path),
        offsets=read_offsets(table.get("offsets"), path),
    )


def load_foundry(name_or_path: str) -> Foundry | None:
    """Read what a process file says of its foundry, whose files need not be there.

    Args:
        name_or_path: As for `load_process`.

    Returns:
        The foundry; None for a process whose models are all in the repository.

    Raises:
        NetlistError: When there is no such process, or its file cannot be used.
    """
    path = _find(name_or_path)
    table = read_toml(path, PROCESS)
    _check_keys(table, path)
    return _foundry(table, path)


def _with_library(process: Process, foundry: Foundry) -> Process:
    name = foundry.corners[process.corner]
    found = find(foundry, name)
    text = library_text(found.files, foundry.section.replace("{corner}", name))
    library = Library(text, str(found.folder), foundry.given)
    return replace(process, library=library, source=found.source)


def _find(name_or_path: str) -> Path:
    shipped = process_files()
    refusal = NetlistError(
        f"there is no process {name_or_path!r}",
        where="process",
        hint=f"shipped processes: {', '.join(shipped)}; or the path of a .toml file",
    )
    is_path = Path(name_or_path).suffix == ".toml"
    return find_file(name_or_path, shipped, refusal, path=is_path)


def _check_keys(table: Mapping[str, Any], path: Path) -> None:
    for key in table:
        if key not in _KEYS:
            raise NetlistError(
                f"unknown key {key!r}", where=str(path), hint=f"known keys: {', '.join(_KEYS)}"
            )
    for key in ("models", "rail_V", "gate_V"):
        if key not in table:
            raise NetlistError(f"the key {key} is missing", where=str(path), hint=f"add {key} = …")


def _corners(table: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """By corner: a foundry's name for it, or by model the parameters it changes."""
    corners = table.get("corners", {})
    foundry = "foundry" in table
    if not isinstance(corners, dict):
        corners = {"corners": corners}
    for name, corner in corners.items():
        wanted = isinstance(corner, str) if foundry else isinstance(corner, dict)
        if not wanted:
            raise NetlistError(
                f"corner {name} = {corner!r} says nothing of use here",
                where=str(path),
                hint='ss = "ss", the foundry\'s name for it'
                if foundry
                else "[corners.ss.MODEL] with the parameters that change",
            )
    typical = corners.get(TYPICAL, TYPICAL if foundry else {})
    return {TYPICAL: typical, **corners}


def _at_corner(
    statements: tuple[Statement, ...], changes: Any, path: Path
) -> tuple[Statement, ...]:
    """Models with a corner's parameters in place of theirs."""
    if isinstance(changes, str):
        return statements
    models = {s.name: s for s in statements if isinstance(s, Model)}
    for name, values in changes.items():
        if name not in models or not isinstance(values, dict):
            raise NetlistError(
                f"a corner changes {name}, which is no model of the process",
                where=str(path),
                hint=f"its models: {', '.join(models)}",
            )
        models[name] = _changed(models[name], values, path)
    return tuple(models[s.name] if isinstance(s, Model) else s for s in statements)


def _changed(model: Model, values: Mapping[str, Any], path: Path) -> Model:
    known = {parameter.name for parameter in model.parameters}
    for name in values:
        if name not in known:
            raise NetlistError(
                f"a corner changes {name}, which model {model.name} does not say",
                where=str(path),
                hint="write its typical value on the model's card first",
            )
    parameters = (
        Parameter(p.name, _number(values[p.name], p.name, path)) if p.name in values else p
        for p in model.parameters
    )
    return replace(model, parameters=tuple(parameters))


_FOUNDRY_KEYS = ("licence", "section", "given", "package", "tree")
_PACKAGE_KEYS = ("name", "version", "sha256", "files")
_TREE_KEYS = ("folders", "files")


def _foundry(table: Mapping[str, Any], path: Path) -> Foundry | None:
    spec = table.get("foundry")
    if spec is None:
        return None
    _only(spec, _FOUNDRY_KEYS, "foundry", path)
    package, tree = spec.get("package"), spec.get("tree")
    if package is not None:
        _only(package, _PACKAGE_KEYS, "foundry.package", path, needed=True)
    if tree is not None:
        _only(tree, _TREE_KEYS, "foundry.tree", path, needed=True)
    return Foundry(
        process=path.stem,
        licence=str(spec.get("licence", "")),
        package=Package(**{**package, "files": tuple(package["files"])}) if package else None,
        tree=Tree(tuple(tree["folders"]), tuple(tree["files"])) if tree else None,
        section=str(spec.get("section", "")),
        given={k.lower(): _number(v, k, path) for k, v in spec.get("given", {}).items()},
        corners=_corners(table, path),
    )


def _only(table: Any, keys: Iterable[str], name: str, path: Path, *, needed: bool = False) -> None:
    keys = tuple(keys)
    given = tuple(table) if isinstance(table, dict) else ()
    wrong = [key for key in given if key not in keys]
    missing = [key for key in keys if key not in given] if needed else []
    if wrong or missing or not isinstance(table, dict):
        what = f"has no key {wrong[0]}" if wrong else f"lacks {', '.join(missing) or 'its keys'}"
        raise NetlistError(f"[{name}] {what}", where=str(path), hint=f"its keys: {', '.join(keys)}")


def _sizes(table: Any, path: Path) -> Mapping[str, Mapping[str, float]]:
    slots = table if isinstance(table, dict) else {"": table}
    for slot, sizes in slots.items():
        if slot not in BY_NAME or not isinstance(sizes, dict):
            raise NetlistError(
                f"no sizes can be given for {slot or repr(table)}",
                where=str(path),
                hint=f"a table [cells.SLOT], where SLOT is one of {', '.join(BY_NAME)}",
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


def _flag(value: Any, key: str, path: Path) -> bool:
    if not isinstance(value, bool):
        raise NetlistError(
            f"{key} = {value!r} is neither true nor false", where=str(path), hint=f"{key} = true"
        )
    return value


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
