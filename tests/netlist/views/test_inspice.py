"""InSpice both ways; its text leaves parameters of subcircuits out, its objects have them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from netlist.circuit import Parameter, Subcircuit
from netlist.errors import NetlistError
from netlist.passes.difference import differences
from netlist.text.parser import parse
from netlist.views.pyspice import from_inspice, to_inspice
from tests.netlist.views.test_pyspice import DECK

CELLS = sorted((Path(__file__).parents[3] / "circuits" / "cells").glob("*.cir"))


class _Made:
    """What InSpice 1.6.3 makes of a subcircuit with parameters, without InSpice."""

    def __init__(self, text: str, name: str = "", parameters: object = (), inner: object = ()):
        self.text, self.name = text, name
        self.parameters, self.subcircuits = dict(parameters), tuple(inner)

    def __str__(self) -> str:
        return self.text


def test_parameters_that_its_text_leaves_out_are_those_of_its_objects() -> None:
    inner = _Made("", "deep", {"w": "1u"})
    leg = _Made("", "Leg", {"r": 3, "s": "{r*2}"}, [inner])
    text = (
        ".title t\n.subckt Leg p q f{key}={value} f{key}={value}\n"
        ".subckt deep a f{key}={value}\nR1 a 0 1\n.ends deep\nR1 p q {r}\n.ends Leg\nX1 a 0 Leg\n"
    )
    deck = from_inspice(_Made(text, inner=[leg]))
    (found,) = (s for s in deck.body if isinstance(s, Subcircuit))
    assert [p.name for p in found.parameters] == ["r", "s"]
    assert found.parameters[0] == Parameter("r", 3.0)
    (deep,) = (s for s in found.body if isinstance(s, Subcircuit))
    assert [p.name for p in deep.parameters] == ["w"]


def test_there_and_back() -> None:
    pytest.importorskip("InSpice")
    deck = parse(DECK)
    made = to_inspice(deck)
    assert differences(deck, from_inspice(made)) == ()
    assert float(made["R1"].resistance) == 1000.0


@pytest.mark.parametrize("path", CELLS, ids=lambda path: path.stem)
def test_shipped_cells_there_and_back(path: Path) -> None:
    pytest.importorskip("InSpice")
    deck = parse(f"t\n{path.read_text(encoding='utf-8')}")
    assert differences(deck, from_inspice(to_inspice(deck))) == ()


def test_a_circuit_built_with_inspice() -> None:
    netlist = pytest.importorskip("InSpice.Spice.Netlist")
    made = netlist.Circuit("divider")
    made.V("in", "a", made.gnd, 10)
    leg = netlist.SubCircuit("leg", "p", "q", r=3)
    leg.R(1, "p", "q", "{r}")
    made.subcircuit(leg)
    made.X("leg", "leg", "a", made.gnd, r=2)
    expected = parse(
        "divider\nVin a 0 10\nXleg a 0 leg r=2\n.subckt leg p q r=3\nR1 p q {r}\n.ends\n"
    )
    assert differences(from_inspice(made), expected) == ()


def test_without_inspice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "InSpice.Spice.Netlist", None)
    with pytest.raises(NetlistError, match="InSpice cannot be used: ") as error:
        to_inspice(parse(DECK))
    assert error.value.hint == "pip install InSpice"
