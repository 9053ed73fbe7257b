"""What ``joulearn learn`` says when two figures of one thing differ."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from learning.cli import main
from learning.measure.ledger import Ledger
from learning.result.read import read_result

IDEAL = Path(__file__).parents[1] / "ideal.toml"
SHORT = ("--set", "measure.audit=true", "--set", "schedule.epochs=1", "--set", "task.examples=2")


def test_bill_and_audit_agree_from_the_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["learn", str(IDEAL), "--out", str(tmp_path / "run"), *SHORT]) == 0
    result = read_result(tmp_path / "run" / "result.json")
    assert result.disagreements == ()
    assert result.energy_balance is not None
    assert "from the start to 5e-05 s" in result.energy_balance.window
    assert "trust" not in capsys.readouterr().err


def test_a_bill_that_its_audit_contradicts_is_red_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A ledger that bills two hundredths more than the sources gave."""
    honest = Ledger.energy
    monkeypatch.setattr(Ledger, "energy", lambda *a: 1.02 * honest(*a))
    assert main(["learn", str(IDEAL), "--out", str(tmp_path / "run"), *SHORT]) == 1
    said = capsys.readouterr()
    words = "the run's bill and its audit differ by 1.96 %, limit 0.1 %"
    assert f"joulearn: these figures are not to be trusted: {words}" in said.err
    assert f"NOT TO BE TRUSTED: {words}" in said.out
    result = json.loads((tmp_path / "run" / "result.json").read_text(encoding="utf-8"))
    (one,) = result["disagreements"]
    assert one["share"] == pytest.approx(0.02 / 1.02, rel=1e-3)
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "Not to be trusted" in page
    assert '<b class="bad">disagrees</b>' in page
    assert '<b class="good">' not in page
    assert main(["report", str(tmp_path / "run")]) == 0
    assert main(["learn", str(IDEAL), "--out", str(tmp_path / "run"), *SHORT, "--resume"]) == 1
