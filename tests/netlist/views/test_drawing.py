"""A cell as a picture: every device and node of it is there."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import matplotlib as mpl
import pytest

from netlist.circuit import Circuit, Instance
from netlist.errors import NetlistError
from netlist.text.parser import parse, parse_library
from netlist.views.drawing import draw_subcircuit

CELLS = Path(__file__).parents[3] / "circuits" / "cells"


def words(svg: bytes) -> list[str]:
    return ["".join(e.itertext()).strip() for e in ET.fromstring(svg).iter() if "text" in e.tag]


@pytest.mark.parametrize("path", sorted(CELLS.glob("*.cir")), ids=lambda path: path.stem)
def test_every_device_of_a_shipped_cell_is_drawn(path: Path) -> None:
    circuit = Circuit("t", parse_library(path.read_text(encoding="utf-8")))
    for name, subcircuit in circuit.subcircuits().items():
        shown = " ".join(words(draw_subcircuit(circuit, name)))
        for statement in subcircuit.body:
            nodes = getattr(statement, "nodes", ())
            if nodes:
                assert statement.name in shown
                pins = nodes[:3] if isinstance(statement, Instance) else nodes[:2]
                assert all(n in shown for n in pins if n not in ("vss", "vdd", "0"))


def test_a_cell_s_pin_names_and_sizes() -> None:
    deck = parse(
        "t\n.model nn nmos\n.model pp pmos\n.subckt inv in out vdd vss\n"
        "Mp out in vdd vdd pp w=2e-6 l=1.8e-7\nMn out in vss vss nn w=1u l={lmin} m=2\n"
        "Cl out vss 5e-13\nX1 in out inner\n.ends\n.subckt inner a b\nR1 a b 1k\n.ends\n"
    )
    shown = words(draw_subcircuit(deck, "INV"))
    assert {"Mp", "2/0.18", "Mn", "1/lmin ×2", "Cl", "5e-13", "vdd", "out"} <= set(shown)
    assert "X1: inner" in shown


def test_the_same_picture_each_time() -> None:
    circuit = Circuit("t", parse_library((CELLS / "clamp.cir").read_text(encoding="utf-8")))
    assert draw_subcircuit(circuit, "clamp") == draw_subcircuit(circuit, "clamp")


@pytest.mark.parametrize(("form", "magic"), [("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_pictures_for_papers(form: str, magic: bytes) -> None:
    mpl.use("agg")
    deck = parse("t\n.subckt a in out<3>\nR1 in out<3> {1k}\nR2 in a$b 2\n.ends\n")
    assert draw_subcircuit(deck, "a", form).startswith(magic)


def test_no_such_subcircuit() -> None:
    with pytest.raises(NetlistError, match="there is no subcircuit none") as error:
        draw_subcircuit(parse("t\n.subckt a b\n.ends\n"), "none")
    assert error.value.hint == "there are: a"
