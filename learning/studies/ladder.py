"""The rungs of a search: a cell's bench first, few chips second, all chips last, and what is kept.

A bench takes seconds, a chip a minute, all chips as many minutes. What a bench finds wrong is not
simulated as a network, and what does not hold on the first chips is not on all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from learning.design.whole import Design
from learning.errors import LearningError
from learning.studies.planned.axes import Axis
from learning.studies.planned.read_study import StudyFile, chip_axes
from learning.studies.single.cell_bench import bench
from learning.writing import write_text
from netlist.parts.architectures import ARCHITECTURES
from netlist.parts.cell import load_cells
from spice_backend.errors import SpiceError


def lowered(file: StudyFile) -> StudyFile:
    """A study as the middle rung asks it: on the first few chips, by its plant.

    Args:
        file: The study.

    Returns:
        The same with every axis of chips cut short; the study itself without a ladder.
    """
    ladder = file.study.ladder
    if ladder is None:
        return file
    chips = chip_axes(file.study)
    groups = tuple(
        tuple(Axis(axis.key, axis.values[: ladder.chips]) for axis in group)
        if any(axis.key in chips for axis in group)
        else group
        for group in file.groups
    )
    fidelity = ladder.fidelity or file.study.fidelity
    return replace(file, study=replace(file.study, fidelity=fidelity), groups=groups)


def on_the_bench(design: Design, slots: Sequence[str]) -> str:
    """What the benches of a design's cells find wrong.

    Args:
        design: The design, with the sizes to be tried.
        slots: Whose cells are measured.

    Returns:
        The first bound that a cell misses, in words; empty when all keep theirs.

    Raises:
        LearningError: When a slot is empty.
    """
    named = design.cells.named()
    return next((told for slot in slots if (told := _missed(design, named, slot))), "")


def _missed(design: Design, named: dict[str, str], slot: str) -> str:
    if slot not in named:
        raise LearningError(
            f"this design has no {slot} to be measured", "ladder.bench", ", ".join(named)
        )
    spec = design.schedule
    try:
        found = bench(
            named[slot],
            process=design.process,
            slot=slot,
            beside={other: cell for other, cell in named.items() if other != slot},
            parameters={str(k): v for k, v in design.cells.parameters.get(slot, {}).items()},
            nudge=design.learning.nudge if slot == "clamp" else None,
            settle_s=spec.settle_s,
            window_s=spec.windows_s[-1] if spec.windows_s else spec.presentation_s - spec.settle_s,
        )
    except SpiceError as error:
        return f"{slot}: {error.message}"
    missed = (verdict for verdict in found.verdicts if not verdict.passed)
    told = (
        f"{slot}: {v.bound.figure} {v.value:.3g}, "
        f"{'at most' if v.bound.at_most else 'at least'} {v.bound.limit:.3g}"
        for v in missed
    )
    return next(told, "")


def write_cells(design: Design, folder: Path, told: Sequence[str]) -> tuple[Path, ...]:
    """The cells whose parameters a design sets, as files in which these are the defaults.

    Args:
        design: The design.
        folder: Where to.
        told: Lines that say where the numbers come from.

    Returns:
        The files, a cell each.
    """
    cells = load_cells(design.cells.named(), ARCHITECTURES[design.architecture])
    written = []
    for slot, sizes in design.cells.parameters.items():
        cell = cells[slot]
        text = _with_defaults(cell.text, cell.name, {str(k): v for k, v in sizes.items()})
        first, _, rest = text.partition("\n")
        path = folder / f"{cell.name}.cir"
        write_text(path, "\n".join([first, *(f"* {line}" for line in told), rest]))
        written.append(path)
    return tuple(written)


def _with_defaults(text: str, name: str, sizes: dict[str, float]) -> str:
    """A cell's text with other defaults on its ``.subckt`` card, continuation lines included."""
    lines = text.split("\n")
    for index in _card(lines, name):
        for key, value in sizes.items():
            pattern = rf"(?i)(?<!\w){re.escape(key)}=[^\s]+"
            lines[index] = re.sub(pattern, f"{key}={value:g}", lines[index])
    return "\n".join(lines)


def _card(lines: Sequence[str], name: str) -> Iterator[int]:
    """Lines of a subcircuit's card."""
    inside = False
    for index, line in enumerate(lines):
        words = line.lower().split()
        starts = words[:2] == [".subckt", name.lower()]
        inside = starts or (inside and line.startswith("+"))
        if inside:
            yield index
