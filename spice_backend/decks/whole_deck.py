"""A deck from a file, whole: what it includes from its own folder stands in it, nothing else can.

The simulator's process sees no file, so includes are resolved here, where they can be checked: a
path that leaves the deck's folder, also by a symbolic link, is refused.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path

from netlist.errors import NetlistError
from netlist.reading import DECK, read_text
from netlist.text.includes import DEEPEST, NAMED, resolved
from spice_backend.errors import DeckError

_LOOSELY = re.IGNORECASE | re.ASCII
_INCLUDE = re.compile(r"^\s*\.(?P<word>inc|lib)[a-z]*\s+(?P<rest>\S.*?)\s*$", _LOOSELY)
"""ngspice knows these words by how they begin."""
_SECTION = re.compile(r"^\s*\.lib\s+(?P<name>[^\s\"']+)\s*$", _LOOSELY)
_END_SECTION = re.compile(r"^\s*\.endl\b", _LOOSELY)
_INCLUDES = 10_000
_SIZE_BYTES = 64 << 20
_KIND = replace(DECK, most_bytes=_SIZE_BYTES)
_TRUST = "--trust, when you know what the deck does"


def read_deck(path: Path) -> str:
    """Read a deck and put what it includes in the place of its includes.

    Args:
        path: The deck.

    Returns:
        Its text, without includes; its lines end where ngspice ends them.

    Raises:
        DeckError: When it or an included file cannot be read, is outside the deck's folder, or is
            too large; or when includes go round in circles.
    """
    # os.path's answers for every path; pathlib's raises for a link to itself.
    reader = _Reader(Path(os.path.realpath(path)).parent)
    reader.read(path, str(path), 0)
    return "\n".join(reader.lines) + "\n"


class _Reader:
    """Reads a deck and what it includes, up to a size.

    Args:
        folder: Nothing outside of it is included.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._size = 0
        self._held = 0
        self._includes = 0
        self._sources: dict[Path, _Source] = {}
        self.lines: list[str] = []

    def read(self, path: Path, where: str, depth: int, section: str = "") -> None:
        """Add the lines of a file, or of a section of it."""
        if depth > DEEPEST:
            raise DeckError("includes go round in circles", where, "remove one of them")
        source = self._source(path, where)
        for number in source.numbers(section, where):
            line = source.lines[number - 1]
            found = _INCLUDE.match(line)
            place = f"{path}:{number}" if found else where
            self._add(f"* {line.strip()}" if found else line, place)
            if found:
                self._include(path, found, place, depth)

    def _source(self, path: Path, where: str) -> _Source:
        """A file, read when it is first included: a library may be named for each of its parts."""
        if path not in self._sources:
            source = _read(path, where)
            self._held += source.size
            if self._held > _SIZE_BYTES:
                raise _too_large(where)
            self._sources[path] = source
        return self._sources[path]

    def _include(self, path: Path, found: re.Match[str], place: str, depth: int) -> None:
        self._includes += 1
        if self._includes > _INCLUDES:
            raise DeckError(f"more than {_INCLUDES} includes", place, "fewer, or --trust")
        name, wanted = _target(found["rest"], found["word"].lower() == "lib", place)
        file = _inside(resolved(name, path.parent), self._folder, place)
        self.read(file, place, depth + 1, wanted)

    def _add(self, line: str, where: str) -> None:
        self._size += len(line) + 1
        if self._size > _SIZE_BYTES:
            raise _too_large(where)
        self.lines.append(line)


@dataclass(slots=True)
class _Source:
    """A file that was read.

    Attributes:
        lines: Its lines.
        size: Characters.
        sections: Numbers of the lines between each ``.lib NAME`` and its ``.endl``, once asked for.
    """

    lines: list[str]
    size: int
    sections: dict[str, range] | None = None

    def numbers(self, section: str, where: str) -> range:
        """Numbers of all its lines, or of those of a section."""
        if not section:
            return range(1, len(self.lines) + 1)
        if self.sections is None:
            self.sections = _sections(self.lines)
        if section.lower() not in self.sections:
            raise DeckError(f"the library has no section {section}", where, "a section it has")
        return self.sections[section.lower()]


def _too_large(where: str) -> DeckError:
    return DeckError("the deck is larger than 64 MB", where, "a smaller one, or --trust")


def _read(path: Path, where: str) -> _Source:
    try:
        text = read_text(path, _KIND)
    except NetlistError as error:
        message = error.message.replace("this deck", path.name, 1)
        raise DeckError(message, where, error.hint) from error
    lines = [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]
    return _Source(lines, len(text))


def _sections(lines: list[str]) -> dict[str, range]:
    """The lines of each section of a library; the first of a name counts."""
    found: dict[str, range] = {}
    name, first = "", 0
    for number, line in enumerate(lines, start=1):
        begins = _SECTION.match(line)
        if begins and not name:
            name, first = begins["name"].lower(), number + 1
        elif _END_SECTION.match(line):
            if name:
                found.setdefault(name, range(first, number))
            name = ""
    return found


def _target(rest: str, library: bool, where: str) -> tuple[str, str]:
    found = re.fullmatch(rf"({NAMED})(?:\s+(\S+))?\s*", rest)
    if found is None or (library and not found[2]):
        raise DeckError("this include names no file", where, '.include "file" or .lib "file" name')
    return found[1], (found[2] or "") if library else ""


def _inside(path: Path, folder: Path, where: str) -> Path:
    try:
        resolved = path.resolve()
    except (OSError, ValueError, RuntimeError) as error:
        raise DeckError("no file can have this name", where, "an existing file") from error
    if not resolved.is_relative_to(folder):
        raise DeckError(f"it includes {path}, outside the deck's folder", where, _TRUST)
    if not resolved.is_file():
        raise DeckError(f"cannot read {path.name}: no such file", where, "an existing file")
    return resolved
