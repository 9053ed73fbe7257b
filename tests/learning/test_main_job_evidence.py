"""The figures the README gives for the shipped designs, each at its full length.

`make evidence` prints them. A run takes half a minute to a few minutes of one core.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from learning.cli import main
from spice_backend.batch import run_batch
from spice_backend.waveforms.waveform import read_raw

pytestmark = pytest.mark.evidence


def taught(design: str, out: Path, *words: str) -> dict[str, Any]:
    assert main(["learn", design, "--out", str(out), *words]) == 0
    result: dict[str, Any] = json.loads((out / "result.json").read_text(encoding="utf-8"))
    error, balance = result["error_V2"], result["energy_balance"]
    print(
        f"\n{design} {' '.join(words)}: {error['initial']:.3g} -> {error['final']:.3g} V2, "
        f"residual {balance and balance['residual']:.2g}, overhead {result['overhead_ratio']:.4g}, "
        f"accuracy {result['accuracy']}, wall {result['wall_time_s']:.1f} s"
    )
    return result


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_regression_learns_from_every_seed(tmp_path: Path, seed: int) -> None:
    result = taught("regression", tmp_path, "--seed", str(seed))
    error = result["error_V2"]
    assert error["final"] <= 3e-4
    assert error["initial"] / error["final"] >= 50
    assert result["energy_balance"]["residual"] <= 1e-3
    assert result["ideal_cells"] == []


def test_regression_is_what_plain_ngspice_does_and_takes_as_long(tmp_path: Path) -> None:
    """The whole command, in a process of its own, against ngspice alone on the deck it leaves."""
    out, began = tmp_path / "run", time.monotonic()
    words = [sys.executable, "-m", "learning.cli", "learn", "regression_twin", "--out", str(out)]
    subprocess.run(words, check=True, capture_output=True)
    whole_s = time.monotonic() - began
    outcome = run_batch(out / "deck.cir", tmp_path / "deck.raw").check()
    ratio = whole_s / outcome.solver_time_s
    print(f"\nwhole command {ratio:.2f} times ngspice -b, {whole_s:.1f} s here")
    result = json.loads((out / "result.json").read_text(encoding="utf-8"))
    plain = read_raw(tmp_path / "deck.raw")
    wave = {str(name): plain["values"].sel(signal=name).values for name in plain.signal.values}
    gates = np.array([wave[f"v({gate})"][-1] for gate in result["gates_V"]["final"]])
    assert np.abs(gates - list(result["gates_V"]["final"].values())).max() <= 1e-3
    rails = ("vdd_update", "vdd_clamp", "vdd_bias", "vdd_driver")
    power = sum(-wave[f"v({rail})"] * wave[f"i({rail})"] for rail in rails)
    energy_J = np.trapezoid(power, plain["scale"].values) + result["energy_J"]["control"]
    assert energy_J == pytest.approx(result["energy_J"]["total"], rel=5e-3)
    assert ratio <= 1.10


def test_xor_is_learned_by_transistors_and_not_by_resistors(tmp_path: Path) -> None:
    """Linear edges on the same lattice get three of four right at the very most."""
    assert taught("xor", tmp_path / "transistors")["accuracy"]["train"] == 1.0
    linear = taught("xor", tmp_path / "resistors", "--set", "cells.edge=edge_ideal")
    assert linear["accuracy"]["train"] <= 0.75


def test_iris_in_circuit(tmp_path: Path) -> None:
    assert taught("iris", tmp_path)["accuracy"]["test"] >= 0.9


def test_allostery(tmp_path: Path) -> None:
    error = taught("allostery", tmp_path)["error_V2"]
    assert error["final"] <= 3e-4
    assert error["initial"] / error["final"] >= 20


def test_laboratory(tmp_path: Path) -> None:
    error = taught("laboratory", tmp_path)["error_V2"]
    assert error["initial"] / error["final"] >= 100


def test_any_table(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    rows = rng.uniform(0.05, 0.45, (16, 2))
    lines = [f"{a:.4f},{b:.4f},{0.2 * a + 0.2 * b + 0.05:.4f}" for a, b in rows]
    table = tmp_path / "table.csv"
    table.write_text("\n".join(["a,b,y", *lines]) + "\n", encoding="utf-8")
    error = taught("csv", tmp_path / "run", "--set", f"task.csv={table}")["error_V2"]
    assert error["initial"] / error["final"] >= 10
