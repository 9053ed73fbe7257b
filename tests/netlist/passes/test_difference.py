"""What two netlists differ in: nothing when only their looks do."""

from __future__ import annotations

import pytest

from netlist.passes.difference import differences
from netlist.text.parser import parse

DECK = """\
first
* a remark
.param a=1k b={a*2}
V1 in 0 dc 1 PULSE(0 1 0 1n 1n 5n 10n)
R1 in out 1k tc1=1e-3 tc2=0
M1 out in 0 0 nch w=1u l=0.18u
X1 out 0 load r=2k
.subckt load p q r=1k
R1 p q {r}
C1 p q 1p
.ends
.model nch nmos level=1 vto=0.5
.ic v(in)=0 v(out)=1
.tran 1n 10n
.end
"""


def lines(second: str) -> list[str]:
    return [d.text() for d in differences(parse(DECK), parse(second))]


def test_order_spelling_and_formatting_do_not_count() -> None:
    other = """\
SECOND
.MODEL NCH nmos vto=500m
+ LEVEL=1
.subckt LOAD p q R=1000
C1 p q 1e-12 $ a remark
R1 p q {R}
.ends load
.param b={ A * 2 }
.param a=1000
x1 OUT 0 load r=2000
m1 out in 0 0 nch l=180n w=1e-6
R1 in out 1000 tc2=0 tc1=0.001
.tran 1e-9 1e-8
.ic v(out)=1 v(in)=0
v1 in 0 1 pulse(0 1 0 1e-9 1e-9 5e-9 1e-8)
.end
"""
    assert lines(other) == []
    assert lines(DECK) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("R1 in out 1k", "R1 in out 2k", ["~ r1 value: 1000 -> 2000"]),
        ("R1 in out", "R1 out in", ["~ r1 nodes: in out -> out in"]),
        ("w=1u", "w=2u", ["~ m1 w: 1e-6 -> 2e-6"]),
        ("w=1u ", "", ["- m1 w: 1e-6"]),
        ("w=1u", "w=1u m=2", ["+ m1 m: 2"]),
        ("C1 p q 1p", "C1 p q 2p", ["~ .subckt load/c1 value: 1e-12 -> 2e-12"]),
        ("C1 p q 1p\n", "", ["- .subckt load/c1: C1 p q 1e-12"]),
        ("load p q r=1k", "load q p r=1k", ["~ .subckt load ports: p q -> q p"]),
        ("vto=0.5", "vto=0.6", ["~ .model nch vto: 0.5 -> 0.6"]),
        ("a=1k", "a=2k", ["~ .param a: 1000 -> 2000"]),
        ("{a*2}", "{a*3}", ["~ .param b: {a*2} -> {a*3}"]),
        ("5n 10n)", "6n 10n)", [
            (
                "~ v1 waveform: pulse 0 1 0 1e-9 1e-9 5e-9 1e-8"
                " -> pulse 0 1 0 1e-9 1e-9 6e-9 1e-8"
            ),
        ]),
        (".tran 1n 10n", ".tran 1n 20n", [
            "- .tran 1e-9 1e-8: .tran 1n 10n", "+ .tran 1e-9 2e-8: .tran 1n 20n",
        ]),
    ],
)  # fmt: skip
def test_one_difference(old: str, new: str, expected: list[str]) -> None:
    assert old in DECK
    assert lines(DECK.replace(old, new)) == expected


def test_places_are_given() -> None:
    (found,) = differences(parse(DECK, "a"), parse(DECK.replace("1p", "2p"), "b"))
    assert (str(found.first_span), str(found.second_span)) == ("a:10:1", "b:10:1")


def test_two_of_a_name() -> None:
    twice = DECK.replace("C1 p", "C1 p q 1p\nC1 p")
    assert lines(twice) == ["+ .subckt load/c1 (2): C1 p q 1e-12"]


def test_long_waveforms_are_folded_to_what_differs():
    values = [f"{i}u {i % 3}" for i in range(60)]
    kinds = (values, [*values[:40], "40u 9", *values[41:]], values[:40])
    decks = [parse(f"t\nV1 a 0 PWL({' '.join(v)})\nR1 a 0 1\n.end\n") for v in kinds]
    (one,) = differences(decks[0], decks[1])
    around = "pwl … 0 4e-5 {} 4.1e-5 2 … (121 words)"
    assert one.text() == f"~ v1 waveform: {around.format(1)} -> {around.format(9)}"
    (cut,) = differences(decks[0], decks[2])
    assert cut.text().endswith("-> pwl … 3.9e-5 0")
    assert len(cut.second) > 200  # for programs it stays whole


def test_a_whole_subcircuit_that_is_gone_is_told_by_its_beginning() -> None:
    more = "\n".join(f"R{i} p q 1k" for i in range(2, 9))
    deck = DECK.replace("C1 p q 1p", f"C1 p q 1p\n{more}")
    (line,) = (told for told in lines(deck.replace("load", "other")) if told.startswith("+ .s"))
    assert line.startswith("+ .subckt other: .subckt other p q r=1000 ")
    assert line.endswith(" words)")
    assert len(line) < 140
