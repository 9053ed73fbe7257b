"""``joulearn report``: a run's report and summary once more, from what its folder holds."""

from __future__ import annotations

import argparse
from pathlib import Path

from learning.commands.command import DONE, Command, say
from learning.report.summary import summary
from learning.run.folder import RunFolder
from netlist.reading import RESULT, read_json


def _add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help="the run's folder")


def _run(options: argparse.Namespace) -> int:
    # Imported when asked for: it brings a plotting library that other commands do not need.
    from learning.report import write_report  # noqa: PLC0415

    report = write_report(options.folder)
    result = read_json(RunFolder(options.folder).result, RESULT)
    say(options, result, summary(result) + f"\nreport: {report}\n")
    return DONE


REPORT = Command(
    "report",
    "write a run's report again and print its summary",
    "joulearn report runs/first",
    _add,
    _run,
)
