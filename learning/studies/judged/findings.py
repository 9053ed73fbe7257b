"""What a study found: its figures worked out once, for the terminal, the page and every table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from learning.report.quantity import engineering, percent, scientific
from learning.studies.judged.groups import Counts, count
from learning.studies.judged.intervals import Interval
from learning.studies.judged.ranking import Ranked, Ranking, rank
from learning.studies.judged.sensitivity import Sensitivity, sensitivities
from learning.studies.judged.verdict import Judged, Verdict, judge
from learning.studies.kept.opened import OpenStudy
from learning.studies.planned.figures import Figure

_NOTABLE = 0.05
"""An axis along which yields differ by less is not worth a sentence."""


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """What a study found.

    Attributes:
        opened: The study.
        counts: What became of its points.
        judged: Every candidate against every spec.
        ranking: The candidates.
        sensitivities: What the axes do to the yield.
    """

    opened: OpenStudy
    counts: Counts
    judged: tuple[Judged, ...]
    ranking: Ranking
    sensitivities: tuple[Sensitivity, ...]


def find(opened: OpenStudy) -> Findings:
    """Work out what a study found.

    Args:
        opened: The study.

    Returns:
        Its findings.
    """
    judged = judge(opened)
    ranking = rank(opened, judged)
    effects = sensitivities(opened, ranking.figure.name)
    return Findings(opened, count(opened.table), judged, ranking, effects)


def quantity(value: float | None, unit: str) -> str:
    """A figure for people: squared units as a power of ten, others with a prefix."""
    if value is not None and not unit:
        return f"{value:.4g}"
    return scientific(value, unit) if "²" in unit else engineering(value, unit)


def span(interval: Interval | None, unit: str) -> str:
    """An interval of a figure for people; empty without one."""
    if interval is None:
        return ""
    return f"{quantity(interval.low, unit)} … {quantity(interval.high, unit)}"


def shares(interval: Interval) -> str:
    """An interval of shares for people."""
    return f"{percent(interval.low)} … {percent(interval.high)}"


def sentences(found: Findings) -> Iterator[str]:
    """A study in plain words, every one of them worked out from its figures.

    Args:
        found: From `find`.

    Yields:
        Sentences, the most important first.
    """
    yield _points(found.counts)
    yield from _specs(found)
    yield from _ranks(found.ranking)
    yield from _axes(found)
    yield from _players(found)


def _points(counts: Counts) -> str:
    if not counts.unknown:
        only = "Its only point has figures."
        return only if counts.planned == 1 else f"All {counts.planned} points have figures."
    why = ", ".join(f"{number} {reason}" for reason, number in counts.reasons.items())
    return (
        f"{counts.done} of {counts.planned} planned points have figures; of the others: {why}. "
        "They count in every N."
    )


def _specs(found: Findings) -> Iterator[str]:
    study, rows = found.opened.planned.study, found.ranking.rows
    if not study.specs:
        yield "The study states no spec, so nothing can pass or fail."
        return
    holds = [row.name for row in rows if row.verdict is Verdict.PASS]
    if holds:
        every = "its only spec" if len(study.specs) == 1 else f"all {len(study.specs)} specs"
        yield f"{_listed(holds)} {'hold' if len(holds) > 1 else 'holds'} {every}."
    doubt = [one for one in found.judged if one.verdict is Verdict.PASS and not one.shown]
    if doubt:
        confidence = f"{100 * study.confidence:g} %"
        names = _listed(list(dict.fromkeys(one.spec for one in doubt)))
        yield (
            f"Too few points to show {names} at {confidence} confidence: the interval reaches "
            "beyond what is asked."
        )
    for one in found.judged:
        if one.verdict is not Verdict.PASS:
            yield _unmet(one)


def _unmet(one: Judged) -> str:
    place = f"{one.candidate}{f' at {one.condition}' if one.condition else ''}"
    if one.verdict is Verdict.OPEN:
        least, most = percent(one.bounds.low), percent(one.bounds.high)
        return f"{one.spec} is open for {place}: the yield lies between {least} and {most}."
    if one.interval is None:
        return f"{place} fails {one.spec} ({one.limit})."
    return (
        f"{place} fails {one.spec} ({one.limit}): {one.passed} of {one.counts.planned} hold, "
        f"{percent(one.bounds.low)} (interval {shares(one.interval)})."
    )


def _ranks(ranking: Ranking) -> Iterator[str]:
    figure, rows = ranking.figure, [row for row in ranking.rows if row.mean is not None]
    if not rows:
        return
    first, *others = rows
    best = quantity(first.mean, figure.unit)
    around = f" ({span(first.interval, figure.unit)})" if first.interval else ""
    if not others:
        yield f"{first.name} has a mean {figure.name} of {best}{around}."
        return
    yield f"Best by {figure.name} is {first.name}, mean {best}{around}."
    yield from (text for text in (_beside(row, figure, first.name) for row in others[:3]) if text)


def _beside(row: Ranked, figure: Figure, first: str) -> str:
    change = row.difference
    if change is None or change.share is None:
        return ""
    sign = "more" if change.mean > 0 else "less"
    pairs = f"on {change.pairs} {'pairs' if change.pairs > 1 else 'pair'} alike in all else"
    if change.interval is None:
        sure = "too few to say how sure"
    else:
        certain = "sure of the sign" if change.sure else "the sign is not sure"
        sure = f"{span(change.interval, figure.unit)}, {certain}"
    return f"{row.name} has {percent(abs(change.share))} {sign} than {first} {pairs} ({sure})."


def _axes(found: Findings) -> Iterator[str]:
    for one in found.sensitivities[:1]:
        if one.spread >= _NOTABLE and found.opened.planned.study.specs:
            told = ", ".join(f"{percent(e.passed / e.planned)} at {e.value}" for e in one.effects)
            yield f"The yield depends most on {one.axis}: {told}."


def _players(found: Findings) -> Iterator[str]:
    plants = sorted({str(plant) for plant in found.opened.table["plant"] if plant})
    if plants == ["spice"]:
        yield "Every figure is ngspice's."
    elif plants:
        yield f"Played by: {', '.join(plants)}; each point's row says by which."


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
