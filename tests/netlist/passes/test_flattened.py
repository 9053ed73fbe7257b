"""A deck taken apart gives ngspice's own figures for the deep one."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from netlist.circuit import Circuit, Instance, Subcircuit
from netlist.errors import NetlistError
from netlist.passes.flattened import flattened
from netlist.passes.leaves import leaves
from netlist.text.emitter import emit
from netlist.text.parser import parse

DECK = """\
everything a subcircuit can hold
.global vdd
.param unit=1k n=2
.func twice(x) {2*x}
Vdd vdd 0 3
V1 in 0 dc 1
X1 in out amp gain={n*1.5} m=3
X2 out 0 load
X3 in mid out net
R9 mid 0 {unit}
.subckt amp a b gain=2 r=1k
.param rr={r*2}
.model local nmos level=1 vto=0.5 kp=1e-4
M1 b a 0 0 local w={gain*1u} l=1u
R1 vdd b {rr}
X1 b 0 load value={rr*4}
.ends
.subckt load p q value={unit*7}
R1 p x {value}
R2 x q {twice(value)}
.ends
.subckt net a b c
V1 a s 0.1
R1 s b 2k
F1 b 0 V1 0.2
E1 t 0 s b 2
G1 t u POLY(1) s b 0 1e-3 1e-4
B1 u 0 I=v(u)/1k + v(s,b)*i(V1)*unit
R2 t u {unit}
H1 w 0 V1 10
R3 w c 10k
D1 b c dio
.ends
.model dio d is=1e-14
.op
.end
"""


def voltages(circuit: Circuit, folder: Path) -> dict[str, float]:
    """ngspice's operating point by node."""
    path = folder / "deck.cir"
    text = emit(circuit).replace(".end\n", ".control\nop\nprint all\n.endc\n.end\n")
    path.write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["ngspice", "-b", str(path)],
        capture_output=True, text=True, check=False, timeout=60, cwd=folder,
    )  # fmt: skip
    return {n: float(v) for n, v in re.findall(r"(?m)^(\S+) = (\S+)$", done.stdout)}


def test_the_flat_deck_has_the_same_operating_point(tmp_path: Path) -> None:
    deep = parse(DECK)
    flat = flattened(deep)
    assert not [s for s in flat.body if isinstance(s, Instance | Subcircuit)]
    before, after = voltages(deep, tmp_path), voltages(flat, tmp_path)
    nodes = [name for name in before if "#" not in name]
    assert len(nodes) == 10
    assert {n: after[n] for n in nodes} == pytest.approx({n: before[n] for n in nodes}, rel=1e-4)
    currents = {n: before[n] for n in before if n.endswith("#branch")}
    assert {n: after[n] for n in currents} == pytest.approx(currents, rel=1e-3, abs=1e-12)


def test_devices_and_nodes_keep_the_simulator_s_names() -> None:
    deep = parse(DECK)
    ours = [(leaf.name, leaf.nodes) for leaf in leaves(flattened(deep))]
    assert ours == [(leaf.name, leaf.nodes) for leaf in leaves(deep)]


def test_the_flat_deck_reads_back_as_itself() -> None:
    flat = flattened(parse(DECK))
    assert parse(emit(flat)) == flat
    assert flattened(flat) == flat


def test_a_branch_is_taken(tmp_path: Path) -> None:
    text = "t\n.param x=2\nV1 a 0 1\n.if (x==1)\nR1 a 0 1k\n.else\nR1 a 0 2k\n.endif\n.end\n"
    names = [leaf.device.value for leaf in leaves(flattened(parse(text))) if leaf.letter == "r"]
    assert names == [2000.0]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("X1 a none", "X1 cannot be taken apart: there is no subcircuit none"),
        ("X1 a 0 s\n.subckt s a\n.ends", "X1 cannot be taken apart: it has 2 nodes, s has 1 ports"),
        ("X1 a s\n.subckt s a\nX1 a s\n.ends", "cannot be taken apart: s uses itself"),
        (
            "X1 a s m=2\n.subckt s a\nW1 a 0 v1 sw\n.ends\n.model sw csw",
            "W1 takes no multiplier",
        ),
        ("X1 a s\n.subckt s a\n.func f(x) {x}\n.ends", "function f is defined inside a subcircuit"),
        (
            "X1 a s m=2\n.subckt s a\nR1 a 0 1 m={v(a)}\n.ends",
            "m of R1 has no value",
        ),
    ],
)
def test_what_cannot_be_taken_apart(lines: str, message: str) -> None:
    with pytest.raises(NetlistError, match=re.escape(message)):
        flattened(parse(f"t\nV1 a 0 1\n{lines}\n.end\n"))
