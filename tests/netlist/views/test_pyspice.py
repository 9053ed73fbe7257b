"""PySpice both ways: nothing is lost, and PySpice's own objects hold what they can."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from netlist.circuit import Directive
from netlist.errors import NetlistError
from netlist.passes.difference import differences
from netlist.text.parser import parse, parse_library
from netlist.views.pyspice import from_pyspice, to_pyspice

DECK = """\
mixed
.param a=1e3 b={a*2}
V1 a 0 dc 1 PULSE(0 1 0 1n 1n 5n 10n)
I1 a 0 1m
R1 a out 1k tc1=1e-3
R2 a out {b}
C1 out 0 1p ic=0.5
L1 a out 1u
M1 out a 0 0 nch w=1u l=0.18u
D1 a out dm
Q1 a out 0 qm
Q2 a out 0 0 qm
X1 out 0 load r=2k
B1 x 0 V=v(a)*2
E1 x2 0 a out 3
K1 L1 L1 0.5
.func f(x) {2*x}
.subckt load p q r=1k
.param half={r/2}
R1 p q {half}
C1 p q 1p
.model loc d
.ends
.model nch nmos level=1 vto=0.5
.model bin.1 nmos level=8
.model dm d is=1e-14
.model qm npn
.ic v(a)=0 v(out)=1
.end
"""


def test_there_and_back() -> None:
    deck = parse(DECK)
    back = from_pyspice(to_pyspice(deck))
    assert differences(deck, back) == ()
    assert back.title == "mixed"


@pytest.mark.parametrize(
    "path",
    sorted((Path(__file__).parents[3] / "circuits" / "cells").glob("*.cir")),
    ids=lambda path: path.stem,
)
def test_shipped_cells_there_and_back(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    deck = parse(f"t\n{text}")
    assert differences(deck, from_pyspice(to_pyspice(deck))) == ()
    assert parse_library(text)


def test_pyspice_s_own_objects() -> None:
    circuit = to_pyspice(parse(DECK))
    assert float(circuit["R1"].resistance) == 1000.0
    assert [str(node) for node in circuit["M1"].nodes] == ["out", "a", "0", "0"]
    assert circuit["M1"].model == "nch"
    assert {s.name for s in circuit.subcircuits} == {"load"}
    assert circuit.model("other", "D").name == "other"


def test_a_circuit_built_with_pyspice() -> None:
    from PySpice.Spice.Netlist import Circuit, SubCircuit
    from PySpice.Unit import u_kOhm, u_V

    made = Circuit("divider")
    made.V("in", "a", made.gnd, 10 @ u_V)
    made.R(1, "a", "b", 2 @ u_kOhm)
    leg = SubCircuit("leg", "p", "q", r=3)
    leg.R(1, "p", "q", 1 @ u_kOhm)
    made.subcircuit(leg)
    made.X("leg", "leg", "b", made.gnd)
    ours = from_pyspice(made)
    expected = parse(
        "divider\nVin a 0 10\nR1 a b 2k\nXleg b 0 leg\n.subckt leg p q r=3\nR1 p q 1k\n.ends\n"
    )
    assert ours.title == "divider"
    assert differences(ours, expected) == ()


def test_analyses_are_left_to_the_simulator() -> None:
    deck = parse("t\nV1 a 0 1\nR1 a 0 1\n.tran 1n 10n\n.save v(a)\n.end\n")
    back = from_pyspice(to_pyspice(deck))
    assert not [s for s in back.body if isinstance(s, Directive)]


def test_without_pyspice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PySpice.Spice.Netlist", None)
    with pytest.raises(NetlistError, match="PySpice cannot be used: "):
        to_pyspice(parse(DECK))
