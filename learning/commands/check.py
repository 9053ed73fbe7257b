"""``joulearn check``: what is wrong with decks, and whether we read and write them faithfully.

Looking for what is wrong reads decks and never runs them; ``--roundtrip`` runs those of a folder.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

from learning.commands.command import DONE, FAILED, say
from learning.errors import LearningError
from learning.version import __version__
from learning.writing import require_writable, write_text
from netlist.checks import Finding, check_file, sarif
from netlist.printable import counted, printable


def add(parser: argparse.ArgumentParser) -> None:
    """Add its arguments to a parser."""
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
    parser.add_argument(
        "--jobs",
        type=int,
        default=1,
        metavar="N",
        help="with --roundtrip: decks that run at a time (1); more than cores make some too slow",
    )


def run(options: argparse.Namespace) -> int:
    """Do it, and return the exit code."""
    if options.roundtrip is not None:
        # Imported when asked for: it brings the simulator along.
        from learning.commands.check_roundtrip import check_roundtrip  # noqa: PLC0415

        return check_roundtrip(options)
    if not options.decks:
        raise LearningError(
            "there is nothing to check",
            hint="joulearn check deck.cir, or joulearn check --roundtrip FOLDER",
        )
    for library in options.libraries:
        if not library.is_file():
            raise LearningError("there is no such file", str(library), "--with models.lib")
    if options.sarif:
        require_writable(options.sarif, "--sarif")
    # Decks that include the same file have its findings in common.
    findings = list(
        dict.fromkeys(
            finding for deck in options.decks for finding in check_file(deck, options.libraries)
        )
    )
    if options.quiet:
        findings = [finding for finding in findings if finding.severity == "error"]
    if options.sarif:
        log = sarif(findings, __version__)
        write_text(options.sarif, printable(json.dumps(log, indent=1, ensure_ascii=False)) + "\n")
    say(options, [finding.facts() for finding in findings], _text(findings, len(options.decks)))
    return FAILED if any(finding.severity == "error" for finding in findings) else DONE


def _text(findings: list[Finding], decks: int) -> str:
    count = Counter(finding.severity for finding in findings)
    parts = [counted(count[kind], kind) for kind in ("error", "warning", "note") if count[kind]]
    looked = counted(decks, "deck")
    return "".join(f.text() for f in findings) + f"{looked}: {', '.join(parts) or 'clean'}\n"
