"""Sizes through a hierarchy: against what ngspice makes of the same deck."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from netlist.errors import NetlistError
from netlist.passes.sizes import Size, subcircuit_sizes, transistor_sizes
from netlist.text.parser import parse

DECK = """\
sizes
.param unit=1e-6 n=2
.model nch nmos level=1
.subckt fet d g s b w=1e-6 l=1e-6 m=1
M0 d g s b nch w={w} l={l} m={m}
.ends
.subckt pair a b w=3e-6 scale=2
.param half={w/2}
X1 a b 0 0 fet w={half} l={scale*unit}
X2 b a 0 0 fet w={w} m=4
M3 a b 0 0 nch w={w} l=2u
.ends
Xa in out pair
Xb in out pair w=8e-6 scale={n}
Mtop in out 0 0 nch l={n*unit} w=5u
V1 in 0 1
V2 out 0 1
.op
.end
"""


def test_sizes_are_those_ngspice_uses(tmp_path: Path) -> None:
    deck = DECK.replace(".end\n", "")
    names = ["m.xa.x1.m0", "m.xa.x2.m0", "m.xa.m3", "m.xb.x1.m0", "m.xb.x2.m0", "m.xb.m3", "mtop"]
    asked = " ".join(f"@{name}[{what}]" for name in names for what in ("w", "l", "m"))
    path = tmp_path / "deck.cir"
    path.write_text(f"{deck}.control\nop\nprint {asked}\n.endc\n.end\n", encoding="utf-8")
    done = subprocess.run(
        ["ngspice", "-b", str(path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=tmp_path,
    )
    found = {(n, w): float(v) for n, w, v in re.findall(r"@(\S+)\[(\w)\] = (\S+)", done.stdout)}
    assert len(found) == 3 * len(names)
    sizes = transistor_sizes(parse(DECK))
    ours = sorted((s.width_m, s.length_m, s.multiplier) for s in sizes.elements())
    theirs = sorted(tuple(found[n, w] for w in "wlm") for n in names)
    assert ours == [pytest.approx(size, rel=1e-5) for size in theirs]


def test_gate_area_and_multiplier_of_an_instance() -> None:
    deck = parse("t\n.subckt c a\nM1 a a 0 0 n w=2e-6 l=3e-6 m=2\n.ends\nXc a c m=5\n.end\n")
    assert transistor_sizes(deck) == Counter({Size("n", 2e-6, 3e-6, 10.0): 1})
    (size,) = transistor_sizes(deck)
    assert size.gate_area_m2 == pytest.approx(6e-11)
    assert subcircuit_sizes(deck, "C") == Counter({Size("n", 2e-6, 3e-6, 2.0): 1})


def test_ngspice_s_default_size_and_fingers() -> None:
    (size,) = transistor_sizes(parse("t\nM1 a a 0 0 N nf=4\n.end\n"))
    assert size == Size("n", 1e-4, 1e-4, 1.0, 4.0)


def test_many_equal_instances_are_worked_out_once() -> None:
    lines = "\n".join(f"X{i} a pair" for i in range(5000))
    text = f"t\n.subckt pair a\nM1 a a 0 0 n w={{2*1e-6}} l=1e-6\n.ends\n{lines}\n.end\n"
    assert transistor_sizes(parse(text)) == Counter({Size("n", 2e-6, 1e-6): 5000})


def test_a_size_that_cannot_be_worked_out() -> None:
    deck = parse("t\nM1 a a 0 0 n w={wide} l=1e-6\n.end\n", "deck.cir")
    message = "w cannot be worked out: parameter wide is not defined"
    with pytest.raises(NetlistError, match=message) as error:
        transistor_sizes(deck)
    assert str(error.value).startswith("deck.cir:2")


def test_an_instance_of_nothing() -> None:
    with pytest.raises(NetlistError, match="X1 uses subcircuit none, which is not there"):
        transistor_sizes(parse("t\nX1 a none\n.end\n"))


def test_a_subcircuit_that_uses_itself() -> None:
    deck = parse("t\n.subckt c a n=1\nX1 a c n={n+1}\n.ends\nXc a c\n.end\n")
    with pytest.raises(NetlistError, match="is more than 64 instances deep"):
        transistor_sizes(deck)
