"""``joulearn check --roundtrip``: whether ngspice computes the same from the text we write."""

from __future__ import annotations

import argparse
import sys

from learning.commands.command import DONE, FAILED, say
from learning.errors import LearningError
from learning.writing import is_terminal
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
            _show(options, verdict, len(verdicts), len(files))
    except KeyboardInterrupt:
        pass
    # In order of path, however many ran at a time.
    ordered = sorted(verdicts, key=lambda verdict: verdict.path)
    shares = Shares(tuple(ordered), len(files) - len(verdicts))
    say(options, facts(shares), text(shares))
    return FAILED if shares.differs() or shares.left else DONE


def _show(options: argparse.Namespace, verdict: Verdict, done: int, files: int) -> None:
    """A line for each file that may have run; how far it is, where all that changes is a number."""
    path, left = str(verdict.path), f"{files - done} left"
    facts = {"stage": "round trips", "done": done, "total": files, "path": path}
    if options.no_run or is_terminal(sys.stderr):
        options.alive.step(f"{done} of {files} files, {left}: {path[-50:]}", facts)
    else:
        options.alive.note(f"{done}/{files} {path}: {verdict.result.value}, {left}", facts)
