"""A study in a terminal: what it would do, how far it is, and what it found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from textwrap import fill

from learning.report.quantity import percent
from learning.running.run_time import spoken
from learning.studies.judged.findings import Findings, sentences, shares, span
from learning.studies.judged.verdict import Judged, told_limit
from learning.studies.planned.figures import FIGURES
from learning.studies.played.conduct import Progress
from learning.studies.played.run_study import Prospect
from netlist.printable import counted

_WIDTH = 100


def prospect_lines(found: Prospect) -> Iterator[str]:
    """What a study would do, in lines."""
    study = found.plan.study
    rough = "roughly " if found.estimate.rough else ""
    counts = f"{counted(len(found.plan.points), 'point')} planned, {len(found.wanted)} asked for"
    yield f"{study.study.name}: {counts}, {len(found.to_do)} to evaluate\n"
    yield f"  designs: {', '.join(study.study.designs)}\n"
    for group in study.groups:
        for axis in group:
            yield f"  {axis.key}: {counted(len(axis.values), 'value')}\n"
    yield f"  played by: {', '.join(_plants(found)) or 'nobody'}\n"
    yield f"  time: {rough}{spoken(found.estimate.seconds)} with {found.workers} at a time\n"
    for name, spec in study.study.specs.items():
        yield f"  spec {name}: {told_limit(spec)}\n"


def prospect_facts(found: Prospect) -> object:
    """The same for a program."""
    return {
        "planned": len(found.plan.points),
        "asked_for": len(found.wanted),
        "to_evaluate": len(found.to_do),
        "axes": {axis.key: axis.values for group in found.plan.study.groups for axis in group},
        "plants": _plants(found),
        "estimated_s": found.estimate.seconds,
        "rough": found.estimate.rough,
    }


def progress_line(progress: Progress) -> str:
    """A line for every point: how far, how long, and a failure as soon as it is known."""
    over, last = progress.done + progress.failed, progress.last
    left = f", {spoken(progress.left_s)} left" if progress.left_s else ""
    what = ""
    if last is not None and not last.done:
        what = f": {last.key} {last.status.value}: {last.message}"
    return f"{over} of {progress.total}, {progress.failed} without figures{left}{what}"


def lines(found: Findings) -> Iterator[str]:
    """What a study found, in lines."""
    yield f"{found.opened.planned.study.name}\n"
    for sentence in sentences(found):
        yield fill(sentence, _WIDTH, initial_indent="  ", subsequent_indent="    ") + "\n"
    if found.judged:
        head = ("candidate", "spec", "verdict", "held", "yield", "interval")
        yield "\n"
        yield from _aligned([head, *map(_row, found.judged)])


def facts(found: Findings) -> object:
    """The same for a program."""
    ranking = found.ranking
    return {
        "study": found.opened.planned.study.name,
        "counts": asdict(found.counts),
        "specs": [asdict(one) | {"verdict": one.verdict.word} for one in found.judged],
        "ranked_by": ranking.figure.name,
        "ranking": [
            asdict(row) | {"verdict": row.verdict.word if row.verdict is not None else None}
            for row in ranking.rows
        ],
        "sentences": list(sentences(found)),
    }


def _row(one: Judged) -> tuple[str, ...]:
    place = f"{one.candidate}{f' at {one.condition}' if one.condition else ''}"
    held, share = f"{one.passed}/{one.counts.planned}", percent(one.bounds.low)
    unit = FIGURES[one.figure].unit
    around = span(one.value_interval, unit) if one.interval is None else shares(one.interval)
    return place, one.spec, one.verdict.word, held, share, around


def _aligned(rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip() + "\n"


def _plants(found: Prospect) -> list[str]:
    return sorted({point.design.simulator.fidelity for point in found.wanted})
