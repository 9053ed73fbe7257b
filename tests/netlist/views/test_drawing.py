"""A cell as a picture: every device and node of it is there."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt

from netlist.circuit import Circuit, Instance
from netlist.errors import NetlistError
from netlist.text.parser import parse, parse_library
from netlist.views.drawing import Form, draw_subcircuit, sheet_of
from netlist.views.sheet import Pin, Sheet, Symbol
from tests.netlist.views.legible import drawn_wrong, loose_ends, overlaps, points, shorts

CELLS = Path(__file__).parents[3] / "circuits" / "cells"


def words(svg: bytes) -> list[str]:
    return ["".join(e.itertext()).strip() for e in ET.fromstring(svg).iter() if "text" in e.tag]


def read(path: Path) -> Circuit:
    return Circuit("t", parse_library(path.read_text(encoding="utf-8")))


CELL_PATHS = sorted(CELLS.glob("*.cir"))


@pytest.mark.parametrize("path", CELL_PATHS, ids=lambda path: path.stem)
def test_a_shipped_cell_is_legible_and_true(path: Path) -> None:
    circuit = read(path)
    for name, subcircuit in circuit.subcircuits().items():
        sheet = sheet_of(circuit, name)
        assert overlaps(sheet) == []
        assert drawn_wrong(sheet, subcircuit) == []
        assert loose_ends(sheet) == []
        assert shorts(sheet) == []


@pytest.mark.parametrize("path", CELL_PATHS, ids=lambda path: path.stem)
def test_every_device_of_a_shipped_cell_is_shown(path: Path) -> None:
    circuit = read(path)
    for name, subcircuit in circuit.subcircuits().items():
        shown = " ".join(words(draw_subcircuit(circuit, name)))
        for statement in subcircuit.body:
            nodes = getattr(statement, "nodes", ())
            if nodes:
                assert statement.name in shown
                pins = nodes[:3] if isinstance(statement, Instance) else nodes[:2]
                assert all(n in shown for n in pins)


@pytest.mark.parametrize("seed", range(8))
def test_any_cell_is_legible_and_true(seed: int) -> None:
    deck = parse(arbitrary(np.random.default_rng(seed)))
    sheet = sheet_of(deck, "c")
    assert overlaps(sheet) == []
    assert drawn_wrong(sheet, deck.subcircuits()["c"]) == []
    assert loose_ends(sheet) == []
    assert shorts(sheet) == []


def arbitrary(random: np.random.Generator) -> str:
    """A deck with a cell of devices between any nodes, supplies and long names among them."""
    nets = ["vdd", "vss", "0", "in", "out", "n1", "n2", "n3", "n4", "a_rather_long_name"]
    kinds = {
        "Xn{} {} {} {} vss nfet w=1e-6 l={{lx*3+1e-7}} m={{4*(1-eta)}}": 3,
        "Xp{} {} {} {} vdd pfet w=1e-6 l=1e-6": 3,
        "Xs{} {} {} vss vss nfet w=1e-6 l=1e-6": 4,
        "Xt{} {} {} vdd vdd pfet w=1e-6 l=1e-6 m=2": 4,
        "R{} {} {} 1e3": 2,
        "C{} {} {} 1e-12": 2,
        "D{} {} {} dd": 2,
        "V{} {} {} 1": 2,
        "B{} {} {} v=v(in)*v(out)+sin(v(n1))*exp(v(in,out))*v(a_rather_long_name)": 2,
        "E{} {} {} {} {} 2": 4,
        "Q{} {} {} {} qq": 3,
        "Xi{} {} {} {} inner": 3,
    }
    lines = []
    for number in range(18):
        kind = str(random.choice(list(kinds)))
        ends = random.choice(nets, size=kinds[kind])
        lines.append(kind.format(number, *ends))
    inner = ".subckt inner a b c\nR1 a b 1\nR2 b c 1\n.ends\n"
    models = ".model dd d\n.model qq npn\n"
    return f"t\n{models}{inner}.subckt c in out vdd vss\n" + "\n".join(lines) + "\n.ends\n"


def symbols(sheet: Sheet) -> dict[str, Symbol]:
    return {symbol.name: symbol for symbol in sheet.symbols}


def gate(symbol: Symbol) -> Pin:
    return next(pin for pin in symbol.pins if pin.role == "gate")


def test_a_pair_stands_mirrored_below_its_tail_and_its_mirror_faces_itself() -> None:
    sheet = sheet_of(read(CELLS / "driver.cir"), "driver")
    at = symbols(sheet)
    left, right, tail = at["Xin"], at["Xfb"], at["Xtail"]
    assert (left.y, left.flip, right.flip) == (right.y, False, True)
    assert left.x < tail.x < right.x
    assert tail.y > left.y
    diode, copy = at["Xm1"], at["Xm2"]
    assert (copy.x, diode.x) == (left.x, right.x)
    assert (diode.y, copy.flip, diode.flip) == (copy.y, True, False)
    assert any((w.start, w.end) == (gate(copy).at, gate(diode).at) for w in sheet.wires)


def test_of_two_halves_that_pins_control_the_diode_s_is_left() -> None:
    deck = parse(
        "t\n.subckt c a b out vdd vss bias\n"
        "Xt s bias vdd vdd pfet w=1u l=1u\nXa n1 a s vdd pfet w=1u l=1u\n"
        "Xb n2 b s vdd pfet w=1u l=1u\nXd n2 n2 vss vss nfet w=1u l=1u\n"
        "Xm n1 n2 vss vss nfet w=1u l=1u\nXo out n1 vss vss nfet w=1u l=1u\n.ends\n.end\n"
    )
    at = symbols(sheet_of(deck, "c"))
    assert at["Xb"].x < at["Xa"].x < at["Xo"].x


def test_p_hangs_from_the_upper_rail_and_n_stands_on_the_lower_one() -> None:
    at = symbols(sheet_of(read(CELLS / "driver_ab.cir"), "driver_ab"))
    assert len({at[name].y for name in ("Xtail", "Xref", "Xdp", "Xpush")}) == 1
    assert len({at[name].y for name in ("Xm1", "Xm2", "Xcopy", "Xdn", "Xmn", "Xsink")}) == 1
    assert at["Xpush"].x == at["Xsink"].x
    assert at["Xin"].x < at["Xcopy"].x < at["Xdn"].x < at["Xmn"].x < at["Xpush"].x


def test_stacks_are_vertical_and_switches_lie() -> None:
    at = symbols(sheet_of(read(CELLS / "update_memory.cir"), "update_memory"))
    stack = [at[name] for name in ("Xtop", "Xtrun", "Xq", "Xk", "Xmem")]
    assert len({symbol.x for symbol in stack}) == 1
    assert [symbol.y for symbol in stack] == sorted((s.y for s in stack), reverse=True)
    upper, lower = at["Xjoinp"], at["Xjoinn"]
    assert (upper.x, upper.flip, lower.flip) == (lower.x, False, True)
    assert {upper.pose, lower.pose} <= {"flat", "back"}


def test_a_diode_is_closed_on_itself() -> None:
    deck = parse("t\n.subckt a x vss\nX1 x x vss vss nfet w=1u l=1u\n.ends\n")
    sheet = sheet_of(deck, "a")
    pins = {pin.role: pin.at for pin in symbols(sheet)["X1"].pins}
    joined = {point for wire in sheet.wires if wire.net == "x" for point in points(wire)}
    assert {pins["gate"], pins["top"]} <= joined


def test_a_wide_cell_goes_on_below_in_groups_with_headings() -> None:
    lines = "".join(f"X{n} o{n} i{n} vss vss nfet w=1u l=1u\n" for n in range(20))
    deck = parse(f"t\n.subckt a vss\n{lines}.ends\n")
    sheet = sheet_of(deck, "a")
    texts = [one.text for one in sheet.words]
    assert {"between the supplies (1 of 2)", "between the supplies (2 of 2)"} <= set(texts)
    assert max(one.box.right for one in sheet.words) < 90
    assert overlaps(sheet) == []


def test_a_stack_without_end_is_drawn_all_the_same() -> None:
    lines = "".join(f"X{n} d{n + 1} g d{n} vss nfet w=1u l=1u\n" for n in range(40))
    deck = parse(f"t\n.subckt a vss\nXx d0 g vss vss nfet\n{lines}.ends\n")
    assert drawn_wrong(sheet_of(deck, "a"), deck.subcircuits()["a"]) == []


def test_two_devices_of_one_name_are_two() -> None:
    deck = parse("t\n.subckt s a b c d\nR1 a b 1\nR1 a b 1\nC1 c d 1p\n.ends\n")
    assert {"R1", "R1 (2)", "C1"} == set(symbols(sheet_of(deck, "s")))


def test_letters_of_any_script_have_room() -> None:
    deck = parse("t\n.subckt s 入力 b\nR抵抗 入力 b 1\nR2 b 入力 1\n.ends\n")
    sheet = sheet_of(deck, "s")
    assert overlaps(sheet) == []
    assert "R抵抗" in words(draw_subcircuit(deck, "s"))


@pytest.mark.parametrize("form", ["svg", "png", "pdf"])
def test_an_empty_cell(form: Form) -> None:
    mpl.use("agg")
    deck = parse("t\n.subckt s a b\n.ends\n")
    assert draw_subcircuit(deck, "s", form)
    assert [one.text for one in sheet_of(deck, "s").words] == ["s: a b"]


def test_logic_has_its_marks_inputs_left_and_outputs_right() -> None:
    sheet = sheet_of(read(CELLS / "update_counter_macro.cir"), "update_counter_macro")
    at, marks = symbols(sheet), [w.text for w in sheet.words]
    assert (marks.count("&"), marks.count("=1"), marks.count("T")) == (7, 8, 7)
    more = at["Amore"]
    assert [(p.net, p.role) for p in more.pins if p.way == (1, 0)] == [("more", "negated")]
    assert [p.net for p in more.pins if p.way == (-1, 0)] == [f"x{n}" for n in range(7)]
    assert [p.net for p in at["At1"].pins if p.way == (1, 0)] == ["q1", "nq1"]


def test_a_subcircuit_that_is_an_inverter_is_a_triangle_from_left_to_right() -> None:
    sheet = sheet_of(read(CELLS / "sequencer.cir"), "sequencer")
    at = symbols(sheet)
    for name, ends in (("Xr", ("run", "runb")), ("Xe", ("clk", "enb")), ("Xj2", ("joinb", "join"))):
        assert at[name].kind == "inverter"
        ways = {pin.way: pin for pin in at[name].pins}
        assert (ways[-1, 0].net, ways[1, 0].net) == ends
        assert [p.net for p in at[name].pins if p.role == "negated"] == [ends[1]]
        assert (ways[0, 1].net, ways[0, -1].net) == ("vdd", "vss")
        assert [pin.net for pin in at[name].pins] == [*ends, "vdd", "vss"], "as its ports are"
    assert at["Xs2p"].kind == "p", "a pair of transistors stays what it is billed as"


def test_an_inverter_with_a_further_port_stays_a_box() -> None:
    pair = "Xp y a vdd vdd pfet w=1u l=1u\nXn y a vss vss nfet w=1u l=1u\n"
    deck = parse(
        f"t\n.subckt inv a y vdd vss well\n{pair}.ends\n.subckt inv2 y vss a vdd\n{pair}.ends\n"
        ".subckt c a y z vdd vss\nX1 a y vdd vss vdd inv\nX2 z vss y vdd inv2\n.ends\n.end\n"
    )
    at = symbols(sheet_of(deck, "c"))
    assert (at["X1"].kind, at["X2"].kind) == ("box", "inverter")
    assert [(pin.net, pin.way) for pin in at["X2"].pins] == [
        ("z", (1, 0)), ("vss", (0, -1)), ("y", (-1, 0)), ("vdd", (0, 1)),
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["svg", "png", "pdf"])
def test_any_sign_is_drawn_in_any_form(form: Form) -> None:
    deck = parse("t\n.subckt c a b\nB1 a b v=v(a)>0 && v(b)<1 ? 1 : 0\n.ends\n.end\n")
    assert draw_subcircuit(deck, "c", form)


def test_what_is_recognised_and_what_is_left_out_is_said_below() -> None:
    deck = parse(
        "t\n.subckt inv in out vdd vss\nXp out in vdd vdd pfet w=1u l=1u\n"
        "Xn out in vss in nfet w=1u l=1u\nL1 in out 1u\nL2 in out 1u\nK1 L1 L2 0.5\n.ends\n"
    )
    texts = [one.text for one in sheet_of(deck, "inv").words]
    assert "inverter Xp Xn" in texts
    assert "not drawn: K1" in texts
    assert "body in" in texts


@pytest.mark.parametrize(
    ("line", "texts"),
    [
        ("R1 a b 4700", {"R1", "4.7k"}),
        ("C1 a b 2.2e-15", {"C1", "2.2f"}),
        ("L1 a b 1e7", {"L1", "10Meg"}),
        ("R1 a b 0", {"R1", "0"}),
        ("R1 a b {r/2}", {"r/2"}),
        ("V1 a b dc 1 sin(0 1 1k)", {"V1", "1 SIN"}),
        ("B1 a b i={g}*v(a)", {"i={g}*v(a)"}),
        ("E1 a b c d 10", {"10 c,d"}),
        ("Xn a c b b nfet w={w+x} l=1e-6 m={k-1}", {"(w+x)/1 ×(k-1)"}),
        ("Xn a c b b nfet w={2e-6*k} l={l}", {"2*k/l"}),
        ("Xn a c b b nfet w=1u l=2u m=1", {"1/2"}),
    ],
)
def test_values(line: str, texts: set[str]) -> None:
    deck = parse(f"t\n.subckt s a b c d\n{line}\n.ends\n")
    assert texts <= {one.text for one in sheet_of(deck, "s").words}


def test_a_cell_s_pin_names_and_sizes() -> None:
    deck = parse(
        "t\n.model nn nmos\n.model pp pmos\n.subckt inv in out vdd vss\n"
        "Mp out in vdd vdd pp w=2e-6 l=1.8e-7\nMn out in vss vss nn w=1u l={lmin} m=2\n"
        "Cl out vss 5e-13\nX1 in out inner\n.ends\n.subckt inner a b\nR1 a b 1k\n.ends\n"
    )
    shown = words(draw_subcircuit(deck, "INV"))
    assert {"Mp", "2/0.18", "Mn", "1/lmin ×2", "Cl", "500f", "vdd", "out"} <= set(shown)
    assert "X1: inner" in shown


def test_the_same_picture_each_time() -> None:
    circuit = read(CELLS / "clamp.cir")
    assert draw_subcircuit(circuit, "clamp") == draw_subcircuit(circuit, "clamp")


@pytest.mark.parametrize(("form", "magic"), [("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_pictures_for_papers(form: str, magic: bytes) -> None:
    mpl.use("agg")
    deck = parse("t\n.subckt a in out<3>\nR1 in out<3> {1k}\nR2 in a$b 2\n.ends\n")
    assert draw_subcircuit(deck, "a", form).startswith(magic)
    assert plt.get_fignums() == []


def test_no_such_subcircuit() -> None:
    with pytest.raises(NetlistError, match="there is no subcircuit none") as error:
        draw_subcircuit(parse("t\n.subckt a b\n.ends\n"), "none")
    assert error.value.hint == "there are: a"
