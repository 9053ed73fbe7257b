"""Two figures of one thing that ought to be equal and are not.

A run measures what matters twice: what the sources gave and what the devices took, its own bill and
the audit's, the power at the start and a moment later. Where they differ by more than what the
simulator resolves, no figure of the run is to be trusted, and the run says so by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

TABLES_LIMIT = 1e-2
"""The same where the bill comes from tables of the cells, which have an error of their own."""

BILL_LIMIT = 1e-3
"""A bill that differs from the audit's by more than this share is wrong: both watch the same
stretch of the same deck, so that they differ by rounding alone."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two figures that differ too much.

    Attributes:
        what: What was measured twice, as words that go on "differ by".
        share: By how much they differ, as a share of the larger.
        limit: By how much they may.
    """

    what: str
    share: float
    limit: float

    def __str__(self) -> str:
        """A sentence without a full stop."""
        return f"{self.what} differ by {100.0 * self.share:.3g} %, limit {100.0 * self.limit:g} %"


def disagreement(what: str, share: float, limit: float) -> tuple[Disagreement, ...]:
    """What is wrong with two figures.

    Args:
        what: What was measured twice.
        share: By how much they differ; not a number counts as too much.
        limit: By how much they may.

    Returns:
        One disagreement, or none.
    """
    return () if share <= limit else (Disagreement(what, share, limit),)


def apart(one: float, other: float) -> float:
    """The difference of two figures as a share of the larger; 0 when both are nothing."""
    larger = max(abs(one), abs(other))
    return abs(one - other) / larger if larger else 0.0
