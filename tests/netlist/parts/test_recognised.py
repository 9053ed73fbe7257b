"""A cell's slot and architecture, told from its pins alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from netlist.errors import NetlistError
from netlist.parts.architectures import ARCHITECTURES
from netlist.parts.cell import cell_files
from netlist.parts.recognised import recognised


def test_every_shipped_cell_is_what_its_name_says() -> None:
    for name in cell_files():
        cell, _ = recognised(name)
        assert cell.slot == name.split("_")[0], name


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_an_architectures_own_cells_serve_it(architecture: str) -> None:
    for slot, name in ARCHITECTURES[architecture].cells.items():
        cell, found = recognised(name)
        assert cell.slot == slot
        assert found.contracts[slot] == ARCHITECTURES[architecture].contracts[slot]


def test_pins_that_leave_a_choice(tmp_path: Path) -> None:
    """An update cell without controls has an edge's pins."""
    path = tmp_path / "mine.cir"
    path.write_text(".subckt mine a b gate vdd vss\n.ends\n", encoding="utf-8")
    assert recognised(str(path))[0].slot == "edge"
    assert recognised(str(path), "update")[0].slot == "update"


def test_what_fits_no_slot(tmp_path: Path) -> None:
    path = tmp_path / "mine.cir"
    path.write_text(".subckt mine vdd vss\n.ends\n", encoding="utf-8")
    with pytest.raises(NetlistError, match="offers no line"):
        recognised(str(path))
    with pytest.raises(NetlistError, match="lacks the pin a b gate"):
        recognised(str(path), "edge")
    with pytest.raises(NetlistError, match="there is no slot 'edges'"):
        recognised(str(path), "edges")
