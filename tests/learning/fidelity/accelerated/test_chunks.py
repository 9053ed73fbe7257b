"""Schedules cut into what one call plays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from learning.experiment.schedule import Presentation
from learning.fidelity.accelerated import chunks as module
from learning.fidelity.accelerated.chunks import alone, chunks, put_in
from learning.tasks.examples import Examples


def shown(learning: list[bool], epoch: list[int]) -> list[Presentation]:
    kinds = enumerate(zip(learning, epoch, strict=True))
    return [Presentation(i, i * 1e-4, (i + 1) * 1e-4, i % 2, e, one) for i, (one, e) in kinds]


def test_what_a_chunk_holds_differs_in_its_example_alone() -> None:
    """The first after a change stands alone: what it takes from the rails is another thing."""
    course = shown([False, False, True, True, True, True, False], [0, 0, 1, 1, 2, 2, 2])
    found = list(chunks(course, 32, learnt=False))
    assert [one for chunk in found for one in chunk] == course
    assert [len(chunk) for chunk in found] == [2, 1, 1, 2, 1]
    assert [len(chunk) for chunk in chunks(course, 32, learnt=True)] == [1, 1, 1, 1, 2, 1]
    warm = [replace(course[2], warm_up_s=1e-6), *course[3:4]]
    assert [len(chunk) for chunk in chunks(warm, 32, learnt=True)] == [1, 1]


@pytest.mark.parametrize(("n_edge", "sizes"), [(1, [4, 1]), (2, [2, 2, 1]), (99, [1] * 5)])
def test_a_large_machine_is_looked_after_more_often(
    monkeypatch: pytest.MonkeyPatch, n_edge: int, sizes: list[int]
) -> None:
    monkeypatch.setattr(module, "_MOST", 4)
    found = chunks(shown([True] * 5, [0] * 5), n_edge, learnt=True)
    assert [len(chunk) for chunk in found] == sizes


def test_a_presentation_alone_is_alike_at_any_time() -> None:
    first, *_, last = shown([True] * 7, [0, 0, 1, 1, 2, 2, 2])
    assert alone(first) == alone(last)
    assert alone(last).end_s == pytest.approx(1e-4, rel=1e-12)
    assert alone(first) != alone(replace(first, learning=False))


def test_inputs_stand_before_labels() -> None:
    examples = Examples(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0], [6.0]]))
    vin, places = put_in(tuple(shown([True] * 3, [0] * 3)), examples)
    assert vin.tolist() == [[1.0, 2.0, 5.0], [3.0, 4.0, 6.0], [1.0, 2.0, 5.0]]
    assert places.tolist() == [1, 3, 1]
