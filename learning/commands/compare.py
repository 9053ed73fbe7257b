"""``joulearn compare``: a run held against processors that do the same task as well."""

from __future__ import annotations

import argparse
from pathlib import Path

from learning.commands.command import DONE, say


def add(parser: argparse.ArgumentParser) -> None:
    """Add its arguments to a parser."""
    parser.add_argument("runs", metavar="RUN_DIR", nargs="+", type=Path, help="a finished run")
    parser.add_argument(
        "--against", choices=("digital",), required=True, help="what the runs are held against"
    )
    parser.add_argument(
        "--assumptions",
        type=Path,
        metavar="FILE",
        help="a TOML file laid over the shipped table of energies, each with its source",
    )


def run(options: argparse.Namespace) -> int:
    """Do it, and return the exit code."""
    # Imported when asked for: they bring numpy and designs, which --help needs none of.
    from learning.studies.digital.comparison import compare  # noqa: PLC0415
    from learning.studies.digital.told import facts, lines  # noqa: PLC0415

    found = compare(*options.runs, against=options.against, assumptions=options.assumptions)
    text = "\n".join("".join(lines(one)) for one in found)
    say(options, [facts(one) for one in found], text)
    return DONE
