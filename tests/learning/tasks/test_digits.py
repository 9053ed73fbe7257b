"""Handwritten digits as voltages: pixels, their complements, ten classes."""

from __future__ import annotations

import numpy as np
import pytest

from learning.design.read import find_design, load_design
from learning.design.sections import TaskSpec
from learning.errors import LearningError
from learning.experiment.prepare import prepare
from learning.tasks import digits
from learning.tasks.lesson import lesson

datasets = pytest.importorskip("sklearn.datasets", reason="scikit-learn ships the images")

SPEC = TaskSpec(
    kind="digits", input_low_V=0.05, input_high_V=0.4, label_low_V=0.1, label_high_V=0.3
)


def test_a_pixel_and_its_complement_are_voltages() -> None:
    task = lesson(SPEC).task(128, 10, np.random.default_rng(0))
    assert task.test is not None
    assert task.class_names == tuple("0123456789")
    bunch = datasets.load_digits()
    for part in (task.train, task.test):
        rows = np.array(part.lines) - 1
        np.testing.assert_array_equal(part.classes, bunch.target[rows])
        np.testing.assert_allclose(part.inputs[:, :64], 0.05 + 0.35 * bunch.data[rows] / 16.0)
        np.testing.assert_allclose(part.inputs[:, :64] + part.inputs[:, 64:], 0.45)
        own = part.labels[np.arange(len(rows)), part.classes]
        np.testing.assert_allclose(own, 0.3)
        np.testing.assert_allclose(part.labels.sum(axis=1), 0.3 + 9 * 0.1)
    assert sorted([*task.train.lines, *task.test.lines]) == list(range(1, 1798))
    assert len(task.test) == pytest.approx(1797 / 3, abs=5)


def test_constants_come_last_and_counts_are_checked() -> None:
    found = lesson(TaskSpec(kind="digits", constants_V=(0.2,)))
    assert found.ports() == (129, 10)
    task = found.task(129, 10, np.random.default_rng(0))
    assert set(task.train.inputs[:, -1]) == {0.2}
    with pytest.raises(LearningError, match="128 inputs and 0 constants"):
        lesson(SPEC).task(12, 10, np.random.default_rng(0))
    with pytest.raises(LearningError, match="the task has 10 outputs"):
        lesson(SPEC).task(128, 3, np.random.default_rng(0))


def test_without_scikit_learn_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digits, "find_spec", lambda _: None)
    with pytest.raises(LearningError, match="come with scikit-learn, which is not") as refused:
        lesson(SPEC).task(128, 10, np.random.default_rng(0))
    assert "pip install 'joulearn[sklearn]'" in str(refused.value)


def test_the_shipped_machine_has_a_layer_of_1290_edges() -> None:
    experiment = prepare(load_design(find_design("digits"), ("task.test_fraction=0.99",)))
    assert len(experiment.network.edges) == 1290
    assert len(experiment.network.sources) == 128
    assert len(experiment.task.train) < 30
