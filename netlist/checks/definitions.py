"""What a deck's included files define, found by looking through their text, never by running it.

Only names are wanted (a foundry's library is tens of megabytes), so lines are scanned for what
defines something; sections of ``.lib`` are not told apart.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from netlist.circuit import Circuit
from netlist.errors import NetlistError
from netlist.reading import LIBRARY, is_inside, read_text
from netlist.span import Span
from netlist.text.includes import DEEPEST, NAMED, included, resolved

_DEFINES = re.compile(
    r"^[ \t]*\.(?:(subckt|macro\w*)[ \t]+(\S+)[ \t]*([^\n]*(?:\n[ \t]*\+[^\n]*)*)"
    r"|(model|func)\w*[ \t]+([^\s(]+)"
    r"|(param|csparam)\w*([^\n]*(?:\n[ \t]*(?:\+|\*)[^\n]*|\n[ \t]*$)*)"
    rf"|(inc|lib)\w*[ \t]+({NAMED})([^\n]*))",
    re.IGNORECASE | re.MULTILINE,
)
_BODY = re.compile(
    r"^[ \t]*\.(?:subckt|macro)\b.*?(?:^[ \t]*\.(?:ends|eom)\b|\Z)",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
_DEVICE = re.compile(r"^[ \t]*[a-z][^\n]*(?:\n[ \t]*\+[^\n]*)*", re.IGNORECASE | re.MULTILINE)
_ASSIGNED = re.compile(r"([A-Za-z_]\w*)\s*(?:\([^()]*\))?\s*=")


@dataclass(slots=True)
class Definitions:
    """Names that included files define, lower case.

    Attributes:
        subcircuits: Ports by name.
        models: Model names, a bin's number cut off.
        parameters: Parameters.
        functions: Functions.
        words: Words of the devices that stand outside of subcircuits; nodes are among them.
        missing: Includes that are not there: the path as written, and where.
        outside: Includes that leave the deck's folder: the same.
        files: Files that were included, in order, as the lines that include them name them.
    """

    subcircuits: dict[str, tuple[str, ...]] = field(default_factory=dict)
    models: set[str] = field(default_factory=set)
    parameters: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    missing: list[tuple[str, Span | None]] = field(default_factory=list)
    outside: list[tuple[str, Span | None]] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)


def included_definitions(
    circuit: Circuit, folder: Path, libraries: Iterable[Path] = ()
) -> Definitions:
    """Look through the files that a deck includes.

    Args:
        circuit: The deck.
        folder: Where its relative paths start.
        libraries: Files that are used with it though it does not include them.

    Returns:
        What they define, and which of them are missing or outside the folder.
    """
    found = Definitions()
    seen: set[Path] = set()
    for library in libraries:
        _scan(library, found, seen, 0)
    found.files.clear()
    for written, span in included(circuit.body):
        path = resolved(written, folder)
        if "\0" not in written and not is_inside(path, folder):
            found.outside.append((written, span))
        if not os.path.isfile(path):  # noqa: PTH113 - pathlib's raises for too long a name
            found.missing.append((written, span))
            continue
        _scan(path, found, seen, 0)
    return found


def _scan(path: Path, found: Definitions, seen: set[Path], deep: int) -> None:
    """Take in a file's names, and those of the files it includes in turn."""
    try:
        real = path.resolve()
        if real in seen or deep > DEEPEST:
            return
        seen.add(real)
        text = read_text(path, LIBRARY)
    except (NetlistError, OSError, ValueError, RuntimeError):
        # No netlist, or no such path can be: a NUL in it, a link to itself.
        return
    found.files.append(path)
    _take_names(text, path.parent, found, seen, deep)


def with_own(circuit_text: str, folder: Path, included: Definitions) -> Definitions:
    """What an included file may use: what the deck defines, too.

    Args:
        circuit_text: The deck.
        folder: Where its relative paths start.
        included: What its included files define.

    Returns:
        Both together.
    """
    found = replace(
        included,
        subcircuits=dict(included.subcircuits),
        models=set(included.models),
        parameters=set(included.parameters),
        functions=set(included.functions),
        words=set(included.words),
        files=[],
        outside=[],
    )
    _take_names(circuit_text, folder, found, set(), DEEPEST)
    return found


def _take_names(text: str, folder: Path, found: Definitions, seen: set[Path], deep: int) -> None:
    for device in _DEVICE.finditer(_BODY.sub("", text)):
        found.words.update(device[0].lower().split()[1:])
    for match in _DEFINES.finditer(text):
        if match[1]:
            found.subcircuits.setdefault(match[2].lower(), _ports(match[3]))
        elif match[4]:
            _named(match[4].lower(), match[5].lower(), found)
        elif match[6]:
            found.parameters |= {name.lower() for name in _ASSIGNED.findall(match[7])}
        elif match[8].lower() != "lib" or match[10].strip():
            _scan(resolved(match[9], folder), found, seen, deep + 1)


def _named(kind: str, name: str, found: Definitions) -> None:
    if kind == "func":
        found.functions.add(name)
        return
    found.models |= {name, re.sub(r"\.\d+$", "", name)}


def _ports(rest: str) -> tuple[str, ...]:
    """The ports on a ``.subckt`` line: the words before the first parameter."""
    words = re.sub(r"\n[ \t]*\+", " ", rest)
    words = re.split(r"\bparams:|[$;]|\S+\s*=", words, maxsplit=1, flags=re.IGNORECASE)[0]
    return tuple(word.lower() for word in words.split())
