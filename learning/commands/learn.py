"""``joulearn learn``: let a network teach itself, watch it, and write down what it cost."""

from __future__ import annotations

import argparse
from pathlib import Path
from threading import Thread

from learning.commands.command import DONE, FAILED, say
from learning.commands.consent import consent
from learning.commands.design_argument import add_design, read_design
from learning.commands.progress_line import show_progress
from learning.experiment.experiment import Experiment
from learning.fidelity.plants import SPICE
from learning.report.summary import balance_verdict, summary
from learning.result.adapter import plain
from learning.result.finish import played_out
from learning.running.folder import RunFolder
from learning.running.least_power import LeastPower
from learning.writing import show, stage


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
    parser.add_argument(
        "--yes", action="store_true", help="start a run of more than ten minutes without a question"
    )
    kept = parser.add_mutually_exclusive_group()
    kept.add_argument("--resume", action="store_true", help="go on from the folder's checkpoint")
    kept.add_argument("--overwrite", action="store_true", help="replace the run in the folder")


def run(options: argparse.Namespace) -> int:
    """Do it, and return the exit code."""
    if options.fidelity:
        options.set.append(f"simulator.fidelity={options.fidelity}")
    if options.least_power is not None:
        # A lower error than asked for is no reason to stop before power has been saved.
        options.set.append("learning.tolerance_V2=0.0")
    stage("reading the design")
    design, folder = read_design(options), RunFolder(options.out)
    tolerance_V2, epochs = options.least_power, design.schedule.epochs
    rule = None if tolerance_V2 is None else LeastPower(tolerance_V2, epochs)
    if rule:
        rule.require_room()
    alive, ask = options.alive, consent(asked=not (options.yes or options.json or options.resume))

    def before(experiment: Experiment) -> None:
        with alive.paused():
            ask(experiment)
        Thread(target=_load, args=(design.simulator.fidelity,), daemon=True).start()

    result = played_out(
        design,
        options.out,
        power_weight=rule,
        resume=options.resume,
        overwrite=options.overwrite,
        before=before,
        watch=lambda progress: show_progress(alive, progress),
    )
    stage("writing the report")
    from learning.report.page import write_report  # noqa: PLC0415

    write_report(options.out)
    say(options, plain(result), summary(result) + f"\nreport: {folder.report}\n")
    closes, _ = balance_verdict(result)
    for one in result.disagreements:
        show(f"joulearn: these figures are not to be trusted: {one}\n", error=True, red=True)
    return FAILED if result.disagreements or closes is False else DONE


def _load(fidelity: str) -> None:
    """Load what the end of a run needs and its middle does not; the simulator works meanwhile."""
    if fidelity == SPICE:
        import scipy.optimize  # noqa: F401, PLC0415
    import xarray  # noqa: F401, PLC0415

    import learning.report.page  # noqa: F401, PLC0415
