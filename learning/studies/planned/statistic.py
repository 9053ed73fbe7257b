"""Of what a spec holds: every chip, a share of them, or their mean or median."""

from __future__ import annotations

import re
from dataclasses import dataclass

from learning.errors import LearningError

_SHARE = re.compile(r"(\d+(?:\.\d+)?) ?% of (?:chips|points)")
_WHOLE = {"every chip", "every point", "all chips"}
_MEANS = ("mean", "median")


@dataclass(frozen=True, slots=True)
class Statistic:
    """What is compared with a limit.

    Attributes:
        kind: "share", "mean" or "median".
        share: Of chips that must hold, 0 to 1; 1 for a mean or median.
    """

    kind: str
    share: float = 1.0

    def __str__(self) -> str:
        """As a study file has it."""
        if self.kind != "share":
            return self.kind
        return "every chip" if self.share == 1 else f"{100 * self.share:g} % of chips"


def read_statistic(text: str, where: str) -> Statistic:
    """Understand what a spec holds for.

    Args:
        text: Such as "95 % of chips".
        where: The place in the study file, for errors.

    Returns:
        The statistic.

    Raises:
        LearningError: When it is none.

    Example:
        >>> read_statistic("95 % of chips", "")
        Statistic(kind='share', share=0.95)
    """
    if text in _WHOLE:
        return Statistic("share")
    if text in _MEANS:
        return Statistic(text)
    found = _SHARE.fullmatch(text)
    share = float(found[1]) / 100 if found else 0.0
    if not 0 < share <= 1:
        raise LearningError(
            f"{text!r} does not say how many must hold",
            where,
            '"every chip", "95 % of chips" (above 0, at most 100), "mean" or "median"',
        )
    return Statistic("share", share)
