"""Which rows are kept for testing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from learning.errors import LearningError


def split_rows(
    groups: NDArray[np.int64], test_fraction: float, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Split rows at random, the same fraction out of every group (stratified).

    Args:
        groups: Class of each row, (n_row,); all zero where there are no classes.
        test_fraction: Fraction of each group to keep for testing, 0 to below 1.
        rng: Draws one permutation per group.

    Returns:
        Row numbers for training and for testing, each rising, so that "cyclic" keeps file order.

    Raises:
        LearningError: When a group would have nothing left to learn from.
    """
    kept: list[NDArray[np.int64]] = []
    tested: list[NDArray[np.int64]] = []
    for group in np.unique(groups):
        rows = rng.permutation(np.flatnonzero(groups == group))
        n_test = round(test_fraction * len(rows))
        if n_test >= len(rows):
            raise LearningError(
                f"a test fraction of {test_fraction:g} leaves nothing to learn from "
                f"{len(rows)} rows",
                "task.test_fraction",
                "lower task.test_fraction, or add rows to the file",
            )
        tested.append(rows[:n_test])
        kept.append(rows[n_test:])
    return np.sort(np.concatenate(kept)), np.sort(np.concatenate(tested))
