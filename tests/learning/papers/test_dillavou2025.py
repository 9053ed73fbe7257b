"""Imperfection: the linear law, the reader of the laboratory's data, the page, the refusals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from learning.cli import main
from learning.errors import LearningError
from learning.papers.dillavou2025.alternate import (
    Course,
    cycle_V2,
    drift_V2,
    figures,
    linear_law,
)
from learning.papers.dillavou2025.data import BenchedCell, Cells, Imperfection, Row, Swept
from learning.papers.dillavou2025.machines import drawn_offsets
from learning.papers.dillavou2025.published import exponent, read_laboratory
from learning.papers.dillavou2025.reproduction import (
    imperfection_page,
    imperfection_told,
    read_imperfection,
    reproduce_imperfection,
    rows_csv,
)
from learning.papers.dillavou2025.sweeps import CHIPS, FULL

PULL = np.array([[0.5, 0.1], [0.2, 0.6], [0.1, 0.3], [0.0, 0.4]])
SENSITIVITY = PULL.T
BIAS = np.array([2e-3, -1e-3, 3e-3, 1e-3])


def _linear(rate: float, turns: int, bias: np.ndarray) -> Course:
    """Outputs linear in the gates, a turn integrated finely: errors = SENSITIVITY @ gates."""
    gates, kept, errors = np.zeros(4), [], []
    for turn in range(turns):
        for _ in range(50):
            missing = -float(SENSITIVITY[turn % 2] @ gates)
            gates = gates + rate / 50 * (PULL[:, turn % 2] * missing + bias)
        kept.append(gates)
        errors.append(SENSITIVITY @ gates)
    return Course(np.array(kept), np.array(errors))


def test_the_law_is_what_a_linear_network_does_at_small_rates() -> None:
    law = linear_law(PULL, BIAS)
    found = figures(_linear(0.02, 12_000, BIAS), 0.02)
    assert found.cycle_V2 == pytest.approx(law.cycle_per_rate2_V4 * 0.02**2, rel=0.02)
    assert 0.5 * (found.shown_V2 + found.other_V2) == pytest.approx(law.error_V2, rel=0.02)
    plane = PULL @ np.linalg.pinv(PULL)
    assert found.drift_V2 == pytest.approx(np.sqrt(np.mean((BIAS - plane @ BIAS) ** 2)), rel=0.01)


def test_half_the_nudge_makes_four_times_the_error_and_no_bias_none() -> None:
    whole, half = linear_law(PULL, BIAS), linear_law(0.5 * PULL, BIAS)
    assert half.error_V2 == pytest.approx(4.0 * whole.error_V2)
    assert half.cycle_per_rate2_V4 == pytest.approx(whole.cycle_per_rate2_V4)
    assert linear_law(PULL, np.zeros(4)).error_V2 == 0.0
    assert figures(_linear(0.5, 400, np.zeros(4)), 0.5).cycle_V2 == 0.0


def test_a_long_turn_forgets_the_other_task() -> None:
    found = figures(_linear(40.0, 12, BIAS), 40.0)
    assert found.other_V2 > 100.0 * found.shown_V2


def test_a_cycle_is_what_is_left_of_a_drift() -> None:
    drift = np.outer(np.arange(8.0), [0.1, -0.2])
    assert cycle_V2(drift) == pytest.approx(0.0, abs=1e-25)
    assert drift_V2(drift, 2.0) == pytest.approx(np.sqrt(0.025) / 2.0)
    assert cycle_V2(drift + np.outer(np.arange(8) % 2, [0.3, 0.4])) == pytest.approx(0.25)


def test_an_exponent_needs_three_small_cycles() -> None:
    rates = np.array([1.0, 2.0, 4.0, 8.0, 100.0])
    assert exponent(rates, rates**2) == pytest.approx(2.0)
    assert exponent(rates[2:], rates[2:]) is None


def test_offsets_are_drawn_as_widely_as_the_benched_chips_spread() -> None:
    cell = _cell("regression")
    drawn = drawn_offsets(cell, 4000, 1)
    assert drawn.std() == pytest.approx(np.std(cell.chip_offsets_V2, ddof=1), rel=0.05)
    assert np.array_equal(drawn, drawn_offsets(cell, 4000, 1))
    assert not np.array_equal(drawn, drawn_offsets(cell, 4000, 2))


def _made_up(folder: Path, cycle: str, error: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "measured-DG2-exp7.csv").write_text(cycle, encoding="utf-8")
    (folder / "measured-MSE-exp7.csv").write_text(error, encoding="utf-8")
    return folder


def test_the_laboratory_s_tables_are_read(tmp_path: Path) -> None:
    times = (0.1, 0.2, 0.4, 10.0)
    cycle = "".join(f"{t},{3 * t * t}\n" for t in times)
    error = "".join(f"{t},{1e-5 + t * 1e-4}\n" for t in times)
    _made_up(tmp_path / "small network" / "MSE-DG2-Data", cycle, error)
    (found,) = read_laboratory(tmp_path)
    assert (found.name, found.turn_s) == ("exp7", times)
    assert found.exponent == pytest.approx(2.0)
    assert found.floor_V2 == pytest.approx(2e-5)
    assert read_laboratory(tmp_path / "small network" / "MSE-DG2-Data") == (found,)
    arguments = [
        "reproduce",
        "dillavou2025",
        "--out",
        str(tmp_path / "out"),
        "--only",
        "laboratory",
    ]
    assert main([*arguments, "--data", str(tmp_path)]) == 0
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "exp7: squared cycle ∝ time^2.00" in page


@pytest.mark.parametrize(
    ("cycle", "error", "message"),
    [
        ("0.1,1\n0.2,2\n", "0.1,1\n0.3,2\n", "the times differ from those of measured-DG2-exp7"),
        ("0.1,1\n0.2,x\n", "0.1,1\n0.2,2\n", "the table cannot be read"),
        ("0.2,1\n0.1,2\n", "0.1,1\n0.2,2\n", "two columns of positive numbers, times rising"),
        ("0.1,1,1\n", "0.1,1\n", "two columns of positive numbers"),
    ],
)
def test_other_tables_are_refused(tmp_path: Path, cycle: str, error: str, message: str) -> None:
    folder = _made_up(tmp_path / "data", cycle, error)
    with pytest.raises(LearningError, match=message):
        read_laboratory(folder)


def test_a_folder_without_tables_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LearningError, match="no table measured-DG2"):
        read_laboratory(tmp_path)


def test_what_cannot_be_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = ["--out", str(tmp_path)]
    assert main(["reproduce", "dillavou2025", *out, "--only", "all"]) == 2
    assert "there is no part 'all'" in capsys.readouterr().err
    assert main(["reproduce", "dillavou2025", *out, "--only", "laboratory"]) == 2
    assert "none are given" in capsys.readouterr().err
    assert main(["reproduce", "stern2024", *out, "--data", str(tmp_path)]) == 2
    assert "the paper stern2024 takes no measurements" in capsys.readouterr().err
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(LearningError, match="cannot write here"):
        reproduce_imperfection(tmp_path / "file", only=("cells",))


def _cell(machine: str) -> BenchedCell:
    offsets = (1e-4, -1e-4, 2e-4)
    return BenchedCell(machine, "update", "generic180", 4e-7, 1e-11, 1e-5, -1e-3, 1.2, offsets)


def _row(machine: str, chip: str, rate: float, plant: str = "twin") -> Row:
    size = 1e-6 * rate**2
    law = (size, 2e-5) if plant == "twin" else (None, None)
    return Row(machine, chip, plant, 0.5, rate, 12, size, 1e-5, 3e-5, 1e-4, 0.0, *law)


def test_the_page_and_the_table_hold_every_part() -> None:
    machines = ("board_transistors", "regression_twin", "regression")
    rates = (1.0, 2.0, 4.0, 100.0)
    rows = tuple(_row(m, c, r) for m in machines for c in CHIPS for r in rates)
    anchored = tuple(_row(m, CHIPS[-1], 2.0, "ngspice") for m in machines)
    found = Imperfection(
        cells=Cells("short", tuple(_cell(m) for m in machines)),
        rate=Swept("short", rows),
        nudge=Swept("short", tuple(_row(m, CHIPS[-1], 10.0) for m in machines)),
        anchors=Swept("short", anchored),
        laboratory=None,
    )
    assert list(imperfection_told(found)) == ["cells", "rate", "forgetting", "nudge", "anchors"]
    page = imperfection_page(found)
    for part in ("cells", "rate", "nudge", "anchors"):
        assert f"joulearn reproduce dillavou2025 --out DIR --only {part} --short" in page
    assert "regression, draw 1: cycle ∝ rate^2.00" in page
    assert len(rows_csv(found).splitlines()) == 1 + len(rows) + 2 * len(machines)


@pytest.mark.evidence
def test_imperfection_from_transistors(tmp_path: Path) -> None:
    """Resumable by hand: joulearn reproduce dillavou2025 --out runs/dillavou2025."""
    reproduce_imperfection(tmp_path, only=("rate",))
    found = read_imperfection(tmp_path)
    assert found.rate is not None
    rows = {(r.machine, r.chip, r.rate_per_V): r for r in found.rate.rows}
    slow = FULL.rates[0]
    memory, bump = rows["regression", CHIPS[-1], slow], rows["regression_twin", CHIPS[-1], slow]
    assert memory.shown_V2 < 1e-3
    assert bump.shown_V2 > 1e-2
    # the board's error is what the linear theory of its bias says, within a factor of two
    board = rows["board_transistors", CHIPS[-1], slow]
    assert board.law_error_V2 is not None
    assert 0.5 < board.shown_V2 / board.law_error_V2 < 2.0
