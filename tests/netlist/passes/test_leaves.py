"""Flattening: the same devices on the same nodes as ngspice lists, under its own names."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from netlist.circuit import Source
from netlist.errors import NetlistError
from netlist.passes.leaves import Leaf, leaves
from netlist.span import Span
from netlist.text.parser import parse

PLAIN = """\
subcircuits on the top level, every kind of device
.model nm nmos level=1
.model dm d
.model sm sw vt=0.5
.global vdd
.subckt inner p q r=1e3
R1 p mid {r}
C1 mid gnd 1e-12
M0 q P vdd 0 nm
E1 z 0 p q 2
F1 z 0 v1 2
V1 p y 0
B1 z 0 i=v(p)*2
D1 y z dm
.ends inner
.subckt outer a b
Xi a n1 inner r=2e3
xj n1 b inner
L1 n1 b 1e-9
I1 n1 0 1e-6
.ends outer
Vdd vdd 0 1
Va A 0 1
XTop A out outer
S1 out 0 a 0 sm
G1 out GND a 0 1e-3
H1 h 0 Va 2
Rh h 0 1
"""

NESTED = """\
subcircuits inside subcircuits, some of them hiding others
.subckt leaf a b
R1 a b 1
R2 b m 1
R3 m 0 1
.ends leaf
.subckt user a
Xu a own leaf
Ru own 0 1
.ends user
.subckt hides a
.subckt leaf a b
C1 a b 1e-12
Xdeep a w twig
.subckt twig a b
R7 a b 7
Xo a b beside
Xt a user
.ends twig
.ends leaf
.subckt beside a b
R8 a m 8
R9 m b 9
.ends beside
Xa a x leaf
Xb a user
Rx x 0 1
Xc a x beside
.ends hides
V1 a 0 1
X1 a hides
X2 a b leaf
X3 b hides
"""


def listed_by_ngspice(deck: str, folder: Path) -> set[tuple[str, str]]:
    """Name and nodes of every device, as ngspice expands the deck."""
    control = ".control\nlisting e\nquit\n.endc\n.end\n"
    (folder / "deck.cir").write_text(deck + control, encoding="utf-8")
    run = subprocess.run(
        ["ngspice", "-n", "-b", "deck.cir"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    lines = re.findall(r"^ +\d+ : ([a-z]\S*) (.*)$", run.stdout, re.MULTILINE)
    return {(name, " ".join(rest.split())) for name, rest in lines[1:]}


def flattened(deck: str) -> dict[str, Leaf]:
    found = list(leaves(parse(deck)))
    by_name = {leaf.name: leaf for leaf in found}
    assert len(by_name) == len(found)
    return by_name


@pytest.mark.parametrize("deck", [PLAIN, NESTED], ids=["plain", "nested"])
def test_names_and_nodes_are_those_of_ngspice(deck: str, tmp_path: Path) -> None:
    ours, theirs = flattened(deck), dict(listed_by_ngspice(deck, tmp_path))
    assert set(ours) == set(theirs)
    for name, leaf in ours.items():
        assert theirs[name].split()[: len(leaf.nodes)] == list(leaf.nodes), name


def test_saved_by_these_names_ngspice_has_values_for_every_device(tmp_path: Path) -> None:
    """The names hold where the audit uses them, too: as device parameters of a finished run."""
    names = [name for name, leaf in flattened(NESTED).items() if leaf.letter == "r"]
    (tmp_path / "deck.cir").write_text(
        f"{NESTED}.control\nop\n"
        + "".join(f"print @{name}[resistance]\n" for name in names)
        + ".endc\n.end\n",
        encoding="utf-8",
    )
    run = subprocess.run(
        ["ngspice", "-n", "-b", "deck.cir"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    values = dict(re.findall(r"^@(\S+)\[resistance\] = (\S+)", run.stdout, re.MULTILINE))
    devices = flattened(NESTED)
    assert set(values) == set(names)
    for name, value in values.items():
        assert float(value) == getattr(devices[name].device, "value"), name  # noqa: B009


def test_leaves_come_depth_first_in_order() -> None:
    names = [leaf.name for leaf in leaves(parse(PLAIN))]
    assert names[:3] == ["vdd", "va", "r.xtop.xi.r1"]
    assert names[-5:] == ["i.xtop.i1", "s1", "g1", "h1", "rh"]


def test_hidden_names_mean_the_nearest_definition_where_they_are_written() -> None:
    ours = flattened(NESTED)
    # `user` was written outside of `hides`, so that its leaf is the outer one, of resistors.
    assert "r.x1.xb.xu.r1" in ours
    assert "r.x2.r1" in ours
    # `hides` has a leaf of its own, expanded inside it: hence the second letter.
    assert "c.x1.c.xa.c1" in ours
    assert ours["c.x1.c.xa.c1"].nodes == ("a", "x1.x")


def test_leaf_keeps_its_statement() -> None:
    leaf = flattened(PLAIN)["v.xtop.xj.v1"]
    assert isinstance(leaf.device, Source)
    assert (leaf.letter, leaf.device.name, leaf.nodes) == ("v", "V1", ("xtop.n1", "xtop.xj.y"))


def test_ground_has_one_name_and_globals_are_the_same_everywhere() -> None:
    ours = flattened(PLAIN)
    assert ours["g1"].nodes == ("out", "0", "a", "0")
    assert ours["c.xtop.xi.c1"].nodes == ("xtop.xi.mid", "0")
    assert ours["m.xtop.xi.m0"].nodes == ("xtop.n1", "a", "vdd", "0")


@pytest.mark.parametrize(
    ("deck", "message", "hint"),
    [
        (
            "t\nV1 a 0 1\nX1 a nowhere\n",
            "X1 uses subcircuit nowhere, which is not there",
            "define it, or include the file that does",
        ),
        (
            "t\n.subckt one a\n.subckt in p\n.ends\n.ends\nX1 a in\n",
            "X1 uses subcircuit in, which is not there",
            "define it, or include the file that does",
        ),
        (
            "t\n.subckt One a b\nR1 a b 1\n.ends\nX1 a one\n",
            "X1 has 1 nodes, subcircuit One has 2 ports",
            "ports in order: a b",
        ),
        (
            "t\n.subckt one a\nX2 a two\n.ends\n.subckt two a\nX9 a one\n.ends\nX1 a one\n",
            "X9 is more than 64 instances deep",
            "subcircuit one uses itself, directly or through another",
        ),
    ],
)
def test_instances_that_cannot_be_expanded(deck: str, message: str, hint: str) -> None:
    with pytest.raises(NetlistError, match=re.escape(message)) as error:
        list(leaves(parse(deck, "deck.cir")))
    line = next(n for n, text in enumerate(deck.split("\n"), 1) if text.startswith(message[:2]))
    assert error.value.where == Span("deck.cir", line)
    assert error.value.hint == hint
