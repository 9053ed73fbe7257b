"""What an error is worth: beside the mean label, and beside the best that resistors can do.

An error that fell eleven times may still be no better than answering the mean whatever the inputs;
these sentences say which of the two it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from learning.report.quantity import scientific, times
from learning.result.result import Errors, Result, Score

_NOTHING_V2 = 1e-12
"""An error of a microvolt squared is none: no cell resolves it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One row of the comparison.

    Attributes:
        name: Whose answers.
        errors: Their errors.
        r2: Their share of the training labels' variance; None where it was not computed.
    """

    name: str
    errors: Errors
    r2: tuple[float | None, float | None] | None = None


def standings(result: Result) -> tuple[Standing, ...]:
    """The network and what it is compared with.

    Args:
        result: A run's figures.

    Returns:
        A row for each; empty for a result without a score.
    """
    score = result.score
    if score is None:
        return ()
    return (
        Standing("this network", score.error, (score.r2.train, score.r2.test)),
        Standing("the mean label, whatever the inputs", score.mean_predictor),
        Standing("the best linear network of positive conductances", score.best_passive),
    )


def comparison(result: Result) -> str:
    """Say what the error is worth.

    Args:
        result: A run's figures.

    Returns:
        A sentence or two; empty for a result without a score.
    """
    score = result.score
    if score is None:
        return ""
    return f"{_variance(score)}{_against_mean(score)}; {_against_passive(score)}."


def worse_than_mean(result: Result) -> bool:
    """Whether answering the mean label would have been as good, on either set of examples."""
    score = result.score
    return score is not None and any(
        mine is not None and mean is not None and mine >= mean
        for mine, mean in (
            (score.error.train_V2, score.mean_predictor.train_V2),
            (score.error.test_V2, score.mean_predictor.test_V2),
        )
    )


def number(share: float | None) -> str:
    """R² as text.

    Args:
        share: The share; None where labels do not vary.
    """
    return "n/a" if share is None else f"{share:.3f}".replace("-", "−")


def _variance(score: Score) -> str:
    if score.r2.train is None:
        return ""
    unseen = "" if score.r2.test is None else f", unseen {number(score.r2.test)}"
    return f"R² = {number(score.r2.train)} on the training examples{unseen}. "


def _against_mean(score: Score) -> str:
    mine, mean = score.error, score.mean_predictor
    verdicts = [
        f"{_beside(own, other)} on {name}"
        for name, own, other in (
            ("the training examples", mine.train_V2, mean.train_V2),
            ("the unseen ones", mine.test_V2, mean.test_V2),
        )
        if own is not None and other is not None
    ]
    return f"Beside the mean label, whatever the inputs, its error is {' and '.join(verdicts)}"


def _beside(own_V2: float, other_V2: float) -> str:
    if own_V2 < other_V2:
        return f"{times(other_V2 / own_V2)} lower" if own_V2 > 0.0 else "down to nothing"
    return f"{times(own_V2 / other_V2)} as much" if other_V2 > 0.0 else "all there is"


def _against_passive(score: Score) -> str:
    passive_V2 = score.best_passive.train_V2
    if passive_V2 < _NOTHING_V2:
        return "linear resistors can do this task without an error"
    reach = f"linear resistors reach {scientific(passive_V2)} V² at best"
    return f"{reach}, which it beats" if score.error.train_V2 < passive_V2 else reach
