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
from learning.writing import write_text
from netlist.checks import Finding, check_file, sarif
from spice_backend.conformance.roundtrip import Verdict, check_folder, spice_files
from spice_backend.conformance.roundtrip_report import Shares, facts, text


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
    parser.add_argument(
        "--jobs",
        type=int,
        default=1,
        metavar="N",
        help="with --roundtrip: decks that run at a time (1); more than cores make some too slow",
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
    # Decks that include the same file have its findings in common.
    findings = list(
        dict.fromkeys(
            finding for deck in options.decks for finding in check_file(deck, options.libraries)
        )
    )
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
    """Verdicts are shown as they come, and Ctrl-C ends with a report of those there are."""
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
        sys.stderr.write("\n")
    # In order of path, however many ran at a time.
    ordered = sorted(verdicts, key=lambda verdict: verdict.path)
    shares = Shares(tuple(ordered), len(files) - len(verdicts))
    say(options, facts(shares), text(shares))
    return FAILED if shares.differs() or shares.left else DONE


def _show(verdict: Verdict, done: int, files: int, *, runs: bool) -> None:
    """One line that changes on a terminal; in a log, a line for each file that may have run."""
    left = f"{files - done} left"
    if sys.stderr.isatty():
        end = "\n" if done == files else ""
        sys.stderr.write(f"\r{done} of {files} files, {left}: {str(verdict.path)[-50:]:50}{end}")
    elif runs:
        sys.stderr.write(f"{done}/{files} {verdict.path}: {verdict.result.value}, {left}\n")
    sys.stderr.flush()


CHECK = Command(
    "check",
    "look for what is wrong with SPICE decks, without running them",
    "joulearn check deck.cir --sarif deck.sarif",
    _add,
    _run,
)
