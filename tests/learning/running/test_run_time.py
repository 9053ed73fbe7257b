"""How long a run is said to take, beside how long it takes."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import mean

import pytest

from learning import load_design, prepare, run
from learning.running.run_time import rough_s, slowness

_SHIPPED_S = {
    "regression": 16.9, "regression_long": 21.1, "csv_single": 23.1, "allostery_single": 9.9,
    "xor_single": 14.5, "regression_twin": 35.5, "allostery": 13.1, "xor": 20.2, "csv": 45.9,
    "laboratory": 9.7, "board_transistors": 8.0, "board_potentiometers": 11.8,
}  # fmt: skip
"""Whole commands of one epoch, audit included, seconds, on the machine the rates are of."""


@pytest.mark.parametrize("name", _SHIPPED_S)
def test_both_architectures_and_boards_by_one_rate(name: str) -> None:
    said_s = rough_s(prepare(load_design(name, {"schedule.epochs": 1})))
    assert 0.5 < said_s / _SHIPPED_S[name] < 2.0


def test_what_is_taught_and_audited_costs_and_questions_cost_little() -> None:
    def said_s(**settings: object) -> float:
        return rough_s(prepare(load_design("regression_twin", settings)))

    plain = said_s()
    assert said_s(**{"measure.audit": False}) < plain
    assert plain < said_s(**{"schedule.evaluate_every": 1}) < 1.3 * plain
    assert said_s(**{"schedule.epochs": 20}) > 1.5 * plain


def test_on_tables_it_is_quicker_once_they_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    fresh = prepare(load_design("csv", {"simulator.fidelity": "accelerated"}))
    cold_s = rough_s(fresh)
    monkeypatch.setattr("learning.fidelity.anchor.known", lambda _: (True, True))
    assert rough_s(fresh) < 0.4 * cold_s
    assert rough_s(fresh) < 0.5 * rough_s(prepare(load_design("csv")))


def test_a_machine_held_against_ngspice_over_few_examples_is_sooner_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def said_s(**settings: object) -> float:
        played = {"simulator.fidelity": "accelerated", "measure.audit": False}
        return rough_s(prepare(load_design("csv", {**played, **settings})))

    few, unchecked = {"simulator.anchor_examples": 1}, {"simulator.anchor": False}
    assert said_s(**unchecked) < said_s(**few) < 0.5 * (said_s(**unchecked) + said_s())


ON_TABLES = {
    "simulator.fidelity": "accelerated", "simulator.anchor": False, "measure.audit": False,
    "schedule.epochs": 800,
}  # fmt: skip


@pytest.mark.evidence
@pytest.mark.parametrize(
    ("name", "more"),
    [
        *(
            (name, {})
            for name in ("regression_long", "xor_single", "laboratory", "regression_twin")
        ),
        ("regression", ON_TABLES),
    ],
)
def test_what_is_said_is_right_within_a_factor_of_two(
    tmp_path: Path, name: str, more: dict[str, object]
) -> None:
    settings, before = {"learning.tolerance_V2": 0.0, **more}, slowness()
    said_s, began = rough_s(prepare(load_design(name, settings))), time.monotonic()
    run(name, out=tmp_path / "run", settings=settings)
    took_s = time.monotonic() - began
    assert 0.5 < said_s * mean((before, slowness())) / took_s < 2.0
