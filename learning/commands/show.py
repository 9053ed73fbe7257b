"""``joulearn show``: what a design says once every default is filled in, and its network."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from learning.commands.command import DONE, say
from learning.commands.design_argument import add_design, read_design
from learning.commands.facts import design_facts, sentence
from learning.design.written import dump_design
from learning.experiment.experiment import Experiment
from learning.experiment.prepare import prepare
from learning.report.network_text import sketch
from learning.tasks.columns import told


def add(parser: argparse.ArgumentParser) -> None:
    """Add its arguments to a parser."""
    add_design(parser)


def run(options: argparse.Namespace) -> int:
    """Do it, and return the exit code."""
    experiment = prepare(read_design(options))
    facts = design_facts(experiment)
    design, network = dump_design(experiment.design), sketch(experiment.network)
    text = f"{design}\n{network}\n{_table(experiment)}{sentence(facts)}\n"
    say(options, asdict(facts), text)
    return DONE


def _table(experiment: Experiment) -> str:
    """How the task's table was taken, if it came from one."""
    use = experiment.task.table
    return "" if use is None else "".join(f"{line}\n" for line in told(use)) + "\n"
