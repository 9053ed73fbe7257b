"""Cells: bound by pin name, checked against the contract of their slot at their own line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from netlist.circuit import Instance, Parameter
from netlist.errors import NetlistError
from netlist.parts.architectures import CONTRACTS
from netlist.parts.cell import Cell, library_path, load_cell
from netlist.span import Span

RESISTORS = """\
* two resistors
.subckt part a b
R1 a b 1e3
.ends
.subckt pair GATE cb ca fb fa Scale=2
Xf fa fb part
Xc ca cb part
Rg gate 0 {Scale*1e6}
.ends
"""


def cell_file(folder: Path, text: str, name: str = "pair.cir") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_contract_lists_required_pins_first() -> None:
    assert CONTRACTS["edge"].pins == ("fa", "fb", "ca", "cb", "gate", "vss", "vdd")
    assert list(CONTRACTS) == ["edge", "update", "clamp", "driver", "bias", "sequencer"]


def test_cell_from_a_file_binds_by_name(tmp_path: Path) -> None:
    path = cell_file(tmp_path, RESISTORS)
    cell = load_cell("edge", path)
    assert (cell.name, cell.slot, cell.file) == ("pair", "edge", path)
    assert cell.uses("gate")
    assert not cell.uses("vss")
    assert cell.accepts("SCALE")
    assert not cell.accepts("gate")
    nets = {"fa": "1", "fb": "2", "ca": "3", "cb": "4", "gate": "g", "vss": "0"}
    assert cell.instance("e0", nets, {"scale": 3}) == Instance(
        "Xe0", ("g", "4", "3", "2", "1"), "pair", (Parameter("scale", 3.0),)
    )


def test_all_statements_of_the_file_come_along(tmp_path: Path) -> None:
    kinds = [type(s).__name__ for s in load_cell("edge", cell_file(tmp_path, RESISTORS)).statements]
    assert kinds == ["Comment", "Subcircuit", "Subcircuit"]


def test_last_subcircuit_counts_when_none_is_named_like_the_file(tmp_path: Path) -> None:
    assert load_cell("edge", cell_file(tmp_path, RESISTORS, "other.cir")).name == "pair"
    swapped = ".subckt edge2 fa fb ca cb gate\n.ends\n.subckt z p\n.ends\n"
    assert load_cell("edge", cell_file(tmp_path, swapped, "EDGE2.cir")).name == "edge2"


def test_shipped_cells_are_found_by_name_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    cell = load_cell("edge", "edge")
    assert cell.name == "edge"
    assert Path(cell.file) == library_path() / "edge.cir"


def test_a_folder_named_like_a_cell_does_not_hide_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("edge").mkdir()
    assert load_cell("edge", "edge").name == "edge"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("edgy", "did you mean edge? shipped cells: bias, bias_lines, clamp, "),
        ("qqq", "shipped cells: bias, bias_lines, clamp, "),
        ("nowhere/edge.cir", "or the path of a .cir file"),
    ],
)
def test_no_such_cell(name: str, hint: str) -> None:
    with pytest.raises(NetlistError, match=re.escape(f"there is no cell {name!r}")) as error:
        load_cell("edge", name)
    assert error.value.where == "cells.edge"
    assert hint in error.value.hint
    assert error.value.hint.startswith("did you mean") == (name == "edgy")


def test_file_without_a_subcircuit(tmp_path: Path) -> None:
    path = cell_file(tmp_path, "* nothing\n.model n nmos\n")
    with pytest.raises(NetlistError, match=re.escape("this cell file has no .subckt")) as error:
        load_cell("edge", path)
    assert error.value.where == path
    assert error.value.hint == ".subckt pair <pins>"


@pytest.mark.parametrize(
    ("ports", "message", "hint"),
    [
        (
            "fa fb ca cb gaet",
            "cell pair has a pin 'gaet' that no edge cell can have",
            "did you mean gate? edge pins are: fa fb ca cb gate vss vdd",
        ),
        (
            "fa fb ca cb gate 99",
            "cell pair has a pin '99' that no edge cell can have",
            "edge pins are: fa fb ca cb gate vss vdd",
        ),
        (
            "fa fb vdd",
            "cell pair lacks the pin ca cb gate",
            "every edge cell has: fa fb ca cb gate",
        ),
    ],
)
def test_pins_that_break_the_contract(tmp_path: Path, ports: str, message: str, hint: str) -> None:
    path = cell_file(tmp_path, f"* first line\n.subckt pair {ports}\n.ends\n")
    with pytest.raises(NetlistError, match=re.escape(message)) as error:
        load_cell("edge", path)
    assert error.value.where == Span(path, 2)
    assert error.value.hint == hint


@pytest.mark.parametrize("slot", CONTRACTS)
def test_every_required_pin_is_required(tmp_path: Path, slot: str) -> None:
    required = CONTRACTS[slot].required or ("some_line",)
    for pin in CONTRACTS[slot].required:
        others = [p for p in CONTRACTS[slot].pins if p != pin]
        path = cell_file(tmp_path, f".subckt pair {' '.join(others)}\n.ends\n")
        with pytest.raises(NetlistError, match=f"cell pair lacks the pin {pin}"):
            load_cell(slot, path)
    assert load_cell(slot, cell_file(tmp_path, f".subckt pair {' '.join(required)}\n.ends\n"))


def test_unknown_parameter_names_the_known_ones(tmp_path: Path) -> None:
    cell = load_cell("edge", cell_file(tmp_path, RESISTORS))
    with pytest.raises(NetlistError, match="cell pair has no parameter width") as error:
        cell.instance("e0", dict.fromkeys(CONTRACTS["edge"].pins, "0"), {"width": 1.0})
    assert error.value.where == "cells.parameters.edge.width"
    assert error.value.hint == f"its parameters are: Scale ({cell.file})"


def test_unknown_parameter_of_a_cell_without_any(tmp_path: Path) -> None:
    cell: Cell = load_cell("bias", cell_file(tmp_path, ".subckt pair vbias\n.ends\n"))
    with pytest.raises(NetlistError, match="cell pair has no parameter r") as error:
        cell.instance("b", {"vbias": "vbias"}, {"r": 1.0})
    assert error.value.hint == f"its parameters are: none ({cell.file})"
