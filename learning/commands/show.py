"""``joulearn show``: what a design says once every default is filled in, and what it comes to.

All of it can be kept as a design file: what is no key is a comment.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict

from learning.arrays import Floats
from learning.commands.command import DONE, say
from learning.commands.design_argument import add_design, read_design
from learning.commands.facts import design_facts, sentence
from learning.design.written import dump_design
from learning.experiment.experiment import Experiment
from learning.experiment.prepare import prepare
from learning.report.buildable import area
from learning.report.network_text import sketch
from learning.report.quantity import engineering
from learning.result.chip_area import chip_area
from learning.running.run_time import rough_s, slowness, spoken
from learning.tasks.columns import told
from learning.tasks.examples import Examples
from netlist.printable import counted

_UNITS = (
    "SI units throughout: a key ends in its unit (`joulearn keys SECTION` tells it), parameters of "
    "cells are in metres, farads, ohms"
)


def add(parser: argparse.ArgumentParser) -> None:
    """Add its arguments to a parser."""
    add_design(parser)


def run(options: argparse.Namespace) -> int:
    """Do it, and return the exit code."""
    experiment = prepare(read_design(options))
    facts, chip = design_facts(experiment), chip_area(experiment)
    area_m2, seconds = (
        None if chip is None else chip.total.total_m2,
        rough_s(experiment) * slowness(),
    )
    lines = [_UNITS, "", *sketch(experiment.network).splitlines(), "", *_examples(experiment)]
    lines += [*_table(experiment), "", sentence(facts), *_costs(experiment, area_m2, seconds)]
    comments = "".join(f"# {line}".rstrip() + "\n" for line in lines)
    table = experiment.task.table
    more = {
        "run_time_s": seconds,
        "area_m2": area_m2,
        "inputs_V": _span(experiment.task.train.inputs),
        "labels_V": _span(experiment.task.train.labels),
        "table": None if table is None else asdict(table),
    }
    say(options, asdict(facts) | more, f"{dump_design(experiment.design)}\n{comments}")
    return DONE


def _examples(experiment: Experiment) -> Iterator[str]:
    """What is shown, in volts: the scale that inputs and labels were brought to."""
    task = experiment.task
    yield f"{counted(len(task.train), 'example')} to learn from: {_scale(task.train)}"
    if task.test is not None:
        yield f"{len(task.test)} held out: {_scale(task.test)}"


def _scale(examples: Examples) -> str:
    told_V = (
        f"{name} {engineering(low, 'V')} to {engineering(high, 'V')}"
        for name, (low, high) in (
            ("sources", _span(examples.inputs)),
            ("labels", _span(examples.labels)),
        )
    )
    return ", ".join(told_V)


def _span(values_V: Floats) -> tuple[float, float]:
    return float(values_V.min()), float(values_V.max())


def _table(experiment: Experiment) -> Iterator[str]:
    """How the task's table was taken, if it came from one."""
    if experiment.task.table is not None:
        yield from told(experiment.task.table)


def _costs(experiment: Experiment, area_m2: float | None, seconds: float) -> Iterator[str]:
    parts = "parts on a board, no area" if experiment.process.discrete else "area not known"
    yield parts if area_m2 is None else f"{area(area_m2)} of devices, wires not counted"
    who, learning = experiment.design.simulator.fidelity, experiment.design.learning
    sooner = ", less if it stops by itself before" * bool(
        learning.tolerance_V2 or learning.patience
    )
    yield f"a run takes roughly {spoken(seconds)} (fidelity {who}, this machine{sooner})"
