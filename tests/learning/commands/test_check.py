"""``joulearn check``: exit codes and forms of output."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from learning.cli import main

CLEAN = "t\nV1 a 0 1\nR1 a 0 1k\n.end\n"
WARNED = CLEAN.replace("1k", "1M")
WRONG = CLEAN.replace("R1 a 0 1k", "X1 a 0 none")


@pytest.fixture
def decks(tmp_path: Path) -> dict[str, str]:
    for name, text in (("clean", CLEAN), ("warned", WARNED), ("wrong", WRONG)):
        (tmp_path / f"{name}.cir").write_text(text, encoding="utf-8")
    return {p.stem: str(p) for p in tmp_path.iterdir()}


def test_a_clean_deck(decks: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", decks["clean"]]) == 0
    assert capsys.readouterr().out == "1 deck: clean\n"


def test_warnings_are_shown_and_do_not_fail(
    decks: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", decks["warned"], decks["clean"]]) == 0
    out = capsys.readouterr().out
    assert f"{decks['warned']}:3:8: warning [milli-not-mega]" in out
    assert out.endswith("2 decks: 1 warning\n")
    assert main(["check", "--quiet", decks["warned"]]) == 0
    assert capsys.readouterr().out == "1 deck: clean\n"


def test_errors_fail(decks: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", decks["wrong"]]) == 1
    assert "error [undefined-subcircuit]" in capsys.readouterr().out


def test_json(decks: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--json", decks["wrong"]]) == 1
    (finding,) = json.loads(capsys.readouterr().out)
    assert (finding["rule"], finding["line"], finding["column"]) == ("undefined-subcircuit", 3, 8)
    assert finding["source"] == "X1 a 0 none"
    assert finding["why"]
    assert finding["try"]


def test_an_included_file_is_reported_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "common.inc").write_text("R9 a 0 1M\n", encoding="utf-8")
    for name in ("one.cir", "two.cir"):
        (tmp_path / name).write_text(
            "t\nV1 a 0 1\nR1 a 0 1k\n.include common.inc\n", encoding="utf-8"
        )
    assert main(["check", str(tmp_path / "one.cir"), str(tmp_path / "two.cir")]) == 0
    out = capsys.readouterr().out
    assert out.count(f"{tmp_path / 'common.inc'}:1:8: warning [milli-not-mega]") == 1
    assert out.endswith("2 decks: 1 warning\n")


def test_sarif(decks: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "out.sarif"
    assert main(["check", decks["warned"], "--sarif", str(path)]) == 0
    (run,) = json.loads(path.read_text(encoding="utf-8"))["runs"]
    assert [r["ruleId"] for r in run["results"]] == ["milli-not-mega"]


def test_no_such_deck(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path / "none.cir")]) == 2
    assert "cannot read this deck: No such file" in capsys.readouterr().err


def test_definitions_of_another_file(
    decks: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library = tmp_path / "cells.lib"
    library.write_text(".subckt none a b\nR1 a b 1k\n.ends\n", encoding="utf-8")
    deck = tmp_path / "uses.cir"
    deck.write_text(WRONG.replace("none", "none\nR1 a 0 1k"), encoding="utf-8")
    assert main(["check", str(deck)]) == 1
    assert "undefined-subcircuit" in capsys.readouterr().out
    assert main(["check", str(deck), "--with", str(library)]) == 0
    assert capsys.readouterr().out == "1 deck: clean\n"
    assert main(["check", decks["wrong"], "--with", str(tmp_path / "no.lib")]) == 2
    assert "there is no such file" in capsys.readouterr().err


def test_nothing_to_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 2
    assert "there is nothing to check" in capsys.readouterr().err
