"""``joulearn check --roundtrip``: what it prints, its JSON and its exit codes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from learning.cli import main
from learning.commands import check_roundtrip
from spice_backend.conformance.roundtrip import Verdict, check_folder

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


def test_a_log_gets_a_line_for_each_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("b.cir", "a.cir"):
        (tmp_path / name).write_text(DECK, encoding="utf-8")
    assert main(["check", "--roundtrip", str(tmp_path), "--jobs", "2"]) == 0
    said = sorted(capsys.readouterr().err.splitlines())
    assert len(said) == 2
    assert said[0].startswith("1/2 ")
    assert said[0].endswith(".cir: same, 1 left")
    assert said[1].endswith(".cir: same, 0 left")


def test_no_jobs_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--roundtrip", str(tmp_path), "--jobs", "0"]) == 2
    assert "there must be a job" in capsys.readouterr().err


def test_an_interrupted_round_trip_reports_what_it_has(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.cir", "b.cir"):
        (tmp_path / name).write_text(DECK, encoding="utf-8")

    def interrupted(*arguments: Any, **options: Any) -> Iterator[Verdict]:
        yield next(check_folder(*arguments, **options))
        raise KeyboardInterrupt

    monkeypatch.setattr(check_roundtrip, "check_folder", interrupted)
    assert main(["check", "--roundtrip", str(tmp_path)]) == 1
    printed = capsys.readouterr().out
    assert printed.startswith("stopped after 1 of 2 files; what follows is of these\n1 decks")
    assert "1 of 1 decks, 100.0 %" in printed
    assert main(["check", "--json", "--roundtrip", str(tmp_path)]) == 1
    assert json.loads(capsys.readouterr().out)["left"] == 1
