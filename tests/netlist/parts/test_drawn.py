"""Cells as xschem and KiCad write them, and the cells they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from netlist import NetlistError, load_cell
from netlist.circuit import Expression, Instance, Primitive, Subcircuit
from netlist.parts.drawn import export_hint, with_top

TOP = """\
** sch_path: /home/me/edge_drawn.sch
**.subckt edge_drawn fa fb ca cb gate vss
*.iopin fa
*.iopin gate
XM1 fa gate fb vss sky130_fd_pr__nfet_01v8 L=12 W=0.5 nf=1 ad='int((nf+1)/2) * W/nf * 0.29'
+ pd='2*int((nf+1)/2) * (W/nf + 0.29)' nrd='0.29 / W' nrs='0.29 / W'
+ sa=0 sb=0 sd=0 mult=1 m=1
XM2 ca gate cb vss sky130_fd_pr__nfet_01v8 L=12 W=0.5 nf=1 mult=1 m=1
C1 gate vss 10p m=1
**.ends
.GLOBAL GND
.end
"""


def _cell(folder: Path, text: str, slot: str = "edge"):
    file = folder / "edge_drawn.spice"
    file.write_text(text, encoding="utf-8")
    return load_cell(slot, str(file))


def _calls(cell) -> list[Instance]:
    return [inner for inner in cell.subcircuit.body if isinstance(inner, Instance)]


def _sizes(call: Instance) -> dict[str, object]:
    return {parameter.name: parameter.value for parameter in call.parameters}


def test_a_drawn_edge_is_the_shipped_one(tmp_path: Path):
    drawn = _cell(tmp_path, TOP)
    assert drawn.name == "edge_drawn"
    assert drawn.pins == load_cell("edge", "edge").pins
    shipped = {"w": 5e-7, "l": 1.2e-5, "m": 1.0}  # what circuits/cells/edge.cir says
    assert [_sizes(call) for call in _calls(drawn)] == [shipped, shipped]
    assert {call.subcircuit for call in _calls(drawn)} == {"nfet"}


@pytest.mark.parametrize(
    ("call", "device", "sizes"),
    [
        ("sky130_fd_pr__pfet_01v8 L=0.15 W=8 nf=4 m=3 mult=3", "pfet", (2e-6, 1.5e-7, 12.0)),
        ("sky130_fd_pr__nfet_01v8 W=1 L=0.5 mult=2", "nfet", (1e-6, 5e-7, 2.0)),
        ("SKY130_FD_PR__NFET_01V8 w=1e+06u l=150000u", "nfet", (1e-6, 1.5e-7, 1.0)),
        ("nfet_03v3 L=0.28u W=0.44u nf=2 m=1", "nfet", (2.2e-7, 2.8e-7, 2.0)),
    ],
)
def test_fingers_and_units(tmp_path: Path, call: str, device: str, sizes: tuple[float, ...]):
    text = f".subckt edge_drawn fa fb ca cb gate vss\nXM1 fa gate fb vss {call}\n.ends\n"
    (made,) = _calls(_cell(tmp_path, text))
    assert made.subcircuit == device
    assert tuple(_sizes(made).values()) == pytest.approx(sizes, rel=1e-12)


def test_a_size_may_be_a_formula(tmp_path: Path):
    text = (
        ".subckt edge_drawn fa fb ca cb gate vss wn=2\n"
        "XM1 fa gate fb vss sky130_fd_pr__nfet_01v8 W={wn} L=0.5 nf=2\n.ends\n"
    )
    (made,) = _calls(_cell(tmp_path, text))
    assert _sizes(made)["w"] == Expression("(wn)*(1e-06)/(2.0)")


def test_a_capacitor_between_metals_is_its_capacitance(tmp_path: Path):
    call = "XC1 gate vss sky130_fd_pr__cap_mim_m3_1 W=20 L=10 MF=2 m=3"
    cell = _cell(tmp_path, TOP.replace("C1 gate vss 10p m=1", call))
    (made,) = (inner for inner in cell.subcircuit.body if isinstance(inner, Primitive))
    assert made.name == "CXC1"
    assert made.value == pytest.approx(3 * (200 * 2e-15 + 60 * 0.19e-15), rel=1e-5)


def test_what_a_file_defines_itself_stays(tmp_path: Path):
    own = ".subckt nfet_03v3 d g s b w=1 l=1\nR1 d s 1k\n.ends\n"
    call = "XM1 fa gate fb vss nfet_03v3 w=2 l=2"
    text = f"{own}.subckt edge_drawn fa fb ca cb gate vss\n{call}\n.ends\n"
    (made,) = _calls(_cell(tmp_path, text))
    assert (made.subcircuit, _sizes(made)) == ("nfet_03v3", {"w": 2.0, "l": 2.0})


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("nfet_01v8 L=12 W=0.5 nf=1 mult", "nfet_01v8_lvt L=12 W=1 mult", "no process here offers"),
        ("ca gate cb vss sky", "ca gate cb sky", "XM2 has 3 nodes, a transistor has four"),
        ("L=12 W=0.5 nf=1 mult", "L=12 nf=1 mult", "XM2 says no W="),
        ("L=12 W=0.5 nf=1 mult", "L=12u W=0.5 nf=1 mult", "XM2 has L = 1.2e-11 m, smaller than"),
        ("C1 gate vss 10p m=1", "XC1 gate vss sky130_fd_pr__cap_mim_m3_1 W='a' L=1", "no number"),
        ("C1 gate vss 10p m=1", "XR1 a b c sky130_fd_pr__res_high_po_0p69 W=1", "XR1 says no L="),
        ("C1 gate vss 10p m=1", "x1 a b sky130_fd_sc_hd__inv_1", "no process here offers"),
    ],
)
def test_what_cannot_be_taken_is_refused_at_its_line(tmp_path: Path, old, new, message):
    assert old in TOP
    with pytest.raises(NetlistError, match=message) as refused:
        _cell(tmp_path, TOP.replace(old, new))
    assert "edge_drawn.spice:" in str(refused.value)


HIERARCHY = """\
** sch_path: /home/me/drawn.sch
.subckt drawn fa fb ca cb gate vss
x1 fa gate fb vss inner
x2 ca gate cb vss inner
.ends
.subckt inner d g s b
XM1 d g s b sky130_fd_pr__nfet_01v8 L=12 W=0.5 nf=1 m=1
.ends
.end
"""


WRAPPER = ".subckt wrapped fa fb ca cb gate vss\nx1 fa fb ca cb gate vss drawn\n.ends\n"
SPARE = ".subckt spare a b\nR1 a b 1\n.ends\n"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (HIERARCHY, "drawn"),
        (HIERARCHY + WRAPPER, "wrapped"),
        (HIERARCHY + SPARE, "drawn"),
        (SPARE + TOP, "edge_drawn"),
    ],
)
def test_a_cell_is_what_the_others_of_its_file_are_parts_of(tmp_path: Path, text, name):
    assert _cell(tmp_path, text).name == name


def test_what_xschem_left_out_is_told(tmp_path: Path):
    text = HIERARCHY.replace("XM1 d g s b sky130", "*  M1 -  nfet_01v8  IS MISSING !!!!\n*")
    with pytest.raises(NetlistError, match="M1 is missing: xschem found no symbol nfet_01v8") as no:
        _cell(tmp_path, text)
    assert "edge_drawn.spice:7:1" in str(no.value)


@pytest.mark.parametrize(
    ("device", "ohms"),
    # What the foundry's own test prints for ten microns (cells/res_high_po/tests, *_results.json),
    # at 1.8 V, where the two smallest have lost 1 %.
    [
        ("res_high_po_0p35", 1.161776e4),
        ("res_high_po_0p69", 5.310803e3),
        ("res_high_po_1p41", 2.556677e3),
        ("res_high_po_2p85", 1.266966e3),
        ("res_high_po_5p73", 6.337241e2),
        ("res_xhigh_po_0p35", 5.769695e4),
        ("res_xhigh_po_0p69", 2.938424e4),
        ("res_xhigh_po_1p41", 1.441862e4),
        ("res_xhigh_po_2p85", 7.151600e3),
        ("res_xhigh_po_5p73", 3.570244e3),
    ],
)
def test_a_resistor_of_polysilicon_is_its_resistance(tmp_path: Path, device: str, ohms: float):
    call = f"XR1 gate vss vss sky130_fd_pr__{device} L=10 mult=2 m=2"
    cell = _cell(tmp_path, TOP.replace("C1 gate vss 10p m=1", call))
    (made,) = (inner for inner in cell.subcircuit.body if isinstance(inner, Primitive))
    assert (made.name, made.nodes) == ("RXR1", ("gate", "vss"))
    assert made.value == pytest.approx(0.5 * ohms, rel=0.012)


def test_a_top_without_pins_stays_a_test_bench(tmp_path: Path):
    bench = TOP.replace("edge_drawn fa fb ca cb gate vss", "edge_drawn")
    assert with_top(bench) == bench
    with pytest.raises(NetlistError, match=r"has no \.subckt\n  try: xschem: give the schematic"):
        _cell(tmp_path, bench)
    kicad = ".title KiCad schematic\nR1 /a GND 1k\n.end\n"
    assert export_hint(kicad).startswith("KiCad: File > Export")
    assert export_hint("* t\n* EESchema Netlist Version 1.1\n").startswith("KiCad: File > Export")
    assert export_hint("R1 a b 1k\n") == ""


def test_numbers_of_the_top_are_parameters_of_the_cell(tmp_path: Path):
    code = "**** begin user architecture code\n.param w=5e-7 k=2\n.param q='2*k'\n"
    text = TOP.replace("**.ends", f"{code}**** end user architecture code\n**.ends")
    cell = _cell(tmp_path, text.replace("W=0.5", "W={w*1e6}"))
    assert [(p.name, p.value) for p in cell.subcircuit.parameters] == [("w", 5e-7), ("k", 2.0)]
    assert "2*k" in str(cell.subcircuit.body)
    folded = TOP.replace("cb gate vss", "cb gate\n+ vss").replace("**.ends", ".param w=1\n**.ends")
    assert _cell(tmp_path, folded).subcircuit.parameters == ()


def test_a_cell_exported_by_kicad(tmp_path: Path):
    text = (
        ".title KiCad schematic\n.subckt edge_drawn fa fb ca cb gate vss\n"
        "XM1 fa gate Net-_M1-Pad3_ vss sky130_fd_pr__nfet_01v8 l=12 w=0.5\n"
        "R1 Net-_M1-Pad3_ fb 1k\nXM2 /ca gate cb vss nfet w=5e-7 l=1.2e-5\nR2 ca /ca 1\n.ends\n"
    )
    cell = _cell(tmp_path, text)
    first, second = _calls(cell)
    assert first.nodes == ("fa", "gate", "Net-_M1-Pad3_", "vss")
    assert (_sizes(first)["w"], _sizes(second)["w"]) == (5e-7, 5e-7)


def test_the_top_keeps_every_line_where_it_is():
    assert len(with_top(TOP).splitlines()) == len(TOP.splitlines())
    assert any(isinstance(s, Subcircuit) for s in _parsed(with_top(TOP)))


def _parsed(text: str):
    from netlist import parse_library

    return parse_library(text, "edge_drawn.spice")


def test_what_kicad_exports_as_a_model_is_a_cell(tmp_path: Path):
    text = (
        "*\n*\n*\n.subckt edge_drawn fa fb ca cb gate vss\n\n"
        "XM1 fa gate Net-_M1-S_ vss nfet w=5e-7 l=12e-6\nR1 Net-_M1-S_ fb 1\n"
        "XM2 ca gate cb vss nfet w=5e-7 l=12e-6\nC1 gate vss 10p\n.ends\n"
    )
    assert len(_calls(_cell(tmp_path, text))) == 2
