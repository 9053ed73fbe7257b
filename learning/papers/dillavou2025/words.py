"""What the parts found, in sentences made of their data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from learning.papers.dillavou2025.data import Cells, Laboratory, Row, Swept
from learning.papers.dillavou2025.machines import MACHINES
from learning.papers.dillavou2025.published import exponent
from learning.papers.dillavou2025.sweeps import CHIPS, DRAWN

_SMALL = 0.2
"""Share of the largest cycle below which a sweep counts as small: it does not reach saturation."""


def cells(data: Cells) -> list[str]:
    """Every cell's bias."""
    return [
        f"{c.cell} of {c.machine} ({c.process}): b = {c.offset_V2:.2g} V² as designed; "
        f"{len(c.chip_offsets_V2)} chips {np.mean(c.chip_offsets_V2):+.2g} ± "
        f"{np.std(c.chip_offsets_V2, ddof=1):.2g} V²; {c.slope_V2_per_V:+.2g} V² per volt of gate."
        for c in data.cells
    ]


def rate(data: Swept) -> list[str]:
    """Exponents, floors and forgetting of every machine and chip."""
    sentences = []
    for machine in MACHINES:
        for chip in CHIPS:
            rows = [r for r in data.rows if (r.machine, r.chip) == (machine.design, chip)]
            first, last = rows[0], rows[-1]
            drift = f"drift {first.drift_V2:.2g} V², {100 * first.railed:.0f} % of gates at an end"
            sentences.append(
                f"{machine.design}, {chip}: cycle ∝ rate^{_slope(rows)}; at rate "
                f"{first.rate_per_V:g}/V cycle {first.cycle_V2:.2g} V²{_law(first)}, error "
                f"{_both(first):.2g} V², {drift}; at {last.rate_per_V:g}/V the task "
                f"just shown is at {last.shown_V2:.2g}, the other at {last.other_V2:.2g} V²."
            )
    return sentences


def _slope(rows: Sequence[Row]) -> str:
    rates = np.array([r.rate_per_V for r in rows])
    found = exponent(rates, np.array([r.cycle_V2 for r in rows]), _SMALL)
    return "? (too few small cycles)" if found is None else f"{found:.2f}"


def _law(row: Row) -> str:
    if row.chip != DRAWN or row.law_cycle_V2 is None:
        return ""
    return f" (law {row.law_cycle_V2:.2g} V², and error {row.law_error_V2:.2g} V²)"


def _both(row: Row) -> float:
    return 0.5 * (row.shown_V2 + (row.shown_V2 if row.other_V2 is None else row.other_V2))


def nudge(data: Swept) -> list[str]:
    """Error by η."""
    groups = dict.fromkeys((r.machine, r.chip) for r in data.rows)
    return [
        f"{machine}, {chip}: error of both tasks "
        + ", ".join(
            f"{_both(r):.2g} V² at η = {r.nudge:g} ({_nudge_law(r)}"
            f"{100 * r.railed:.0f} % of gates at an end)"
            for r in data.rows
            if (r.machine, r.chip) == (machine, chip)
        )
        + "."
        for machine, chip in groups
    ]


def _nudge_law(row: Row) -> str:
    return "" if row.law_error_V2 is None else f"law {row.law_error_V2:.2g}, "


def anchors(data: Swept) -> list[str]:
    """Every run of ngspice."""
    return [
        f"{r.machine}, {r.chip}, rate {r.rate_per_V:g}/V, {r.turns} turns in ngspice: cycle "
        f"{r.cycle_V2:.2g} V², after the last turn error of the task shown "
        f"{r.shown_V2:.2g}, of the other {r.other_V2:.2g} V², drift {r.drift_V2:.2g} V², "
        f"{100 * r.railed:.0f} % of gates at a rail."
        for r in data.rows
    ]


def laboratory(data: Laboratory) -> list[str]:
    """Every experiment's exponent and floor."""
    return [
        f"{m.name}: squared cycle ∝ time^"
        + ("? (too few small cycles)" if m.exponent is None else f"{m.exponent:.2f}")
        + f" while small, at most {max(m.cycle_V2):.3g} V²; error {m.floor_V2:.2g} V² for the "
        f"shortest turns, {m.error_V2[-1]:.2g} V² for the longest."
        for m in data.measurements
    ]
