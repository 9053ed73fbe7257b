"""``joulearn learn``: let a network teach itself, watch it, and write down what it cost."""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module
from pathlib import Path
from threading import Thread

from learning.commands.command import DONE, FAILED, say
from learning.commands.design_argument import add_design, read_design
from learning.commands.progress_line import ProgressLine
from learning.report.summary import balance_verdict, summary
from learning.result.adapter import plain
from learning.result.finish import finish
from learning.run.controller import learn
from learning.run.folder import RunFolder
from learning.run.least_power import LeastPower


def add(parser: argparse.ArgumentParser) -> None:
    """Add its arguments to a parser."""
    add_design(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="for the results")
    parser.add_argument(
        "--least-power",
        type=float,
        metavar="V2",
        help="adapt the power weight to end under this error, in V², with the least power",
    )
    parser.add_argument(
        "--fidelity",
        choices=("spice", "accelerated"),
        help="who plays: every transistor in ngspice, or tables measured from the cells",
    )
    kept = parser.add_mutually_exclusive_group()
    kept.add_argument("--resume", action="store_true", help="go on from the folder's checkpoint")
    kept.add_argument("--overwrite", action="store_true", help="replace the run in the folder")


def run(options: argparse.Namespace) -> int:
    """Do it, and return the exit code."""
    if options.fidelity:
        options.set.append(f"simulator.fidelity={options.fidelity}")
    design, folder = read_design(options), RunFolder(options.out)
    tolerance_V2, epochs = options.least_power, design.schedule.epochs
    rule = None if tolerance_V2 is None else LeastPower(tolerance_V2, epochs)
    # The report's plotting library takes half a second to load; the simulator works meanwhile.
    Thread(target=import_module, args=("learning.report.page",), daemon=True).start()
    with ProgressLine(sys.stderr, quiet=options.json) as line:
        learned = learn(
            design,
            options.out,
            power_weight=rule,
            resume=options.resume,
            overwrite=options.overwrite,
            watch=line.show,
        )
    result = finish(learned)
    from learning.report.page import write_report  # noqa: PLC0415

    write_report(options.out)
    say(options, plain(result), summary(result) + f"\nreport: {folder.report}\n")
    closes, _ = balance_verdict(result)
    for one in result.disagreements:
        _warn(f"joulearn: these figures are not to be trusted: {one}\n")
    return FAILED if result.disagreements or closes is False else DONE


def _warn(text: str) -> None:
    """In red, where there are colours."""
    plain_text = not sys.stderr.isatty() or "NO_COLOR" in os.environ
    sys.stderr.write(text if plain_text else f"\x1b[31m{text}\x1b[0m")
