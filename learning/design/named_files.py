"""The files of a user's that a design names: its table, its network, its own cells and process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from learning.design.sections import Design
from netlist.parts.slots import SLOTS
from netlist.reading import CELL, NETWORK, PROCESS, TABLE, InputKind

Key = tuple[str, ...]
"""A key of a design, section first."""


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file that a design names.

    Attributes:
        key: The key that names it, such as ("cells", "update").
        path: The file.
        kind: What it is read as.
    """

    key: Key
    path: Path
    kind: InputKind


def named_files(design: Design) -> tuple[NamedFile, ...]:
    """The user's files that a design uses; what comes with the package is not among them.

    Args:
        design: The design.

    Returns:
        One for each key that names a file and is in use, in the order of the keys.
    """
    found = []
    if design.network.topology == "file" and design.network.file:
        found.append(NamedFile(("network", "file"), Path(design.network.file), NETWORK))
    for slot in SLOTS:
        cell = getattr(design.cells, slot.name)  # None where a machine goes without
        if cell and _is_file(Path(cell)):
            found.append(NamedFile(("cells", slot.name), Path(cell), CELL))
    process = Path(design.process)
    if _is_file(process):
        found.append(NamedFile(("process",), process, PROCESS))
    if design.task.kind == "csv" and design.task.csv:
        found.append(NamedFile(("task", "csv"), Path(design.task.csv), TABLE))
    return tuple(found)


def _is_file(value: Path) -> bool:
    """Whether a cell or process is a file of the user's; a reader makes its path absolute."""
    return value.is_absolute() or (bool(value.suffix) and value.is_file())


def with_files(design: Design, places: Mapping[Key, Path]) -> Design:
    """The same design, its files elsewhere.

    Args:
        design: The design.
        places: By key, where the file is; other files stay where they are.

    Returns:
        The design.
    """
    for (first, *rest), path in places.items():
        place = str(path)
        if first == "process":
            design = replace(design, process=place)
        elif first == "cells":
            design = replace(design, cells=design.cells.filled(**{rest[0]: place}))
        elif first == "network":
            design = replace(design, network=replace(design.network, file=place))
        else:
            design = replace(design, task=replace(design.task, csv=place))
    return design
