"""Benches of shipped cells, and the command: tables, files, exit codes, refusals."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from learning import bench
from learning.benches.benched import conditions
from learning.benches.bounds import Bound, bounds, judge, with_given
from learning.benches.measured import Condition, Figure, Measured
from learning.benches.scene import Scene
from learning.benches.stand import stand
from learning.cli import main
from learning.commands.table import COMMANDS
from learning.errors import LearningError
from netlist.errors import NetlistError
from netlist.parts.cell import cell_files
from netlist.parts.process import load_process
from netlist.parts.slots import BY_NAME

CONDITION = Condition("tt", 27.0)


def test_every_shipped_cell_finds_its_lines() -> None:
    process = load_process("generic180")
    for name in cell_files():
        stood = stand(name, process)
        offered = {pin for cell in stood.beside.values() for pin in cell.pins}
        contract = stood.architecture.contracts[stood.cell.slot]
        if contract.asks and not contract.offers:
            assert set(stood.cell.pins) <= set(contract.pins) | offered, name


def test_a_sampled_cell_stands_beside_its_phases_and_lines() -> None:
    memory = bench("update_memory")
    assert memory.beside == {"sequencer": "sequencer", "bias": "bias_lines"}
    assert memory.passed
    gain = memory.found[0].value("gain_A_per_V2")
    assert gain == pytest.approx(3.8e-7, rel=0.1)


def test_an_edge_that_conducts_nothing_fails_without_a_warning(tmp_path: Path) -> None:
    cell = tmp_path / "edge_open.cir"
    text = "* open\n.subckt edge_open fa fb ca cb gate\nr1 gate 0 1k\n.ends\n"
    cell.write_text(text, encoding="utf-8")
    found = bench(str(cell), slot="edge")
    assert not found.passed
    assert "twins" in [one.bound.figure for one in found.verdicts if not one.passed]


@pytest.mark.evidence
def test_a_memory_and_mirrors_with_mismatch() -> None:
    """Mirrors bring nanoamperes, a memory picoamperes: the reason there is a second generation."""
    assert bench("update_memory", mismatch=8).passed
    mirrors = bench("update", mismatch=8)
    (failed,) = (v for v in mirrors.verdicts if v.bound.figure == "offset_V2")
    assert not failed.passed
    assert failed.condition.draw is not None


def test_what_the_command_leaves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "clamp"
    words = ["bench", "clamp", "--corners", "tt", "ss", "--mismatch", "1", "--out", str(out)]
    assert main([*words, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told == json.loads((out / "bench.json").read_text("utf-8"))
    assert (told["slot"], told["passed"], len(told["measured"])) == ("clamp", False, 3)
    assert [one["draw"] for one in told["measured"]] == [None, None, 0]
    names = {path.name for path in out.iterdir()}
    assert {"bench.txt", "figures.csv"} < names
    assert {f"{c}.{k}" for c in ("eta", "offset") for k in ("csv", "svg", "png")} < names
    with (out / "eta.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert set(rows[0]) == {"corner", "temperature_C", "chip", "line", "node_voltage_V", "η"}
    assert {row["corner"] for row in rows} == {"tt", "ss"}
    text = (out / "bench.txt").read_text("utf-8")
    assert "FAILS: error_V" in text
    assert max(map(len, text.splitlines())) <= 110


def test_the_benched_example_holds_and_a_cell_that_fails_says_what_else_there_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The cell of `make learn` keeps its bounds; that of the published machine does not."""
    example = next(command.example for command in COMMANDS if command.name == "bench").split()
    assert main(example[1 : example.index("--corners")]) == 0
    assert "in this slot" not in capsys.readouterr().out
    assert main(["bench", "clamp"]) == 1
    assert "regression has clamp_single in this slot" in capsys.readouterr().out


