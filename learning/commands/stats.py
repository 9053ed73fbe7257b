"""``joulearn stats``: devices, transistors and gate area of a deck, by subcircuit."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from learning.commands.command import DONE, say
from learning.commands.diff import read_deck
from netlist.passes.inventory import Inventory, inventory


def add(parser: argparse.ArgumentParser) -> None:
    """Add its arguments to a parser."""
    parser.add_argument("deck", type=Path, metavar="DECK", help="a SPICE deck")


def run(options: argparse.Namespace) -> int:
    """Do it, and return the exit code."""
    rows = inventory(read_deck(options.deck))
    say(options, [asdict(row) for row in rows], "".join(_lines(rows)))
    return DONE


def _lines(rows: tuple[Inventory, ...]) -> Iterator[str]:
    yield f"{'subcircuit':<20}{'uses':>6}{'transistors':>13}{'gate area':>15}   devices\n"
    for row in rows:
        area = "unknown" if row.gate_area_m2 is None else f"{row.gate_area_m2 * 1e12:.6g} µm²"
        devices = " ".join(f"{letter}:{count}" for letter, count in row.devices.items())
        name = row.name or "(whole deck)"
        yield f"{name:<20}{row.uses:>6}{row.transistors:>13g}{area:>15}   {devices}\n"
        if row.problem:
            yield f"  {row.problem}\n"
