"""What an error is worth, in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from learning.report.comparison import comparison, number, standings, worse_than_mean
from learning.result.result import Result

Make = Callable[..., Result]


def _score(train_V2: float, mean_V2: float, passive_V2: float, **test: float) -> dict[str, Any]:
    return {
        "r2": {"train": 1.0 - train_V2 / mean_V2 if mean_V2 else None, "test": test.get("r2")},
        "error": {"train_V2": train_V2, "test_V2": test.get("error")},
        "mean_predictor": {"train_V2": mean_V2, "test_V2": test.get("mean")},
        "best_passive": {"train_V2": passive_V2, "test_V2": test.get("passive")},
    }


def test_without_a_score_nothing_is_said(result: Make) -> None:
    assert (comparison(result()), standings(result()), worse_than_mean(result())) == ("", (), False)


@pytest.mark.parametrize(
    ("score", "words"),
    [
        (_score(1e-4, 1e-2, 1e-5), "100× lower on the training examples; linear resistors reach"),
        (_score(1e-4, 1e-2, 1e-3), "reach 1.00×10⁻³ V² at best, which it beats."),
        (_score(1e-4, 1e-2, 1e-30), "linear resistors can do this task without an error."),
        (_score(2e-2, 1e-2, 1e-5), "its error is 2.00× as much on the training examples"),
        (_score(0.0, 1e-2, 1e-5), "its error is down to nothing on the training examples"),
        (_score(1e-2, 0.0, 1e-5), "its error is all there is on the training examples"),
        (
            _score(1e-3, 1e-2, 1e-5, error=3e-2, mean=1e-2, r2=-2.0),
            "10.0× lower on the training examples and 3.00× as much on the unseen ones",
        ),
    ],
)
def test_what_an_error_is_worth(result: Make, score: dict[str, Any], words: str) -> None:
    assert words in comparison(result(score=score))


def test_r2_is_told_for_both_sets(result: Make) -> None:
    told = comparison(result(score=_score(6.3e-3, 1e-2, 1e-5, error=1e-2, mean=1e-2, r2=0.0)))
    assert told.startswith("R² = 0.370 on the training examples, unseen 0.000. ")
    assert (number(None), number(-0.5)) == ("n/a", "−0.500")


@pytest.mark.parametrize(
    ("score", "worse"),
    [
        (_score(1e-3, 1e-2, 1e-5), False),
        (_score(1e-2, 1e-2, 1e-5), True),
        (_score(1e-3, 1e-2, 1e-5, error=2e-2, mean=1e-2), True),
    ],
)
def test_no_better_than_the_mean_on_either_set_is_worse(
    result: Make, score: dict[str, Any], worse: bool
) -> None:
    assert worse_than_mean(result(score=score)) is worse


def test_three_rows_stand_beside_each_other(result: Make) -> None:
    rows = standings(result(score=_score(1e-3, 1e-2, 1e-5)))
    assert [row.errors.train_V2 for row in rows] == [1e-3, 1e-2, 1e-5]
