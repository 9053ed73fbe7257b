"""``joulearn check --roundtrip``: whether ngspice computes the same from the text we write."""

from __future__ import annotations

import argparse
import sys

from learning.commands.command import DONE, FAILED, say
from learning.errors import LearningError
from learning.writing import is_terminal, show
from netlist.printable import printable
from spice_backend.conformance.roundtrip import Verdict, check_folder, spice_files
from spice_backend.conformance.roundtrip_report import Shares, facts, text


def check_roundtrip(options: argparse.Namespace) -> int:
    """Read, write and run a folder of decks; verdicts are shown as they come.

    Ctrl-C ends it with a report of the verdicts there are.

    Args:
        options: The parsed arguments.

    Returns:
        The exit code.

    Raises:
        LearningError: When ``--jobs`` is no number of jobs.
    """
    if options.jobs < 1:
        raise LearningError("there must be a job", f"--jobs {options.jobs}", "--jobs 1, or more")
    files = spice_files(options.roundtrip)
    verdicts: list[Verdict] = []
    checking = check_folder(
        options.roundtrip,
        files,
        trust=options.trust,
        simulate=not options.no_run,
        timeout_s=options.time_limit,
        jobs=options.jobs,
    )
    try:
        for verdict in checking:
            verdicts.append(verdict)
            _show(verdict, len(verdicts), len(files), runs=not options.no_run)
    except KeyboardInterrupt:
        show("\n", error=True)
    # In order of path, however many ran at a time.
    ordered = sorted(verdicts, key=lambda verdict: verdict.path)
    shares = Shares(tuple(ordered), len(files) - len(verdicts))
    say(options, facts(shares), text(shares))
    return FAILED if shares.differs() or shares.left else DONE


def _show(verdict: Verdict, done: int, files: int, *, runs: bool) -> None:
    """One line that changes on a terminal; in a log, a line for each file that may have run."""
    left = f"{files - done} left"
    path = printable(str(verdict.path))
    if is_terminal(sys.stderr):
        end = "\n" if done == files else ""
        sys.stderr.write(f"\r{done} of {files} files, {left}: {path[-50:]:50}{end}")
        sys.stderr.flush()
    elif runs:
        show(f"{done}/{files} {path}: {verdict.result.value}, {left}\n", error=True)
