"""``joulearn study``: designs evaluated over axes, and held against specs, point by point."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from learning.commands.command import DONE, FAILED, say
from learning.errors import LearningError
from learning.writing import stage

if TYPE_CHECKING:
    from learning.studies.judged.findings import Findings
    from learning.studies.played.conduct import Progress
    from learning.studies.played.run_study import Prospect, Wish


def add(parser: argparse.ArgumentParser) -> None:
    """Add its arguments to a parser."""
    parser.add_argument("study", metavar="STUDY", help="a shipped study, or a .toml file")
    parser.add_argument("--out", type=Path, metavar="DIR", help="for the results")
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would be done, and how long it takes"
    )
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="KEY=VALUE,...",
        help="points at these values of an axis, or of these designs; may be repeated",
    )
    parser.add_argument("--shard", default="", metavar="I/N", help="the I-th of N parts")
    parser.add_argument(
        "--fidelity",
        default="",
        choices=("spice", "accelerated"),
        help="who plays, whatever the study says",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--workers", type=_count, metavar="N", help="points at a time; the default is every core"
    )
    where.add_argument(
        "--scheduler", metavar="ADDRESS", help="a Dask scheduler such as tcp://host:8786, or slurm"
    )
    parser.add_argument(
        "--retry", action="store_true", help="evaluate points without figures once more"
    )


def run(options: argparse.Namespace) -> int:
    """Do it, and return the exit code."""
    # Imported when asked for: they bring tables and statistics that --help needs none of.
    from learning.studies.judged.findings import find  # noqa: PLC0415
    from learning.studies.played.run_study import Wish, prospect, run_study  # noqa: PLC0415
    from learning.studies.told.page import write_page  # noqa: PLC0415
    from learning.studies.told.terminal import facts, lines  # noqa: PLC0415

    wish = Wish(
        only=options.only,
        shard=options.shard,
        fidelity=options.fidelity,
        workers=options.workers,
        scheduler=options.scheduler,
        retry=options.retry,
    )
    if options.dry_run:
        return _dry(options, prospect(options.study, options.out, wish))
    if options.out is None:
        raise LearningError("a study needs a folder", "--out", "--out DIR, or --dry-run")
    stage("evaluating the first points")
    found = find(run_study(options.study, options.out, wish, watch=_watch(options)))
    stage("writing the page")
    page = write_page(found)
    say(options, facts(found), "".join(lines(found)) + f"page: {page}\n")
    return _code(found, wish)


def _code(found: Findings, wish: Wish) -> int:
    """0 when a design holds every spec; a part of a study is not to blame for what is open."""
    from learning.studies.judged.verdict import Verdict  # noqa: PLC0415

    bad = (Verdict.FAIL,) if wish.part else (Verdict.FAIL, Verdict.OPEN)
    return FAILED if any(one.verdict in bad for one in found.judged) else DONE


def _watch(options: argparse.Namespace) -> Callable[[Progress], None]:
    from learning.studies.told.terminal import progress_line  # noqa: PLC0415

    alive = options.alive

    def watch(progress: Progress) -> None:
        over, line = progress.done + progress.failed, progress_line(progress)
        facts = {
            "stage": "evaluating",
            "done": progress.done,
            "failed": progress.failed,
            "total": progress.total,
            "left_s": progress.left_s,
        }
        alive.note(line, facts)
        if over < progress.total:
            stage(f"evaluating, {over} of {progress.total} over")

    return watch


def _dry(options: argparse.Namespace, found: Prospect) -> int:
    from learning.studies.told.terminal import prospect_facts, prospect_lines  # noqa: PLC0415

    say(options, prospect_facts(found), "".join(prospect_lines(found)))
    return DONE


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("1 or more")
    return number
