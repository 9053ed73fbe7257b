"""The audit on circuits whose balance is known, and on some it must complain about."""

from __future__ import annotations

import pytest

from learning.measure.audit import RESIDUAL_LIMIT, Audit, Balance
from netlist.parts.cell import library_path
from netlist.text.parser import parse
from spice_backend.session.session import Session

_MODELS = (library_path().parent / "processes" / "generic180.cir").read_text(encoding="utf-8")
_END = ".options reltol=1e-4\n"


def _balance(title: str, *lines: str, tran: str) -> Balance:
    body = "\n".join([title, *lines]) + "\n" + _END
    audit = Audit(parse(body + ".end\n", "bench.cir"))
    text = f"{body}.save {' '.join(audit.probes)}\n{tran}\n.end\n"
    with Session(timeout_s=120) as session:
        session.run(text, audit.probes, audit.take).check()
    return audit.balance()


def test_charging_a_capacitor_burns_as_much_as_it_stores() -> None:
    """1 V through 1 kohm into 1 nF, ten time constants: C*V^2 supplied, half of it stored."""
    balance = _balance(
        "rc", "V1 a 0 pulse 0 1 1e-7 1e-9 1e-9 1 2", "R1 a b 1e3", "C1 b 0 1e-9",
        tran=".tran 2e-9 10.1e-6 0 2e-9",
    )  # fmt: skip
    assert balance.supplied_J == pytest.approx(1e-9, rel=2e-3)
    assert balance.stored_J == pytest.approx(0.5e-9, rel=2e-3)
    assert balance.dissipated_J == pytest.approx(0.5e-9, rel=2e-3)
    assert balance.residual < 1e-6
    assert balance.blind == ()
    assert balance.begin_s == 0.0
    assert balance.end_s == pytest.approx(10.1e-6)


def test_an_inverter_switching() -> None:
    """Two cycles into 50 fF: at least C*V^2 each, and the BSIM3 charges close the balance."""
    balance = _balance(
        "inverter", _MODELS, "Vdd vdd 0 1.8", "Vin in 0 pulse 0 1.8 1e-9 2e-10 2e-10 4.8e-9 1e-8",
        "Xp out in vdd vdd pfet w=2e-6 l=1.8e-7", "Xn out in 0 0 nfet w=1e-6 l=1.8e-7",
        "Cl out 0 5e-14", tran=".tran 2e-12 2e-8 0 2e-12",
    )  # fmt: skip
    assert balance.residual <= RESIDUAL_LIMIT
    switched_J = 2 * 5e-14 * 1.8**2
    assert switched_J < balance.supplied_J < 2 * switched_J
    # after whole cycles nothing has been kept
    assert abs(balance.stored_J) < 0.05 * balance.supplied_J
    assert balance.blind == ()


_HIDDEN = (".subckt cell a", "Vhid h 0 3", "Rhid h a 1e3", ".ends cell", "Xc b cell")


def test_a_hidden_supply_is_found() -> None:
    """A source inside a cell: no rail's current shows it, the audit counts it all the same."""
    lines = ("V1 a 0 1", "R1 a b 1e3", "Rb b 0 1e3")
    tran = ".tran 1e-7 1e-5 0 1e-7"
    open_J = _balance("open", *lines, tran=tran)
    hidden_J = _balance("hidden", *lines, *_HIDDEN, tran=tran)
    span_s = hidden_J.end_s - hidden_J.begin_s
    # node b: (1 + 3)/3 V; the hidden supply gives 3 V * (3 - 4/3) mA, the open one takes some back
    b_V = 4 / 3
    assert hidden_J.supplied_J == pytest.approx(
        (3 * (3 - b_V) + 1 * (1 - b_V)) * 1e-3 * span_s, rel=1e-6
    )
    assert open_J.supplied_J == pytest.approx(0.5e-3 * (open_J.end_s - open_J.begin_s), rel=1e-6)
    assert hidden_J.residual < 1e-6


def test_a_behavioural_source_is_a_device_like_any_other() -> None:
    """One that feeds power in shows as negative dissipation, so that the balance tells of it."""
    balance = _balance(
        "fed", "V1 a 0 1", "R1 a b 1e3", "Bfeed 0 b i=2e-3", "Rb b 0 1e3",
        tran=".tran 1e-7 1e-5 0 1e-7",
    )  # fmt: skip
    span_s = balance.end_s - balance.begin_s
    # b at 1.5 V: the source takes 0.5 mA in at 1 V, the resistors burn it, the feed gives 3 mW
    assert balance.supplied_J == pytest.approx(-0.5e-3 * span_s, rel=1e-6)
    assert balance.dissipated_J == pytest.approx((0.25 + 2.25 - 3.0) * 1e-3 * span_s, rel=1e-6)
    assert balance.residual < 1e-6


def test_a_device_it_cannot_ask_is_named_and_leaves_a_residual() -> None:
    balance = _balance(
        "blind", "V1 a 0 1", "R1 a b 1e3", ".model dio d is=1e-14", "D1 b 0 dio",
        tran=".tran 1e-7 1e-5 0 1e-7",
    )  # fmt: skip
    assert balance.blind == ("d1",)
    # a diode at 0.6 V takes six tenths of what the source gives
    assert 0.5 < balance.residual < 0.75


def test_nothing_supplied_has_no_share() -> None:
    empty = Balance(0.0, 0.0, 0.0, 0.0, 1.0)
    assert empty.residual == float("inf")
