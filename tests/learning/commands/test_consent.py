"""A long run says how long it takes, and is asked for."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from learning import LearningError, load_design, prepare
from learning.cli import main
from learning.commands.consent import consent
from learning.running.run_time import rough_s, spoken

IDEAL = Path(__file__).parents[1] / "ideal.toml"


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """As fast as the one the rates are of."""
    monkeypatch.setattr("learning.commands.consent.slowness", lambda: 1.0)


def _run(epochs: int):
    return prepare(load_design("regression_twin", {"schedule.epochs": epochs}))


@pytest.mark.parametrize("answer", ["y\n", "yes\n", "n\n", "\n", ""])
def test_a_run_of_hours_is_asked_for(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    said = _Terminal()
    monkeypatch.setattr(sys, "stdin", _Terminal(answer))
    monkeypatch.setattr(sys, "stderr", said)
    before, long = consent(asked=True), _run(2000)
    if answer.startswith("y"):
        before(long)
    else:
        with pytest.raises(LearningError, match=r"the run was not started\n  try: --yes"):
            before(long)
    assert said.getvalue() == "32 edges, 30010 presentations: roughly 5.3 h\nstart? [y/N] "


@pytest.mark.parametrize(("epochs", "asked"), [(2000, False), (2, True)])
def test_nobody_is_asked_in_vain(
    capsys: pytest.CaptureFixture[str], epochs: int, *, asked: bool
) -> None:
    consent(asked=asked)(_run(epochs))
    assert capsys.readouterr().err == ""


def test_without_a_terminal_a_long_run_is_announced_and_begins(
    capsys: pytest.CaptureFixture[str],
) -> None:
    consent(asked=True)(_run(2000))
    assert capsys.readouterr().err == "32 edges, 30010 presentations: roughly 5.3 h\n"


def test_what_is_declined_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", _Terminal("n\n"))
    monkeypatch.setattr("learning.commands.consent.is_terminal", lambda _: True)
    monkeypatch.setattr("learning.commands.consent.slowness", lambda: 1e3)
    folder, long = tmp_path / "run", "schedule.epochs=20"
    assert main(["learn", str(IDEAL), "--out", str(folder), "--set", long]) == 2
    assert "the run was not started" in capsys.readouterr().err
    assert not folder.exists()


def test_times_are_said_as_one_says_them() -> None:
    assert [spoken(t) for t in (51.7, 600.0, 7300.0)] == ["52 s", "10 min", "2.0 h"]


def test_a_slow_machine_is_asked_sooner(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("learning.commands.consent.slowness", lambda: 20.0)
    consent(asked=True)(_run(10))
    assert capsys.readouterr().err == (
        f"32 edges, 160 presentations: roughly {spoken(20.0 * rough_s(_run(10)))}\n"
    )


def test_a_run_that_may_stop_by_itself_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    consent(asked=True)(prepare(load_design("regression", {"schedule.epochs": 100})))
    assert capsys.readouterr().err.endswith(", less if it stops by itself before\n")


def test_a_program_gets_progress_as_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["learn", str(IDEAL), "--out", str(tmp_path / "run"), "--json"]) == 0
    said = capsys.readouterr()
    json.loads(said.out)
    lines = [json.loads(line) for line in said.err.splitlines()]
    stages = [line["stage"] for line in lines]
    assert stages[-1] == "writing the report"
    assert "asking the trained network" in stages
    last = [line for line in lines if "presentations" in line][-1]
    assert last["presentations"] == last["total"] > 0
    assert last["error_V2"] > 0.0
