"""``joulearn simulate``: anybody's deck in ngspice, its waveforms kept with names and units."""

from __future__ import annotations

import argparse
from pathlib import Path

from learning.commands.command import DONE, Command, say
from spice_backend.simulate import simulate


def _add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("deck", type=Path, metavar="DECK", help="a SPICE deck with a .tran line")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="for the results")
    parser.add_argument(
        "--trust",
        action="store_true",
        help="run a deck that contains commands (.control) or reads other files",
    )


def _run(options: argparse.Namespace) -> int:
    facts = simulate(options.deck, options.out, trust=options.trust)
    text = (
        f"{options.out / 'waveforms.nc'}: {facts['steps']} points of {facts['signals']} signals "
        f"up to {facts['end']:.6g} in {facts['solver_time_s']:.2f} s of {facts['engine']}\n"
    )
    say(options, facts, text)
    return DONE


SIMULATE = Command(
    "simulate",
    "run any deck that contains its analysis, and keep its waveforms",
    "joulearn simulate deck.cir --out runs/deck",
    _add,
    _run,
)
