"""A study file says what it means, or is refused with its line and a way out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from learning import LearningError
from learning.studies.planned.axes import MOST_POINTS, combinations, flat, read_axis
from learning.studies.planned.plan import make_plan
from learning.studies.planned.read_study import chip_axes, condition_axes, find_study, load_study
from learning.studies.planned.statistic import Statistic, read_statistic

Write = Callable[..., Path]


@pytest.mark.parametrize(
    ("written", "values"),
    [
        ("1..4", (1, 2, 3, 4)),
        ([0.5, "x", [1, 2]], (0.5, "x", [1, 2])),
        ({"linear": [0, 1], "points": 5}, (0.0, 0.25, 0.5, 0.75, 1.0)),
        ({"log": [1e-6, 1e-3], "points": 4}, (1e-6, 1e-5, 1e-4, 1e-3)),
        ({"linear": [1, -1], "points": 2}, (1.0, -1.0)),
    ],
)
def test_every_way_to_write_an_axis(written: object, values: tuple[object, ...]) -> None:
    assert read_axis("k", written, "here").values == values


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ([], "an axis of no values"),
        ("5..1", "5..1 counts down.*1..5"),
        ("one to two", "is no axis"),
        (3, "3 is no axis"),
        (f"1..{MOST_POINTS * 3}", "more than 1000000 values"),
        ("1..123456789012345", "more than 1000000 values"),
        ({"linear": [-1e308, 1e308], "points": 3}, "too far apart"),
        ({"log": [1, float("inf")], "points": 3}, "too far apart"),
        ({"log": [float("nan"), 1], "points": 3}, "too far apart"),
        ({"linear": [0], "points": 2}, "steps that cannot be read"),
        ({"linear": [0, 1], "points": 2, "step": 1}, "steps that cannot be read"),
        ({"linear": [0, 1], "points": 1}, "points = 1 of an axis"),
        ({"log": [0, 1], "points": 3}, "logarithmic steps cross zero"),
    ],
)
def test_what_is_no_axis(written: object, message: str) -> None:
    with pytest.raises(LearningError, match=f"(?s){message}"):
        read_axis("k", written, "here")


def test_sections_and_dotted_keys_are_the_same() -> None:
    sections = {"a": {"b": [1], "c": {"log": [1, 2], "points": 2}}, "d": "1..2"}
    assert dict(flat(sections)) == {
        "a.b": [1],
        "a.c": {"log": [1, 2], "points": 2},
        "d": "1..2",
    }


def test_axes_multiply_and_step_together(write: Write) -> None:
    alone = load_study(write())
    assert len(list(combinations(alone.groups))) == 6
    together = 'together = [["seed", "learning.nudge"]]\nname ='
    side = {'seed = "1..3"': "seed = [1, 2]", "name =": together}
    assert list(combinations(load_study(write(side)).groups)) == [
        {"seed": 1, "learning.nudge": 0.5},
        {"seed": 2, "learning.nudge": 0.4},
    ]


def test_values_that_step_together_may_come_again_but_not_all_of_them(write: Write) -> None:
    together = 'together = [["seed", "learning.nudge"]]\nname ='
    side = {
        'seed = "1..3"': "seed = [1, 1, 2]",
        "[0.5, 0.4]": "[0.5, 0.4, 0.4]",
        "name =": together,
    }
    assert len(list(combinations(load_study(write(side)).groups))) == 3
    with pytest.raises(LearningError, match="values stand here twice"):
        load_study(write(side | {"[0.5, 0.4]": "[0.5, 0.5, 0.4]"}))


def test_chips_and_conditions_are_told_apart(write: Write) -> None:
    more = {"[specs.error]": 'corner = ["tt", "ss"]\nvariation.draw = "0..1"\n[specs.error]'}
    study = load_study(write(more)).study
    assert chip_axes(study) == ("seed", "variation.draw")
    assert condition_axes(study) == ("corner",)
    own = more | {'name = "trial"': 'name = "t"\nchips = ["corner"]'}
    study = load_study(write(own)).study
    assert (chip_axes(study), condition_axes(study)) == (("corner",), ())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("figure =", "figur =", r"toml:16: specs.error.figur: unknown key figur.*figure"),
        ('name = "trial"', 'nam = "trial"', "unknown key nam.*name"),
        ("design =", "desing =", "unknown key desing.*designs.ideal.design"),
        ("error_V2", "eror_V2", "no figure is called eror_V2.*did you mean error_V2"),
        ('unit = "V2"', 'unit = "mV2"', "error_V2 is in V², not in mV2"),
        ("max = 3e-3", "", "specs.error: a spec without a limit"),
        ("max = 3e-3", "typ = 1e-3", "needs to know which way is good"),
        ("max = 3e-3", "max = 3e-3\nmin = 4e-3", "min is above max"),
        ("95 % of chips", "most chips", "does not say how many must hold"),
        ("95 % of chips", "101 % of chips", "does not say how many must hold"),
        ("max = 3e-3", 'max = "3"', "'3' should be a valid number"),
        ("max = 3e-3", 'max = 1\ndesigns = ["idael"]', "idael is no design.*did you mean ideal"),
        ('name = "trial"', 'name = "t"\ntogether = [["seed", "learning.nudge"]]', "seed has 3"),
        ("[0.5, 0.4]", "[0.5, 0.4, 0.5]", "toml:13: axes.learning.nudge: a value stands here"),
        ('name = "trial"', 'name = "t"\ntogether = [["sed"]]', "did you mean seed"),
        ("[set]", "[set]\nlearning.nudge = 0.3", "toml:8: set.*nudge is set here and is an axis"),
        ('name = "trial"', 'name = "t"\nchips = ["draw"]', "draw is no axis"),
        ('name = "trial"', 'name = "t"\nconfidence = 1.5', "should be less than 1"),
        ('name = "trial"', 'name = "t"\nrank_by = "speed"', "no figure is called speed"),
        ('name = "trial"', 'name = "t"\n[limits]\npoint = 3', "unknown key point.*limits.point_s"),
    ],
)  # fmt: skip
def test_a_refusal_says_where_and_what_to_try(
    write: Write, old: str, new: str, message: str
) -> None:
    with pytest.raises(LearningError, match=f"(?s){message}"):
        load_study(write({old: new}))


def test_a_study_without_designs_is_told_how_one_is_named(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text('name = "empty"\n', encoding="utf-8")
    with pytest.raises(LearningError, match=r"(?s)designs is missing.*section \[designs\.NAME\]"):
        load_study(path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("learning.nudge = [", "learning.nudg = [", r"toml:13: axes.learning.nudg: unknown key"),
        ("learning.nudge =", "supply.seed =", "seed by itself: it is in no section"),
        ("[0.5, 0.4]", "[0.5, 1.4]", r"trial.toml:13: axes.learning.nudge: 1.4 should be less"),
        ("schedule.epochs = 1", "schedule.epoch = 1", r"toml:8: .*epoch: unknown key epoch"),
        ("ideal.toml", "idael.toml", r"designs.ideal.design|no such file"),
        ("[0.5, 0.4]", "[0.5, 0.4]\nlearning.patience = [0, 0.0]", "should be a valid integer"),
        ("[0.5, 0.4]", '[0.5, 0.4]\nmeasure.late_presentation = "1..999999"', "more than 1000000"),
    ],
)  # fmt: skip
def test_keys_are_those_of_designs(write: Write, old: str, new: str, message: str) -> None:
    with pytest.raises(LearningError, match=f"(?s){message}"):
        make_plan(load_study(write({old: new})))


def test_no_such_study(tmp_path: Path) -> None:
    with pytest.raises(LearningError, match=r"(?s)no such shipped study.*did you mean chips"):
        find_study("chip")
    (tmp_path / "a.toml").write_text("name = [", encoding="utf-8")
    with pytest.raises(LearningError, match="this is not TOML"):
        load_study(tmp_path / "a.toml")


def test_statistics_are_written_back() -> None:
    for text in ("every chip", "95 % of chips", "99.5 % of chips", "mean", "median"):
        assert str(read_statistic(text, "")) == text
    assert read_statistic("100% of points", "") == Statistic("share", 1.0)


@pytest.mark.parametrize(("name", "designs"), [("architectures", 7), ("architectures_xor", 3)])
def test_architectures_are_asked_the_same(name: str, designs: int) -> None:
    """One task, one tolerance, five chips of each; what differs is the machine."""
    plan = make_plan(load_study(find_study(name)))
    assert len(plan.points) == 5 * designs
    tasks = {repr(point.design.task) for point in plan.points}
    roles = {repr(point.design.network) for point in plan.points}
    assert (len(tasks), len(roles)) == (1, 1)
    assert all(point.design.variation.mismatch for point in plan.points)
