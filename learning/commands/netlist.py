"""``joulearn netlist``: the deck of a design, to read or to run under plain ngspice."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from learning.commands.command import DONE, say
from learning.commands.design_argument import add_design, read_design
from learning.commands.facts import design_facts, sentence
from learning.experiment.experiment import deck
from learning.experiment.prepare import prepare
from learning.experiment.sound import look
from learning.measure.ledger import Ledger
from learning.measure.probes import main_probes
from learning.writing import require_writable, write_text


def add(parser: argparse.ArgumentParser) -> None:
    """Add its arguments to a parser."""
    add_design(parser)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="deck")


def run(options: argparse.Namespace) -> int:
    """Do it, and return the exit code."""
    experiment = prepare(read_design(options))
    schedule = experiment.schedule
    assembly = experiment.whole
    for warning in look(experiment, assembly).check().warnings:
        options.alive.note(f"warning: {warning}", {"warning": warning})
    require_writable(options.output, "-o")
    probes = main_probes(assembly, Ledger(assembly))
    write_text(options.output, deck(assembly, experiment.transient(schedule, probes)))
    facts = design_facts(experiment)
    say(
        options,
        {"deck": str(options.output), **asdict(facts)},
        f"{options.output}: {sentence(facts)}\n",
    )
    return DONE
