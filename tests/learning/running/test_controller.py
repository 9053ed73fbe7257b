"""Runs from outside: what they leave, when they stop, how they go on, and what they refuse."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from learning import LearningError, Progress, find_design, finish, learn, load_design
from spice_backend.waveforms.waveform import read_raws

IDEAL = Path(__file__).parents[1] / "ideal.toml"
SHORT = ("schedule.epochs=2", "schedule.evaluate_every=1", "task.examples=5")
"""As in conftest: the run the shared fixture made."""

BLOCKS = ("network_free", "network_clamped", "update", "clamp", "bias", "control", "drivers")
Short = tuple[Path, dict[str, Any]]


def run(design: Path | str, folder: Path, *overrides: str, **how: Any) -> dict[str, Any]:
    learned = learn(load_design(find_design(design), overrides), folder, **how)
    finish(learned)
    return told(folder)


def told(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    return found


# --- what a run leaves --------------------------------------------------------------------------


def test_files_of_the_contract(short_run: Short) -> None:
    folder = short_run[0]
    for name in ("design.toml", "deck.cir", "result.json", "waveforms.nc", "log.txt"):
        assert (folder / name).stat().st_size > 0, name
    assert not list(folder.glob("*.part"))
    design = tomllib.loads((folder / "design.toml").read_text(encoding="utf-8"))
    assert (design["seed"], design["schedule"]["epochs"]) == (0, 2)
    assert load_design(folder / "design.toml") == load_design(find_design("regression_long"), SHORT)
    assert json.loads((folder / "result.json").read_text(encoding="utf-8")) == short_run[1]


def test_every_key_of_the_contract(short_run: Short) -> None:
    result = short_run[1]
    numbers = ("presentations", "epochs", "simulated_time_s", "wall_time_s", "solver_time_s")
    for key in numbers:
        assert result[key] > 0, key
    assert isinstance(result["schema"], int)
    assert result["design"] == "regression_long"
    assert result["engine"]["name"] == "ngspice"
    assert int(result["engine"]["version"].rstrip("+")) >= 39
    assert set(result["error_V2"]) == {"initial", "final", "history"}
    for table in ("energy_J", "power_W"):
        assert tuple(result[table]) == (*BLOCKS, "total")
    assert {"settling_time_s", "energy_per_query_J", "power_W"} <= set(result["inference"])
    assert set(result["gates_V"]) == {"initial", "final"}
    assert result["accuracy"] is None
    assert {"supplied_J", "dissipated_J", "stored_J", "residual"} <= set(result["energy_balance"])


def test_figures_hang_together(short_run: Short) -> None:
    result = short_run[1]
    energy, power = result["energy_J"], result["power_W"]
    assert sum(energy[block] for block in BLOCKS) == pytest.approx(energy["total"], rel=1e-9)
    for block in BLOCKS:
        watts = energy[block] / result["simulated_time_s"]
        assert power[block] == pytest.approx(watts, rel=1e-9, abs=1e-18)
    networks = energy["network_free"] + energy["network_clamped"]
    assert result["overhead_ratio"] == pytest.approx((energy["total"] - networks) / networks)
    history = result["error_V2"]["history"]
    assert [point["epoch"] for point in history] == [0, 1, 2]
    assert history[0]["error_V2"] == result["error_V2"]["initial"]
    assert history[-1]["error_V2"] == result["error_V2"]["final"]
    assert (result["presentations"], result["epochs"]) == (10, 2)
    spec = tomllib.loads((short_run[0] / "design.toml").read_text(encoding="utf-8"))["schedule"]
    windows_s = sum(spec["windows_s"][:2]) + 2 * spec["settle_s"]
    shown_s = 5 * windows_s + 2 * spec["warm_up_s"] + 15 * spec["evaluation_s"]
    assert result["simulated_time_s"] == pytest.approx(shown_s, rel=1e-9)
    assert 0 < result["inference"]["settling_time_s"] < spec["evaluation_s"]


def test_it_learns_even_in_two_epochs(short_run: Short) -> None:
    error = short_run[1]["error_V2"]
    assert error["final"] < 0.5 * error["initial"]


def test_the_balance_closes(short_run: Short) -> None:
    balance = short_run[1]["energy_balance"]
    missing = balance["supplied_J"] - balance["dissipated_J"] - balance["stored_J"]
    assert balance["residual"] == pytest.approx(abs(missing) / balance["supplied_J"])
    assert balance["residual"] <= 1e-3
    assert not [line for line in short_run[1]["warnings"] if "balance" in line or "bill" in line]


def test_waveforms_carry_names_and_gates(short_run: Short) -> None:
    with xr.load_dataset(short_run[0] / "waveforms.nc", engine="scipy") as data:
        final = short_run[1]["gates_V"]["final"]
        last = dict(zip(data["gate"].values, data["gates"].values[-1], strict=True))
        assert last == pytest.approx(final, abs=1e-12)
        assert {"in_0", "label_0", "clk"} <= set(data["signal"].values)
        assert data["early_time"].values[-1] == pytest.approx(102e-6)  # the first one warms up
        assert (data.attrs["design"], data.attrs["seed"]) == (short_run[1]["design"], 0)
        assert "ngspice" in data.attrs["engine"]
        course, early, late = read_raws(short_run[0] / "waveforms.raw")
        ends = dict(zip(course["signal"].values, course["values"].values[-1], strict=True))
        assert {gate: ends[f"v({gate})"] for gate in final} == pytest.approx(final, abs=1e-3)
        billed_J = np.diff(course["scale"].values, prepend=0.0) @ data["course_power"].values
        assert billed_J.sum() == pytest.approx(short_run[1]["energy_J"]["total"])
        assert [f"v({name})" for name in data["signal"].values] == list(early["signal"].values)
        np.testing.assert_array_equal(early["values"], data["early"])
        np.testing.assert_array_equal(late["scale"], data["late_time"])


# --- when it stops ------------------------------------------------------------------------------


def test_same_seed_same_figures(tmp_path: Path) -> None:
    one, two = (run(IDEAL, tmp_path / name) for name in "ab")
    for key in ("error_V2", "gates_V", "energy_J", "inference", "conductances_S"):
        assert one[key] == two[key], key
    for name in ("deck.cir", "design.toml"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    other = run(IDEAL, tmp_path / "c", "seed=1")
    assert other["error_V2"]["initial"] != one["error_V2"]["initial"]
    assert one["energy_balance"] is None
    assert one["status"] == "completed"


def test_a_tolerance_met_by_the_last_epoch_is_met(tmp_path: Path) -> None:
    result = run(IDEAL, tmp_path / "run", "schedule.epochs=1", "learning.tolerance_V2=1.0")
    assert (result["status"], result["epochs"]) == ("tolerance reached", 1)


def test_stops_on_tolerance(tmp_path: Path) -> None:
    result = run(IDEAL, tmp_path / "run", "schedule.epochs=30", "learning.tolerance_V2=1.0")
    assert result["status"] == "tolerance reached"
    assert result["to_tolerance"] == {"tolerance_V2": 1.0, "presentations": 0, "energy_J": 0.0}
    assert result["epochs"] == 1
    deck = (tmp_path / "run" / "deck.cir").read_text(encoding="utf-8")
    stop = next(line for line in deck.splitlines() if line.startswith(".tran")).split()[2]
    assert float(stop) == pytest.approx(result["simulated_time_s"])


def test_stops_without_progress(tmp_path: Path) -> None:
    """An update cell with its sign turned round makes the error grow."""
    wrong = "cells.parameters.update.gain=-4e-7"
    result = run(IDEAL, tmp_path / "run", "schedule.epochs=30", "learning.patience=2", wrong)
    assert result["status"] == "no progress"
    assert 2 <= result["epochs"] < 30
    errors = [point["error_V2"] for point in result["error_V2"]["history"]]
    assert int(np.argmin(errors)) == len(errors) - 3


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[Progress] = []
    run(IDEAL, tmp_path / "run", watch=told.append)
    assert [p.presentations for p in told] == list(range(1, 21))
    assert {p.total for p in told} == {20}
    assert told[-1].epochs == 2
    assert told[-1].error_V2 is not None
    assert all(p.rate_per_s > 0 and p.left_s >= 0 for p in told)


# --- going on -----------------------------------------------------------------------------------


def test_resume_equals_the_undisturbed_run(short_run: Short, tmp_path: Path) -> None:
    def stop_in_the_second_epoch(progress: Progress) -> None:
        if progress.epochs == 1:
            raise KeyboardInterrupt

    design, folder = load_design(find_design("regression_long"), SHORT), tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        learn(design, folder, watch=stop_in_the_second_epoch)
    assert not (folder / "result.json").exists()
    finish(learn(design, folder, resume=True))
    result = told(folder)
    whole = short_run[1]
    for gate, volts in whole["gates_V"]["final"].items():
        assert result["gates_V"]["final"][gate] == pytest.approx(volts, abs=1e-3), gate
    assert result["energy_J"]["total"] == pytest.approx(whole["energy_J"]["total"], rel=5e-3)
    for key in ("presentations", "epochs"):
        assert result[key] == whole[key]
    assert result["simulated_time_s"] == pytest.approx(whole["simulated_time_s"], rel=1e-9)
    assert result["energy_balance"]["residual"] <= 1e-3
    points = [point["epoch"] for point in result["error_V2"]["history"]]
    assert points == [0, 1, 2]


def test_resuming_a_finished_run_changes_nothing(tmp_path: Path) -> None:
    first = run(IDEAL, tmp_path / "run")
    again = run(IDEAL, tmp_path / "run", resume=True)
    for key in ("error_V2", "gates_V", "energy_J", "presentations", "simulated_time_s"):
        assert again[key] == first[key], key


# --- refusals -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds a run."""
    folder = tmp_path_factory.mktemp("there") / "run"
    run(IDEAL, folder, "schedule.epochs=1")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_run_is_not_overwritten(there: Path) -> None:
    before = contents(there)
    with pytest.raises(LearningError, match="a run is there already") as refused:
        learn(load_design(IDEAL, ("schedule.epochs=1",)), there)
    assert "--resume" in str(refused.value)
    assert "--overwrite" in str(refused.value)
    assert contents(there) == before


