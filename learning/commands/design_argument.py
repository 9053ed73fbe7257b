"""The design that a command is given: its words on the command line, and what they name."""

from __future__ import annotations

import argparse

from learning.design.read import load_design
from learning.design.whole import Design


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
    return load_design(options.design, options.set, options.seed)
