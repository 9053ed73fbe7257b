"""Closed loop: sources played by Python, against the same stimulus written as PWL."""

import math

import numpy as np
import pytest

from spice_backend.errors import SpiceError
from spice_backend.protocol.drive import Player, Stretch, as_read
from spice_backend.protocol.samples import Samples
from spice_backend.session.outcome import Status
from spice_backend.session.session import Session

CORNERS = (
    (0, 0),
    (1e-6, 0),
    (1.001e-6, 1),
    (3e-6, 1),
    (3.5e-6, -0.5),
    (6.3e-6, -0.5),
    (7.2e-6, 0.3),
)
DECK = """low pass
{source}
r1 a b 1e3
c1 b 0 1e-9
r2 b 0 1e4
.save v(a) v(b)
.tran 1e-7 1e-5 0 1e-7
.end
"""
EXTERNAL = DECK.format(source="v1 a 0 external")
PWL = DECK.format(source="v1 a 0 pwl(" + " ".join(f"{t} {v}" for t, v in CORNERS) + ")")
PROBES = ("v(a)", "v(b)")


class Recording:
    def __init__(self):
        self.blocks: list[Samples] = []

    def __call__(self, samples):
        self.blocks.append(samples)
        return True

    @property
    def time_s(self):
        return np.concatenate([block.scale for block in self.blocks])

    @property
    def values(self):
        return np.vstack([block.values for block in self.blocks])

    def at(self, time_s):
        return np.column_stack([np.interp(time_s, self.time_s, v) for v in self.values.T])


@pytest.fixture(scope="module")
def session():
    with Session(timeout_s=600) as one:
        yield one


def recorded(session, deck, drive=None):
    recording = Recording()
    outcome = session.run(deck, PROBES, recording, drive=drive)
    assert outcome.status is Status.COMPLETED, outcome
    return recording


def test_the_same_corners_make_the_same_run_as_pwl_bit_for_bit(session):
    """From version 41 on ngspice puts a PWL's corners where they are but for a rounding."""
    pwl = recorded(session, PWL)
    driven = recorded(session, EXTERNAL, lambda _t, _v: Stretch(math.inf, {"v1": CORNERS}))
    assert np.abs(driven.time_s - pwl.time_s).max() < 1e-20
    assert np.abs(driven.values - pwl.values).max() < 1e-14
    if int(session.features.version.rstrip("+")) > 40:
        return
    assert np.array_equal(driven.time_s, pwl.time_s)
    assert np.array_equal(driven.values, pwl.values)


def test_decided_stretch_by_stretch_it_is_still_the_pwl_within_a_thousandth(session):
    asked = []

    def drive(now_s, values):
        asked.append((now_s, values))
        until_s = now_s + 7e-7
        times, volts = zip(*CORNERS, strict=True)
        inside = [corner for corner in CORNERS if now_s < corner[0] < until_s]
        end = (until_s, float(np.interp(until_s, times, volts)))
        return Stretch(until_s, {"v1": [*([CORNERS[0]] if now_s == 0 else []), *inside, end]})

    pwl, driven = recorded(session, PWL), recorded(session, EXTERNAL, drive)
    grid_s = np.linspace(0, 1e-5, 20001)
    assert np.abs(driven.at(grid_s) - pwl.at(grid_s)).max() < 1e-3 * 1.5
    due_s = [now_s for now_s, _ in asked]
    assert due_s == pytest.approx(0.7e-6 * np.arange(len(due_s)), rel=1e-9, abs=1e-18)
    assert asked[0][1].size == 0
    assert asked[3][1] == pytest.approx(driven.at(asked[3][0])[0])


def test_python_reacts_to_what_it_sees(session):
    """A bang-bang controller holds a capacitor at half a volt; nothing in the deck would."""
    seen = []

    def drive(now_s, values):
        level = float(values[1]) if values.size else 0.0
        seen.append(level)
        wanted = 1.0 if level < 0.5 else 0.0
        return Stretch(now_s + 5e-8, {"v1": [(now_s + 1e-9, wanted)]})

    driven = recorded(session, EXTERNAL, drive)
    assert len(seen) == pytest.approx(200, abs=2)
    assert driven.at(np.linspace(4e-6, 9e-6, 500))[:, 1] == pytest.approx(0.5, abs=0.06)


def test_a_drive_may_not_go_back_in_time(session):
    with pytest.raises(
        SpiceError, match=r"at 0 s: the course of v1 goes back in time\n  try: corn"
    ):
        session.run(
            EXTERNAL, PROBES, Recording(), drive=lambda *_: Stretch(1, {"v1": [(2, 0), (1, 0)]})
        )
    with pytest.raises(SpiceError, match=r"the next decision is due at 0 s\n  try: a later time"):
        session.run(EXTERNAL, PROBES, Recording(), drive=lambda *_: Stretch(0, {}))
    assert session.run(PWL, PROBES, Recording()).ok


def test_what_a_drive_raises_reaches_the_caller_and_the_session_goes_on(session):
    def drive(*_):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        session.run(EXTERNAL, PROBES, Recording(), drive=drive)
    assert session.run(PWL, PROBES, Recording()).ok


def test_external_sources_without_a_drive_or_with_a_constant_are_refused(session):
    outcome = session.run(EXTERNAL, PROBES, Recording())
    assert outcome.status is Status.REFUSED
    assert outcome.message == "nobody drives this external source (line 2: v1 a 0 external)"
    crash = DECK.format(source="v1 a 0 dc 0 external")
    outcome = session.run(crash, PROBES, Recording(), drive=lambda *_: Stretch(math.inf, {}))
    assert outcome.message.startswith("an external source with a constant crashes ngspice (line 2")


def test_a_player_holds_what_it_is_not_told_to_change():
    player = Player()
    assert player.value("v1", 3.0) == 0.0
    assert player.take(Stretch(2.0, {"v1": [(0.0, 1.0), (1.0, 3.0)]}), 0.0) == (1.0, 2.0)
    assert [player.value("v1", t) for t in (0.0, 0.5, 1.0, 1.5)] == [1.0, 2.0, 3.0, 3.0]
    assert not player.due(1.9)
    assert player.due(2.0)
    assert player.take(Stretch(math.inf, {"v2": [(4.0, 1.0)]}), 2.0) == (4.0,)
    assert (player.value("v1", 9.0), player.value("v2", 9.0)) == (3.0, 1.0)


@pytest.mark.parametrize(
    "value", [0.0, 1.0, -2.5, 8.686e-05, 1e-300, 0.00014000000000000001, 123456.0]
)
def test_numbers_as_the_simulator_reads_them_are_those_written(value):
    assert as_read(value) == pytest.approx(value, rel=4e-16, abs=0)
