"""Shared by the tests of this package.

A small finished run made by hand (four nodes, two parallel edges and a pair as target), and a real
short run of the long regression design, everything in transistors, made once.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from learning import find_design, finish, learn, load_design
from learning.result.adapter import result_of
from learning.result.result import Result

SHORT = ("schedule.epochs=2", "schedule.evaluate_every=1", "task.examples=5")


@pytest.fixture(scope="session")
def short_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Folder and result of two epochs of that design, with its audit."""
    folder = tmp_path_factory.mktemp("short") / "run"
    learned = learn(load_design(find_design("regression_long"), SHORT), folder)
    finish(learned)
    return folder, json.loads((folder / "result.json").read_text(encoding="utf-8"))


_ENERGY_J = {
    "network_free": 1e-9,
    "network_clamped": 1e-9,
    "update": 60e-9,
    "clamp": 40e-9,
    "bias": 1e-9,
    "control": -1e-12,
    "drivers": 7e-9,
    "total": 109.999e-9,
}
_SIGNALS = ("f_1", "c_1", "f_2", "c_2", "in_0", "label_0p", "label_0n", "enable", "g_0", "g_1")


@pytest.fixture
def plain_result() -> Callable[..., dict[str, Any]]:
    """Makes the contents of a result.json, some keys changed."""
    return _result


@pytest.fixture
def result() -> Callable[..., Result]:
    """Makes a result, some keys of its file changed."""
    return lambda **changes: result_of(_result(**changes))


@pytest.fixture
def finished(tmp_path: Path) -> Callable[..., Path]:
    """Makes the folder of a finished run, some keys of its result changed."""
    return lambda **changes: _write(tmp_path / "run", _result(**changes))


def _result(**changes: Any) -> dict[str, Any]:
    history = [(0, 2e-2), (5, 1e-3), (10, 2e-4)]
    made: dict[str, Any] = {
        "schema": 1,
        "design": "hand made",
        "description": "Four nodes.",
        "status": "completed",
        "seed": 7,
        "seeds": {"network": [7, 0], "task": [7, 1], "order": [7, 2], "initial": [7, 3]},
        "engine": {"name": "ngspice", "version": "39"},
        "versions": {"joulearn": "0.1.0", "python": "3.11.7", "numpy": "2.4.6"},
        "process": "generic180",
        "cells": {"edge": "edge", "update": "update_ideal"},
        "ideal_cells": ["update"],
        "transistors": 123,
        "presentations": 100,
        "evaluation_presentations": 30,
        "epochs": 10,
        "simulated_time_s": 5e-3,
        "power_weight": 0.0,
        "error_V2": {
            "initial": 2e-2,
            "final": 2e-4,
            "history": [
                {"epoch": epoch, "presentations": 10 * epoch, "error_V2": error}
                for epoch, error in history
            ],
        },
        "energy_J": dict(_ENERGY_J),
        "power_W": {block: joules / 5e-3 for block, joules in _ENERGY_J.items()},
        "overhead_ratio": 53.9995,
        "inference": {"settling_time_s": 3e-6, "energy_per_query_J": 2e-10, "power_W": 6e-5},
        "conductances_S": {
            "initial": [1e-6, 2e-6, 3e-6, 4e-6],
            "final": [0.0, 2.5e-6, 5e-6, 8e-6],
            "note": "free side",
        },
        "accuracy": None,
        "energy_balance": {
            "supplied_J": 5e-9,
            "dissipated_J": 4.9e-9,
            "stored_J": 0.099e-9,
            "residual": 2e-4,
            "window": "first epoch",
        },
        "network": {
            "nodes": ["0", "1", "2", "3"],
            "edges": [["0", "1"], ["1", "0"], ["1", "2"], ["2", "3"]],
            "positions": {"0": [0, 0], "1": [1, 0.2], "2": [1.7, 1], "3": [0.2, 1.5]},
            "sources": ["0"],
            "targets": ["1-2"],
            "ground": ["3"],
        },
        "wall_time_s": 20.0,
        "solver_time_s": 18.0,
        "warnings": [],
    }
    return made | changes


def _windows() -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """One presentation early and one late."""
    rng = np.random.default_rng(1)
    time_s = np.linspace(0, 5e-5, 21)
    early, late = (rng.uniform(0, 0.5, (21, len(_SIGNALS))) for _ in range(2))
    return (time_s, early), (time_s, late)


def _write(folder: Path, content: dict[str, Any]) -> Path:
    """Put a result and its waveforms into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "result.json").write_text(json.dumps(content), encoding="utf-8")
    (folder / "design.toml").write_text('name = "hand made"\n', encoding="utf-8")
    early, late = _windows()
    data = xr.Dataset(
        {
            "gates": (("mark", "gate"), np.linspace(0.5, 1.4, 12).reshape(3, 4)),
            "epoch": ("mark", np.array([0, 5, 10])),
            "early": (("early_step", "signal"), early[1]),
            "late": (("late_step", "signal"), late[1]),
        },
        coords={
            "gate": ["g_0", "g_1", "g_2", "g_3"],
            "signal": list(_SIGNALS),
            "early_time": ("early_step", early[0]),
            "late_time": ("late_step", late[0]),
        },
    )
    data.to_netcdf(folder / "waveforms.nc", engine="scipy")
    return folder
