"""A deck from a file, whole: what it includes from its own folder stands in it, nothing else can.

The simulator's process sees no file, so includes are resolved here, where they can be checked: a
path that leaves the deck's folder, also by a symbolic link, is refused.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from netlist.errors import NetlistError
from netlist.reading import DECK, read_text
from spice_backend.errors import DeckError

_INCLUDE = re.compile(r"^\s*\.(?P<word>include|inc|lib)\s+(?P<rest>\S.*?)\s*$", re.IGNORECASE)
_SECTION = re.compile(r"^\s*\.lib\s+(?P<name>[^\s\"']+)\s*$", re.IGNORECASE)
_END_SECTION = re.compile(r"^\s*\.endl\b", re.IGNORECASE)
_DEPTH = 20
_SIZE_BYTES = 64 << 20
_KIND = replace(DECK, most_bytes=_SIZE_BYTES)
_TRUST = "--trust, when you know what the deck does"


def read_deck(path: Path) -> str:
    """Read a deck and put what it includes in the place of its includes.

    Args:
        path: The deck.

    Returns:
        Its text, without includes.

    Raises:
        DeckError: When it or an included file cannot be read, is outside the deck's folder, or is
            too large; or when includes go round in circles.
    """
    folder = path.resolve().parent
    text = "\n".join(_expanded(path, folder, str(path), 0))
    if len(text) > _SIZE_BYTES:
        raise DeckError("the deck is larger than 64 MB", str(path), "a smaller one, or --trust")
    return text + "\n"


def _expanded(path: Path, folder: Path, where: str, depth: int, section: str = "") -> list[str]:
    if depth > _DEPTH:
        raise DeckError("includes go round in circles", where, "remove one of them")
    lines: list[str] = []
    for number, line in enumerate(_lines(path, where, section), start=1):
        found = _INCLUDE.match(line)
        if found is None:
            lines.append(line)
            continue
        place = f"{path}:{number}"
        name, wanted = _target(found["rest"], found["word"].lower() == "lib", place)
        inner = _inside(path.parent / name, folder, place)
        lines += [f"* {line.strip()}", *_expanded(inner, folder, place, depth + 1, wanted)]
        if sum(map(len, lines)) > _SIZE_BYTES:
            raise DeckError("the deck is larger than 64 MB", place, "a smaller one, or --trust")
    return lines


def _lines(path: Path, where: str, section: str) -> list[str]:
    try:
        lines = read_text(path, _KIND).splitlines()
    except NetlistError as error:
        message = error.message.replace("this deck", path.name, 1)
        raise DeckError(message, where, error.hint) from error
    return _section(lines, section, where) if section else lines


def _section(lines: list[str], name: str, where: str) -> list[str]:
    """The lines between ``.lib NAME`` and ``.endl``."""
    kept, inside = list[str](), False
    for line in lines:
        found = _SECTION.match(line)
        if found and not inside:
            inside = found["name"].lower() == name.lower()
        elif _END_SECTION.match(line):
            if inside:
                return kept
        elif inside:
            kept.append(line)
    raise DeckError(f"the library has no section {name}", where, "a section it has")


def _target(rest: str, library: bool, where: str) -> tuple[str, str]:
    found = re.fullmatch(r"(\"[^\"]*\"|'[^']*'|\S+)(?:\s+(\S+))?\s*", rest)
    if found is None or (library and not found[2]):
        raise DeckError("this include names no file", where, '.include "file" or .lib "file" name')
    return found[1].strip("\"'"), (found[2] or "") if library else ""


def _inside(path: Path, folder: Path, where: str) -> Path:
    resolved = path.resolve()
    if not resolved.is_relative_to(folder):
        raise DeckError(f"it includes {path}, outside the deck's folder", where, _TRUST)
    if not resolved.is_file():
        raise DeckError(f"cannot read {path.name}: no such file", where, "an existing file")
    return resolved
