"""Edits: what is asked for changes, with all that refers to it, and nothing else."""

from __future__ import annotations

import re

import pytest

from netlist.circuit import Circuit, Expression
from netlist.errors import NetlistError
from netlist.passes.difference import differences
from netlist.passes.edit import (
    rename_device,
    rename_model,
    rename_node,
    rename_subcircuit,
    replace_subcircuit,
    set_parameter,
)
from netlist.text.emitter import emit
from netlist.text.parser import parse

DECK = """\
t
.param a=1e3
V1 in 0 dc 1
F1 out 0 V1 2
B1 x 0 V=v(in, out)*i(V1)
E1 y 0 POLY(1) in out 0 1
K1 L1 L2 0.9
L1 in 0 1e-6
L2 x 0 1e-6
X1 in out load r=2e3
M1 out in 0 0 nch w=1e-6
A1 [in] [d] conv
.subckt load p q r=1e3
R1 p q {r}
M1 p q 0 0 nch
.ends load
.model nch.0 nmos level=8
.model nch.1 nmos level=8
.model conv adc_bridge
.ic v(in)=0 v(out)=1
.save v(in) i(V1) @M1[id] V1#branch
.if (a>0)
R7 in x 1
.endif
.end
"""


def deck() -> Circuit:
    return parse(DECK)


def same(edited: Circuit, *changes: tuple[str, str]) -> None:
    """The edited deck is the text with these words changed."""
    text = DECK
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    assert differences(edited, parse(text)) == ()
    assert parse(emit(edited)) == edited


def test_a_node_of_the_deck() -> None:
    text = re.sub(r"\bin\b", "inp", DECK)
    assert differences(rename_node(deck(), "IN", "inp"), parse(text)) == ()


def test_a_node_of_a_subcircuit_is_a_port_too() -> None:
    edited = rename_node(deck(), "p", "plus", "LOAD")
    same(edited, ("load p q", "load plus q"), ("R1 p q", "R1 plus q"), ("M1 p q", "M1 plus q"))


def test_a_source_and_what_follows_it() -> None:
    text = DECK.replace("V1", "Vsense")
    assert differences(rename_device(deck(), "v1", "Vsense"), parse(text)) == ()


def test_other_devices() -> None:
    same(rename_device(deck(), "L1", "Lprim"), ("L1", "Lprim"))
    same(rename_device(deck(), "m1", "Mx"), ("M1 out", "Mx out"), ("@M1[", "@Mx["))
    same(rename_device(deck(), "m1", "Mx", "load"), ("M1 p", "Mx p"))
    same(rename_device(deck(), "R7", "R8"), ("R7", "R8"))


def test_a_subcircuit_and_its_uses() -> None:
    same(rename_subcircuit(deck(), "load", "leg"), ("load", "leg"))


def test_a_binned_model_and_its_uses() -> None:
    same(rename_model(deck(), "nch", "nfet"), (" nch", " nfet"))
    same(rename_model(deck(), "CONV", "adc"), ("conv", "adc"))


def test_another_subcircuit_in_place_bound_by_port_names() -> None:
    other = parse("t\n.subckt LOAD q p r=5\nC1 p q {r}\n.ends\n").subcircuits()["load"]
    edited = replace_subcircuit(deck(), other)
    same(
        edited,
        (".subckt load p q r=1e3\nR1 p q {r}\nM1 p q 0 0 nch", ".subckt load p q r=5\nC1 p q {r}"),
    )


@pytest.mark.parametrize(
    ("device", "name", "value", "subcircuit", "old", "new"),
    [
        ("m1", "W", 2e-6, "", "w=1e-6", "w=2e-6"),
        ("M1", "l", 3e-6, "", "w=1e-6", "w=1e-6 l=3e-6"),
        ("M1", "l", 3e-6, "load", "0 0 nch\n.ends", "0 0 nch l=3e-6\n.ends"),
        ("X1", "r", Expression("a*2"), "", "r=2e3", "r={a*2}"),
        ("L2", "", 5.0, "", "L2 x 0 1e-6", "L2 x 0 5"),
        ("V1", "", 2.0, "", "dc 1", "dc 2"),
        (".param", "a", 7.0, "", "a=1e3", "a=7"),
        ("nch.1", "level", 54.0, "", "nch.1 nmos level=8", "nch.1 nmos level=54"),
        ("R7", "", 2.0, "", "R7 in x 1", "R7 in x 2"),
    ],
)
def test_a_parameter(device, name, value, subcircuit, old, new) -> None:
    same(set_parameter(deck(), device, name, value, subcircuit), (old, new))


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda d: rename_node(d, "nowhere", "a"), "there is no node nowhere"),
        (lambda d: rename_node(d, "in", "out"), "node out is there already"),
        (lambda d: rename_node(d, "p", "a", "none"), "there is no subcircuit none"),
        (lambda d: rename_device(d, "V9", "V2"), "there is no device V9"),
        (lambda d: rename_device(d, "L1", "l2"), "device l2 is there already"),
        (lambda d: rename_device(d, "L1", "C9"), "C9 would be another kind of device than L1"),
        (lambda d: rename_subcircuit(d, "none", "a"), "there is no subcircuit none"),
        (lambda d: rename_model(d, "none", "a"), "there is no model none"),
        (lambda d: rename_model(d, "nch", "conv"), "model conv is there already"),
        (lambda d: set_parameter(d, "Q1", "w", 1.0), "there is no Q1 with w to set"),
        (lambda d: set_parameter(d, "B1", "", 1.0), "there is no B1 with a value to set"),
        (lambda d: set_parameter(d, ".param", "zz", 1.0), "there is no .param with zz to set"),
    ],
)
def test_refusals(edit, message: str) -> None:
    with pytest.raises(NetlistError, match=re.escape(message)):
        edit(deck())


def test_ports_of_other_names_are_refused() -> None:
    other = parse("t\n.subckt load a b\nC1 a b 1\n.ends\n").subcircuits()["load"]
    with pytest.raises(NetlistError, match="the ports a b are not those of load"):
        replace_subcircuit(deck(), other)


def test_a_name_that_means_several_things_is_refused() -> None:
    text = DECK.replace(".ends load", ".model conv nmos\n.subckt load a\n.ends\n.ends load")
    with pytest.raises(NetlistError, match="several subcircuits are called load"):
        rename_subcircuit(parse(text), "load", "x")
    with pytest.raises(NetlistError, match="several models are called conv"):
        rename_model(parse(text), "conv", "x")
