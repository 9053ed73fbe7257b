"""The ladder as a table and a place on it, without a simulator."""

from __future__ import annotations

import pytest

from spice_backend.session.ladder import AFTER, RUNGS, After, Ladder, climb
from spice_backend.session.outcome import Outcome, Status
from spice_backend.session.session import Session

STUCK, DEAD = (
    Outcome(Status.NO_CONVERGENCE, message="stuck"),
    Outcome(Status.DIED, message="SIGSEGV"),
)
GENTLE = RUNGS[:3]


def test_every_ending_has_something_that_comes_after() -> None:
    assert set(AFTER) == set(Status)
    done = {status for status, after in AFTER.items() if after is After.DONE}
    assert done == {status for status in Status if Outcome(status).ok}


def test_it_climbs_rung_by_rung_and_then_gives_up() -> None:
    ladder = Ladder(GENTLE)
    for rung in GENTLE[:-1]:
        assert ladder.rung is rung
        assert ladder.take(STUCK)
        assert ladder.how == ladder.rung.name
    assert not ladder.take(STUCK)
    assert ladder.told == Outcome(
        Status.NO_CONVERGENCE, message="stuck", tried=tuple(rung.name for rung in GENTLE)
    )


def test_a_death_is_no_reason_to_climb() -> None:
    ladder = Ladder(GENTLE, revivals=2)
    assert ladder.take(STUCK)
    assert ladder.take(DEAD)
    assert (ladder.rung, ladder.how) == (GENTLE[1], "")
    assert ladder.take(DEAD)
    assert not ladder.take(DEAD)
    assert ladder.told.tried == ("as written", "gmin stepping")


def test_deaths_are_forgiven_when_the_run_got_further() -> None:
    ladder = Ladder(GENTLE, revivals=1)
    for _ in range(5):
        assert ladder.take(DEAD)
        ladder.progressed()
    assert ladder.take(DEAD)
    assert not ladder.take(DEAD)


@pytest.mark.parametrize(
    "status", [Status.TIMED_OUT, Status.CANCELLED, Status.REFUSED, Status.FAILED]
)
def test_what_no_rung_can_help_ends_at_once(status: Status) -> None:
    ladder = Ladder(GENTLE, revivals=3)
    assert not ladder.take(Outcome(status))
    assert ladder.told.tried == ("as written",)


def test_without_a_rung_nothing_is_run() -> None:
    with Session() as session:
        outcome = climb(session, "", [], lambda: lambda _: True, rungs=())
        assert (outcome.status, outcome.message) == (Status.REFUSED, "no rung to try")
        assert session.process_id is None
