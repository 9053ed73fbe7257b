"""Pins beyond a contract are lines that somebody offers, in either architecture."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from netlist.errors import NetlistError
from netlist.parts.architectures import ARCHITECTURES, SINGLE, TWIN
from netlist.parts.cell import load_cell, load_cells
from netlist.parts.slots import BY_NAME
from netlist.span import Span

PINS = {
    "edge": "a b gate vss",
    "update": "a b gate vdd vss vtail sw join enable",
    "clamp": "label node vamp join",
    "driver": "in out vamp",
    "bias": "vtail vamp vdd vss",
    "sequencer": "run clk vtail sw join vdd vss",
}


def written(folder: Path, **pins: str) -> dict[str, str]:
    """Cells of a single machine, some with other pins."""
    found = {}
    for slot, its in (PINS | pins).items():
        path = folder / f"{slot}.cir"
        path.write_text(f"* {slot}\n.subckt {slot} {its}\n.ends\n", encoding="utf-8")
        found[slot] = str(path)
    return found


@pytest.mark.parametrize("architecture", ARCHITECTURES.values())
def test_an_architecture_knows_every_slot(architecture) -> None:
    assert set(architecture.contracts) == set(BY_NAME)
    assert set(architecture.cells) <= set(BY_NAME)


@pytest.mark.parametrize("architecture", ARCHITECTURES.values())
def test_its_own_cells_fit_together(architecture) -> None:
    cells = load_cells(architecture.cells, architecture)
    assert list(cells) == list(architecture.cells)


def test_lines_are_offered_and_asked_for_by_name(tmp_path: Path) -> None:
    cells = load_cells(written(tmp_path), SINGLE)
    assert cells["bias"].offers == ("vtail", "vamp")
    # what the bias offers is what the sequencer asks of it; its own are the phases
    assert cells["sequencer"].offers == ("sw", "join")
    assert cells["update"].offers == ()


def test_a_line_that_nobody_offers_names_both_who_might(tmp_path: Path) -> None:
    names = written(tmp_path, update="a b gate vdd vss vtial sw")
    message = "cell update has a pin 'vtial' that no update cell can have"
    with pytest.raises(NetlistError, match=re.escape(message)) as error:
        load_cells(names, SINGLE)
    assert error.value.where == Span(names["update"], 2)
    assert error.value.hint == (
        "did you mean vtail? update pins are: a b gate vdd vss enable vlambda clk run; "
        "bias bias offers vtail vamp; sequencer sequencer offers sw join"
    )


def test_an_edge_asks_for_no_line(tmp_path: Path) -> None:
    names = written(tmp_path, edge="a b gate vtail")
    with pytest.raises(
        NetlistError, match="cell edge has a pin 'vtail' that no edge cell"
    ) as error:
        load_cells(names, SINGLE)
    assert error.value.hint == "edge pins are: a b gate vss vdd"


def test_without_a_bias_that_has_it_vbias_is_unknown(tmp_path: Path) -> None:
    names = written(tmp_path, driver="in out vbias")
    with pytest.raises(NetlistError, match="cell driver has a pin 'vbias'"):
        load_cells(names, SINGLE)
    assert load_cell("driver", names["driver"], SINGLE).uses("vbias")


def test_a_cell_read_for_its_own_sake_may_ask_for_anything(tmp_path: Path) -> None:
    names = written(tmp_path)
    assert load_cell("update", names["update"], SINGLE, None).uses("vtail")
    with pytest.raises(NetlistError, match="cell update has a pin 'vtail'"):
        load_cell("update", names["update"], SINGLE)


@pytest.mark.parametrize(
    ("slot", "cell", "architecture", "other"),
    [("edge", "edge", SINGLE, "twin"), ("update", "update_memory", TWIN, "single")],
)
def test_a_cell_of_the_other_architecture_is_told_so(slot, cell, architecture, other) -> None:
    with pytest.raises(NetlistError, match=f"cell {cell} has a pin") as error:
        load_cell(slot, cell, architecture)
    assert error.value.hint.endswith(f'{cell} serves architecture = "{other}"')


@pytest.mark.parametrize("slot", ["bias", "sequencer"])
def test_who_offers_nothing_is_refused(tmp_path: Path, slot: str) -> None:
    names = written(tmp_path, **{slot: "vdd vss"})
    with pytest.raises(NetlistError, match=f"cell {slot} offers no line") as error:
        load_cells(names, SINGLE)
    assert "a pin for each line that others ask for" in error.value.hint
