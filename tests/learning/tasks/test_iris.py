"""The irises: the file against Fisher's printed tables, the task against its contract."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pytest
from numpy.typing import NDArray

from learning.design.sections import TaskSpec
from learning.errors import LearningError
from learning.tasks.lesson import lesson
from learning.tasks.score import accuracy


def _flowers() -> dict[str, NDArray[np.float64]]:
    """The measurements of each species, (50, 4), centimetres."""
    lines = (files("circuits") / "data" / "iris.csv").read_text(encoding="utf-8").splitlines()[1:]
    rows = [line.split(",") for line in lines]
    return {
        species: np.array([row[:4] for row in rows if row[4] == species], dtype=np.float64)
        for species in ("setosa", "versicolor", "virginica")
    }


# R. A. Fisher (1936), Tables II and VIII
_MEANS = {
    "setosa": [5.006, 3.428, 1.462, 0.246],
    "versicolor": [5.936, 2.770, 4.260, 1.326],
    "virginica": [6.588, 2.974, 5.552, 2.026],
}


@pytest.mark.parametrize("species", _MEANS)
def test_the_file_has_fishers_means(species: str) -> None:
    values = _flowers()[species]
    assert values.shape == (50, 4)
    np.testing.assert_allclose(values.mean(axis=0), _MEANS[species], atol=5e-4)


# R. A. Fisher (1936), Table III (two species together) and Table VIII, square centimetres
# One number differs from the copy of Table VIII at hand, whose 14.9258 cannot be: with a mean of
# 5.552 it needs squares that add up to 1556.161, and squares of tenths add up to hundredths.
_SUMS = {
    ("setosa", "versicolor"): [
        [19.1434, 9.0356, 9.7634, 3.2394],
        [9.0356, 11.8658, 4.6232, 2.4746],
        [9.7634, 4.6232, 12.2978, 3.8794],
        [3.2394, 2.4746, 3.8794, 2.4604],
    ],
    ("virginica",): [
        [19.8128, 4.5944, 14.8612, 2.4056],
        [4.5944, 5.0962, 3.4976, 2.3338],
        [14.8612, 3.4976, 14.9248, 2.3924],
        [2.4056, 2.3338, 2.3924, 3.6962],
    ],
}


@pytest.mark.parametrize("group", _SUMS)
def test_the_file_has_fishers_sums_of_squares_and_products(group: tuple[str, ...]) -> None:
    total = np.zeros((4, 4))
    for species in group:
        values = _flowers()[species]
        deviations = values - values.mean(axis=0)
        total += deviations.T @ deviations
    # half the last printed digit; the two wrong rows of the UCI copy are out by up to 0.07
    np.testing.assert_allclose(total, _SUMS[group], rtol=0.0, atol=5.1e-5)


def test_the_rows_the_uci_copy_has_wrong() -> None:
    flowers = _flowers()["setosa"]
    np.testing.assert_array_equal(flowers[34], [4.9, 3.1, 1.5, 0.2])
    np.testing.assert_array_equal(flowers[37], [4.9, 3.6, 1.4, 0.1])


def test_split_is_stratified_and_scaled_by_training_rows() -> None:
    task = lesson(TaskSpec(kind="iris")).task(4, 3, np.random.default_rng(3))
    assert task.name == "iris"
    assert task.class_names == ("setosa", "versicolor", "virginica")
    assert task.test is not None
    assert task.train.classes is not None
    assert task.test.classes is not None
    np.testing.assert_array_equal(np.bincount(task.train.classes), [33, 33, 33])
    np.testing.assert_array_equal(np.bincount(task.test.classes), [17, 17, 17])
    np.testing.assert_allclose(task.train.inputs.min(axis=0), 0.0, atol=1e-15)
    np.testing.assert_allclose(task.train.inputs.max(axis=0), 0.45, rtol=1e-14)
    assert task.test.inputs.min() >= 0.0
    assert task.test.inputs.max() <= 0.45


def test_a_clipped_test_row_is_one_beyond_the_training_range() -> None:
    # With 49 of 50 rows tested, nearly every extreme flower is a test row.
    spec = TaskSpec(kind="iris", test_fraction=0.94)
    task = lesson(spec).task(4, 3, np.random.default_rng(0))
    assert task.test is not None
    assert np.isin(task.test.inputs, (0.0, 0.45)).sum() > 20
    assert (task.test.inputs.min(), task.test.inputs.max()) == (0.0, 0.45)


def test_each_flower_raises_the_target_of_its_species() -> None:
    spec = TaskSpec(kind="iris", label_low_V=0.1, label_high_V=0.25, constants_V=(0.45,))
    train = lesson(spec).task(5, 3, np.random.default_rng(3)).train
    assert train.classes is not None
    assert set(np.unique(train.labels)) == {0.1, 0.25}
    assert accuracy(train.labels, train.classes) == 1.0
    np.testing.assert_array_equal(train.inputs[:, 4], 0.45)


def test_no_test_set_when_none_is_asked_for() -> None:
    task = lesson(TaskSpec(kind="iris", test_fraction=0.0)).task(4, 3, np.random.default_rng(3))
    assert task.test is None
    assert len(task.train) == 150


def test_iris_counts_sources_and_targets() -> None:
    with pytest.raises(LearningError, match=r"4 source voltages .* 5 sources"):
        lesson(TaskSpec(kind="iris")).task(5, 3, np.random.default_rng(3))
    with pytest.raises(LearningError, match=r"3 outputs .* 2 targets"):
        lesson(TaskSpec(kind="iris")).task(4, 2, np.random.default_rng(3))
