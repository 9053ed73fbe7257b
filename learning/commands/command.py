"""What a command of the command line is, and how it tells its outcome.

Whatever asks for a version or for help loads this module, which therefore loads little: a command
is a named tuple because the machinery of data classes costs as much as all the rest of a start.
"""

from __future__ import annotations

import argparse
from importlib import import_module
from typing import NamedTuple, Protocol, cast

DONE, FAILED, BAD_INPUT = 0, 1, 2
"""Exit codes: done, the run failed or was interrupted, bad input."""


class Doer(Protocol):
    """What the module of a command offers."""

    def add(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's arguments to a parser."""

    def run(self, options: argparse.Namespace) -> int:
        """Do it and return the exit code."""


class Command(NamedTuple):
    """One command, known by its words alone until it is asked for.

    Attributes:
        name: The word after ``joulearn``, and the name of its module beside this one.
        help: What it does, in one line.
        example: A line to try.
    """

    name: str
    help: str
    example: str

    def doer(self) -> Doer:
        """The module that does it, imported now: most bring libraries that others do not need."""
        return cast(Doer, import_module(f"learning.commands.{self.name}"))


def say(options: argparse.Namespace, facts: object, text: str) -> None:
    """Print the outcome: as JSON when asked, else as text.

    Args:
        options: The parsed arguments.
        facts: What ``--json`` prints.
        text: What a person reads, ending in a line break.
    """
    from learning.writing import show  # noqa: PLC0415

    if options.json:
        import json  # noqa: PLC0415

        text = json.dumps(facts, indent=1, ensure_ascii=False) + "\n"
    alive = getattr(options, "alive", None)
    if alive is not None:
        alive.end()
    show(text)
