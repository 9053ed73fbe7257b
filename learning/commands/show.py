"""``joulearn show``: what a design says once every default is filled in, and its network."""

from __future__ import annotations

import argparse

from learning.commands.command import DONE, Command, add_design, read_design, say
from learning.commands.facts import design_facts, sentence
from learning.design.read import dump_design
from learning.experiment.prepare import prepare
from learning.report.network_text import sketch


def _run(options: argparse.Namespace) -> int:
    experiment = prepare(read_design(options))
    facts = design_facts(experiment)
    text = f"{dump_design(experiment.design)}\n{sketch(experiment.network)}\n{sentence(facts)}\n"
    say(options, facts, text)
    return DONE


SHOW = Command(
    "show",
    "print a design, every default filled in, and a drawing of its network",
    "joulearn show xor --set network.rows=5",
    add_design,
    _run,
)
