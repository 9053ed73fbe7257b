"""What a run's folder carries along: copies of the user's files, so that it repeats anywhere.

A design that names ``/home/me/mine.csv`` is of no use on another machine, and of little use here
once that file has been edited. So the table, the network, the cells and the process that are a
user's own are copied beside the run, and the design in the folder names the copies.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from learning.design.named_files import Key, NamedFile, named_files, with_files
from learning.design.whole import Design
from learning.errors import LearningError, of_netlist
from learning.writing import write_bytes
from netlist.errors import NetlistError
from netlist.parts.process import models_file
from netlist.reading import LIBRARY, read_bytes


def carried(design: Design, folder: Path) -> Design:
    """The design as it reads once its files lie in a folder; nothing is copied.

    Args:
        design: The design.
        folder: Where the copies go.

    Returns:
        The design that names the copies.

    Raises:
        LearningError: When a process's file cannot be read.
    """
    return with_files(design, {key: to for key, _, to in _copies(design, folder, models=False)})


def carry(design: Design, folder: Path) -> None:
    """Copy the user's files that a design names, unless they lie there already.

    Args:
        design: The design.
        folder: Where the copies go.

    Raises:
        LearningError: When a file cannot be read.
        StorageError: When a copy cannot be written.
    """
    for _, file, to in _copies(design, folder):
        if not _same(file.path, to):
            to.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(to, _content(file))


def require_unchanged(design: Design, folder: Path) -> None:
    """Refuse to go on with a run whose files are others by now.

    Args:
        design: The design to go on with.
        folder: The copies that the run was begun with.

    Raises:
        LearningError: When a file differs from its copy.
    """
    for key, file, to in _copies(design, folder):
        if not to.is_file() or _same(file.path, to):
            continue
        copy = NamedFile(key, to, file.kind)
        if sha256(_content(file)).digest() != sha256(_content(copy)).digest():
            raise LearningError(
                f"{file.path.name} is not what the run was begun with",
                where=".".join(key),
                hint=f"{to}, the copy it was begun with; or a new run in another --out",
            )


def _copies(
    design: Design, folder: Path, *, models: bool = True
) -> list[tuple[Key, NamedFile, Path]]:
    """Key, file and place of every copy; a process's models keep their place beside its file."""
    found, folder = [], folder.resolve()
    for file in named_files(design):
        place = folder.joinpath(*file.key[:2])
        if file.key != ("process",):
            found.append((file.key, file, place / file.path.name))
            continue
        try:
            beside = models_file(file.path)
        except NetlistError as error:
            raise of_netlist(error) from error
        if not beside.is_relative_to(file.path.parent) or ".." in beside.parts:
            continue  # models elsewhere on this machine: the process stays where it is
        found.append((file.key, file, place / file.path.name))
        if models:
            inner = beside.relative_to(file.path.parent)
            found.append((file.key, NamedFile(file.key, beside, LIBRARY), place / inner))
    return found


def _same(one: Path, other: Path) -> bool:
    return other.exists() and one.samefile(other)


def _content(file: NamedFile) -> bytes:
    try:
        return read_bytes(file.path, file.kind)
    except NetlistError as error:
        raise of_netlist(error) from error