def test_bounds_of_ones_own(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["bench", "edge_ideal", "--bound", "ratio=1000", "--bound", "conductance_S=1u"]
    assert main(words) == 1
    told = capsys.readouterr().out
    assert "FAILS: ratio is 226" in told
    assert "FAILS: conductance_S is 7.00 µS at tt, 27 °C, bound 1.00 µS: given" in told
    assert main(["bench", "edge_ideal", "--bound", "rati=3"]) == 2
    assert "did you mean ratio?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("none",), "none: there is no such file and no such shipped cell"),
        (("edge", "--corners", "xx"), "process generic180 has no corner 'xx'"),
        (("edge", "--slot", "knob"), "there is no slot 'knob'"),
        (("edge", "--parameter", "q=1"), "cell edge has no parameter q"),
        (("edge", "--parameter", "w"), "'w' names no value"),
        (("edge", "--parameter", "w=wide"), "'wide' is not a number"),
        (("edge", "--mismatch", "-1"), "-1 chips are none"),
        (("clamp", "--window", "1"), "a presentation with 1 s cannot be played"),
        (("edge", "--out", "/proc/none"), "cannot write here"),
    ],
)
def test_refusals(words: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", *words]) == 2
    assert message in capsys.readouterr().err


def test_a_line_that_nobody_offers(tmp_path: Path) -> None:
    path = tmp_path / "mine.cir"
    path.write_text(".subckt mine in out vdd vss vtial\nR1 in out 1\n.ends\n", encoding="utf-8")
    with pytest.raises(LearningError, match="asks for the line 'vtial'") as refused:
        bench(path)
    assert "did you mean vtail?" in refused.value.hint
    giver = tmp_path / "giver.cir"
    giver.write_text(".subckt giver vtial vdd vss\nR1 vtial vdd 1\n.ends\n", encoding="utf-8")
    assert bench(path, beside={"bias": str(giver)}).beside == {"bias": "giver"}


def test_the_sequencer_that_offers_most_of_the_lines_stands_beside() -> None:
    placed = stand("update_memory_twin", load_process("generic180"))
    named = {slot: cell.name for slot, cell in placed.beside.items()}
    assert named == {"sequencer": "sequencer_twin", "bias": "bias_lines"}


def test_conditions_are_corners_and_then_chips() -> None:
    told = [str(one) for one in conditions(("tt", "ss"), (27.0, 125.0), 1)]
    assert told == ["tt, 27 °C", "tt, 125 °C", "ss, 27 °C", "ss, 125 °C", "tt, 27 °C, chip 0"]


def test_every_slot_has_bounds_with_a_law() -> None:
    for slot in BY_NAME:
        assert all(bound.law for bound in bounds(slot, Scene(1.8, 1.2)))


def test_verdicts_are_of_the_worst() -> None:
    found = [
        Measured(Condition("tt", 27.0, draw), (Figure("x", value, "V", ""),), ())
        for draw, value in enumerate((0.1, -0.3, 0.2))
    ]
    (most, least) = judge(found, [Bound("x", 0.25, True, ""), Bound("x", -0.3, False, "")])
    assert (most.value, most.condition.draw, most.passed) == (-0.3, 1, False)
    assert (least.value, least.passed) == (-0.3, True)
    unknown = [Measured(CONDITION, (Figure("x", float("nan"), "V", ""),), ()), *found]
    for bound in (most.bound, least.bound):
        (verdict,) = judge(unknown, [bound])
        assert not verdict.passed
    assert judge(found, [Bound("y", 1.0, True, "")]) == ()


def test_a_users_bound_takes_the_place_of_the_known_one() -> None:
    known = (Bound("gain", 0.97, False, "law"),)
    changed, new = with_given(known, {"gain": 0.9, "offset_V": 1e-3}, ["gain", "offset_V"])
    assert (changed.limit, changed.at_most, changed.law) == (0.9, False, "given")
    assert (new.figure, new.at_most) == ("offset_V", True)


def test_no_cell_of_its_own_slot_beside() -> None:
    with pytest.raises(NetlistError, match="there is no cell 'none'"):
        stand("edge", load_process("generic180"), beside={"bias": "none"})
