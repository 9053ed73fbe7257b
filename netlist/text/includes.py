"""The file that an include names: which lines include, and where what they name is."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from netlist.circuit import Directive, Statement, bodies
from netlist.span import Span

NAMED = r"\"[^\"\n]*\"|'[^'\n]*'|\S+"
"""A pattern for a file's name as it stands on an include line, its quotes included."""

DEEPEST = 20
"""Includes within includes; more go round in circles."""


def unquoted(word: str) -> str:
    """A file's name as a line writes it, without its quotes."""
    return word.strip("\"'")


def resolved(written: str, folder: Path) -> Path:
    """Where the file is that a line includes.

    Args:
        written: Its name on the line, with or without quotes.
        folder: The folder of the file that the line stands in.

    Returns:
        Its path; nothing is looked at on the disk.
    """
    # ngspice knows one's home by a tilde, too; pathlib's way raises for unknown users.
    return folder / os.path.expanduser(unquoted(written))  # noqa: PTH111


def included(statements: Iterable[Statement]) -> Iterator[tuple[str, Span | None]]:
    """Files that statements include.

    Args:
        statements: Of a deck or a library.

    Yields:
        Their names as written and without quotes, and where, in order.
    """
    for statement in statements:
        if isinstance(statement, Directive):
            name = included_file(statement)
            if name is not None:
                yield name, statement.span
        for body in bodies(statement):
            yield from included(body)


def included_file(line: Directive) -> str | None:
    """The file that a line includes.

    Args:
        line: A dot line; a ``.lib`` line with one word begins a section and includes nothing.

    Returns:
        Its name as written and without quotes; None for a line that includes none.
    """
    enough = {"include": 1, "inc": 1, "incl": 1, "lib": 2}.get(line.keyword)
    if enough is None or len(line.arguments) < enough:
        return None
    return unquoted(line.arguments[0])
