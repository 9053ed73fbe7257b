"""``joulearn reproduce``: a paper's figures once more, in numbers and in transistors."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from learning.commands.command import DONE, say


def add(parser: argparse.ArgumentParser) -> None:
    """Add its arguments to a parser."""
    parser.add_argument("paper", choices=["stern2024"], metavar="PAPER", help="stern2024")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="for the results")
    parser.add_argument("--short", action="store_true", help="minutes instead of an hour")
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="PART",
        help="tradeoff, starts, circuit, procedure or cost; may be repeated",
    )


def run(options: argparse.Namespace) -> int:
    """Do it, and return the exit code."""
    # Imported when asked for: the twin brings a compiler along that other commands do not need.
    from learning.papers.stern2024.reproduction import read, reproduce, told  # noqa: PLC0415

    def watch(line: str) -> None:
        if not options.json:
            sys.stderr.write(f"{line}\n")

    report = reproduce(options.out, short=options.short, only=options.only, watch=watch)
    found = told(read(options.out))
    asked = [name for name in found if not options.only or name in options.only]
    text = "".join(f"{name}\n" + "".join(f"  {s}\n" for s in found[name]) for name in asked)
    say(options, {"report": str(report), **found}, f"{text}report: {report}\n")
    return DONE
