"""Evenly sampled chips are judged by their blocks: no formula for independent chips is used."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from learning.studies.judged.blocks import Blocks, blocks, sure_of_yield
from learning.studies.judged.intervals import Interval, yield_interval
from learning.studies.planned.study import DesignEntry, Study

SOBOL = {"variation": {"sampling": "sobol", "block": 4}}


def study(**more: object) -> Study:
    return Study(name="s", designs={"d": DesignEntry(design="regression")}, **more)  # type: ignore[arg-type]


def rows(passes: list[int], block: int = 4) -> pd.DataFrame:
    """A block for each number: so many of its chips pass."""
    good = [i < n for n in passes for i in range(block)]
    return pd.DataFrame(
        {
            "design": "d",
            "variation.draw": np.arange(len(good)),
            "good": good,
            "x": np.arange(len(good)) * 1.0,
        }
    )


def passed(part: pd.DataFrame) -> int:
    return int(part["good"].sum())


def none(part: pd.DataFrame) -> int:
    return 0 * len(part)


def test_plain_chips_keep_the_exact_interval() -> None:
    table = rows([4, 3])
    found = sure_of_yield(study(), table, passed, none)
    assert found == yield_interval(7, 8, 0.95, "clopper-pearson")
    assert blocks(study(), "d", table) is None


def test_blocks_have_students_interval() -> None:
    found = sure_of_yield(study(set=SOBOL), rows([4, 3, 4, 2]), passed, none)
    shares = np.array([1.0, 0.75, 1.0, 0.5])
    half = stats.t.ppf(0.975, 3) * shares.std(ddof=1) / 2.0
    assert found.low == pytest.approx(shares.mean() - half)
    assert found.high == 1.0  # of 1.07


def test_blocks_that_all_say_the_same_prove_no_more_than_their_number() -> None:
    found = sure_of_yield(study(set=SOBOL), rows([4] * 5), passed, none)
    assert found == Interval(yield_interval(5, 5, 0.95, "clopper-pearson").low, 1.0)
    # twenty independent chips would have claimed far more
    assert found.low < yield_interval(20, 20, 0.95, "clopper-pearson").low


@pytest.mark.parametrize("passes", [[], [4]])
def test_fewer_than_two_blocks_say_nothing(passes: list[int]) -> None:
    table = rows(passes) if passes else rows([4]).iloc[:3]
    assert sure_of_yield(study(set=SOBOL), table, passed, none) == Interval(0.0, 1.0)


def test_a_block_cut_short_is_left_out_and_missing_points_widen() -> None:
    table = rows([4, 3, 4]).iloc[:10]
    found = blocks(study(set=SOBOL), "d", table)
    assert found is not None
    assert [len(part) for part in found.parts] == [4, 4]
    whole = rows([2, 3, 2])
    plain = sure_of_yield(study(set=SOBOL), whole, passed, none)
    missing = sure_of_yield(study(set=SOBOL), whole, passed, lambda part: 1 + none(part))
    assert missing.low == plain.low
    assert missing.high > plain.high or missing.high == 1.0


def test_a_mean_has_the_spread_of_its_blocks() -> None:
    found = blocks(study(set=SOBOL), "d", rows([4, 4, 4]))
    assert found is not None
    interval = found.value(np.mean, "x", 0.95)
    assert interval is not None
    assert (interval.low + interval.high) / 2 == pytest.approx(5.5)
    assert interval.high - interval.low == pytest.approx(2 * stats.t.ppf(0.975, 2) * 4 / 3**0.5)
    assert Blocks(found.parts[:1]).value(np.mean, "x", 0.95) is None


def test_an_axis_of_samplings_is_read_from_the_rows() -> None:
    table = rows([4, 3]).assign(**{"variation.sampling": "sobol"})
    assert blocks(study(set={"variation": {"block": 4}}), "d", table) is not None
