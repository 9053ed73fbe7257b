"""What a circuit reached, as a goal for others."""

from __future__ import annotations

import numpy as np

from learning.result.result import Accuracy
from learning.studies.digital.goal import goal_of
from learning.tasks.examples import Examples, Task

_TAUGHT = Examples(np.eye(2), np.eye(2), np.array([0, 1]))
_HELD = Examples(np.eye(2)[:1], np.eye(2)[:1], np.array([0]))


def test_right_answers_of_examples_held_out_come_first() -> None:
    goal = goal_of(Task("iris", _TAUGHT, _HELD), 1e-3, Accuracy(0.5, 1.0))
    assert (goal.examples, goal.right, goal.held_out) == (_HELD, 1.0, True)
    assert goal.reached(np.array([[0.2, 0.1]]))
    assert not goal.reached(np.array([[0.1, 0.1]]))


def test_without_any_those_taught_are_asked() -> None:
    goal = goal_of(Task("xor", _TAUGHT), 1e-3, Accuracy(0.5))
    assert (goal.examples, goal.right, goal.held_out) == (_TAUGHT, 0.5, False)
    assert goal.reached(np.array([[0.2, 0.1], [0.2, 0.1]]))


def test_without_classes_the_error_is_asked() -> None:
    line = Examples(np.eye(2), np.eye(2))
    goal = goal_of(Task("regression", line, line), 0.5, None)
    assert (goal.examples, goal.right, goal.held_out) == (line, None, False)
    assert goal.reached(np.eye(2))
    assert not goal.reached(np.zeros((2, 2)))
