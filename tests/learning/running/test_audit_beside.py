"""The audit beside a run: what is kept of it, and that nothing waits for it."""

from __future__ import annotations

from pathlib import Path
from threading import Event

import pytest

from learning.design.read import load_design
from learning.experiment.prepare import prepare
from learning.fidelity.plant import Part
from learning.fidelity.plants import SPICE
from learning.fidelity.spice import Spice
from learning.measure.audit import Balance
from learning.running.audit_beside import AuditBeside
from learning.running.controller import learn
from learning.running.learned import Learned

IDEAL = Path(__file__).parent.parent / "ideal.toml"


def test_a_kept_balance_is_that_of_the_same_deck(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def balance(gates_V: tuple[float, ...], *, keep: bool = True) -> Balance | None:
        experiment = prepare(load_design(IDEAL)).from_gates(gates_V)
        with AuditBeside(experiment, SPICE, keep=keep) as beside:
            beside.begin(0.0, {})
            return beside.result()

    gates_V = prepare(load_design(IDEAL)).gates_V
    fresh = balance(gates_V, keep=False)
    assert fresh is not None
    made = balance(gates_V)
    monkeypatch.setattr("learning.fidelity.spice.Spice.audit", _never)
    again = balance(gates_V)
    assert made == again
    assert made is not None
    assert made.supplied_J == pytest.approx(fresh.supplied_J, rel=1e-9)
    with pytest.raises(AssertionError, match="audited"):
        balance(tuple(volts + 1e-3 for volts in gates_V))


def test_the_end_of_a_run_does_not_wait_for_its_audit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What is asked of the trained network is asked first; the balance is there after it."""
    asked, audit = Event(), Spice.audit

    def late(plant: Spice, part: Part, until_s: float) -> Balance:
        assert asked.wait(60.0)
        return audit(plant, part, until_s)

    def ended(learned: Learned) -> None:
        assert learned.status == "completed"
        assert not learned.tally.balance
        asked.set()

    monkeypatch.setattr(Spice, "audit", late)
    design = load_design(IDEAL, ("measure.audit=true",))
    assert learn(design, tmp_path / "run", meanwhile=ended).tally.balance["residual"] < 1e-3


def _never(*_: object) -> Balance:
    raise AssertionError("audited")
