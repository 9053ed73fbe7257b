"""``joulearn study`` from the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from learning.cli import main
from learning.studies.kept.store import Store
from learning.studies.planned.plan import make_plan
from learning.studies.planned.read_study import load_study
from tests.learning.studies.trial import TRIAL, put


@pytest.fixture
def trial(tmp_path: Path) -> Path:
    path = tmp_path / "trial.toml"
    path.write_text(TRIAL, encoding="utf-8")
    return path


def _fill(trial: Path, out: Path, error_V2: float, count: int = 6) -> None:
    """Put results into a folder, as if they had been computed."""
    store = Store(out)
    store.make()
    for point in make_plan(load_study(trial)).points[:count]:
        put(store, point.place.key, error_V2=error_V2, energy_J=1e-9)


def test_a_dry_run_says_what_would_be_done(
    trial: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["study", str(trial), "--dry-run", "--workers", "3"]) == 0
    text = capsys.readouterr().out
    assert "trial: 6 points planned, 6 asked for, 6 to evaluate" in text
    assert "seed: 3 values" in text
    assert "played by: spice" in text
    assert "roughly" in text
    _fill(trial, tmp_path / "out", 1e-3, 2)
    words = ["study", str(trial), "--dry-run", "--out", str(tmp_path / "out"), "--json"]
    assert main([*words, "--fidelity", "spice", "--only", "seed=1,2"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["planned"], facts["asked_for"], facts["to_evaluate"]) == (6, 4, 2)
    assert facts["rough"] is False
    assert facts["estimated_s"] > 0
    assert not (tmp_path / "out" / "plan.json").exists()


@pytest.mark.parametrize(("error_V2", "code"), [(1e-3, 0), (4e-3, 1)])
def test_the_exit_code_is_the_verdict(
    trial: Path, tmp_path: Path, error_V2: float, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    _fill(trial, tmp_path / "out", error_V2)
    assert main(["study", str(trial), "--out", str(tmp_path / "out")]) == code
    text = capsys.readouterr().out
    assert ("FAIL" in text) == (code == 1)
    assert "3/3" in text or "0/3" in text
    assert main(["study", str(trial), "--out", str(tmp_path / "out"), "--json"]) == code
    facts = json.loads(capsys.readouterr().out)
    assert {one["verdict"] for one in facts["specs"]} == {"FAIL" if code else "pass"}


def test_what_is_refused(
    trial: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert main(["study", str(trial)]) == 2
    assert "a study needs a folder" in capsys.readouterr().err
    assert main(["study", "chps", "--dry-run"]) == 2
    assert "did you mean chips?" in capsys.readouterr().err
    _fill(trial, tmp_path / "out", 1e-3, 5)
    words = ["study", str(trial), "--out", str(tmp_path / "out")]
    for module, extra, address in (
        ("distributed", "dask", "tcp://127.0.0.1:1"),
        ("submitit", "slurm", "slurm"),
    ):
        monkeypatch.setitem(sys.modules, module, None)  # as if it were not installed
        assert main([*words, "--scheduler", address]) == 2
        err = capsys.readouterr().err
        assert f"the library {module} is not installed" in err
        assert f"joulearn[{extra}]" in err


@pytest.mark.parametrize("name", ["chips"])
def test_every_shipped_study_can_be_planned(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study", name, "--dry-run"]) == 0
    assert "to evaluate" in capsys.readouterr().out
