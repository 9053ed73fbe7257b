"""How sure a yield and a mean are: Clopper-Pearson or Wilson, and the bootstrap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from learning.arrays import Floats

_METHODS = {"clopper-pearson": "exact", "wilson": "wilson"}
_RESAMPLES = 1999
_SEED = 20
"""Of the bootstrap: the same points give the same page."""

_MANY = 400
"""Above this the bias correction, whose cost grows with the square, changes no printed digit."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Two limits.

    Attributes:
        low: The lower one.
        high: The upper one.
    """

    low: float
    high: float


LEAST = 5
"""Values a bootstrap needs: fewer have too few different resamples for a tail of 2.5 %, and an
interval within the range of three values claims too much."""


def yield_interval(passed: int, total: int, confidence: float, method: str) -> Interval:
    """The interval of a share.

    Args:
        passed: Chips that pass.
        total: Chips.
        confidence: 0 to 1.
        method: "clopper-pearson", which is never too narrow, or "wilson".

    Returns:
        Within 0 and 1; the whole of it without any chip.
    """
    if not total:
        return Interval(0.0, 1.0)
    found: Any = stats.binomtest(passed, total).proportion_ci(confidence, _METHODS[method])
    return Interval(float(found.low), float(found.high))


def mean_interval(values: Floats, confidence: float) -> Interval | None:
    """The interval of a mean, by bootstrap (BCa; the percentiles above some hundred values).

    Args:
        values: Finite, (n,).
        confidence: 0 to 1.

    Returns:
        The interval; None for fewer than `LEAST` values, of which nothing can be said.
    """
    if len(values) < LEAST:
        return None
    if np.ptp(values) == 0:
        return Interval(float(values[0]), float(values[0]))
    found: Any = stats.bootstrap(
        (values,),
        np.mean,
        n_resamples=_RESAMPLES,
        confidence_level=confidence,
        method="percentile" if len(values) > _MANY else "BCa",
        rng=np.random.default_rng(_SEED),
        vectorized=True,
        batch=256,
    )
    low, high = found.confidence_interval
    return Interval(float(low), float(high))


def median_interval(values: Floats, confidence: float) -> Interval | None:
    """The interval of a median, from the ranks alone (a binomial test turned round).

    Args:
        values: Finite, (n,).
        confidence: 0 to 1.

    Returns:
        The interval; None for too few values to have one.
    """
    if not len(values):
        return None
    found: Any = stats.quantile_test(values, p=0.5).confidence_interval(confidence)
    low, high = float(found.low), float(found.high)
    return Interval(low, high) if np.isfinite([low, high]).all() else None
