"""The whole reproduction: its parts, what each leaves behind, and the page made of them.

Part by part, as JSON; the page is drawn from whatever is there. The benches are kept and taken
again, and so are ngspice's runs.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import astuple, fields
from pathlib import Path

from learning.errors import LearningError
from learning.papers.dillavou2025 import figures, words
from learning.papers.dillavou2025.anchors import anchors
from learning.papers.dillavou2025.data import Cells, Imperfection, Laboratory, Row, Swept
from learning.papers.dillavou2025.machines import MACHINES, bench_cell
from learning.papers.dillavou2025.published import read_laboratory
from learning.papers.dillavou2025.sweeps import FULL, SHORT, Scale, sweep_nudges, sweep_rates
from learning.papers.paper_page import Section, paper_page
from learning.papers.stern2024.data import dump_part, read_part
from learning.writing import write_text

Watch = Callable[[str], None]

PARTS = ("cells", "rate", "nudge", "anchors", "laboratory")
"""In order; `laboratory` needs the laboratory's data."""

_ABOUT = (
    "Dillavou, Guzman, Liu, Durian, “Understanding and embracing imperfection in physical learning "
    "networks”, arXiv 2505.22887 (2025): two tasks in turn on networks whose update cells are "
    "biased. Twin: the characterised edge, update cells that square ideally and add the bias their "
    "bench measured. ngspice: the whole machine, every device."
)


def reproduce_imperfection(
    out: Path,
    *,
    short: bool = False,
    only: Sequence[str] = (),
    data: Path | None = None,
    watch: Watch = lambda _: None,
) -> Path:
    """Run the reproduction, or some of its parts, and write its page.

    Args:
        out: Where everything goes; benches and ngspice's runs that are there are kept.
        short: Just enough to see that all of it works.
        only: Names of parts; empty for all that can be run.
        data: The laboratory's data, a copy of its repository.
        watch: Told what is done.

    Returns:
        The page, ``report.html``.

    Raises:
        LearningError: For an unknown part, data that is not there, or a folder that cannot be
            written to.
        SpiceError: When the simulator failed; what was finished is kept.
    """
    unknown = [name for name in only if name not in PARTS]
    if unknown:
        raise LearningError(
            f"there is no part {unknown[0]!r}", "--only", f"one of {', '.join(PARTS)}"
        )
    if "laboratory" in only and data is None:
        raise LearningError(
            "the part laboratory compares with measurements, and none are given",
            "--only",
            "--data with a copy of github.com/maguzj/imperfect-learning-physical-systems",
        )
    measured = None if data is None else read_laboratory(data)
    try:
        (out / "runs").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LearningError(
            f"cannot write here: {error.strerror or error}", str(out), "--out, a folder of yours"
        ) from error
    scale, asked = SHORT if short else FULL, only or PARTS
    if measured is not None and "laboratory" in asked:
        _keep(out, "laboratory", Laboratory(scale.name, measured))
    if set(asked) - {"laboratory"}:
        _play(out, asked, scale, watch)
    found = read_imperfection(out)
    write_text(out / "rows.csv", rows_csv(found))
    write_text(out / "report.html", imperfection_page(found))
    return out / "report.html"


def _play(out: Path, asked: Sequence[str], scale: Scale, watch: Watch) -> None:
    kept = read_part(out / "cells.json", Cells)
    if kept is None or kept.scale != scale.name:
        benched = tuple(bench_cell(machine, scale.chips, watch) for machine in MACHINES)
        kept = Cells(scale.name, benched)
        _keep(out, "cells", kept)
    if "rate" in asked:
        _keep(out, "rate", Swept(scale.name, sweep_rates(kept.cells, scale, watch)))
    if "nudge" in asked:
        _keep(out, "nudge", Swept(scale.name, sweep_nudges(kept.cells, scale, watch)))
    if "anchors" in asked:
        rows = anchors(kept.cells, scale, out / "runs", watch)
        _keep(out, "anchors", Swept(scale.name, rows))


def _keep(out: Path, part: str, data: object) -> None:
    write_text(out / f"{part}.json", dump_part(data))


