"""``joulearn check``: what is wrong with decks, and whether we read and write them faithfully.

Looking for what is wrong reads decks and never runs them; ``--roundtrip`` runs those of a folder.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from importlib.metadata import version
from pathlib import Path

from learning.commands.command import DONE, FAILED, Command, say
from learning.errors import LearningError
from learning.folder import write_text
from netlist.checks import Finding, check_file, sarif
from spice_backend.roundtrip import check_folder
from spice_backend.shares import Shares, facts, text


def _add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("decks", type=Path, nargs="*", metavar="DECK", help="a SPICE deck")
    parser.add_argument(
        "--with",
        dest="libraries",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="a file whose definitions the decks use without including it; may be repeated",
    )
    parser.add_argument("--sarif", type=Path, metavar="FILE", help="also write findings as SARIF")
    parser.add_argument("--quiet", action="store_true", help="only errors, no warnings or notes")
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
    if options.roundtrip is not None:
        return _roundtrip(options)
    if not options.decks:
        raise LearningError(
            "there is nothing to check",
            hint="joulearn check deck.cir, or joulearn check --roundtrip FOLDER",
        )
    for library in options.libraries:
        if not library.is_file():
            raise LearningError("there is no such file", str(library), "--with models.lib")
    findings = [
        finding for deck in options.decks for finding in check_file(deck, options.libraries)
    ]
    if options.quiet:
        findings = [finding for finding in findings if finding.severity == "error"]
    if options.sarif:
        log = sarif(findings, version("joulearn"))
        write_text(options.sarif, json.dumps(log, indent=1, ensure_ascii=False) + "\n")
    say(options, [finding.facts() for finding in findings], _text(findings, len(options.decks)))
    return FAILED if any(finding.severity == "error" for finding in findings) else DONE


def _text(findings: list[Finding], decks: int) -> str:
    count = Counter(finding.severity for finding in findings)
    parts = [
        f"{count[kind]} {kind}{'' if count[kind] == 1 else 's'}"
        for kind in ("error", "warning", "note")
        if count[kind]
    ]
    looked = f"{decks} deck{'' if decks == 1 else 's'}"
    return "".join(f.text() for f in findings) + f"{looked}: {', '.join(parts) or 'clean'}\n"


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
    "look for what is wrong with SPICE decks, without running them",
    "joulearn check deck.cir --sarif deck.sarif",
    _add,
    _run,
)
