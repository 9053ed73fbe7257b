"""``joulearn check --roundtrip``: what it prints, its JSON and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from learning.cli import main

DECK = "t\nV1 a 0 2\nR1 a 0 1k\n.op\n.print op v(a)\n.end\n"


def test_shares_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.cir").write_text(DECK, encoding="utf-8")
    assert main(["check", "--roundtrip", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "1 decks, 0 libraries, 0 scripts of commands" in printed
    assert "same ngspice result from the emitted text: 1 of 1 decks, 100.0 %" in printed


def test_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.cir").write_text(DECK, encoding="utf-8")
    assert main(["check", "--json", "--no-run", "--roundtrip", str(tmp_path)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["decks"] == 1
    assert found["read_share"] == 1.0
    assert found["same_share"] is None


def test_a_missing_folder_and_no_task_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--roundtrip", str(tmp_path / "none")]) == 1
    assert "no such folder" in capsys.readouterr().err
