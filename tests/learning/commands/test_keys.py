"""``joulearn keys``: what it prints, its JSON, and a word that no key contains."""

from __future__ import annotations

import json

import pytest

from learning.cli import main
from learning.design.keys import design_keys


def test_keys_of_a_section(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "learning."]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "learning.nudge  (number: > 0, ≤ 1; default 0.5)"
    assert lines[1].startswith("    How far")
    assert len(lines) == 8


def test_a_unit_and_what_may_be_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "rail_V"]) == 0
    assert "supply.rail_V  (number: > 0, V; may be left out)" in capsys.readouterr().out


def test_all_keys_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [key["name"] for key in told] == [key.name for key in design_keys()]
    assert {"name", "kind", "unit", "default", "range", "meaning"} == set(told[0])


def test_a_word_in_no_key(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "colour"]) == 2
    assert "colour: no key of a design contains this word" in capsys.readouterr().err
