"""Verdicts, rankings and intervals, held against hand counts and against other ways to get them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from learning import study
from learning.studies.judged.findings import find, sentences
from learning.studies.judged.intervals import mean_interval, median_interval, yield_interval
from learning.studies.judged.verdict import Judged, Verdict, judge
from learning.studies.kept.record import Status
from learning.studies.kept.store import Store
from learning.studies.planned.plan import Plan
from tests.learning.studies.trial import put

Planned = Callable[..., tuple[Plan, Store]]
CHIPS = {'"1..3"': '"1..20"', "[0.5, 0.4]": "[0.5]"}


def _filled(
    planned: Planned, figures: list[float | Status | None], **changes: str
) -> tuple[Judged, Store]:
    """The one verdict of a study of so many chips; None leaves a chip out."""
    more = {"max = 3e-3": changes.get("limit", "max = 3e-3")}
    more["95 % of chips"] = changes.get("holds_for", "95 % of chips")
    plan, store = planned(CHIPS | {'"1..3"': f'"1..{len(figures)}"'} | more)
    for point, value in zip(plan.points, figures, strict=True):
        if isinstance(value, Status):
            put(store, point.place.key, value)
        elif value is not None:
            put(store, point.place.key, error_V2=value if value >= 0 else None)
    (found,) = judge(study(store.path))
    return found, store


GOOD, BAD, ABSENT, CRASHED = 1e-3, 5e-3, -1.0, Status.NO_CONVERGENCE


@pytest.mark.parametrize(
    ("figures", "passed", "bounds", "verdict"),
    [
        ([GOOD] * 19 + [BAD], 19, (0.95, 0.95), Verdict.PASS),
        ([GOOD] * 18 + [BAD] * 2, 18, (0.9, 0.9), Verdict.FAIL),
        ([GOOD] * 18 + [BAD, None], 18, (0.9, 0.95), Verdict.OPEN),
        ([GOOD] * 18 + [BAD, CRASHED], 18, (0.9, 0.95), Verdict.OPEN),
        ([GOOD] * 19 + [CRASHED], 19, (0.95, 1.0), Verdict.PASS),
        ([GOOD] * 17 + [BAD] * 2 + [None], 17, (0.85, 0.9), Verdict.FAIL),
        ([GOOD] * 18 + [ABSENT] * 2, 18, (0.9, 0.9), Verdict.FAIL),
        ([None] * 20, 0, (0.0, 1.0), Verdict.OPEN),
    ],
)
def test_a_share_of_chips(
    planned: Planned,
    figures: list[float | Status | None],
    passed: int,
    bounds: tuple[float, float],
    verdict: Verdict,
) -> None:
    found, _ = _filled(planned, figures)
    assert (found.passed, found.counts.planned, found.verdict) == (passed, 20, verdict)
    assert (found.bounds.low, found.bounds.high) == bounds
    assert found.interval is not None
    assert found.interval.low <= found.bounds.low <= found.bounds.high <= found.interval.high


def test_the_figure_beside_the_limit_is_the_last_that_must_hold(planned: Planned) -> None:
    figures: list[float | Status | None] = [k * 1e-4 for k in range(1, 21)]
    found, _ = _filled(planned, figures)
    assert found.value == pytest.approx(19e-4)  # the nineteenth best of twenty
    assert found.margin == pytest.approx((3e-3 - 19e-4) / 3e-3)
    all_of_them, _ = _filled(planned, figures, holds_for="every chip")
    assert all_of_them.value == pytest.approx(20e-4)


@pytest.mark.parametrize(
    ("limit", "holds_for", "figures", "verdict"),
    [
        ("max = 3e-3", "mean", [2e-3, 3e-3, 3.9e-3], Verdict.PASS),
        ("max = 3e-3", "mean", [2e-3, 3e-3, 4.1e-3], Verdict.FAIL),
        ("max = 3e-3", "mean", [2e-3, 2e-3, None], Verdict.OPEN),
        ("max = 3e-3", "mean", [2e-3, ABSENT, 2e-3], Verdict.FAIL),
        ("max = 3e-3", "median", [1e-3, 2e-3, None], Verdict.PASS),
        ("max = 3e-3", "median", [1e-3, 4e-3, None], Verdict.OPEN),
        ("max = 3e-3", "median", [4e-3, 5e-3, None], Verdict.FAIL),
        ("min = 3e-3", "every chip", [4e-3, 3e-3, 5e-3], Verdict.PASS),
        ("min = 3e-3", "every chip", [4e-3, 2e-3, None], Verdict.FAIL),
        ("min = 1e-3\nmax = 3e-3", "every chip", [2e-3, 1e-3, 3e-3], Verdict.PASS),
        ("min = 1e-3\nmax = 3e-3", "every chip", [2e-3, 4e-3, 3e-3], Verdict.FAIL),
        ("max = 3e-3\ntyp = 1e-3", "every chip", [1e-3, 9e-4, 3e-3], Verdict.PASS),
        ("max = 3e-3\ntyp = 1e-3", "every chip", [2e-3, 9e-4, 3e-3], Verdict.FAIL),
    ],
)
def test_every_kind_of_limit(
    planned: Planned,
    limit: str,
    holds_for: str,
    figures: list[float | Status | None],
    verdict: Verdict,
) -> None:
    found, _ = _filled(planned, figures, limit=limit, holds_for=holds_for)
    assert found.verdict is verdict


def test_yields_have_the_intervals_of_the_textbooks() -> None:
    exact = yield_interval(19, 20, 0.95, "clopper-pearson")
    assert exact.low == pytest.approx(stats.beta.ppf(0.025, 19, 2))
    assert exact.high == pytest.approx(stats.beta.ppf(0.975, 20, 1))
    z, p, n = stats.norm.ppf(0.975), 0.95, 20
    wilson = yield_interval(19, 20, 0.95, "wilson")
    middle, half = p + z**2 / (2 * n), z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    assert (wilson.low, wilson.high) == pytest.approx(
        ((middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n))
    )
    none = yield_interval(0, 0, 0.95, "wilson")
    assert (none.low, none.high) == (0.0, 1.0)


def test_the_interval_of_a_mean_is_near_students() -> None:
    values = np.random.default_rng(1).normal(5.0, 1.0, 200)
    found = mean_interval(values, 0.95)
    assert found is not None
    low, high = stats.t.interval(0.95, 199, values.mean(), stats.sem(values))
    # A bootstrap of 1999 resamples knows its ends to some hundredths of the standard error.
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.1 * stats.sem(values) * 2)
    assert mean_interval(values[:1], 0.95) is None
    alike = mean_interval(np.full(9, 2.0), 0.95)
    assert alike is not None
    assert (alike.low, alike.high) == (2.0, 2.0)


def test_the_interval_of_a_median_is_between_ranks() -> None:
    # P(at most one of eight below the median) = 9/256 < 0.05: second and seventh would miss more.
    found = median_interval(np.arange(1.0, 9.0), 0.95)
    assert found is not None
    assert (found.low, found.high) == (1.0, 8.0)
    assert median_interval(np.arange(3.0), 0.95) is None
    assert median_interval(np.array([]), 0.95) is None


def _two(planned: Planned) -> Store:
    """Two candidates on twenty chips: chips differ by far more than the candidates do."""
    plan, store = planned({'"1..3"': '"1..20"'})
    chip = np.random.default_rng(3).uniform(1e-3, 2.9e-3, 20)
    for point in plan.points:
        worse = 1.05 if point.place.coordinates["learning.nudge"] == 0.5 else 1.0
        seed = point.place.coordinates["seed"]
        assert isinstance(seed, int)
        put(store, point.place.key, error_V2=worse * float(chip[seed - 1]))
    return store


def test_candidates_are_compared_chip_by_chip(planned: Planned) -> None:
    ranking = find(study(_two(planned).path)).ranking
    first, second = ranking.rows
    assert (first.name, second.name) == ("ideal, nudge 0.4", "ideal, nudge 0.5")
    assert first.interval is not None
    assert second.interval is not None
    assert second.interval.low < first.interval.high  # by their means alone nothing is sure
    change = second.difference
    assert change is not None
    assert change.sure
    assert (change.pairs, change.worse) == (20, 1.0)
    assert change.share == pytest.approx(0.05)
    assert first.difference is None


def test_it_is_told_in_words_made_of_figures(planned: Planned) -> None:
    text = " ".join(sentences(find(study(_two(planned).path))))
    assert "All 40 points have figures." in text
    assert "ideal, nudge 0.5 has 5.0 % more than ideal, nudge 0.4 on 20 pairs" in text
    assert "sure of the sign" in text


def test_what_is_unknown_is_told(planned: Planned) -> None:
    found, store = _filled(planned, [GOOD] * 18 + [BAD, CRASHED])
    assert found.verdict is Verdict.OPEN
    text = " ".join(sentences(find(study(store.path))))
    assert "19 of 20 planned points have figures; of the others: 1 no convergence." in text
    assert "error is open for ideal, nudge 0.5: the yield lies between 90.0 % and 95.0 %." in text


def test_few_chips_show_little(planned: Planned) -> None:
    found, store = _filled(planned, [GOOD] * 8)
    assert found.verdict is Verdict.PASS
    assert not found.shown
    assert "Too few points to show error" in " ".join(sentences(find(study(store.path))))
    many, _ = _filled(planned, [GOOD] * 80)
    assert many.shown  # 0.025 ** (1 / 80) = 0.955


def test_a_spec_must_hold_in_every_condition(planned: Planned) -> None:
    changes = {"[0.5, 0.4]": '[0.5]\ncorner = ["tt", "ss"]', '"1..3"': '"1..4"'}
    plan, store = planned(changes)
    for point in plan.points:
        slow = point.place.coordinates["corner"] == "ss"
        first = point.place.coordinates["seed"] == 1
        put(store, point.place.key, error_V2=BAD if slow and first else GOOD)
    found = find(study(store.path))
    (one,) = found.judged
    assert (one.verdict, one.condition, one.passed) == (Verdict.FAIL, "corner ss", 3)
    (corner,) = found.sensitivities
    assert [(e.value, e.passed, e.planned) for e in corner.effects] == [("tt", 4, 4), ("ss", 3, 4)]
    told = " ".join(sentences(found))
    assert "The yield depends most on corner: 100.0 % at tt, 75.0 % at ss." in told


def test_a_spec_may_be_asked_of_one_design_only(planned: Planned, tmp_path: Path) -> None:
    entry = '[designs.other]\ndesign = "regression"\n[set]'
    plan, store = planned({"[set]": entry, "unit =": 'designs = ["ideal"]\nunit ='})
    assert {point.place.design for point in plan.points} == {"ideal", "other"}
    assert {one.candidate.partition(",")[0] for one in judge(study(store.path))} == {"ideal"}
