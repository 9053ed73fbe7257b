"""A design written down: as text that reads back as it, and with the files that it names elsewhere.

A design names files of a user's: its table, its network, its own cells and process. Whoever writes
it to another place has to know them, or the text would mean something else there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TypeVar

import tomli_w

from learning.design.sections import Sections
from netlist.parts.slots import SLOTS
from netlist.reading import CELL, NETWORK, PROCESS, TABLE, InputKind, is_inside

_Kind = TypeVar("_Kind", bound=Sections)

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


def named_files(design: Sections) -> tuple[NamedFile, ...]:
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


def with_files(design: _Kind, places: Mapping[Key, Path]) -> _Kind:
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


def dump_design(design: Sections, folder: Path | None = None) -> str:
    """Write a design as TOML that reads back as the same design.

    Args:
        design: The design.
        folder: Where the text will lie; files below it are named from there, so that the folder may
            be moved.

    Returns:
        The text, every key included except those that are None.
    """
    return as_toml(design if folder is None else _named_from(design, folder))


def as_toml(design: Sections) -> str:
    """A design as TOML, its files named as it names them.

    Args:
        design: The design.

    Returns:
        The text, every key included except those that are None.
    """
    return tomli_w.dumps(as_table(design))


def as_table(design: Sections) -> dict[str, object]:
    """A design as the table of keys that a file has, section by section.

    Args:
        design: The design.

    Returns:
        Every key but those that are None, which a file leaves out.
    """
    return without_none(asdict(design))


def without_none(table: Mapping[str, object]) -> dict[str, object]:
    """A table without the keys that are None.

    Args:
        table: Section by section.

    Returns:
        The same without them, at every depth.
    """
    return {
        key: without_none(value) if isinstance(value, dict) else value
        for key, value in table.items()
        if value is not None
    }


def _named_from(design: _Kind, folder: Path) -> _Kind:
    """The same design, files below a folder named from there."""
    inside = (file for file in named_files(design) if is_inside(file.path, folder))
    here = folder.resolve()
    return with_files(design, {f.key: f.path.resolve().relative_to(here) for f in inside})
