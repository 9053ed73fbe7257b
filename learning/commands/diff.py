"""``joulearn diff``: what two netlists differ in, whatever their order and formatting."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from learning.commands.command import DONE, FAILED, say
from netlist.circuit import Circuit
from netlist.passes.difference import differences
from netlist.reading import DECK, read_text
from netlist.text.parser import parse


def add(parser: argparse.ArgumentParser) -> None:
    """Add its arguments to a parser."""
    parser.add_argument("first", type=Path, metavar="A", help="a SPICE deck")
    parser.add_argument("second", type=Path, metavar="B", help="another")


def run(options: argparse.Namespace) -> int:
    """Do it, and return the exit code."""
    found = differences(read_deck(options.first), read_deck(options.second))
    text = "".join(f"{difference.text()}\n" for difference in found)
    say(options, [asdict(difference) for difference in found], text or "no difference\n")
    return FAILED if found else DONE


def read_deck(path: Path) -> Circuit:
    """Read a deck in a file.

    Args:
        path: The file.

    Returns:
        The deck.

    Raises:
        NetlistError: When it cannot be read.
    """
    return parse(read_text(path, DECK), str(path))
