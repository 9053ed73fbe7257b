"""Structures of transistors: what is one, and what only looks like one."""

from __future__ import annotations

from pathlib import Path

import pytest

from netlist.circuit import Circuit
from netlist.passes.structures import polarities, structures
from netlist.text.parser import parse, parse_library

CELLS = Path(__file__).parents[3] / "circuits" / "cells"
SIZE = "w=1u l=2u"


def found(body: str, ports: str = "a b out vdd vss") -> list[str]:
    """Structures of a subcircuit's body as text; ``%`` stands for a size."""
    deck = parse(f"t\n.subckt cell {ports}\n{body.replace('%', SIZE)}\n.ends\n")
    cell = deck.subcircuits()["cell"]
    return [f"{s.kind}: {' '.join(s.members)}" for s in structures(cell, polarities(deck))]


TAIL = "Xt s bias vss vss nfet %\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"{TAIL}X1 x a s vss nfet %\nX2 y b s vss nfet %", ["pair: X1 X2"]),
        ("Rt s vss 1k\nX1 x a s vss nfet %\nX2 vdd b s vss nfet %", ["pair: X1 X2"]),
        ("Xt s bias vdd vdd pfet %\nX1 x a s vdd pfet %\nX2 y b s vdd pfet %", ["pair: X1 X2"]),
        (
            f"{TAIL}X1 x a s vss nfet % m=3\nX2 x b s vss nfet % m=1\nX3 y c s vss nfet % m=4",
            ["pair: X1 X2 X3"],
        ),
        ("X1 a a vss vss nfet %\nX2 b a vss vss nfet w=9u l=2u", ["mirror: X1 X2"]),
        ("X1 b a vdd vdd pfet %\nX2 a a vdd vdd pfet %", ["mirror: X2 X1"]),
        (
            "X1 m a vss vss nfet %\nX2 a c m vss nfet %\nX3 b a vss vss nfet %",
            ["mirror: X1 X3", "cascode: X1 X2"],
        ),
        (
            "X1 m bias vdd vdd pfet %\nX2 out c m vdd pfet %",
            ["cascode: X1 X2"],
        ),
        ("X1 out a vdd vdd pfet %\nX2 out a vss vss nfet %", ["inverter: X1 X2"]),
        ("X1 out p vdd vdd pfet %\nX2 out n vss vss nfet %", ["push-pull: X1 X2"]),
        (
            "X1 a p out vdd pfet %\nX2 out n a vss nfet w=9u l=1u",
            ["transmission gate: X1 X2"],
        ),
    ],
    ids=lambda value: value[0].partition(":")[0] if isinstance(value, list) else "",
)
def test_what_is_one(body: str, expected: list[str]) -> None:
    assert found(body) == expected


@pytest.mark.parametrize(
    "body",
    [
        f"{TAIL}X1 x a s vss nfet %\nX2 y b s vss nfet w=1u l=3u",
        f"{TAIL}X1 x a s vss nfet % m=2\nX2 y b s vss nfet %",
        f"{TAIL}X1 x a s vss nfet %\nX2 y a s vss nfet %",
        f"{TAIL}X1 x a s vss nfet %\nX2 x b s vss nfet %",
        f"{TAIL}X1 x a s vss nfet %\nX2 y b s vdd pfet %",
        "X1 x a vss vss nfet %\nX2 y b vss vss nfet %",
        "Cs s vss 1p\nX1 x a s vss nfet %\nX2 y b s vss nfet %",
    ],
    ids=["length", "times", "one gate", "one drain", "kinds", "no tail", "two switches"],
)
def test_no_differential_pair(body: str) -> None:
    assert not [one for one in found(body) if one.startswith("pair")]


@pytest.mark.parametrize(
    "body",
    [
        "X1 a bias vss vss nfet %\nX2 b bias vss vss nfet %",
        "X1 a a vss vss nfet %\nX2 b a r vss nfet %\nR1 r vss 1k",
        "X1 a a vss vss nfet %\nX2 b a vss vdd pfet %",
        "X1 a a vss vss nfet %",
        "X1 vss a vss vss nfet %\nX2 b a vss vss nfet %",
    ],
    ids=["no diode", "sources apart", "kinds", "alone", "a capacitor"],
)
def test_no_mirror(body: str) -> None:
    assert found(body) == []


@pytest.mark.parametrize(
    "body",
    [
        "X1 m bias vdd vdd pfet %\nX2 out bias m vdd pfet %",
        "X1 m a vdd vdd pfet %\nX2 out b m vdd pfet %\nX3 out b vss vss nfet %",
        "X1 m bias vdd vdd pfet %\nX2 out c m vss nfet %",
        "X1 m c a vss nfet %\nX2 out b m vss nfet %",
        f"{TAIL}X1 x a s vss nfet w=1u l=3u\nX2 y b s vss nfet %",
    ],
    ids=["one gate", "logic", "kinds", "on no supply", "two on one"],
)
def test_no_cascode(body: str) -> None:
    assert not [one for one in found(body) if one.startswith("cascode")]


@pytest.mark.parametrize(
    "body",
    [
        "X1 out a vdd vdd pfet %\nX2 out a x vss nfet %",
        "X1 out vss vdd vdd pfet %\nX2 out a vss vss nfet %",
        "X1 out p vdd vdd pfet %\nX2 out out vss vss nfet %",
        "X1 out a vdd vdd pfet %\nX2 x a vdd vdd pfet %\nX3 out n vss vss nfet %",
        "X1 a p out vdd pfet %\nX2 out n b vss nfet %",
        "X1 a p out vdd pfet %\nX2 out p a vss nfet %",
        "X1 a p out vdd pfet %\nX2 out n a vdd pfet %",
    ],
    ids=["floating", "tied", "diode", "bias", "other end", "one gate", "kinds"],
)
def test_no_output_stage_and_no_gate(body: str) -> None:
    assert found(body) == []


def test_m_lines_by_the_kind_of_their_model() -> None:
    deck = parse(
        "t\n.model up pmos\n.model dn nmos\n.subckt inv in out vdd vss\n"
        "M1 out in vdd vdd up\nM2 out in vss vss dn\n.ends\n"
    )
    (one,) = structures(deck.subcircuits()["inv"], polarities(deck))
    assert (one.kind, one.members) == ("inverter", ("M1", "M2"))


@pytest.mark.parametrize(
    ("file", "name", "expected"),
    [
        (
            "driver_ab",
            "driver_ab",
            [
                "pair: Xin Xfb",
                *("mirror: Xm1 Xm2", "mirror: Xdn Xmn", "mirror: Xdp Xpush"),
                "push-pull: Xpush Xsink",
            ],
        ),
        ("clamp", "clamp", ["pair: Xfree Xlabel Xclamped", "mirror: Xm1 Xm2"]),
        ("update", "bump", ["pair: Xa Xb", "pair: Xma Xna"]),
        (
            "update_memory",
            "update_memory",
            [
                *("cascode: Xtail Xrun", "cascode: Xtop Xtrun", "cascode: Xmem Xk"),
                *("cascode: Xtrun Xq", "transmission gate: Xjoinp Xjoinn"),
            ],
        ),
        ("edge", "edge", []),
    ],
)
def test_shipped_cells(file: str, name: str, expected: list[str]) -> None:
    deck = Circuit("t", parse_library((CELLS / f"{file}.cir").read_text(encoding="utf-8")))
    cell = deck.subcircuits()[name]
    shown = [f"{s.kind}: {' '.join(s.members)}" for s in structures(cell, polarities(deck))]
    assert shown == expected
