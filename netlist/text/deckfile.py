"""Which files of a folder are decks, which are only included by decks, and which are neither.

Nobody marks them: the suffix says that a file is SPICE, and a deck is told by what only a deck
holds: an analysis, commands, or its end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from netlist.errors import NetlistError
from netlist.reading import LIBRARY, read_text

SUFFIXES = frozenset(
    (".cir", ".sp", ".spi", ".spice", ".net", ".ckt", ".cki", ".deck", ".lib", ".mod", ".inc")
)
"""Names that SPICE files end in, lower case."""
_DECK = re.compile(
    r"^[ \t]*\.(end|tran|ac|dc|op|noise|tf|sens|pz|disto|pss|sp|control)(\s|$)",
    re.IGNORECASE | re.MULTILINE,
)
_SPICE = re.compile(
    r"^[ \t]*\.(subckt|macro|model|param|lib|endl|inc|include|func|end)",
    re.IGNORECASE | re.MULTILINE,
)
_SUBCIRCUIT = re.compile(r"^[ \t]*\.(subckt|macro)[ \t]", re.IGNORECASE | re.MULTILINE)
_SCRIPT = re.compile(r"\s*\*\s*ng_script", re.IGNORECASE)
_NO_TITLE = re.compile(r"[ \t]*\.(subckt|macro)\s", re.IGNORECASE)
"""A first line that no deck has: it would be a title, and its subcircuit be closed unopened."""
_MARKUP = re.compile(r"\s*<")
"""How files of Qucs and of the web begin, which share a suffix with SPICE's."""


class Kind(Enum):
    """What a file is."""

    DECK = "deck"
    LIBRARY = "library"
    SCRIPT = "script"


@dataclass(frozen=True, slots=True)
class DeckFile:
    """A SPICE file of a folder: its path there, what it is, and its text."""

    path: Path
    kind: Kind
    text: str


def defines_subcircuit(text: str) -> bool:
    """Whether a text is a netlist that defines a subcircuit, as every cell and process does.

    Args:
        text: The text.

    Returns:
        True when a line of it begins a subcircuit.
    """
    return _SUBCIRCUIT.search(text) is not None


def kind_of(path: Path, text: str) -> Kind:
    """Tell a deck from a file that is only included.

    Args:
        path: Its name.
        text: Its text.

    Returns:
        What it is.
    """
    if _SCRIPT.match(text):
        return Kind.SCRIPT
    if _NO_TITLE.match(text):
        return Kind.LIBRARY
    is_library = path.suffix.lower() in (".lib", ".mod", ".inc")
    return Kind.DECK if not is_library and _DECK.search(text) else Kind.LIBRARY


def find_decks(folder: Path) -> Iterator[DeckFile]:
    """Every SPICE file below a folder, in order of path.

    Args:
        folder: Where to look.

    Yields:
        Files, their paths relative to the folder; hidden ones, links, what cannot be read, and
        files in which no line begins as SPICE does are left out.
    """
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in inside.parts)
        if hidden or path.is_symlink() or not path.is_file():
            continue
        if path.suffix.lower() in SUFFIXES:
            try:
                text = read_text(path, LIBRARY)
            except NetlistError:
                continue
            other = "\0" in text[:1000] or _MARKUP.match(text)
            if not other and (_DECK.search(text) or _SPICE.search(text)):
                yield DeckFile(inside, kind_of(path, text), text)
