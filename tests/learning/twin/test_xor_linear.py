"""Why exclusive or needs transistors: a linear network cannot do it, and this shows the reason.

In a network of resistors every voltage is an affine function of the inputs, hence the answers to
00 and 11 sum to those to 01 and 10. If all four were right, the first sum would be below twice the
threshold and the second above.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning import find_design, load_design, prepare
from learning.experiment.experiment import deck

Run = Callable[..., dict[str, np.ndarray]]

_LINEAR = (
    "cells.edge=edge_ideal",
    "cells.update=update_ideal",
    "cells.clamp=clamp_pair_ideal",
    "cells.driver=driver_ideal",
    "simulator.options={bypass=0.0, reltol=1e-7}",
    "schedule.epochs=1",
)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_four_answers_of_a_linear_network_superpose(ngspice: Run, seed: int) -> None:
    experiment = prepare(load_design(find_design("xor"), _LINEAR, seed))
    schedule, train = experiment.schedule, experiment.task.train
    assembly = experiment.assembly(schedule, train, experiment.gates_V)
    positive, negative = assembly.targets[0].free
    save = (f"v({positive})", f"v({negative})")
    waves = ngspice(deck(assembly, experiment.transient(schedule, save)))
    answers = {}
    for shown in schedule.presentations[:4]:
        assert not shown.learning
        row = int(np.searchsorted(waves["time"], shown.end_s - 1e-12))
        bits = tuple(train.inputs[shown.example, :2] > 0.2)
        answers[bits] = waves[save[0]][row] - waves[save[1]][row]
    low, high = False, True
    assert len(answers) == 4
    assert np.ptp(list(answers.values())) > 1e-3
    same = answers[low, low] + answers[high, high]
    other = answers[low, high] + answers[high, low]
    assert abs(same - other) < 1e-9
    right = [(answers[bits] > 0) == (bits[0] != bits[1]) for bits in answers]
    assert sum(right) <= 3


_VOLTS = st.floats(-1, 1)


@given(offset=_VOLTS, first=_VOLTS, second=_VOLTS, threshold=_VOLTS)
def test_no_affine_answer_gets_all_four_right(
    offset: float, first: float, second: float, threshold: float
) -> None:
    right = [
        ((offset + a * first + b * second) - threshold > 1e-12) == (a != b)
        for a in (0, 1)
        for b in (0, 1)
    ]
    assert sum(right) <= 3
