"""``joulearn reproduce``: a paper's figures once more, in numbers and in transistors."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from learning.commands.command import DONE, say
from learning.errors import LearningError
from learning.writing import stage


def add(parser: argparse.ArgumentParser) -> None:
    """Add its arguments to a parser."""
    parser.add_argument(
        "paper", choices=["stern2024", "dillavou2024", "dillavou2025"], metavar="PAPER",
        help="stern2024, dillavou2024 (the transistor board's figures beside ours), or "
        "dillavou2025 (imperfection)",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="for the results")
    parser.add_argument("--short", action="store_true", help="minutes instead of an hour")
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="PART",
        help="of stern2024: tradeoff, starts, circuit, procedure or cost; of dillavou2025: cells, "
        "rate, nudge, anchors or laboratory; may be repeated",
    )
    parser.add_argument(
        "--design",
        metavar="DESIGN",
        help="of stern2024: another machine than the paper's; plays all parts but tradeoff",
    )
    parser.add_argument(
        "--data",
        type=Path,
        metavar="FOLDER",
        help="of dillavou2025: the laboratory's measurements, a copy of its repository",
    )


def run(options: argparse.Namespace) -> int:
    """Do it, and return the exit code."""
    if options.data is not None and options.paper != "dillavou2025":
        raise LearningError(
            f"the paper {options.paper} takes no measurements", "--data", "without it"
        )
    papers = {"stern2024": _trials, "dillavou2024": _board, "dillavou2025": _imperfection}
    return papers[options.paper](options)


def _watched(options: argparse.Namespace) -> Callable[[str], None]:
    alive = options.alive

    def watch(line: str) -> None:
        alive.note(line, {"stage": "reproducing", "told": line})
        stage("reproducing")

    stage("reproducing")
    return watch


def _board(options: argparse.Namespace) -> int:
    from learning.papers.dillavou2024.board import (  # noqa: PLC0415 - loads the simulator
        compare_board,
        data,
        table,
    )

    rows = compare_board(options.out, _watched(options))
    say(options, {"rows": data(rows)}, table(rows))
    return DONE


def _trials(options: argparse.Namespace) -> int:
    # Imported when asked for: the twin brings a compiler along that other commands do not need.
    from learning.papers.stern2024.reproduction import read, reproduce, told  # noqa: PLC0415
    from learning.papers.stern2024.scale import TWINS  # noqa: PLC0415

    watch = _watched(options)
    machine = options.design or TWINS
    report = reproduce(
        options.out, short=options.short, only=options.only, machine=machine, watch=watch
    )
    found = told(read(options.out))
    asked = [name for name in found if not options.only or name in options.only]
    _say(options, found, asked, report)
    return DONE


def _imperfection(options: argparse.Namespace) -> int:
    from learning.papers.dillavou2025.reproduction import (  # noqa: PLC0415 - loads the simulator
        imperfection_told,
        read_imperfection,
        reproduce_imperfection,
    )

    report = reproduce_imperfection(
        options.out, short=options.short, only=options.only, data=options.data,
        watch=_watched(options),
    )  # fmt: skip
    found = imperfection_told(read_imperfection(options.out))
    asked = [name for name in found if not options.only or name in options.only]
    _say(options, found, asked, report)
    return DONE


def _say(
    options: argparse.Namespace, found: dict[str, list[str]], asked: list[str], report: Path
) -> None:
    text = "".join(f"{name}\n" + "".join(f"  {s}\n" for s in found[name]) for name in asked)
    say(options, {"report": str(report), **found}, f"{text}report: {report}\n")
