"""The update cell that multiplies, alone beside the cells that give it its lines."""

from __future__ import annotations

import pytest

from learning.benches.stand import stand
from learning.benches.timing import TWIN
from learning.benches.update import Answered, Shown, play_update
from netlist.parts.process import load_process
from spice_backend.session.session import Session

DROPS = ((0.1, 0.1), (0.1, 0.0), (0.0, 0.1), (-0.1, 0.0), (0.1, 0.06), (-0.06, 0.1), (0.3, 0.3))


@pytest.fixture(scope="module")
def answered() -> Answered:
    shown = [Shown(free, clamped, 0.25, 1.2) for free, clamped in DROPS]
    cell = stand("update_multiplier", load_process("generic180"))
    with Session() as session:
        return play_update(session, cell, shown, TWIN)


def test_gates_move_by_the_difference_of_squares(answered: Answered) -> None:
    """Within 6 % of one gain, 2.71 uA/V2 over a window of 50 us, wake-up included.

    Drops that point different ways are 14 % off: each is compressed by its own pair before both
    are added, and what is left of the sum is less than it was.
    """
    offset_C = answered.charge_C[0]
    gains = [
        (charge_C - offset_C) / (free**2 - clamped**2) / TWIN.window_s
        for (free, clamped), charge_C in zip(DROPS[1:6], answered.charge_C[1:6], strict=True)
    ]
    *along, across = gains
    assert along == pytest.approx([2.71e-6] * 4, rel=0.06)
    assert across == pytest.approx(2.33e-6, rel=0.05)


def test_equal_drops_leave_gates_where_they_are(answered: Answered) -> None:
    """The product of a difference that is nothing: at 0.1 and at 0.3 V, to 2e-4 V2."""
    unit_C = 2.71e-6 * TWIN.window_s
    assert abs(answered.charge_C[0]) < 2e-4 * unit_C
    assert abs(answered.charge_C[6]) < 2e-4 * unit_C
