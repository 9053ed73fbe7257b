"""``joulearn report``: a run's report and summary once more, from what its folder holds."""

from __future__ import annotations

import argparse
from pathlib import Path

from learning.commands.command import DONE, say
from learning.errors import LearningError
from learning.report.page import write_report
from learning.report.summary import summary
from learning.result.adapter import plain
from learning.result.read import read_result
from learning.running.folder import RunFolder


def add(parser: argparse.ArgumentParser) -> None:
    """Add its arguments to a parser."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="the run's folder")


def run(options: argparse.Namespace) -> int:
    """Do it, and return the exit code."""
    try:
        report = write_report(options.folder)
        result = read_result(RunFolder(options.folder).result)
        text = summary(result)
    except (ArithmeticError, ValueError, LookupError, TypeError, AttributeError) as error:
        # Somebody's folder: each figure is of its kind, but no page can be made of all together.
        raise LearningError(
            f"the figures of this run do not fit together: {error}",
            where=str(options.folder),
            hint="the folder as the run left it, or the design run again",
        ) from error
    say(options, plain(result), text + f"\nreport: {report}\n")
    return DONE
