"""Counting what a deck is made of, against counting it another way."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from netlist.errors import NetlistError
from netlist.passes.inventory import inventory
from netlist.passes.leaves import leaves
from netlist.text.parser import parse

CIRCUITS = Path(__file__).parents[3] / "circuits"


def test_a_cell_counts_as_its_leaves_do() -> None:
    process = (CIRCUITS / "processes" / "generic180.cir").read_text(encoding="utf-8")
    cell = (CIRCUITS / "cells" / "clamp.cir").read_text(encoding="utf-8")
    deck = parse(f"t\n{process}{cell}X1 a b c d 0 e clamp\nX2 a b c d 0 e clamp mout=48\n.end\n")
    rows = {row.name: row for row in inventory(deck)}
    assert rows[""].devices == dict(Counter(leaf.letter for leaf in leaves(deck)))
    assert rows["clamp"].uses == 2
    assert rows["nfet"].uses == 6
    # By hand from clamp.cir, eta = 1/2, mout = 24: tail, pair, mirror, output, pull.
    assert rows["clamp"].transistors == 4 + 2 + 2 + 4 + 2 + 12 + 24
    area_um2 = 4 * 10 + 8 * 5 + 2 * 1.5 + 12 * 1.5 + 24 * 10
    assert rows["clamp"].gate_area_m2 == pytest.approx(area_um2 * 1e-12)
    more_um2 = 12 * 1.5 + 24 * 10
    assert rows[""].gate_area_m2 == pytest.approx((2 * area_um2 + more_um2) * 1e-12)


def test_an_area_that_is_not_known() -> None:
    (row, *_) = inventory(parse("t\nM1 a a 0 0 n w={wide}\nR1 a 0 1\n.end\n"))
    assert (row.devices, row.transistors) == ({"m": 1, "r": 1}, 1)
    assert row.gate_area_m2 is None
    assert row.problem == "w cannot be worked out: parameter wide is not defined"


def test_a_chain_deeper_than_any_cell_library() -> None:
    chain = "".join(f".subckt l{i} a\nX1 a l{i + 1}\n.ends\n" for i in range(2000))
    deck = parse(f"t\nX1 a l0\n{chain}.subckt l2000 a\nR1 a 0 1\n.ends\n.end\n")
    with pytest.raises(NetlistError, match="subcircuit l64 is more than 64 instances deep"):
        inventory(deck)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("X1 a none", "X1 uses subcircuit none, which is not there"),
        ("X1 a s\n.subckt s a\nX1 a s\n.ends", "subcircuit s uses itself"),
    ],
)
def test_what_cannot_be_counted(lines: str, message: str) -> None:
    with pytest.raises(NetlistError, match=message):
        inventory(parse(f"t\n{lines}\n.end\n"))
