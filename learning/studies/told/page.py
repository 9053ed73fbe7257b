"""A study told to people: one self-contained page, the same as Markdown, and every point as CSV.

Everything the page shows stands in the page, and what sorts and filters its tables asks no network.
Every string comes from a study, a design or a file name and is escaped; only the pictures, which
are ours, go in as they are. The same store gives the same bytes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import jinja2
from markupsafe import Markup

from learning.errors import LearningError
from learning.report.page import write_report
from learning.report.quantity import percent
from learning.running.folder import RunFolder
from learning.studies.judged.findings import Findings, quantity, sentences, shares
from learning.studies.judged.verdict import Verdict
from learning.studies.kept.store import Store
from learning.studies.told.pictures import pictures
from learning.studies.told.tables import Table, tables, worst_points
from learning.writing import write_text

_LOOKED_AT = 3
"""Runs whose own page is written along: each takes a second."""

_MARKDOWN_ROWS = 50


@dataclass(frozen=True, slots=True)
class Card:
    """A figure at the top of the page.

    Attributes:
        title: What it is.
        figure: Itself.
        below: What it means.
        mark: "pass", "fail", "open" or nothing.
    """

    title: str
    figure: str
    below: str
    mark: str = ""


def write_page(found: Findings) -> Path:
    """Write ``study.html``, ``study.md`` and ``points.csv`` into the study's folder.

    Args:
        found: The study's findings.

    Returns:
        The page.

    Raises:
        StorageError: When one cannot be written.
    """
    store = Store(found.opened.folder)
    _write_worst(found, store)
    made = tables(found)
    write_text(store.table, found.opened.table.to_csv(index=False))
    write_text(store.text, "".join(markdown(found, made)))
    write_text(store.page, page(found, made))
    return store.page


def page(found: Findings, made: tuple[Table, ...]) -> str:
    """Make the page.

    Args:
        found: The study's findings.
        made: Its tables.

    Returns:
        HTML that refers to nothing outside the study's folder.
    """
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    template = files("learning.studies.told").joinpath("page.html").read_text(encoding="utf-8")
    opened = found.opened
    return environment.from_string(template).render(
        study=opened.planned.study,
        designs=", ".join(
            f"{name} = {Path(entry.design).stem}"
            for name, entry in opened.planned.study.designs.items()
        ),
        axes=[(axis, opened.table[axis].nunique()) for axis in opened.axes],
        cards=tuple(_cards(found)),
        sentences=tuple(sentences(found)),
        tables=made,
        # Ours, and every letter in them was escaped when the SVG was written.
        figures=[Markup(element) for element in pictures(opened)],  # noqa: S704
    )


def markdown(found: Findings, made: tuple[Table, ...]) -> Iterator[str]:
    """Make the same as Markdown, for a repository.

    Args:
        found: The study's findings.
        made: Its tables.

    Yields:
        Text; tables of more rows than a reader reads are left to the CSV file.
    """
    study = found.opened.planned.study
    yield f"# {_escaped(study.name)}\n\n"
    yield from (f"{_escaped(sentence)}\n" for sentence in sentences(found))
    for table in made:
        if len(table.rows) > _MARKDOWN_ROWS:
            continue
        yield f"\n## {table.title}\n\n"
        yield f"| {' | '.join(_escaped(column.title) for column in table.columns)} |\n"
        yield f"|{'|'.join('---:' if column.number else '---' for column in table.columns)}|\n"
        for row in table.rows:
            yield f"| {' | '.join(_escaped(cell.text) for cell in row)} |\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def _cards(found: Findings) -> Iterator[Card]:
    counts, judged = found.counts, found.judged
    missing = ", ".join(f"{number} {why}" for why, number in counts.reasons.items())
    yield Card(
        "points with figures", f"{counts.done} of {counts.planned}", missing or "all of them"
    )
    if judged:
        worst = max(one.verdict for one in judged)
        held = sum(one.verdict is Verdict.PASS for one in judged)
        told = f"{held} of {len(judged)}"
        yield Card("specs held", told, f"worst: {worst.word}", worst.word.lower())
    rows = [row for row in found.ranking.rows if row.mean is not None]
    if rows:
        first, figure = rows[0], found.ranking.figure
        yield Card(f"best mean {figure.name}", quantity(first.mean, figure.unit), first.name)
        if first.interval_of_yield is not None:
            text = f"interval {shares(first.interval_of_yield)}"
            yield Card("its yield, every spec", percent(first.bounds.low), text)


def _write_worst(found: Findings, store: Store) -> None:
    """The pages of the worst chips' runs, unless they are there."""
    written = 0
    for _, point in worst_points(found):
        run = RunFolder(store.point(str(point["key"])))
        if written < _LOOKED_AT and run.result.is_file() and not run.report.is_file():
            with contextlib.suppress(LearningError):
                write_report(run.path)
                written += 1
