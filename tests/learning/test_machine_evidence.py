"""The figures docs/machine.md gives for the machine of one network, each from a whole run.

A run takes a quarter of a minute to a few minutes of one core.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from learning import find_design, finish, learn, load_design, prepare
from learning.arrays import Floats
from learning.fidelity.plant import Part, play_all
from learning.fidelity.spice import Spice
from learning.papers.stern2024.pareto import procedure
from learning.papers.stern2024.scale import FULL
from learning.result.result import Result
from learning.tasks.score import mean_squared_error_V2
from spice_backend.session.session import Session

pytestmark = pytest.mark.evidence

ENOUGH_V2 = 1e-4
DESIGN = "regression"
CORNERS = ("tt", "ss", "ff", "sf", "fs")
TEMPERATURES_C = (-40, 27, 125)


@dataclass(frozen=True, slots=True)
class Course:
    """What a run of a design came to.

    Attributes:
        error_V2: After 0, 1, 2 ... epochs, square volts.
        training_J: Of all blocks over the first 0, 1, 2 ... epochs, joules.
        power_W: Mean while learning, watts.
        points: Median of simulated points in a training presentation.
        gates_V: At the end, volts.
    """

    error_V2: tuple[float, ...]
    training_J: tuple[float, ...]
    power_W: float
    points: float
    gates_V: Floats

    @property
    def enough_J(self) -> float:
        """Energy of training until the error is low enough, joules."""
        pairs = zip(self.error_V2, self.training_J, strict=True)
        return next((joules for error, joules in pairs if error <= ENOUGH_V2), float("inf"))


def played(*sets: str, design: str = DESIGN) -> Course:
    """Play the whole schedule of a design and print its figures."""
    experiment = prepare(load_design(find_design(design), sets))
    labels, errors, training_J = experiment.task.train.labels, [], [0.0]
    with Session(timeout_s=3600) as session:
        gates_V = np.array(experiment.gates_V)
        part = Part(experiment.schedule, experiment.task.train, gates_V, {}, None)
        shown = play_all(Spice(experiment, session), part)
    epochs = experiment.design.schedule.epochs
    for epoch in range(epochs + 1):
        asked = [p for p in shown if not p.presentation.learning and p.presentation.epoch == epoch]
        rows = np.argsort([p.presentation.example for p in asked])
        outputs_V = np.array([asked[row].outputs_V[-1] for row in rows])
        errors.append(float(mean_squared_error_V2(outputs_V, labels)))
        taught = [p for p in shown if p.presentation.learning and p.presentation.epoch == epoch]
        training_J.append(training_J[-1] + sum(float(p.energy_J.sum()) for p in taught))
    taught = [p for p in shown if p.presentation.learning]
    course = Course(
        tuple(errors),
        tuple(training_J[: epochs + 1]),
        training_J[-1] / sum(p.duration_s for p in taught),
        float(np.median([len(p.time_s) for p in taught])),
        shown[-1].gates_V[-1],
    )
    told = " ".join(f"{error:.2e}" for error in course.error_V2)
    print(
        f"\n{design} {' '.join(sets)}: {told} V2, {course.enough_J * 1e9:.2f} nJ to "
        f"{ENOUGH_V2:g} V2, {course.power_W * 1e6:.2f} uW, {course.points:.0f} points"
    )
    return course


@pytest.mark.parametrize("draw", range(1, 7))
def test_a_chip_learns_and_its_balance_closes(tmp_path: Path, draw: int) -> None:
    sets = ("variation.mismatch=true", f"variation.draw={draw}")
    learned = learn(load_design(find_design(DESIGN), sets), tmp_path / "run")
    result = finish(learned)
    balance = result.energy_balance
    assert balance is not None
    print(
        f"\ndraw {draw}: {[f'{p.error_V2:.2e}' for p in result.error_V2.history]} V2, residual "
        f"{balance.residual:.1e}, wall {result.wall_time_s:.0f} s"
    )
    assert result.error_V2.final <= ENOUGH_V2
    assert result.error_V2.final <= result.error_V2.initial / 100
    assert balance.residual <= 1e-3
    assert result.disagreements == ()
    assert result.ideal_cells == ()


@pytest.mark.parametrize(
    "sets",
    [
        (),
        *(("variation.mismatch=true", f"variation.draw={draw}") for draw in range(1, 6)),
        ("corner=ss", "temperature_C=-40"),
        ("corner=ff", "temperature_C=125"),
    ],
    ids=" ".join,
)
def test_twin_networks_with_memory_cells_learn(tmp_path: Path, sets: tuple[str, ...]) -> None:
    learned = learn(load_design(find_design("regression_twin_memory"), sets), tmp_path / "run")
    result = finish(learned)
    balance, reached = result.energy_balance, result.to_tolerance
    assert balance is not None
    spent = "not reached" if reached is None else f"{reached.energy_J * 1e9:.2f} nJ"
    print(
        f"\ntwins with memory cells {' '.join(sets)}: "
        f"{[f'{p.error_V2:.3g}' for p in result.error_V2.history]} V2, {spent}, "
        f"{result.power_W['total'] * 1e6:.2f} uW, residual {balance.residual:.1e}"
    )
    assert result.error_V2.final <= 1.5e-4
    assert result.error_V2.final <= result.error_V2.initial / 100
    assert balance.residual <= 1e-3
    assert result.disagreements == ()
    assert result.ideal_cells == ()


def test_the_energy_of_a_nominal_chip() -> None:
    course = played("schedule.epochs=2")
    assert course.error_V2[1] <= ENOUGH_V2
    assert course.enough_J <= 5e-9
    assert course.power_W <= 11e-6
    assert course.points <= 70


def test_the_energy_of_the_long_machine() -> None:
    course = played(design="regression_long")
    assert course.error_V2[2] <= ENOUGH_V2
    assert course.enough_J <= 12e-9
    assert course.power_W <= 12e-6


def test_every_corner_learns() -> None:
    """What is left at the worst one is a twentieth of its start at most."""
    times: dict[str, float] = {}
    for corner, temperature_C in product(CORNERS, TEMPERATURES_C):
        sets = (f"corner={corner}", f"temperature_C={temperature_C}")
        error_V2 = played("schedule.epochs=2", *sets).error_V2
        times[f"{corner}, {temperature_C} °C"] = error_V2[0] / error_V2[-1]
    worst = min(times, key=lambda at: times[at])
    print(f"worst of {len(times)} corners: {worst}, {times[worst]:.0f} times lower than its start")
    assert times[worst] >= 20


@pytest.mark.parametrize("draw", [None, 1, 2, 3])
def test_a_foundry_s_chip_learns(draw: int | None) -> None:
    """Three mismatched chips and the nominal one; the models have to be on this machine."""
    chip = () if draw is None else ("variation.mismatch=true", f"variation.draw={draw}")
    course = played("schedule.epochs=1", "process=sky130", *chip)
    assert course.error_V2[-1] <= 3e-4
    assert course.error_V2[-1] <= course.error_V2[0] / 20


@pytest.mark.parametrize("draw", range(11))
def test_exclusive_or_is_right_by_a_margin(draw: int) -> None:
    """Draw 0 is the nominal chip."""
    chip = (("variation.mismatch=true", f"variation.draw={draw}"),) if draw else ((),)
    experiment = prepare(load_design(find_design("xor_single"), *chip))
    with Session(timeout_s=3600) as session:
        part = Part(experiment.schedule, experiment.task.train, np.array(experiment.gates_V))
        shown = play_all(Spice(experiment, session), part)
    asked = {p.presentation.example: p for p in shown if not p.presentation.learning}
    outputs_V = np.array([asked[example].outputs_V[-1] for example in range(4)])
    margins_V = outputs_V[:, 0] * np.sign(experiment.task.train.labels[:, 0])
    print(f"\nxor_single, draw {draw}: {np.round(1e3 * outputs_V[:, 0], 1)} mV")
    assert margins_V.min() >= (0.0 if draw else 10e-3)


def _whole(folder: Path, design: str, draw: int, *sets: str) -> Result:
    """A run of a design on a chip, 0 the nominal one, with its bill audited."""
    chip = ("variation.mismatch=true", f"variation.draw={draw}") if draw else ()
    result = finish(learn(load_design(find_design(design), (*chip, *sets)), folder))
    reached = result.to_tolerance
    print(
        f"\n{design}, draw {draw}: {[f'{p.error_V2:.2e}' for p in result.error_V2.history]} V2, "
        f"accuracy {result.accuracy}, {result.energy_J['total'] * 1e9:.1f} nJ in all, learning "
        f"{1e9 * (reached.energy_J or 0) if reached else 0:.2f} nJ to its tolerance"
    )
    assert result.energy_balance is not None
    assert result.energy_balance.residual <= 1e-3
    assert result.disagreements == ()
    return result


@pytest.mark.parametrize("draw", range(6))
@pytest.mark.parametrize("design", ["csv_single", "allostery_single"])
def test_a_chip_learns_a_table_and_three_answers(tmp_path: Path, design: str, draw: int) -> None:
    result = _whole(tmp_path / "run", design, draw)
    assert result.error_V2.final <= ENOUGH_V2


def test_the_laboratory_s_edges_learn_on_one_network(tmp_path: Path) -> None:
    result = _whole(tmp_path / "run", "laboratory_single", 0)
    assert result.error_V2.final <= ENOUGH_V2


@pytest.mark.parametrize("draw", range(6))
def test_a_chip_tells_species_apart(tmp_path: Path, draw: int) -> None:
    result = _whole(tmp_path / "run", "iris_single", draw)
    assert result.inference.settling_time_s is not None
    assert result.accuracy is not None
    assert result.accuracy.train >= 0.9
    assert result.accuracy.test is not None
    assert result.accuracy.test >= 0.9


@pytest.mark.parametrize("seed", range(1, 6))
def test_the_procedure_halves_the_network_s_power(tmp_path: Path, seed: int) -> None:
    """Against as many epochs without a power weight, which save power by themselves."""
    scale = replace(FULL, seeds=(seed,), circuit_weights=(0.0,)).of("regression")
    found = procedure(tmp_path, scale, print)
    (saving,), (plain,) = found.runs, found.without
    print(
        f"\nseed {seed}: {saving.error_V2:.2e} V2, network {plain.network_W * 1e6:.4f} to "
        f"{saving.network_W * 1e6:.4f} uW, whole machine answering "
        f"{plain.query_W['total'] * 1e6:.2f} to {saving.query_W['total'] * 1e6:.2f} uW"
    )
    assert saving.error_V2 <= 1e-3
    assert saving.network_W <= 0.5 * plain.network_W


def test_what_was_learned_stays_through_eleven_epochs() -> None:
    windows = "schedule.windows_s=[35e-6, 20e-6, 15e-6]"
    chip = ("variation.mismatch=true", "variation.draw=5", "schedule.epochs=11")
    course = played(*chip, windows, design="regression_long")
    best = min(course.error_V2)
    assert best <= ENOUGH_V2
    assert course.error_V2[-1] <= 1.5 * best


@pytest.mark.parametrize(
    "draw",
    [
        *range(5),
        pytest.param(
            5, marks=pytest.mark.xfail(strict=True, reason="chip 5 ends at 1.52 times its best")
        ),
    ],
)
def test_what_was_learned_stays_eight_epochs_longer(draw: int) -> None:
    """Draw 0 is the nominal chip."""
    chip = ("variation.mismatch=true", f"variation.draw={draw}") if draw else ()
    course = played("schedule.epochs=9", *chip)
    best = min(course.error_V2)
    print(f"draw {draw}: at the end {course.error_V2[-1] / best:.2f} times its best")
    assert best <= ENOUGH_V2
    assert course.error_V2[-1] <= 1.5 * best


@pytest.mark.parametrize("design", ["regression_long", "regression"])
def test_one_epoch_is_converged_in_the_tolerances(design: str) -> None:
    chip = ("variation.mismatch=true", "variation.draw=2", "schedule.epochs=1")
    tight = ("simulator.options.trtol=1", "simulator.options.reltol=1e-4")
    usual, exact = played(*chip, design=design), played(*chip, *tight, design=design)
    assert usual.error_V2[-1] == pytest.approx(exact.error_V2[-1], rel=0.1)
    assert usual.training_J[-1] == pytest.approx(exact.training_J[-1], rel=2e-2)
    difference_V = usual.gates_V - exact.gates_V
    print(f"gates: mean {difference_V.mean() * 1e3:.2f} mV, sd {difference_V.std() * 1e3:.2f} mV")
