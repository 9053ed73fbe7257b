"""``joulearn report``: a run's report and summary once more, from what its folder holds."""

from __future__ import annotations

import argparse
from pathlib import Path

from learning.commands.command import DONE, say
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
    report = write_report(options.folder)
    result = read_result(RunFolder(options.folder).result)
    say(options, plain(result), summary(result) + f"\nreport: {report}\n")
    return DONE
