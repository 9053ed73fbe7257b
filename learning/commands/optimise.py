"""``joulearn optimise``: values of a design's keys searched for, under a study's specs."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from learning.commands.command import DONE, FAILED, say
from learning.writing import stage
from netlist.printable import counted


def add(parser: argparse.ArgumentParser) -> None:
    """Add its arguments to a parser."""
    parser.add_argument("study", metavar="STUDY", help="a study file with [search] and objectives")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="for the results")
    parser.add_argument("--trials", type=int, default=20, metavar="N", help="to make now")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="points at a time")


def run(options: argparse.Namespace) -> int:
    """Do it, and return the exit code."""
    # Imported when asked for: it brings tables and statistics that --help needs none of.
    from learning.studies.optimise import Trial, optimise  # noqa: PLC0415

    def line(trial: Trial) -> str:
        values = ", ".join(f"{key} = {value:.4g}" for key, value in trial.values.items())
        figures = ", ".join(f"{value:.4g}" for value in trial.figures) or "no figures"
        fails = "" if trial.holds else f" ({trial.note or 'a spec fails'})"
        return f"{trial.number}: {values}: {figures}{fails}\n"

    def watch(trial: Trial) -> None:
        options.alive.note(line(trial).rstrip(), {"stage": "searching", **asdict(trial)})
        stage(f"searching, {trial.number + 1} trials over")

    stage("searching, the first trial")
    found = optimise(options.study, options.out, options.trials, options.workers, watch)
    held = sum(trial.holds for trial in found.trials)
    text = f"{counted(len(found.trials), 'trial')}; every spec holds in {held}\n"
    if found.finalists:
        text += "finalists, on the whole study:\n" + "".join(map(line, found.finalists))
    text += f"front, by {', '.join(found.objectives)}:\n" + "".join(map(line, found.front))
    text += f"design: {found.design}\n" if found.design else ""
    text += "".join(f"cell: {cell}\n" for cell in found.cells)
    facts = {
        "objectives": found.objectives,
        "trials": [asdict(trial) for trial in found.trials],
        "finalists": [asdict(trial) for trial in found.finalists],
        "front": [trial.number for trial in found.front],
        "design": str(found.design) if found.design else None,
        "cells": [str(cell) for cell in found.cells],
    }
    say(options, facts, text)
    return DONE if found.front else FAILED
