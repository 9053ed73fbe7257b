"""The page's figures, as SVG text; same data, same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from learning.papers.dillavou2025.data import Cells, Laboratory, Row
from learning.papers.dillavou2025.machines import MACHINES
from learning.papers.dillavou2025.sweeps import CHIPS, DRAWN
from learning.report.charts.style import (
    BLUE,
    GREY,
    ORANGE,
    TEAL,
    panel_row,
    styled,
    svg,
)

_COLOURS = dict(zip(CHIPS, (GREY, BLUE, ORANGE), strict=True))
_WIDTHS = dict(zip(CHIPS, (3.5, 1.2, 1.6), strict=True))  # as designed lies on no bias
_LEAST_V2 = 1e-14


@styled
def cells(data: Cells) -> str:
    """Every benched chip's bias, machine by machine."""
    figure, (panel,) = panel_row(3.0, 1)
    for place, cell in enumerate(data.cells):
        sizes = np.abs(cell.chip_offsets_V2)
        panel.semilogx(sizes, [place] * len(sizes), "o", color=ORANGE, ms=5, alpha=0.6)
        panel.semilogx([max(abs(cell.offset_V2), _LEAST_V2)], [place], "|", color=BLUE, ms=18)
    panel.set_yticks(range(len(data.cells)), [c.cell for c in data.cells])
    panel.set(title="Size of the bias b, V² (bar: as designed)")
    panel.set_ylim(-0.6, len(data.cells) - 0.4)
    return svg(figure, "cells", "Bias of the update cells")


@styled
def rate(swept: Sequence[Row], anchored: Sequence[Row]) -> str:
    """Cycle over the rate, a panel for each machine; dashed the law, crosses ngspice."""
    return _by_machine(swept, anchored, "cycle_V2", "law_cycle_V2", "cycle", "squared cycle, V²")


@styled
def errors(swept: Sequence[Row], anchored: Sequence[Row]) -> str:
    """Error of the task that was not shown, over the rate; dashed the law, crosses ngspice."""
    return _by_machine(
        swept, anchored, "other_V2", "law_error_V2", "errors", "error of the other task, V²"
    )


def _by_machine(
    swept: Sequence[Row], anchored: Sequence[Row], key: str, law: str, name: str, title: str
) -> str:
    figure, panels = panel_row(4.0, len(MACHINES))
    for axes, machine in zip(panels, MACHINES, strict=True):
        for chip in CHIPS:
            look: Any = {"color": _COLOURS[chip], "lw": _WIDTHS[chip]}
            rows = [r for r in swept if (r.machine, r.chip) == (machine.design, chip)]
            rates = [r.rate_per_V for r in rows]
            axes.loglog(rates, [getattr(r, key) for r in rows], "o-", ms=3, label=chip, **look)
            if chip == DRAWN:
                held = np.array([getattr(r, law) for r in rows], dtype=float)
                axes.loglog(rates, held, "--", color=TEAL, label="law")
            points = [r for r in anchored if (r.machine, r.chip) == (machine.design, chip)]
            if points:
                x, y = [r.rate_per_V for r in points], [getattr(r, key) for r in points]
                axes.loglog(x, y, "x", ms=9, mew=2, color=_COLOURS[chip])
        axes.set(title=machine.words, xlabel="learning rate of a turn, 1/V")
    panels[0].set_ylabel(title)
    panels[0].legend(fontsize=8)
    return svg(figure, name, title)


@styled
def nudge(swept: Sequence[Row]) -> str:
    """Error over η, a panel for each machine."""
    figure, panels = panel_row(3.8, len(MACHINES))
    for axes, machine in zip(panels, MACHINES, strict=True):
        rows = [r for r in swept if r.machine == machine.design]
        for chip, colour in zip(dict.fromkeys(r.chip for r in rows), (ORANGE, BLUE), strict=False):
            these = [r for r in rows if r.chip == chip]
            nudges = [r.nudge for r in these]
            both = [0.5 * (r.shown_V2 + (r.other_V2 or 0.0)) for r in these]
            axes.loglog(nudges, both, "o-", color=colour, label=chip)
            if chip == DRAWN:
                law = np.array([r.law_error_V2 for r in these], dtype=float)
                axes.loglog(nudges, law, "--", color=TEAL, label="law")
        axes.set(title=machine.words, xlabel="nudge η")
    panels[0].set_ylabel("error of both tasks, V²")
    panels[0].legend(fontsize=8)
    return svg(figure, "nudge", "Error over the nudge")


@styled
def laboratory(data: Laboratory) -> str:
    """The laboratory's cycles and errors over the time of a turn."""
    figure, (left, right) = panel_row(3.8, 2)
    for found, colour in zip(data.measurements, (BLUE, ORANGE, TEAL, GREY), strict=False):
        left.loglog(found.turn_s, found.cycle_V2, "o-", ms=3, color=colour, label=found.name)
        right.loglog(found.turn_s, found.error_V2, "o-", ms=3, color=colour, label=found.name)
    left.set(title="Squared cycle, V²", xlabel="time of a turn, s")
    right.set(title="Error, V²", xlabel="time of a turn, s")
    left.legend()
    return svg(figure, "laboratory", "Measured in the laboratory")
