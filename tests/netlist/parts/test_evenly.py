"""Chips of a block fill the offsets of a cell evenly, and cells are strangers to each other."""

from __future__ import annotations

import numpy as np
import pytest

from learning import find_design, load_design, prepare
from netlist.errors import NetlistError
from netlist.parts.evenly import dimension
from netlist.parts.process import load_process
from netlist.parts.variation import Chip, varied
from netlist.text.parser import parse

BLOCK = 32
PATHS = ("m.xupdate_0.xmem.m0", "m.xupdate_1.xmem.m0", "m.xupdate_0.xk.m0")


def draws(**more: object) -> np.ndarray:
    """(chip, number): two numbers of each device of two blocks."""
    chips = [
        Chip(mismatch=True, sampling="sobol", block=BLOCK, draw=n, **more)  # type: ignore[arg-type]
        for n in range(2 * BLOCK)
    ]
    return np.array([[x for p in PATHS for x in chip.normal(p, 2)] for chip in chips])


@pytest.fixture(scope="module")
def drawn() -> np.ndarray:
    return draws()


def test_every_device_has_one_chip_in_every_stratum(drawn: np.ndarray) -> None:
    from scipy.special import ndtr

    for block in (drawn[:BLOCK], drawn[BLOCK:]):
        strata = np.sort((ndtr(block) * BLOCK).astype(int), axis=0)
        assert (strata == np.arange(BLOCK)[:, None]).all()


def test_blocks_differ_and_cells_meet_chips_in_orders_of_their_own(drawn: np.ndarray) -> None:
    assert not np.allclose(drawn[:BLOCK], drawn[BLOCK:])
    one, other = drawn[:BLOCK, 0], drawn[:BLOCK, 2]
    assert np.sort(one) == pytest.approx(np.sort(other))
    assert abs(np.corrcoef(one, other)[0, 1]) < 4.0 / np.sqrt(BLOCK)


def test_a_chip_is_the_same_again_and_scales(drawn: np.ndarray) -> None:
    chip = Chip(mismatch=True, sampling="sobol", block=BLOCK, draw=3, scale=2.0)
    assert chip.normal(PATHS[0], 2) == pytest.approx(2.0 * drawn[3, :2])
    apart = Chip(mismatch=True, sampling="sobol", block=BLOCK, draw=3, only=("edge",))
    assert apart.normal(PATHS[0], 2) == (0.0, 0.0)


def test_no_two_devices_of_a_shipped_cell_share_a_dimension() -> None:
    for name in ("regression", "regression_twin", "xor_single", "iris_single"):
        experiment = prepare(
            load_design(find_design(name), ["variation.mismatch=true", "variation.sampling=sobol"])
        )
        assert "delvto" in str(experiment.whole.circuit)


def test_devices_that_share_one_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netlist.parts.variation.dimension", lambda p: (p.split(".")[1], 0))
    process = load_process("generic180")
    text = "t\n.subckt c a b\nR1 a b 1000\nR2 a b 1000\n.ends\nXc_0 1 0 c\nV1 1 0 1\n.end\n"
    chip = Chip(mismatch=True, sampling="sobol")
    with pytest.raises(NetlistError, match="fall on one dimension"):
        varied(parse(text), process, chip)
    assert dimension("m.xa.m1") != dimension("m.xa.m2")
