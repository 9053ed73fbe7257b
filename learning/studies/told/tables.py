"""The tables of a study's page: what each column is, and every cell with what it sorts by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from learning.report.quantity import percent
from learning.studies.judged.findings import Findings, quantity, shares, span
from learning.studies.judged.intervals import Interval
from learning.studies.judged.ranking import Difference
from learning.studies.judged.verdict import Judged, Verdict, passing, told_limit
from learning.studies.kept.record import Status
from learning.studies.kept.store import Store
from learning.studies.planned.figures import FIGURES, Figure

MOST_ROWS = 1000
"""A page of more rows is no page; all points are in the CSV file."""

WORST = 5
"""Chips of each spec whose runs are worth a look."""

_NONE = "–"


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        title: Its head.
        number: Whether it is set to the right.
    """

    title: str
    number: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell.

    Attributes:
        text: What it shows.
        sort: What it sorts by; None for the text.
        mark: "pass", "fail", "open" or nothing.
        link: Where it leads, from the study's folder; nowhere when empty.
    """

    text: str
    sort: float | None = None
    mark: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes:
        title: Over it.
        columns: Its columns.
        rows: Its rows, a cell for each column.
        note: Below it; may be empty.
        filter: Whether its rows can be searched.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    filter: bool = False


def tables(found: Findings) -> tuple[Table, ...]:
    """Every table of a study that has rows.

    Args:
        found: The study's findings.

    Returns:
        Specs first.
    """
    made = (_specs(found), _ranking(found), _effects(found), _worst(found), _points(found))
    return tuple(table for table in made if table.rows)


def worst_points(found: Findings) -> tuple[tuple[str, pd.Series], ...]:
    """The points that hold a spec least, their specs first.

    Args:
        found: The study's findings.

    Returns:
        Name of the spec and the row of the study's table, the worst first for each spec; points
        without a figure are none of them.
    """
    rows = []
    for name, spec in found.opened.planned.study.specs.items():
        done = found.opened.table.dropna(subset=[spec.figure])
        values = done[spec.figure]
        above = values - (-np.inf if spec.min is None else spec.min)
        below = (np.inf if spec.max is None else spec.max) - values
        order = np.minimum(above, below).sort_values().index[:WORST]
        rows += [(name, done.loc[index]) for index in order]
    return tuple(rows)


def _specs(found: Findings) -> Table:
    specs = found.opened.planned.study.specs
    columns = (
        *(Column("spec"), Column("candidate"), Column("worst at"), Column("asked")),
        *(Column("verdict"), Column("held", number=True), Column("yield", number=True)),
        *(Column("interval"), Column("figure there", number=True), Column("margin", number=True)),
    )
    note = (
        "Yield: pass/N to (pass + unknown)/N while points are missing. Figure there: of the last "
        "chip that must hold, the mean or the median. Margin: its distance to the limit as a share "
        "of the limit."
    )
    rows = tuple(_spec_row(one, told_limit(specs[one.spec])) for one in found.judged)
    return Table("Specs", columns, rows, note)


def _spec_row(one: Judged, asked: str) -> tuple[Cell, ...]:
    unit = FIGURES[one.figure].unit
    mark = one.verdict.word.lower()
    around = span(one.value_interval, unit) if one.interval is None else shares(one.interval)
    certain = "" if one.shown or one.verdict is Verdict.OPEN else " (not shown)"
    return (
        Cell(one.spec),
        Cell(one.candidate),
        Cell(one.condition or _NONE),
        Cell(asked),
        Cell(one.verdict.word + certain, int(one.verdict), mark),
        Cell(f"{one.passed}/{one.counts.planned}", one.passed),
        Cell(_yield(one.bounds), one.bounds.low),
        Cell(around or _NONE),
        Cell(quantity(one.value, unit), one.value),
        Cell(_NONE if one.margin is None else percent(one.margin), one.margin),
    )


def _ranking(found: Findings) -> Table:
    figure = found.ranking.figure
    columns = (
        *(Column("place", number=True), Column("candidate"), Column("specs")),
        *(Column(f"mean {figure.name}", number=True), Column("interval")),
        *(Column("hold every spec", number=True), Column("yield", number=True)),
        *(Column("against the first"), Column("worse on", number=True), Column("no figures")),
    )
    rows = []
    for place, row in enumerate(found.ranking.rows, start=1):
        verdict = row.verdict
        rows.append(
            (
                Cell(str(place), place),
                Cell(row.name),
                Cell(_NONE) if verdict is None else Cell(verdict.word, mark=verdict.word.lower()),
                Cell(quantity(row.mean, figure.unit), row.mean),
                Cell(span(row.interval, figure.unit) or _NONE),
                Cell(f"{row.passed}/{row.counts.planned}", row.passed),
                Cell(_yield(row.bounds), row.bounds.low),
                Cell(_against(row.difference, figure)),
                Cell(_NONE if row.difference is None else percent(row.difference.worse)),
                Cell(", ".join(f"{n} {why}" for why, n in row.counts.reasons.items()) or "none"),
            )
        )
    note = (
        f"By mean {figure.name} ({'less' if figure.low else 'more'} is better), candidates that "
        "fail a spec last. Against the first: on points alike in everything else, the mean "
        "difference and its interval."
    )
    return Table("Ranking", columns, tuple(rows), note)


def _against(change: Difference | None, figure: Figure) -> str:
    if change is None:
        return _NONE
    share = (
        "" if change.share is None else f"{'+' if change.share > 0 else ''}{percent(change.share)}"
    )
    around = span(change.interval, figure.unit)
    sure = "" if change.interval is None else (", sure" if change.sure else ", not sure")
    return f"{share} ({around or quantity(change.mean, figure.unit)}; {change.pairs} pairs{sure})"


def _effects(found: Findings) -> Table:
    figure = found.ranking.figure
    columns = (
        *(Column("axis"), Column("value"), Column("hold every spec", number=True)),
        *(Column("yield", number=True), Column("interval")),
        Column(f"mean {figure.name}", number=True),
    )
    rows = tuple(
        (
            Cell(one.axis),
            Cell(effect.value),
            Cell(f"{effect.passed}/{effect.planned}", effect.passed),
            Cell(percent(effect.passed / effect.planned), effect.passed / effect.planned),
            Cell(shares(effect.interval)),
            Cell(quantity(effect.mean, figure.unit), effect.mean),
        )
        for one in found.sensitivities
        for effect in one.effects
    )
    return Table("What moves the yield", columns, rows)


def _worst(found: Findings) -> Table:
    store = Store(found.opened.folder)
    columns = (
        *(Column("spec"), Column("design"), *map(Column, found.opened.axes)),
        *(Column("figure", number=True), Column("holds"), Column("run")),
    )
    rows = []
    for name, point in worst_points(found):
        spec = found.opened.planned.study.specs[name]
        value = float(point[spec.figure])
        held = bool(passing(pd.DataFrame([point]), spec).iloc[0])
        rows.append(
            (
                Cell(name),
                Cell(str(point["design"])),
                *(_value(point[axis]) for axis in found.opened.axes),
                Cell(quantity(value, FIGURES[spec.figure].unit), value),
                Cell("yes" if held else "no", mark="pass" if held else "fail"),
                Cell(str(point["key"])[:8], link=_run(store, str(point["key"]))),
            )
        )
    return Table("Worst chips", columns, tuple(rows))


def _points(found: Findings) -> Table:
    opened = found.opened
    names = dict.fromkeys(spec.figure for spec in opened.planned.study.specs.values())
    figures = list(names | dict.fromkeys((found.ranking.figure.name, "error_V2", "energy_J")))
    columns = (
        *(Column("design"), *map(Column, opened.axes), Column("status")),
        *(Column(name, number=True) for name in figures),
        *(Column("plant"), Column("run")),
    )
    store, shown = Store(opened.folder), opened.table.head(MOST_ROWS)
    rows = tuple(_point_row(row, (opened.axes, figures), store) for row in shown.to_dict("records"))
    more = len(opened.table) - len(shown)
    note = f"{more} more points are in points.csv." if more else ""
    return Table("Points", columns, rows, note, filter=True)


def _point_row(
    row: dict[str, object], names: tuple[Sequence[str], Sequence[str]], store: Store
) -> tuple[Cell, ...]:
    axes, figures = names
    status = str(row["status"])
    mark = {Status.DONE.value: "", Status.MISSING.value: "open"}.get(status, "fail")
    told = f"{status}: {row['message']}" if row["message"] else status
    link = "" if status == Status.MISSING.value else _run(store, str(row["key"]))
    return (
        Cell(str(row["design"])),
        *(_value(row[axis]) for axis in axes),
        Cell(told, mark=mark),
        *(_figure(row[name], name) for name in figures),
        Cell(str(row["plant"])),
        Cell(str(row["key"])[:8], link=link),
    )


def _value(value: object) -> Cell:
    number = isinstance(value, int | float | np.number)
    if number:
        return Cell(f"{value:g}", float(value))  # type: ignore[arg-type]
    text = str(value)
    return Cell(text.rpartition("/")[2] if text.endswith(".cir") else text)


def _figure(value: object, name: str) -> Cell:
    number = float(value) if isinstance(value, float) else float("nan")
    if np.isnan(number):
        return Cell(_NONE)
    return Cell(quantity(number, FIGURES[name].unit), number)


def _run(store: Store, key: str) -> str:
    """The page of a point's run where there is one, else its folder."""
    report = store.point(key) / "report.html"
    return f"points/{key}/{report.name if report.is_file() else ''}"


def _yield(bounds: Interval) -> str:
    if bounds.low == bounds.high:
        return percent(bounds.low)
    return f"{percent(bounds.low)} to {percent(bounds.high)}"
