"""A whole run from Python in five lines, and what comes back from it."""

from __future__ import annotations

from html import unescape
from pathlib import Path

import numpy as np
import pytest

from learning import Design, LearningError, Result, Run, load_design, open_run, run
from learning.result.read import read_result

IDEAL = Path(__file__).parents[2] / "ideal.toml"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("five") / "a"
    return run(str(IDEAL), out=str(folder), seed=3, settings={"learning.power_weight": 0.05})


def test_figures_are_those_of_the_folder(finished: Run) -> None:
    kept = read_result(finished.folder / "result.json")
    assert isinstance(finished, Result)
    assert (finished.seed, finished.power_weight) == (3, 0.05)
    assert finished.error_V2 == kept.error_V2
    assert finished.energy_J["update"] == kept.energy_J["update"]
    assert open_run(str(finished.folder)) == open_run(finished.folder) == finished


def test_waveforms_carry_names_roles_and_units(finished: Run) -> None:
    waves = finished.waveforms
    assert waves["gates"].attrs["units"] == "V"
    assert waves["early_time"].attrs["units"] == "s"
    assert set(waves["role"].values) >= {"free", "clamped", "input", "gate"}
    last = waves["gates"].isel(mark=-1).values
    assert finished.gates_V is not None
    assert last == pytest.approx(list(finished.gates_V.final.values()), abs=1e-9)
    assert np.all(np.diff(waves["early_time"]) > 0)


@pytest.mark.parametrize(
    "name",
    [
        *("learning_curve", "energy", "gates", "network_before", "network_after"),
        *("conductance_scale", "presentation_early", "presentation_late"),
    ],
)
def test_every_figure_is_one_of_the_report(finished: Run, name: str, tmp_path: Path) -> None:
    picture = getattr(finished.plot, name)()
    page = (finished.folder / "report.html").read_text(encoding="utf-8")
    assert picture.svg in page
    saved = picture.save(str(tmp_path / f"{name}.svg"))
    assert saved.read_text(encoding="utf-8") == picture.svg == picture._repr_svg_()


def test_it_is_one_line_at_a_prompt(finished: Run) -> None:
    told = repr(finished)
    assert f"in {finished.folder}: completed, error {finished.error_V2.initial:.3g} -> " in told
    assert max(len(told), len(repr(finished.plot.energy()))) < 300 + len(str(finished.folder))


def test_it_shows_itself_in_a_notebook(finished: Run) -> None:
    assert "network, free" in finished._repr_html_()
    assert unescape(finished._repr_html_()) == f"<pre>{finished.summary()}</pre>"
    page = finished.report()
    assert page.path == finished.folder / "report.html"
    assert page._repr_html_().startswith('<iframe srcdoc="&lt;!DOCTYPE html')


def test_a_design_in_hand_is_taken_with_its_settings(tmp_path: Path) -> None:
    design = load_design(str(IDEAL))
    (tmp_path / "result.json").write_text("{}", encoding="utf-8")
    with pytest.raises(LearningError, match="a run is there already"):
        run(design, tmp_path, settings={"schedule.epochs": 1})
    with pytest.raises(LearningError, match=r"replace\('schedule.epoch'\): unknown key"):
        run(design, tmp_path / "b", settings={"schedule.epoch": 1})
    with pytest.raises(LearningError, match=r"settings\['schedule.epoch'\]: unknown key"):
        run(IDEAL, tmp_path / "b", settings={"schedule.epoch": 1})


def test_a_folder_without_a_run(tmp_path: Path) -> None:
    with pytest.raises(LearningError, match="no finished run here"):
        open_run(str(tmp_path))


def test_replacing_a_key_makes_another_design() -> None:
    design = load_design(str(IDEAL))
    other = design.replace("learning.nudge", 0.25).replace("cells.driver", "driver")
    assert isinstance(other, Design)
    assert (other.learning.nudge, other.cells.driver) == (0.25, "driver")
    assert design.learning.nudge == 0.5
    assert other.replace("learning.nudge", 0.5).replace("cells.driver", "driver_ideal") == design
    assert design.replace("temperature_C", 85.0).replace("temperature_C", None) == design


def test_a_replaced_file_is_found_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    design = load_design(str(IDEAL)).replace("cells.edge", "mine.cir")
    assert design.cells.edge == str(tmp_path / "mine.cir")


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("learning.nudge", 2.0, r"replace\('learning.nudge'\): 2.0 should be"),
        ("learning.nugde", 0.5, "unknown key nugde\n  try: .*nudge"),
        ("learning..nudge", 0.5, "'learning..nudge' names no key"),
        ("name.first", "a", "name is a value and holds no keys"),
        ("schedule.rise_s", 1e-3, "rise_s is not over before"),
        ("task.kind", None, "kind is missing"),
    ],
)
def test_a_key_that_cannot_be_replaced(key: str, value: object, message: str) -> None:
    with pytest.raises(LearningError, match=message):
        load_design(str(IDEAL)).replace(key, value)


def test_a_shipped_design_by_name() -> None:
    assert load_design("xor", {"seed": 4}).seed == 4
    with pytest.raises(LearningError, match="did you mean xor"):
        load_design("xorr")
