"""The rule that chooses λ from measured errors."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from learning.cli import main
from learning.errors import LearningError
from learning.running.least_power import LeastPower


@dataclass
class Point:
    error_V2: float
    epoch: int = 0


@dataclass
class Past:
    epoch: int
    errors: list
    power_weights: list


RULE = LeastPower(1e-3, epochs=20)


def chosen(epoch, error, before):
    return RULE(Past(epoch, [Point(error, epoch)], [before]))


def test_it_learns_without_a_power_term_until_the_error_is_low_enough():
    assert RULE(Past(0, [], [])) == 0.0
    assert RULE(Past(0, [Point(1e-2)], [])) == 0.0
    assert chosen(3, 2e-3, 0.0) == 0.0
    assert chosen(4, 5e-4, 0.0) == 0.01


def test_it_follows_the_square_root_of_the_error_s_distance_from_the_aim():
    assert chosen(5, 7.5e-4, 0.02) == pytest.approx(0.02)
    assert chosen(5, 7.5e-4 / 1.21, 0.02) == pytest.approx(0.022)
    assert chosen(5, 7.5e-4 * 4.0, 0.02) == pytest.approx(0.01)


def test_it_moves_by_limited_steps_and_not_above_the_highest():
    assert chosen(5, 1e-6, 0.02) == pytest.approx(0.032)
    assert chosen(5, 1.0, 0.02) == pytest.approx(0.006)
    assert chosen(5, 1e-6, 0.19) == 0.2
    assert chosen(5, 0.0, 0.02) == pytest.approx(0.032)


def test_it_waits_for_a_new_measurement():
    assert RULE(Past(7, [Point(1e-6, 5)], [0.02])) == 0.02


def test_it_closes_without_a_power_term_unless_the_error_is_safe():
    assert chosen(18, 9e-4, 0.02) == 0.0
    assert chosen(18, 7.5e-4, 0.02) == pytest.approx(0.02)
    assert chosen(19, 5e-4, 0.0) == 0.0


def test_a_simple_plant_is_held_under_the_tolerance():
    # An error that follows λ with a lag: e -> e + (4·λ² + 1e-4 - e)/2 per epoch.
    error, past = 1e-2, Past(0, [], [])
    for epoch in range(20):
        past.epoch = epoch
        past.errors.append(Point(error, epoch))
        past.power_weights.append(RULE(past))
        error += 0.5 * (4.0 * past.power_weights[-1] ** 2 + 1e-4 - error)
    assert 5e-4 < error < 1e-3


def test_a_tolerance_of_zero_is_refused():
    with pytest.raises(LearningError, match="leaves no room to save power"):
        LeastPower(0.0, epochs=5)


def test_the_command_line_refuses_it_too(tmp_path, capsys):
    assert (
        main(["learn", "regression_twin", "--least-power", "0", "--out", str(tmp_path / "run")])
        == 2
    )
    assert "leaves no room to save power" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_a_run_too_short_for_any_power_weight_is_refused(tmp_path, capsys):
    arguments = ["learn", "regression", "--least-power", "1e-3", "--out", str(tmp_path / "run")]
    assert main(arguments) == 2
    printed = capsys.readouterr().err
    assert "no epoch of 3 is left for a power weight" in printed
    assert "--set schedule.epochs=15" in printed
    assert not (tmp_path / "run").exists()


def test_it_goes_on_saving_where_the_design_would_have_stopped(tmp_path):
    """A design's own tolerance, lower than what was asked for, ends no run of the procedure."""
    ideal = Path(__file__).parents[1] / "ideal.toml"
    sets = ["--set", "learning.tolerance_V2=1.0", "--set", "schedule.epochs=4"]
    arguments = ["learn", str(ideal), "--least-power", "1.0", "--out", str(tmp_path / "run")]
    assert main([*arguments, *sets]) == 0
    result = json.loads((tmp_path / "run" / "result.json").read_text(encoding="utf-8"))
    assert result["epochs"] == 4


@pytest.mark.parametrize("tolerance_V2", [float("nan"), float("inf"), -1.0])
def test_a_tolerance_that_is_no_number_leaves_no_room(tolerance_V2: float) -> None:
    with pytest.raises(LearningError, match="leaves no room to save power"):
        LeastPower(tolerance_V2, 15)