def read_imperfection(out: Path) -> Imperfection:
    """Read the data of the parts that are there.

    Args:
        out: The reproduction's folder.

    Returns:
        The parts.

    Raises:
        LearningError: When a file holds something else.
    """
    return Imperfection(
        cells=read_part(out / "cells.json", Cells),
        rate=read_part(out / "rate.json", Swept),
        nudge=read_part(out / "nudge.json", Swept),
        anchors=read_part(out / "anchors.json", Swept),
        laboratory=read_part(out / "laboratory.json", Laboratory),
    )


def rows_csv(found: Imperfection) -> str:
    """Every row of every sweep.

    Args:
        found: The parts that are there.

    Returns:
        A table with a heading, the part first; SI units as in the columns' names.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["part", *(field.name for field in fields(Row))])
    for name in ("rate", "nudge", "anchors"):
        swept: Swept | None = getattr(found, name)
        writer.writerows([name, *astuple(row)] for row in (swept.rows if swept else ()))
    return text.getvalue()


def imperfection_told(found: Imperfection) -> dict[str, list[str]]:
    """What the parts that are there found, in sentences.

    Args:
        found: The parts.

    Returns:
        By part, in order.
    """
    return {section.name: list(section.sentences) for section in _sections(found)}


def imperfection_page(found: Imperfection) -> str:
    """Make the page.

    Args:
        found: The parts that are there.

    Returns:
        HTML that refers to nothing outside itself.
    """
    parts = (found.cells, found.rate, found.nudge, found.anchors, found.laboratory)
    scale = " and ".join(dict.fromkeys(part.scale for part in parts if part is not None))
    heading = "Imperfection in learning networks, reproduced"
    return paper_page("dillavou2025", heading, _ABOUT, scale, _sections(found))


def _sections(found: Imperfection) -> list[Section]:
    anchored = found.anchors.rows if found.anchors else ()
    sections = []
    if found.cells is not None:
        sections.append(_cells(found.cells))
    if found.rate is not None:
        sections += _rate(found.rate, anchored)
    if found.nudge is not None:
        sections.append(_nudge(found.nudge))
    if found.anchors is not None:
        sections.append(_anchors(found.anchors))
    if found.laboratory is not None:
        sections.append(_laboratory(found.laboratory))
    return sections


def _cells(data: Cells) -> Section:
    return Section(
        *("cells", "The bias of the real update cells, on their bench"),
        *(words.cells(data), figures.cells(data)),
        *("What a cell adds to its contrast: its offset over its gain.", _command("cells", data)),
    )


def _rate(data: Swept, anchored: Sequence[Row]) -> list[Section]:
    about = "Dashed: the linear law without a free parameter; crosses: ngspice."
    return [
        Section(
            *("rate", "Limit cycles: two tasks in turn, over the learning rate"),
            *(words.rate(data), figures.rate(data.rows, anchored)),
            *(about, _command("rate", data)),
        ),
        Section(
            *("forgetting", "Forgetting: the error of the task that is not shown", ()),
            *(figures.errors(data.rows, anchored), about, _command("rate", data)),
        ),
    ]


def _nudge(data: Swept) -> Section:
    return Section(
        *("nudge", "What suppresses it: a stronger nudge, update cells that rest"),
        *(words.nudge(data), figures.nudge(data.rows)),
        "Mismatched chip; an η above 1 clamps beyond the label. Dashed: the linear law.",
        _command("nudge", data),
    )


def _anchors(data: Swept) -> Section:
    return Section(
        *("anchors", "The same in ngspice, every device"),
        *(words.anchors(data), figures.rate((), data.rows)),
        *("Squared cycle in ngspice alone.", _command("anchors", data)),
    )


def _laboratory(data: Laboratory) -> Section:
    return Section(
        *("laboratory", "As measured in the laboratory"),
        *(words.laboratory(data), figures.laboratory(data)),
        "Data: github.com/maguzj/imperfect-learning-physical-systems (MIT).",
        _command("laboratory", data) + " --data FOLDER",
    )


def _command(part: str, data: Cells | Swept | Laboratory) -> str:
    short = " --short" if data.scale == SHORT.name else ""
    return f"joulearn reproduce dillavou2025 --out DIR --only {part}{short}"
