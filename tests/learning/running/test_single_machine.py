"""A machine of one network learns, pays by state, and its balance closes; one chip is one chip."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from learning import find_design, load_design, prepare
from learning.measure.conductance import measure_conductances
from learning.measure.ledger import BLOCKS, by_block
from learning.running.controller import learn
from netlist.machine.area import areas
from netlist.text.emitter import emit
from spice_backend.session.session import Session

SETS = (
    "architecture=single", "learning.nudge=1.0", "schedule.settle_s=12e-6",
    "schedule.windows_s=[50e-6]", "schedule.warm_up_s=40e-6", "schedule.epochs=1",
    "schedule.evaluate_every=1", "task.examples=4",
)  # fmt: skip
CHIP = ("variation.mismatch=true", "variation.draw=7")


def design(*more: str):
    return load_design(find_design("regression_twin"), (*SETS, *more))


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory):
    return learn(design(*CHIP), tmp_path_factory.mktemp("single") / "run")


def test_a_mismatched_chip_learns(learned) -> None:
    first, last = learned.tally.history
    assert last.error_V2 < 0.1 * first.error_V2


def test_every_block_pays_and_the_balance_closes(learned) -> None:
    energy_J = by_block(learned.tally.energy_J)
    assert all(energy_J[block] > 0 for block in BLOCKS)
    # evaluations are free, and of a presentation's time four fifths are clamped
    assert energy_J["network_clamped"] > energy_J["network_free"]
    assert learned.tally.balance["residual"] < 1e-3
    assert learned.tally.balance["supplied_J"] == pytest.approx(
        learned.tally.first_epoch_J, rel=1e-3
    )


def test_the_bench_measures_the_edges_of_the_same_chip() -> None:
    """Edge by edge: the chip's own differ from nominal ones, and two chips from each other."""

    def measured(*more: str):
        of = prepare(design(*more))
        with Session() as session:
            return measure_conductances(
                session, of.process, of.cells["edge"], of.parameters("edge"), of.gates_V,
                middle_V=0.25, rail_V=of.rail_V, chip=of.chip,
            )  # fmt: skip

    nominal, mine, again = measured(), measured(*CHIP), measured(*CHIP)
    np.testing.assert_array_equal(mine, again)
    ratio = mine / nominal
    # threshold: 3.5 mV um over 4.9 um of root area, of 0.6 V of overdrive; gain: 1 % um over 4.9 um
    assert 5e-4 < np.std(ratio) < 1e-2


def test_the_same_chip_in_every_deck() -> None:
    of = prepare(design(*CHIP))
    whole = _offsets(emit(of.whole.circuit))
    other = of.assembly(of.schedule, of.task.train, tuple(0.9 for _ in of.gates_V))
    assert _offsets(emit(other.circuit)) == whole
    assert len(whole) > 600
    assert sum(a.transistors for a in areas(of.whole.circuit, of.process.passives).values()) > 600


def _offsets(text: str) -> dict[str, str]:
    joined = text.replace("\n+", "")
    rows = (line for line in joined.splitlines() if " delvto=" in line)
    return {row.split()[0]: row[row.index(" delvto=") :] for row in rows}


def test_the_folder_says_which_chip(learned, tmp_path: Path) -> None:
    text = learned.experiment.whole.circuit
    assert "chip: draw 7 of seed 0, mismatch times 1" in emit(text)
