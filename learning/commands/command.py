"""What a command of the command line is: its words, its arguments and what it does."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from learning.design.read import find_design, load_design
from learning.design.sections import Design

DONE, FAILED, BAD_INPUT = 0, 1, 2
"""Exit codes: done, the run failed or was interrupted, bad input."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        name: The word after ``joulearn``.
        help: What it does, in one line.
        example: A line to try.
        add: Adds its arguments to a parser.
        run: Does it and returns the exit code.
    """

    name: str
    help: str
    example: str
    add: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


def add_design(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of every command that takes a design: DESIGN, --set and --seed."""
    parser.add_argument("design", metavar="DESIGN", help="a shipped design, or a .toml file")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="override a key of the design, such as learning.nudge=0.25; may be repeated",
    )
    parser.add_argument("--seed", type=int, metavar="N", help="replace the design's seed")


def read_design(options: argparse.Namespace) -> Design:
    """The design that the arguments of `add_design` name.

    Args:
        options: The parsed arguments.

    Returns:
        The design.

    Raises:
        LearningError: When it cannot be used.
    """
    return load_design(find_design(options.design), options.set, options.seed)


def say(options: argparse.Namespace, facts: Any, text: str) -> None:
    """Print the outcome: as JSON when asked, else as text.

    Args:
        options: The parsed arguments.
        facts: What ``--json`` prints.
        text: What a person reads, ending in a line break.
    """
    if options.json:
        json.dump(facts, sys.stdout, indent=1, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        sys.stdout.write(text)
