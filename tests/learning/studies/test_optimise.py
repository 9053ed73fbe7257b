"""A search finds what a scan finds, goes on where it was left, and writes the winner down."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from learning import LearningError, find_design, load_design
from learning.cli import main
from learning.studies.ladder import lowered, on_the_bench, write_cells
from learning.studies.optimise import optimise
from learning.studies.planned.read_study import load_study
from netlist.parts.architectures import ARCHITECTURES
from netlist.parts.cell import load_cells

Write = Callable[..., Path]
SEARCH = {
    "[axes]\nseed": "[search]\nlearning.nudge = {low = 0.1, high = 1.0}\n[axes]\nseed",
    "learning.nudge = [0.5, 0.4]": "",
    'name = "trial"': 'name = "trial"\nobjectives = ["error_V2"]',
    '"1..3"': "[1]",
}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('objectives = ["error_V2"]', "", "has no objectives"),
        ('objectives = ["error_V2"]', 'objectives = ["eror"]', "no figure is called eror"),
        ("{low = 0.1, high = 1.0}", "{low = 1.0, high = 0.1}", "learning.nudge: a range from low"),
        ("{low = 0.1, high = 1.0}", "{low = 0.1, hihg = 1.0}", "is no range"),
        ("{low = 0.1, high = 1.0}", "{low = 0, high = 1, log = true}", "crosses zero"),
        ("[search]\n", "[set.initial]\n", "has no search|unknown"),
        ("seed = [1]", "seed = [1]\nschedule.rise_s = [1e-7, 2e-7]", "not schedule.rise_s"),
    ],
)
def test_what_is_no_search(write: Write, tmp_path: Path, old: str, new: str, message: str) -> None:
    path = write(SEARCH)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(LearningError, match=message):
        optimise(path, tmp_path / "out", 1)


def test_without_the_library(
    write: Write,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    words = ["optimise", str(write(SEARCH)), "--out", str(tmp_path / "out")]
    assert main(words) == 2
    assert "pip install 'joulearn[optuna]'" in capsys.readouterr().err


@pytest.mark.evidence
def test_a_search_goes_on_and_writes_its_winner_down(write: Write, tmp_path: Path) -> None:
    pytest.importorskip("optuna", reason="pip install 'joulearn[optuna]'")
    path, out = write(SEARCH), tmp_path / "out"
    first = optimise(path, out, 3)
    found = optimise(path, out, 3)
    assert found.trials[:3] == first.trials
    assert len({trial.values["learning.nudge"] for trial in found.trials}) == 6
    best = min((t for t in found.trials if t.holds), key=lambda trial: trial.figures)
    assert found.front == (best,)
    assert found.design is not None
    chosen = load_design(found.design).learning.nudge
    assert chosen == pytest.approx(best.values["learning.nudge"], rel=1e-3)
    assert f"Trial {best.number}" in found.design.read_text(encoding="utf-8")


# --- the ladder -------------------------------------------------------------------------------

RUNGS = SEARCH | {
    "[axes]\nseed": SEARCH["[axes]\nseed"].replace(
        "[axes]", '[ladder]\nbench = ["update"]\nchips = 1\nfinalists = 2\n[axes]'
    ),
    '"1..3"': "[1, 2, 3]",
}


def test_the_middle_rung_has_the_first_chips_alone(write: Write) -> None:
    file = load_study(write(RUNGS))
    assert [axis.values for group in lowered(file).groups for axis in group] == [(1,)]
    assert [axis.values for group in file.groups for axis in group] == [(1, 2, 3)]
    plain = load_study(write(SEARCH))
    assert lowered(plain) is plain


def test_a_slot_that_is_empty_has_no_bench() -> None:
    design = load_design(find_design("regression_twin"))
    with pytest.raises(LearningError, match="no sequencer to be measured"):
        on_the_bench(design, ["sequencer"])


def test_a_winner_s_cell_has_its_sizes_for_defaults(tmp_path: Path) -> None:
    sizes = {"lp": 9e-6, "cmem": 3e-13}
    design = load_design(
        find_design("regression_long"),
        {f"cells.parameters.update.{k}": v for k, v in sizes.items()},
    )
    (file,) = write_cells(design, tmp_path, ["chosen by a test"])
    text = file.read_text(encoding="utf-8")
    assert file.name == "update_memory.cir"
    assert "* chosen by a test\n" in text
    made = load_cells({**design.cells.named(), "update": str(file)}, ARCHITECTURES["single"])
    defaults = {p.name: p.value for p in made["update"].subcircuit.parameters}
    assert sizes.items() <= defaults.items()
    assert defaults["wp"] == 5e-7
    # the bump beside it keeps its own default of the same name
    assert "update_memory_bump a b mid s vdd vss wp=5e-7 lp=1.5e-5" in text


def test_what_fails_on_the_bench_is_never_a_network(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("optuna", reason="pip install 'joulearn[optuna]'")
    monkeypatch.setattr("learning.studies.optimise.on_the_bench", lambda *_: "update: too weak")
    out = tmp_path / "out"
    found = optimise(write(RUNGS), out, 2)
    assert [trial.note for trial in found.trials] == ["update: too weak"] * 2
    assert not found.front
    assert not [*(out / "points").glob("*")]


@pytest.mark.evidence
def test_finalists_are_judged_on_every_chip(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("optuna", reason="pip install 'joulearn[optuna]'")
    monkeypatch.setattr("learning.studies.optimise.on_the_bench", lambda *_: "")
    out = tmp_path / "out"
    found = optimise(write(RUNGS), out, 3)
    assert len(found.finalists) == 2
    assert found.front
    # three trials on one chip, two of them on two chips more
    assert len(list((out / "points").iterdir())) == 3 + 2 * 2
    first = {trial.number: trial.figures for trial in found.trials}
    assert all(trial.figures != first[trial.number] for trial in found.finalists)