def test_another_design_does_not_resume(there: Path) -> None:
    before = contents(there)
    with pytest.raises(LearningError, match=r"made from another design: nudge = 0\.25"):
        learn(load_design(IDEAL, ("schedule.epochs=1", "learning.nudge=0.25")), there, resume=True)
    assert contents(there) == before


def test_nothing_to_resume(tmp_path: Path) -> None:
    with pytest.raises(LearningError, match="no checkpoint to go on from"):
        learn(load_design(IDEAL), tmp_path / "nothing", resume=True)
    assert not (tmp_path / "nothing").exists()


def test_overwrite_replaces(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    run(IDEAL, folder, "schedule.epochs=1", "seed=5")
    assert run(IDEAL, folder, "schedule.epochs=1", overwrite=True)["seed"] == 0


# --- Ctrl-C -------------------------------------------------------------------------------------


def _command(folder: Path, *more: str) -> list[str]:
    sets = (f"--set={key}" for key in ("schedule.epochs=60", "schedule.evaluate_every=20"))
    words = ["learn", str(IDEAL), "--out", str(folder), *sets, *more]
    return [sys.executable, "-m", "learning.cli", *words]


def _wait_for(log: Path, words: str, process: subprocess.Popen[str]) -> None:
    for _ in range(1200):
        if log.exists() and words in log.read_text(encoding="utf-8"):
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.1)
    raise AssertionError(f"{words} never came")


@pytest.fixture
def environment() -> dict[str, str]:
    root = str(Path(__file__).resolve().parents[3])
    return {**os.environ, "PYTHONPATH": root}


def test_ctrl_c_leaves_a_checkpoint_to_go_on_from(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    folder = tmp_path / "run"
    process = subprocess.Popen(
        _command(folder), env=environment, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, start_new_session=True,
        # a suite that runs in the background has Ctrl-C ignored, and hands that on
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads
    )  # fmt: skip
    _wait_for(folder / "log.txt", "epoch 0: error", process)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 1, errors
    assert "--resume" in errors
    assert "Traceback" not in output + errors
    assert not (folder / "result.json").exists()
    done = subprocess.run(
        _command(folder, "--resume", "--json"), env=environment, text=True, capture_output=True,
        timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["epochs"], result["presentations"]) == (60, 240)
    assert [p["epoch"] for p in result["error_V2"]["history"]] == list(range(0, 61, 20))
    assert (folder / "report.html").exists()
