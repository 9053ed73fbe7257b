"""The transistor board's published figures beside ours, and what a macromodel is called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from learning import find_design, load_design, prepare
from learning.cli import main
from learning.experiment.experiment import ideal_slots, macromodel_slots
from learning.papers.dillavou2024.board import Row, table
from learning.result.chip_area import chip_area


def test_macromodels_are_called_so_and_take_no_area() -> None:
    board = prepare(load_design(find_design("board_transistors")))
    assert macromodel_slots(board) == ("update", "clamp", "driver")
    assert ideal_slots(board) == ()
    assert chip_area(board) is None
    ideal = prepare(load_design(find_design("laboratory")))
    assert (ideal_slots(ideal), macromodel_slots(ideal)) == (("update", "clamp", "driver"), ())


def test_a_deviation_is_ours_against_theirs() -> None:
    row = Row("constant", "V·s", 2.0, 1.5, "benched", "read")
    assert row.deviation == pytest.approx(-25.0)
    assert "| constant | 2 V·s | 1.5 V·s | -25.00 % | benched | read |" in table((row,))


@pytest.mark.evidence
def test_the_board_s_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reproduce", "dillavou2024", "--out", str(tmp_path), "--json"]) == 0
    rows = {row["what"]: row for row in json.loads(capsys.readouterr().out)["rows"]}
    assert abs(rows["slope S of the conductance"]["deviation_percent"]) < 1.0
    assert abs(rows["threshold V_th"]["deviation_percent"]) < 1.0
    assert abs(rows["update constant V_0 tau_0"]["deviation_percent"]) < 1.0
    assert 5e-12 <= rows["energy per edge and query, network alone"]["ours"] <= 20e-12
    assert "| update constant V_0 tau_0 |" in (tmp_path / "board.md").read_text("utf-8")
