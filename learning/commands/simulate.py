"""``joulearn simulate``: anybody's deck in ngspice, its waveforms kept with names and units."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from learning.commands.command import DONE, FAILED, say
from learning.report.quantity import engineering
from learning.writing import stage
from netlist.reading import DECK, read_text
from spice_backend.conformance.crosscheck import TIGHT, Crosscheck, EnergyDifference, crosscheck
from spice_backend.simulate import Simulated, guarded_deck, simulate


def add(parser: argparse.ArgumentParser) -> None:
    """Add its arguments to a parser."""
    parser.add_argument("deck", type=Path, metavar="DECK", help="a SPICE deck with a .tran line")
    parser.add_argument("--out", type=Path, metavar="DIR", help="for the results")
    parser.add_argument(
        "--timeout",
        type=float,
        metavar="SECONDS",
        help="give up after this long; a deck that ngspice reads for ever is given up without it",
    )
    parser.add_argument(
        "--crosscheck",
        action="store_true",
        help="run it in every engine there is, and say where and by how much they differ",
    )
    parser.add_argument(
        "--tight",
        action="store_true",
        help="with --crosscheck: ask every engine for the same tight tolerances "
        f"({' '.join(f'{name}={value}' for name, value in TIGHT.items())})",
    )
    parser.add_argument(
        "--trust",
        action="store_true",
        help="run a deck that contains commands (.control) or reads files outside its folder",
    )


def run(options: argparse.Namespace) -> int:
    """Do it, and return the exit code."""
    if options.crosscheck:
        return _crosscheck(options)
    out = options.out or Path("runs") / options.deck.stem
    stage("simulating")
    facts = simulate(options.deck, out, trust=options.trust, timeout_s=options.timeout)
    say(options, asdict(facts), _told(facts, out))
    return DONE


def _told(facts: Simulated, out: Path) -> str:
    spent = f"in {facts.solver_time_s:.2f} s of {facts.engine}\n"
    if facts.end is None:
        return f"{out}: {', '.join(facts.files)}, {spent}"
    return (
        f"{out / 'waveforms.nc'}: {facts.steps} points of {facts.signals} signals "
        f"up to {engineering(facts.end, facts.unit)} {spent}"
    )


def _crosscheck(options: argparse.Namespace) -> int:
    trusted = read_text(options.deck, DECK) if options.trust else ""
    deck = trusted or guarded_deck(options.deck)
    options_over = TIGHT if options.tight else None
    stage("simulating in every engine")
    found = crosscheck(deck, options.timeout, trust=options.trust, options=options_over)
    facts = {
        "engines": {name: outcome.status.value for name, outcome in found.outcomes.items()},
        "differences": [asdict(difference) for difference in found.differences],
        "energies": [asdict(difference) for difference in found.energies],
    }
    say(options, facts, _table(found))
    return DONE if all(outcome.ok for outcome in found.outcomes.values()) else FAILED


def _table(found: Crosscheck) -> str:
    lines = [
        f"{name}: {outcome.status.value}{f', {outcome.steps} points' if outcome.steps else ''} in "
        f"{outcome.solver_time_s:.2f} s{f' ({outcome.message})' if outcome.message else ''}"
        for name, outcome in found.outcomes.items()
    ]
    lines += [
        f"{' against '.join(d.engines)}: largest difference {engineering(d.largest, d.unit)} in "
        f"{d.signal} at {engineering(d.scale, 's')} (it spans {engineering(d.full_scale, d.unit)})"
        f"; at the end {engineering(d.at_end, d.unit)} in {d.signal_at_end}"
        for d in found.differences
    ]
    for pair in dict.fromkeys(difference.engines for difference in found.energies):
        lines += _energy_lines([one for one in found.energies if one.engines == pair])
    return "\n".join(lines) + "\n"


def _energy_lines(energies: Sequence[EnergyDifference]) -> list[str]:
    worst = max(energies, key=lambda one: abs(one.difference))
    first, second = worst.engines
    return [
        (
            f"{first} against {second}: largest difference in energy "
            f"{100 * worst.difference:+.4f} % in {worst.source}"
        ),
        *(
            f"  {one.source}: {engineering(one.energy_J, 'J')} in {first}, "
            f"{engineering(one.other_J, 'J')} in {second}, {100 * one.difference:+.4f} %"
            for one in energies
        ),
    ]
