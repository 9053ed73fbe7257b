"""Every way a run can end is a value with a name, and `check` raises the error of that name."""

import threading
import time

import numpy as np
import pytest

from spice_backend.decks.options import with_options
from spice_backend.errors import (
    CancelledError,
    ConvergenceError,
    DeckError,
    LateError,
    SimulatorDiedError,
    SpiceError,
)
from spice_backend.session.ladder import RUNGS, climb
from spice_backend.session.outcome import Outcome, Status, diagnose, troubled
from spice_backend.session.session import Session

DIVIDER = "divider\nv1 a 0 1\nr1 a b 1e3\nr2 b 0 1e3\n.op\n.end\n"
ENDLESS = "endless\nv1 a 0 sin(0 1 1e6)\nr1 a b 1e3\nc1 b 0 1e-9\n.tran 1e-9 10 0 1e-9\n.end\n"
NEVER = "never\nr1 a 0 1e3\nb1 0 a i = v(a) > 0.5 ? -1e-3 : 1e-3\n.op\n.end\n"
STUCK = """stuck
v1 in 0 pwl(0 0 1e-6 1)
r1 in a 1e3
b1 a 0 i = v(in) > 0.5 ? (v(a) > 0.1 ? 1 : -1) : 0
.tran 1e-8 3e-6
.end
"""
CRASHING = {
    "SIGSEGV": "recursion\n.func f(x) {f(x)}\nb1 a 0 v=f(time)\nr1 a 0 1\n.tran 1 2\n.end\n",
}


@pytest.fixture(scope="module")
def session():
    with Session(timeout_s=600) as one:
        yield one


def go_on(_samples):
    return True


def test_completed(session):
    values = []
    outcome = session.run(DIVIDER, ["v(b)"], lambda s: values.append(s.values) or True)
    assert outcome.status is Status.COMPLETED
    assert outcome.check() is outcome
    assert outcome.engine.startswith("ngspice ")
    assert np.vstack(values)[0, 0] == pytest.approx(0.5)


def test_no_convergence_names_the_node_and_the_ladder(session):
    outcome = climb(session, NEVER, ["v(a)"], lambda: go_on)
    assert (outcome.status, outcome.node) == (Status.NO_CONVERGENCE, "a")
    assert outcome.tried == tuple(rung.name for rung in RUNGS)
    with pytest.raises(
        ConvergenceError,
        match=r"(?s)no convergence: doAnalyses: OP.*node \"a\".*"
        r"tried: as written, gmin stepping, source stepping, .*try: check for flo",
    ):
        outcome.check()  # fmt: skip


def test_a_rung_that_works_ends_the_climb(session):
    """An operating point that needs more iterations than the deck allows."""
    hard = DIVIDER.replace(
        ".op",
        "d1 b c dm\nd2 c 0 dm\n.model dm d is=1e-16\n"
        ".options itl1=2 gminsteps=0 srcsteps=0 noopiter\n.op",
    )
    outcome = climb(session, hard, ["v(b)"], lambda: go_on)
    assert outcome.ok, outcome
    assert outcome.tried[0] == "as written"


def test_a_time_step_too_small_says_when(session):
    outcome = session.run(STUCK, ["v(a)"], go_on)
    assert outcome.status is Status.STEP_TOO_SMALL, outcome
    assert outcome.scale == pytest.approx(0.5e-6, rel=0.05)
    assert outcome.node
    with pytest.raises(ConvergenceError, match=r"time step too small: doAnalyses: TRAN"):
        outcome.check()


def test_out_of_time_and_cancelled_and_the_session_goes_on():
    with Session(timeout_s=2) as session:
        session.start()
        outcome = session.run(ENDLESS, ["v(b)"], go_on)
        assert (outcome.status, outcome.message) == (Status.TIMED_OUT, "no end after 2 s")
        assert outcome.steps > 0
        with pytest.raises(LateError, match="timed out: no end after 2 s"):
            outcome.check()
    with Session() as session:
        threading.Timer(1.5, session.cancel).start()
        outcome = session.run(ENDLESS, ["v(b)"], go_on)
        assert outcome.status is Status.CANCELLED
        with pytest.raises(CancelledError, match="cancelled: by its caller"):
            outcome.check()
        assert session.run(DIVIDER, ["v(b)"], go_on).ok


@pytest.mark.parametrize("name", CRASHING)
def test_a_deck_that_crashes_the_library_is_an_outcome(session, name):
    outcome = session.run(CRASHING[name], ["v(a)"], go_on)
    assert (outcome.status, outcome.message) == (
        Status.DIED,
        f"its process ended with {name}",
    )
    with pytest.raises(
        SimulatorDiedError, match=f"the simulator died: its process ended with {name}"
    ):
        outcome.check()
    assert session.run(DIVIDER, ["v(b)"], go_on).ok


def test_refused_and_failed(session):
    refused = session.run("t\n.control\n.endc\n", ["v(a)"], go_on)
    with pytest.raises(DeckError, match=r"refused: it contains commands that ngspice would exec"):
        refused.check()
    missing = session.run(DIVIDER, ["v(bb)"], go_on)
    assert missing.message == "the deck has no vector bb"
    failed = session.run("t\nm1 a b 0 0 nix\nv1 a 0 1\n.op\n.end\n", ["v(a)"], go_on)
    with pytest.raises(SpiceError, match=r"failed: warning, can't find model 'nix'"):
        failed.check()


def test_a_halt_leaves_the_worker_warm_and_the_run_can_go_on(session):
    session.start()
    worker, times = session.process_id, []

    def first(samples):
        times.extend(samples.scale.tolist())
        return len(times) < 300

    shorter = ENDLESS.replace(" 10 0", " 5e-6 0")
    began = time.monotonic()
    outcome = session.run(shorter, ["v(b)"], first)
    assert outcome.status is Status.HALTED
    assert time.monotonic() - began < 30
    assert session.process_id == worker
    rest = session.resume(["v(b)"], lambda s: times.extend(s.scale.tolist()) or True)
    assert rest.status is Status.COMPLETED
    assert np.all(np.diff(times) > 0)
    assert np.diff(times).max() < 2.1e-9
    assert times[-1] == pytest.approx(5e-6)


def test_there_must_be_something_to_go_on_with():
    with Session() as session:
        with pytest.raises(SpiceError, match=r"there is no halted run to go on with\n  try: call"):
            session.resume(["v(b)"], go_on)
        with pytest.raises(SpiceError, match=r"nothing is loaded\n  try: call load\(\) or run\(\)"):
            session.solve(["v(b)"])


def test_options_come_last_and_before_the_end():
    assert with_options("t\nr1 a 0 1\n.end\n", {"gmin": 1e-10}) == (
        "t\nr1 a 0 1\n.options gmin=1e-10\n.end\n"
    )
    assert with_options("t\n.op", {}) == "t\n.op"


def test_what_the_simulator_says_is_read():
    log = ("a", 'doAnalyses: TRAN:  Timestep too small; time = 1e-6: trouble with node "x.b"', "c")
    assert diagnose(log)[:2] == (Status.STEP_TOO_SMALL, log[1])
    assert troubled(log) == "x.b"
    assert diagnose(())[1] == "the simulator stopped early"
    assert troubled(("nothing",)) == ""
    assert Outcome(Status.HALTED).ok
