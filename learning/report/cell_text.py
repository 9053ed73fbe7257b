"""A cell's bench in the words and figures a terminal can show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import fill

import numpy as np

from learning.benches.benched import Benched
from learning.benches.bounds import Verdict
from learning.report.quantity import engineering, scientific

WIDTH = 110
"""Columns of the tables."""

_WIDE = 65
"""A table whose numbers take more columns than this has no room for what they mean."""


def cell_text(benched: Benched) -> str:
    """Tell what a bench found.

    Args:
        benched: A cell, measured.

    Returns:
        Lines for a terminal: what was measured, figures, bounds; ends with a newline.
    """
    sections = [list(_head(benched)), list(_figures(benched)), list(_verdicts(benched))]
    return "\n\n".join("\n".join(section) for section in sections if section) + "\n"


def amount(value: float, unit: str) -> str:
    """A figure as text.

    Args:
        value: In the unit without prefix.
        unit: Its unit; "" for a ratio.
    """
    if unit == "V²":
        return scientific(value, unit)
    return engineering(value, unit) if unit else f"{value:.4g}".replace("-", "−")


def _head(benched: Benched) -> Iterator[str]:
    beside = " and ".join(benched.beside.values())
    yield fill(
        f"{benched.cell}: {benched.slot} cell, architecture {benched.architecture}, alone in "
        f"{benched.process}{f' beside {beside}' if beside else ''}; {benched.engine}",
        WIDTH,
    )
    timing = benched.timing
    if benched.slot in ("update", "clamp", "sequencer"):
        yield (
            f"a presentation: {engineering(timing.settle_s, 's')} free, then a window of "
            f"{engineering(timing.window_s, 's')}"
        )
    for verdict in benched.verdicts:
        if not verdict.passed:
            yield fill(f"FAILS: {_failure(benched, verdict)}", WIDTH, subsequent_indent="  ")


def _failure(benched: Benched, verdict: Verdict) -> str:
    unit = _unit(benched, verdict.bound.figure)
    return (
        f"{verdict.bound.figure} is {amount(verdict.value, unit)} at {verdict.condition}, bound "
        f"{amount(verdict.bound.limit, unit)}: {verdict.bound.law}"
    )


def _figures(benched: Benched) -> Iterator[str]:
    plain = [one for one in benched.found if one.condition.draw is None]
    chips = [one for one in benched.found if one.condition.draw is not None]
    head = f"{'figure':<22}{plain[0].condition!s:>14}"
    head += f"{'lowest':>13}{'highest':>13}" if len(plain) > 1 else ""
    head += f"{f'{len(chips)} chips: mean':>18}{'deviation':>13}" if chips else ""
    yield head if len(head) > _WIDE else f"{head}   what it is"
    yield "-" * WIDTH
    for figure in plain[0].figures:
        line = f"{figure.name:<22}{amount(figure.value, figure.unit):>14}"
        if len(plain) > 1:
            values = [v for one in plain if (v := one.value(figure.name)) is not None]
            line += "".join(f"{amount(end(values), figure.unit):>13}" for end in (min, max))
        if chips:
            values = [v for one in chips if (v := one.value(figure.name)) is not None]
            line += _spread(values, figure.unit)
        told = line if len(line) > _WIDE else f"{line}   {figure.meaning}"
        yield fill(told, WIDTH, subsequent_indent=" " * (len(line) + 3))


def _spread(values: Sequence[float], unit: str) -> str:
    if not values:
        return " " * 31
    mean, deviation = float(np.mean(values)), float(np.std(values, ddof=min(1, len(values) - 1)))
    return f"{amount(mean, unit):>18}{amount(deviation, unit):>13}"


def _verdicts(benched: Benched) -> Iterator[str]:
    yield f"{'bound':<22}{'limit':>16}{'worst':>14}   at"
    yield "-" * WIDTH
    for verdict in benched.verdicts:
        bound, unit = verdict.bound, _unit(benched, verdict.bound.figure)
        limit = f"{'≤' if bound.at_most else '≥'} {amount(bound.limit, unit)}"
        told = "passes" if verdict.passed else "FAILS"
        line = f"{bound.figure:<22}{limit:>16}{amount(verdict.value, unit):>14}   "
        yield f"{line}{verdict.condition!s:<22}{told}"
        yield fill(f"    {bound.law}", WIDTH, subsequent_indent=" " * 4)


def _unit(benched: Benched, name: str) -> str:
    return next(one.unit for one in benched.found[0].figures if one.name == name)
