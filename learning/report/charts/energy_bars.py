"""Energy by block as bars: what computes in blue, what it takes to compute in orange."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.patches import Patch

from learning.report.charts.style import (
    BLUE,
    INK,
    LINE,
    ORANGE,
    panel,
    place,
    styled,
    svg,
)
from learning.report.quantity import engineering, percent, prefix_for
from learning.report.summary import ledger, share
from netlist.parts.slots import BLOCKS

_NETWORK_COLOURS = {block.name: block.colour for block in BLOCKS if block.computes}


@styled
def energy_bars(energy_J: Mapping[str, float]) -> str:
    """Draw one bar per block of the ledger.

    Args:
        energy_J: Energy by block and "total", joules.

    Returns:
        The figure as an SVG element.
    """
    rows = ledger(energy_J)
    names = [name for _, name, _ in rows]
    values = np.array([joules for *_, joules in rows])
    factor, prefix = prefix_for(float(np.abs(values).max(initial=0)))
    figure = panel(max(0.8 + 0.33 * len(rows), 3.1))
    axes = place(figure, left=1.22, right=0.12, bottom=0.46, top=0.34)
    colours = [_NETWORK_COLOURS.get(key, ORANGE) for key, *_ in rows]
    axes.barh(names, values / factor, color=colours, height=0.62)
    axes.invert_yaxis()
    top, low = max(values.max(initial=0), 0.0) / factor, min(values.min(initial=0), 0.0) / factor
    # Two fifths beyond the longest bar: the room its figures take.
    axes.set_xlim(1.1 * low, top + 0.42 * (top - low) if top > low else 1)
    for row, joules in enumerate(values):
        label = f"{engineering(joules, 'J')}  ·  {percent(share(joules, energy_J['total']))}"
        where = (max(joules, 0) / factor, row)
        axes.annotate(
            label, where, xytext=(5, 0), textcoords="offset points", va="center", fontsize=8.5
        )
    axes.set_xlabel(f"energy of the whole run ({prefix}J)")
    axes.axvline(0, color=LINE, lw=0.8)
    axes.grid(True, axis="x")
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.spines["left"].set_visible(False)
    keys = [Patch(color=BLUE, label="network"), Patch(color=ORANGE, label="overhead")]
    axes.legend(
        handles=keys, loc="lower right", bbox_to_anchor=(1.0, 0.99), ncols=2,
        handlelength=0.9, handleheight=0.9, borderpad=0.2, columnspacing=1.2,
    )  # fmt: skip
    figure.text(0.02, 1 - 0.24 / figure.get_figheight(), "Energy by block", weight="bold", size=10)
    return svg(figure, "energy", "Energy by block")
