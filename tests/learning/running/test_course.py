"""The course of a run stays of one size and right, however long the run is."""

from __future__ import annotations

import numpy as np
import pytest

from learning.running import course as module
from learning.running.course import Course

N_GATE, N_TARGET, N_BLOCK = 3, 1, 2


def played(count: int, course: Course | None = None, first: int = 1) -> Course:
    """So many presentations of 2 s; block 0 draws its number's square, block 1 one watt."""
    course = course or Course()
    numbers = np.arange(1, count + 1)
    squares_J = np.cumsum(2.0 * numbers**2)
    for number in range(first, count + 1):
        gates_V = np.full(N_GATE, float(number))
        energy_J = np.array([squares_J[number - 1], 2.0 * number])
        course.add(number, 2.0 * number, gates_V, np.array([-float(number)]), energy_J)
    return course


def test_a_short_course_has_every_presentation() -> None:
    time_s, gates_V, outputs_V, power_W = played(5).parts(N_GATE, N_BLOCK)
    assert time_s.tolist() == [2.0, 4.0, 6.0, 8.0, 10.0]
    assert gates_V[:, 2].tolist() == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert outputs_V.tolist() == [[-1.0], [-2.0], [-3.0], [-4.0], [-5.0]]
    assert power_W[:, 0] == pytest.approx(np.arange(1, 6) ** 2.0)
    assert power_W[:, 1] == pytest.approx(np.ones(5))


@pytest.mark.parametrize("count", [64, 65, 66, 129, 300, 1000, 1001])
def test_a_long_course_is_thin_and_its_power_right(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_NUMBERS", 1)
    course = played(count)
    time_s, gates_V, _, power_W = course.parts(N_GATE, N_BLOCK)
    assert 32 <= len(time_s) <= 65
    assert np.diff(time_s) == pytest.approx(2.0 * course.every)
    assert gates_V[:, 0] == pytest.approx(time_s / 2.0)
    spent_J = power_W * np.diff(time_s, prepend=0.0)[:, None]
    numbers = np.arange(1, int(time_s[-1] / 2.0) + 1)
    assert spent_J.sum(axis=0) == pytest.approx([2.0 * (numbers**2).sum(), time_s[-1]])


def test_a_course_whose_beginning_is_not_known_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_NUMBERS", 1)
    time_s, gates_V, _, power_W = played(500, first=333).parts(N_GATE, N_BLOCK)
    assert np.diff(time_s) == pytest.approx(time_s[1] - time_s[0])
    assert gates_V[:, 0] == pytest.approx(time_s / 2.0)
    assert power_W[:, 1] == pytest.approx(np.ones(len(time_s)))


def test_no_course() -> None:
    assert [part.shape for part in Course().parts(4, 2)] == [(0,), (0, 4), (0, 0), (0, 2)]
