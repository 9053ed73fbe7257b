"""``joulearn check``: what is wrong with a deck, and whether we read and write decks faithfully."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from learning.commands.command import DONE, FAILED, Command, say
from learning.errors import LearningError
from spice_backend.roundtrip import check_folder
from spice_backend.shares import Shares, facts, text


def _add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--roundtrip",
        type=Path,
        metavar="FOLDER",
        help="read and write again every deck of a folder, and let ngspice run both",
    )
    parser.add_argument(
        "--trust",
        action="store_true",
        help="with --roundtrip: run decks that hold commands (.control) or include files, too",
    )
    parser.add_argument(
        "--no-run", action="store_true", help="with --roundtrip: read and write only"
    )
    parser.add_argument(
        "--time-limit",
        type=float,
        default=60.0,
        metavar="SECONDS",
        help="with --roundtrip: wall time of each run (60)",
    )


def _run(options: argparse.Namespace) -> int:
    if options.roundtrip is None:
        raise LearningError("there is nothing to check", hint="joulearn check --roundtrip FOLDER")
    return _roundtrip(options)


def _roundtrip(options: argparse.Namespace) -> int:
    verdicts = []
    for verdict in check_folder(
        options.roundtrip,
        trust=options.trust,
        simulate=not options.no_run,
        timeout_s=options.time_limit,
    ):
        verdicts.append(verdict)
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{len(verdicts)} files, {str(verdict.path)[-60:]:60}")
    if sys.stderr.isatty():
        sys.stderr.write("\n")
    shares = Shares(tuple(verdicts))
    say(options, facts(shares), text(shares))
    return FAILED if shares.differs() else DONE


CHECK = Command(
    "check",
    "read and write again every deck of a folder, and compare what ngspice makes of both",
    "joulearn check --roundtrip my_decks --trust",
    _add,
    _run,
)
