"""A small machine of one network from the command to the report: its bill, and what is declared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from learning.cli import main
from learning.measure.ledger import BLOCKS
from learning.report.summary import summary
from learning.result.read import read_result

_SMALL = (
    "network.rows=2", "network.columns=2", "network.periodic=false",
    'network.roles.sources=["0"]', 'network.roles.targets=["1"]', 'network.roles.ground=["3"]',
    "task.coefficients=[[0.4]]", "task.examples=2", "schedule.epochs=1",
    "declared.regulator.share=0.25",
    # steps of trtol 3 are for a machine that spends most in its cells, not in four phases
    "simulator.options.trtol=1",
)  # fmt: skip
_WORDS = [word for override in _SMALL for word in ("--set", override)]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("declared") / "run"
    assert main(["learn", "regression", *_WORDS, "--out", str(out), "--json"]) == 0
    return out


@pytest.fixture(scope="module")
def result(run: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((run / "result.json").read_text(encoding="utf-8"))
    return told


def test_the_bill_is_true_and_nothing_declared_is_in_it(result: dict[str, Any]) -> None:
    energy_J = result["energy_J"]
    assert energy_J["total"] == pytest.approx(sum(energy_J[block] for block in BLOCKS))
    assert energy_J["control"] > 0
    assert result["energy_balance"]["residual"] <= 1e-3
    assert result["energy_balance"]["bill_residual"] <= 1e-3
    assert result["disagreements"] == []


def test_declared_costs_stand_beside_it(result: dict[str, Any]) -> None:
    declared, total_J = result["declared"], result["energy_J"]["total"]
    own_J = {
        "converters": 6e-7 * result["simulated_time_s"],
        "example_memory": 3e-7 * result["simulated_time_s"],
        "clock": 3.4e-7 * result["simulated_time_s"],
        "error_measurement": 1e-11 * result["evaluation_presentations"],
    }
    for name, joules in own_J.items():
        assert declared[name]["energy_J"] == pytest.approx(joules), name
        assert declared[name]["source"]
    whole_J = total_J + sum(own_J.values())
    assert declared["regulator"]["energy_J"] == pytest.approx(0.25 * whole_J)
    assert result["energy_with_declared_J"] == pytest.approx(1.25 * whole_J)


def test_summary_and_report_say_which_is_which(run: Path) -> None:
    told = summary(read_result(run / "result.json"))
    assert "declared, not simulated" in told
    assert "simulated and declared" in told
    assert max(map(len, told.splitlines())) <= 100
    page = (run / "report.html").read_text(encoding="utf-8")
    assert "declared, not simulated" in page
    assert "a low-dropout regulator" in page
