"""How sure a figure of evenly sampled chips is: by the spread of its blocks, and nothing else.

Chips of a block of ``variation.sampling = "sobol"`` depend on each other, so that no formula for
independent chips holds of them: Clopper and Pearson's interval would claim something nobody knows.
Blocks are scrambled independently; each gives an estimate, and these have Student's interval.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from learning.arrays import Floats
from learning.studies.judged.intervals import Interval, yield_interval
from learning.studies.planned.axes import flat
from learning.studies.planned.study import Study

_SAMPLING, _BLOCK, _DRAW, _SEED = (
    f"variation.{key}" for key in ("sampling", "block", "draw", "seed")
)
_LEAST = 2
"""Blocks that have a spread."""


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """Planned points cut into blocks.

    Attributes:
        parts: The rows of each whole block; a block that was not planned whole is left out.
    """

    parts: tuple[pd.DataFrame, ...]

    def share(self, passing: Callable[[pd.DataFrame], int], confidence: float) -> Interval:
        """The interval of a share of chips.

        Args:
            passing: Counts the chips of a block that pass.
            confidence: 0 to 1.

        Returns:
            Within 0 and 1; the whole of it for fewer than two blocks. Where all blocks say the
            same, what so many independent blocks could hide is allowed for.
        """
        shares = np.array([passing(part) / len(part) for part in self.parts])
        if len(shares) < _LEAST:
            return Interval(0.0, 1.0)
        if np.ptp(shares) > 0.0:
            found = _student(shares, confidence)
            return Interval(max(found.low, 0.0), min(found.high, 1.0))
        sure = yield_interval(len(shares), len(shares), confidence, "clopper-pearson").low
        same = float(shares[0])
        return Interval(same * sure, 1.0 - (1.0 - same) * sure)

    def value(
        self, of: Callable[[Floats], Floats], name: str, confidence: float
    ) -> Interval | None:
        """The interval of a mean or a median.

        Args:
            of: Takes it of a block's figures.
            name: The figure.
            confidence: 0 to 1.

        Returns:
            The interval; None for fewer than two blocks with figures.
        """
        values = [np.asarray(part[name].dropna(), dtype=np.float64) for part in self.parts]
        found = np.array([float(of(one)) for one in values if len(one)])
        return None if len(found) < _LEAST else _student(found, confidence)


def blocks(study: Study, design: str, rows: pd.DataFrame) -> Blocks | None:
    """Cut a candidate's rows into the blocks its chips were drawn in.

    Args:
        study: The study.
        design: The study's name of the rows' design.
        rows: Of the study's table.

    Returns:
        Its blocks; None where every chip was drawn by itself.
    """
    said = dict(flat(study.set)) | dict(flat(study.designs[design].set))
    for key in (_SAMPLING, _BLOCK):
        if key in rows and len(rows):
            said[key] = rows[key].iloc[0]
    if said.get(_SAMPLING) != "sobol":
        return None
    if _DRAW not in rows:
        return Blocks(())
    size = int(str(said.get(_BLOCK, 64)))
    keys = [rows[_DRAW].astype(int) // size, *([rows[_SEED]] if _SEED in rows else [])]
    others = [key for key in ("seed",) if key in rows]
    parts = (part for _, part in rows.groupby([*keys, *(rows[key] for key in others)], sort=True))
    return Blocks(tuple(part for part in parts if part[_DRAW].nunique() == size))


def sure_of_yield(
    study: Study,
    rows: pd.DataFrame,
    passing: Callable[[pd.DataFrame], int],
    unknown: Callable[[pd.DataFrame], int],
) -> Interval:
    """The interval of a yield, whoever drew the chips.

    Args:
        study: The study.
        rows: Of its table.
        passing: Counts those that pass.
        unknown: Counts those without figures, which are fails at the low end, passes at the high.

    Returns:
        Within 0 and 1.
    """
    even = blocks(study, str(rows["design"].iloc[0]), rows)
    if even is not None:
        low = even.share(passing, study.confidence).low
        high = even.share(lambda part: passing(part) + unknown(part), study.confidence).high
        return Interval(low, high)
    passed, planned = passing(rows), len(rows)
    made = [
        yield_interval(number, planned, study.confidence, study.interval)
        for number in (passed, passed + unknown(rows))
    ]
    return Interval(made[0].low, made[1].high)


def _student(values: Floats, confidence: float) -> Interval:
    half = stats.t.ppf(0.5 + 0.5 * confidence, len(values) - 1) * stats.sem(values)
    middle = float(np.mean(values))
    return Interval(middle - float(half), middle + float(half))
