"""``joulearn compare`` from the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from learning.cli import main
from tests.learning.studies.digital.conftest import made

__all__ = ["made"]


def test_a_run_is_told_beside_processors(
    made: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = made()
    assert main(["compare", str(folder), "--against", "digital"]) == 0
    text = capsys.readouterr().out
    assert "ideal cells take no real energy: update" in text
    assert re.search(r"this circuit, all counted +264 pJ +138 nJ\n", text)
    assert "the claim of 500 edges" in text
    assert main(["compare", str(folder), str(folder), "--against", "digital", "--json"]) == 0
    one, other = json.loads(capsys.readouterr().out)
    assert one == other
    assert one["circuit"]["query"]["total_J"] == pytest.approx(264e-12)
    assert one["node_scale"] == pytest.approx(16.0)
    assert one["assumptions"]["accelerator"]["add_32"]["source"].startswith("Horowitz")


def test_a_task_out_of_reach_is_told(
    made: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    course = {"initial": 1e-2, "final": 1e-30, "history": []}
    assert main(["compare", str(made(error_V2=course)), "--against", "digital"]) == 0
    assert "does not reach this error in 200 epochs" in capsys.readouterr().out


def test_a_wrong_table_is_refused(
    made: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "own.toml"
    own.write_text("[gpu]\n", encoding="utf-8")
    words = ["compare", str(made()), "--against", "digital", "--assumptions", str(own)]
    assert main(words) == 2
    assert "unknown key gpu" in capsys.readouterr().err
