"""A run's folder repeats anywhere: moved, with the user's own files gone or edited."""

from __future__ import annotations

import json
import os
import shlex
import shutil
from collections import Counter
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from learning import LearningError, dump_design, find_design, learn, load_design
from learning.cli import main
from learning.report.summary import summary
from learning.result.read import read_result
from learning.running.folder import RunFolder

IDEAL = Path(__file__).parents[1] / "ideal.toml"
CIRCUITS = Path(str(files("circuits")))
SETS = ("schedule.epochs=1", "measure.audit=false")


def _own(folder: Path) -> Path:
    """A design whose table, cell and process are files of the user's."""
    folder.mkdir()
    text = IDEAL.read_text(encoding="utf-8")
    task = 'kind = "regression"\nexamples = 4\ncoefficients = [[0.2, 0.2]]'
    assert task in text
    text = text.replace(task, 'kind = "csv"\ncsv = "my data.csv"\ntest_fraction = 0.4')
    text = text.replace('update = "update_ideal"', 'update = "mine.cir"')
    text = text.replace('process = "generic180"', 'process = "./own.toml"')
    (folder / "design.toml").write_text(text, encoding="utf-8")
    rows = "".join(f"{10 + i};{(7 * i) % 5 + 0.5};{20 + 2 * i}\n" for i in range(5))
    (folder / "my data.csv").write_text("mass;size;heat\n" + rows, encoding="utf-8")
    shutil.copy(CIRCUITS / "cells" / "update_ideal.cir", folder / "mine.cir")
    shutil.copy(CIRCUITS / "processes" / "generic180.toml", folder / "own.toml")
    shutil.copy(CIRCUITS / "processes" / "generic180.cir", folder / "generic180.cir")
    return folder / "design.toml"


def _told(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of files that are gone since, in a folder that was moved since."""
    place = tmp_path_factory.mktemp("own")
    design = _own(place / "here")
    options = [f"--set={key}" for key in SETS]
    assert main(["learn", str(design), "--out", str(place / "run"), *options]) == 0
    shutil.rmtree(place / "here")
    return (place / "run").rename(place / "moved away")


def test_the_design_in_the_folder_names_the_copies(whole: Path) -> None:
    text = (whole / "design.toml").read_text(encoding="utf-8")
    assert str(whole.parent) not in text
    for line in (
        'csv = "files/task/csv/my data.csv"',
        'update = "files/cells/update/mine.cir"',
        'process = "files/process/own.toml"',
    ):
        assert line in text
    assert dump_design(load_design(whole / "design.toml"), whole) == text


def test_every_file_is_named_with_its_digest(whole: Path) -> None:
    made = _told(whole)["made_of"]
    own = [made["cells"]["update"], made["process"], made["models"], made["data"]]
    for file in own:
        assert file["own"] is True
        assert sha256((whole / file["path"]).read_bytes()).hexdigest() == file["sha256"]
    edge = made["cells"]["edge"]
    assert (edge["path"], edge["own"]) == ("circuits/cells/edge_ideal.cir", False)
    shipped = CIRCUITS.parent / edge["path"]
    assert sha256(shipped.read_bytes()).hexdigest() == edge["sha256"]


def test_the_line_that_repeats_the_run_works_as_printed(
    whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = summary(read_result(whole / "result.json"))
    line = next(line for line in told.splitlines() if line.startswith("repeat"))
    words = shlex.split(line.partition("joulearn ")[2])
    monkeypatch.chdir(whole)
    assert main(words) == 0
    again, first = _told(whole / "again"), _told(whole)
    assert again["made_of"] == first["made_of"]
    assert again["error_V2"]["final"] == pytest.approx(first["error_V2"]["final"], rel=1e-9)
    assert again["energy_J"]["total"] == pytest.approx(first["energy_J"]["total"], rel=1e-9)


def test_predicted_against_wanted_is_told_in_volts_and_in_the_table_s_units(whole: Path) -> None:
    told = _told(whole)
    found, table = told["predictions"], told["table"]
    assert found["targets"] == ["heat"]
    label = next(c for c in table["columns"] if c["role"] == "label")
    assert sorted(found["train"]["lines"] + found["test"]["lines"]) == [2, 3, 4, 5, 6]
    for part in ("train", "test"):
        shown = found[part]
        for line, (wanted,) in zip(shown["lines"], shown["wanted"], strict=True):
            assert wanted == pytest.approx(20 + 2 * (line - 2))
        for (volts,), (units,) in zip(shown["predicted_V"], shown["predicted"], strict=True):
            assert label["offset_V"] + label["volts_per_unit"] * units == pytest.approx(volts)
        squares = [
            (predicted - wanted) ** 2
            for (predicted,), (wanted,) in zip(shown["predicted_V"], shown["wanted_V"], strict=True)
        ]
        error = told["score"]["error"][f"{part}_V2"]
        assert error == pytest.approx(sum(squares) / len(squares))
    assert told["score"]["error"]["train_V2"] == pytest.approx(told["error_V2"]["final"])


def test_predictions_stand_in_a_csv_file(whole: Path) -> None:
    header, *rows = (whole / "predictions.csv").read_text(encoding="utf-8").splitlines()
    assert header == "set,line,wanted heat_V,predicted heat_V,wanted heat,predicted heat"
    assert [row.split(",")[0] for row in rows] == ["train"] * 3 + ["test"] * 2
    shown = _told(whole)["predictions"]["test"]
    assert float(rows[-1].split(",")[3]) == shown["predicted_V"][-1][0]


def test_every_file_is_read_once_to_be_understood_and_once_to_be_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also a table that says how many sources and targets its network needs."""
    roles = {"network.roles.sources": "task", "network.roles.targets": "task"}
    design = load_design(_own(tmp_path / "here"), roles)
    opened, real = Counter[Path](), os.open

    def counted(path: Any, *rest: Any, **named: Any) -> int:
        opened[Path(path)] += 1
        return real(path, *rest, **named)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "open", counted)
    monkeypatch.setattr("learning.running.controller.open_anchored", stop)
    with pytest.raises(KeyboardInterrupt):
        learn(design, tmp_path / "run")
    read = {path.name: n for path, n in opened.items() if path.parent == tmp_path / "here"}
    assert read == {"my data.csv": 2, "mine.cir": 2, "own.toml": 2, "generic180.cir": 2}


def test_a_file_that_was_edited_since_is_refused_and_its_copy_taken(tmp_path: Path) -> None:
    def interrupt(progress: Any) -> None:
        if progress.epochs == 1:
            raise KeyboardInterrupt

    file, out = _own(tmp_path / "here"), tmp_path / "run"
    design = load_design(find_design(file), ("schedule.epochs=2", "measure.audit=false"))
    with pytest.raises(KeyboardInterrupt):
        learn(design, out, watch=interrupt)
    data = file.parent / "my data.csv"
    data.write_text(data.read_text(encoding="utf-8").replace("20", "21", 1), encoding="utf-8")
    with pytest.raises(LearningError, match=r"task\.csv: my data\.csv is not what the run was"):
        learn(design, out, resume=True)
    moved = out.rename(tmp_path / "elsewhere")
    learned = learn(load_design(RunFolder(moved).design), moved, resume=True)
    assert learned.tally.epochs == 2
