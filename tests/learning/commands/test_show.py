"""``joulearn show``: everything a design comes to, in a text that is a design file itself."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from learning import load_design
from learning.cli import main, make_parser


def test_what_is_shown_reads_back_as_the_design(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", "xor"]) == 0
    kept = tmp_path / "kept.toml"
    kept.write_text(capsys.readouterr().out, encoding="utf-8")
    assert load_design(kept) == load_design("xor")


def test_columns_scale_time_and_area_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "iris"]) == 0
    text = capsys.readouterr().out
    for told in (
        "# SI units throughout",
        "# 99 examples to learn from: sources 0 V to 450 mV, labels 35.0 mV to 335 mV\n",
        "# 51 held out: ",
        "# petal_width_cm: input, scaled: V = 0.1875 · value -0.01875\n",
        "# species: names of classes\n",
        "# 0.203\N{NO-BREAK SPACE}mm² of devices, wires not counted\n",
        "# a run takes roughly ",
    ):
        assert told in text


def test_a_script_gets_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "iris", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["area_m2"] == pytest.approx(2.03e-7, rel=1e-2)
    assert facts["run_time_s"] > 0.0
    assert facts["inputs_V"] == [0.0, 0.45]
    assert facts["table"]["columns"][3]["volts_per_unit"] == pytest.approx(0.1875)


def test_a_board_has_no_area(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "board_potentiometers"]) == 0
    assert "# parts on a board, no area\n" in capsys.readouterr().out


def _parsers(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    below = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    found = [one for action in below for one in action.choices.values()]
    return [*found, *(deeper for one in found for deeper in _parsers(one))]


def test_the_help_of_every_command_has_an_example() -> None:
    parsers = _parsers(make_parser(None))
    assert {"joulearn learn", "joulearn pdk add"} <= {one.prog for one in parsers}
    for one in parsers:
        assert f"example:\n  {one.prog}" in one.format_help()
