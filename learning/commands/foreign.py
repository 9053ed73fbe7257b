"""Files a message may quote: those of whoever typed the command, and nobody else's.

A design may name any file of the machine, and may be a stranger's: what is wrong with a table is
told by a line of it, and with a private file by a line of that. So what stands in a file is shown
only if its user named it, or works in its folder, or named something in its folder. Of any other
file a message says that it cannot be used and where, and nothing of what stands there.
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from importlib.resources import files
from pathlib import Path

from netlist.errors import PlacedError
from netlist.reading import is_inside, resolved

_LINE = re.compile(r"(?::\d+){0,2}")
"""Behind the name of a file: its line and column."""
_TELLS_NOTHING = "cannot read this "
"""How refusals begin of a file that was not read at all."""


def told(error: PlacedError, options: argparse.Namespace) -> str:
    """What a person reads of an error.

    Args:
        error: The error.
        options: The parsed arguments: what the user named.

    Returns:
        The error's text; without what it quotes when that is from a file that is not the user's.
    """
    where = str(error.where or "")
    file = _file(where)
    if file is None or error.message.startswith(_TELLS_NOTHING) or _is_own(file, options):
        return str(error)
    line = _LINE.match(where, len(str(file)))
    hint = "stand in its folder, or name it on the command line, to be told what is wrong"
    message = "this file cannot be used; what stands in it is not shown, for nobody here named it"
    return str(type(error)(message, f"{file}{line[0] if line else ''}", hint))


def _file(where: str) -> Path | None:
    """The readable file that a place begins with; a colon may be part of its name."""
    ends = [len(where), *(place.start() for place in re.finditer(":", where))]
    names = (where[:end] for end in sorted(ends, reverse=True))
    found = (name for name in names if name.startswith("/") and os.access(name, os.R_OK))
    return next((Path(name) for name in found if Path(name).is_file()), None)


def _is_own(file: Path, options: argparse.Namespace) -> bool:
    named = set(_named(options))
    folders = {path if path.is_dir() else path.parent for path in named} - {Path("/")}
    shipped = Path(str(files("circuits")))
    return file.resolve() in named or any(
        is_inside(file, folder) and not _is_hidden(file, folder)
        for folder in (Path.cwd(), shipped, *folders)
    )


def _is_hidden(file: Path, folder: Path) -> bool:
    """Whether a file lies in something that begins with a dot: keys and histories do."""
    below = file.resolve().relative_to(folder.resolve())
    return any(part.startswith(".") for part in below.parts)


def _named(options: argparse.Namespace) -> Iterator[Path]:
    """Every file on the command line, or beside one, the values of ``--set`` included."""
    for value in vars(options).values():
        for word in value if isinstance(value, list) else [value]:
            if isinstance(word, str | Path):
                for text in {str(word), str(word).partition("=")[2]}:
                    # What is a number or a switch is no path, and may be too long for one.
                    with suppress(OSError, ValueError, RuntimeError):
                        path = resolved(Path(text))
                        path.lstat()
                        yield path
