"""``joulearn check``: what is wrong with decks, which are read and never run."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from importlib.metadata import version
from pathlib import Path

from learning.commands.command import DONE, FAILED, Command, say
from learning.folder import write_text
from netlist.checks import Finding, check_file, sarif


def _add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("decks", type=Path, nargs="+", metavar="DECK", help="a SPICE deck")
    parser.add_argument(
        "--sarif", type=Path, metavar="FILE", help="also write the findings as SARIF"
    )
    parser.add_argument("--quiet", action="store_true", help="only errors, no warnings or notes")


def _run(options: argparse.Namespace) -> int:
    findings = [finding for deck in options.decks for finding in check_file(deck)]
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


CHECK = Command(
    "check",
    "look for what is wrong with SPICE decks, without running them",
    "joulearn check deck.cir --sarif deck.sarif",
    _add,
    _run,
)
