"""A run held against processors: every figure here was worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from learning import LearningError, compare
from learning.studies.digital.assumptions import load_assumptions
from learning.studies.digital.baselines import Map, baselines
from learning.studies.digital.line import Crossing, Line, Winner, crossing
from learning.studies.digital.told import lines


def _near(value: float) -> Any:
    return pytest.approx(value, rel=1e-9)


def test_the_circuit_by_edge_and_by_column(made: Callable[..., Path]) -> None:
    """A query of 20 µs: 40 pJ in four edges, 160 pJ shared; 20 pJ declared, a fifth of all."""
    (found,) = compare(made())
    query, training = found.query, found.training
    assert sum(query.simulated.per_edge_J.values()) == _near(10e-12)
    assert query.simulated.at(4) == _near(200e-12)
    assert query.declared.terms(4) == {"dac": _near(20e-12), "regulator": _near(44e-12)}
    assert query.whole.at(4) == _near(264e-12)
    assert sum(training.simulated.per_edge_J.values()) == _near(15.5e-9)
    assert training.simulated.at(4) == _near(109.999e-9)
    # 5 ms of the converter is 5 nJ; the regulator takes a fifth of 114.999 nJ.
    assert training.declared.at(4) == _near(5e-9 + 22.9998e-9)


def test_processors_by_operation() -> None:
    """16 bits at 180 nm and 1.8 V: 16 times 45 nm; 12.4 pJ, 0.8 pJ and 40 pJ a word."""
    here, bare, there, small = baselines(load_assumptions(), "generic180", Map(2, 1, 16))
    assert here.query.terms(2) == {
        "arithmetic": _near(26.4e-12),
        "memory": _near(200e-12),
        "its control": _near(226.4e-12),
    }
    assert here.example.at(2) == _near(2 * (53.6e-12 + 360e-12))
    assert bare.query.at(2) == _near(26.4e-12)
    assert there.query.at(2) == _near(here.query.at(2) / 16)
    assert small.query.at(2) == _near(48 * 136.8e-12)
    assert small.example.at(2) == _near(72 * 136.8e-12)


def test_a_processor_learns_to_the_runs_own_error(made: Callable[..., Path]) -> None:
    (found,) = compare(made())
    assert found.asked.error_V2 == 2e-4
    assert found.epochs is not None
    examples = 4 * found.epochs
    machines = baselines(load_assumptions(), "generic180", Map(2, 1, found.bits))
    for machine, rival in zip(machines, found.rivals, strict=False):
        wanted = examples * machine.example.at(2) + (examples + 4) * machine.query.at(2)
        assert rival.training_J == _near(wanted)
    chips = {rival.name: rival.training_J for rival in found.rivals[4:]}
    assert chips == {
        "Loihi, 14 nm": _near(examples * 2 * 120e-12),
        "SENeCA, 22 nm": _near(examples * 2 * 15.5e-12),
    }


def test_a_bit_saved_is_not_paid_with_epochs(
    made: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seven bits in five epochs cost more than eight in one; seven in one cost less."""
    name = "learning.studies.digital.comparison.widths_reaching"
    for widths, wanted in (
        (((8, 1), (7, 5)), (8, 1)),
        (((8, 1), (7, 1)), (7, 1)),
        ((), (16, None)),
    ):
        monkeypatch.setattr(name, lambda *_, widths=widths: widths)
        (found,) = compare(made())
        assert (found.bits, found.epochs) == wanted


def test_what_is_not_reached_is_told(made: Callable[..., Path]) -> None:
    course = {"initial": 1e-2, "final": 1e-30, "history": []}
    (found,) = compare(made(error_V2=course))
    assert found.epochs is None
    assert [(rival.query_J, rival.training_J) for rival in found.rivals] == [(None, None)] * 6
    assert {one.what for one in found.even} == {"query"}


@pytest.mark.parametrize(
    ("right", "reached", "words"),
    [
        (0.5, True, "as good as: 50.0 % of 4 examples taught are right"),
        (1.0, False, "does not reach this share in 200 epochs"),
    ],
)
def test_classes_are_compared_by_right_answers(
    made: Callable[..., Path], right: float, reached: bool, words: str
) -> None:
    """Half of an exclusive or is right with any map of one sign, all of it with none."""
    folder = made(accuracy={"train": right, "test": None})
    design = folder / "design.toml"
    text = design.read_text(encoding="utf-8")
    xor = 'kind = "xor"\ninput_low_V = 0.05\nlabel_low_V = -0.1\nlabel_high_V = 0.1\n'
    asked, rest = text.split("[task]\n")[0], text.split("[schedule]")[1]
    design.write_text(f"{asked}[task]\n{xor}[schedule]{rest}", encoding="utf-8")
    (found,) = compare(folder)
    assert (found.asked.right, found.asked.right_of, found.asked.held_out) == (right, 4, False)
    assert (found.epochs is not None) is reached
    assert words in "".join(lines(found))


@pytest.mark.parametrize(
    ("ours", "theirs", "wanted"),
    [
        ((10.0, 1.0), (0.0, 3.0), Crossing(Winner.FROM, 5)),
        ((1.0, 1.0), (0.0, 3.0), Crossing(Winner.ALWAYS)),
        ((0.0, 3.0), (10.0, 1.0), Crossing(Winner.UP_TO, 5)),
        ((0.0, 3.0), (1.0, 1.0), Crossing(Winner.NEVER)),
        ((2.0, 1.0), (1.0, 1.0), Crossing(Winner.NEVER)),
        ((1.0, 1.0), (2.0, 1.0), Crossing(Winner.ALWAYS)),
    ],
)
def test_two_lines_cross(
    ours: tuple[float, float], theirs: tuple[float, float], wanted: Crossing
) -> None:
    both = [Line({"a": fixed}, {"a": slope}) for fixed, slope in (ours, theirs)]
    assert crossing(*both) == wanted


def test_the_claim_is_tested_where_it_was_made(made: Callable[..., Path]) -> None:
    """At 500 edges a query takes (160 + 20 + 500 * 10) pJ and a fifth more."""
    (found,) = compare(made())
    even = {(one.rival, one.what): one for one in found.even}
    one = even["microcontroller, Cortex-M0+", "query"]
    assert one.ours_J == _near(5180e-12 * 1.2)
    assert one.ours_grown_J == _near(264e-12 * 125)
    assert one.theirs_J == _near((9 * 500 + 30) * 136.8e-12)
    assert one.claim_holds
    assert one.claim_is_safe
    assert one.whole == Crossing(Winner.ALWAYS)


def test_the_largest_terms_are_named(made: Callable[..., Path]) -> None:
    (found,) = compare(made())
    for terms in found.deciding:
        energies = [term.energy_J for term in terms]
        assert len(terms) == 3
        assert energies == sorted(energies, reverse=True)
    assert (found.deciding[1][0].of, found.deciding[1][0].name) == ("circuit", "update")
    assert found.deciding[1][0].energy_J == _near(60e-9)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"process": "mine"}, "no node is assumed for the process mine"),
        (
            {"inference": {"settling_time_s": 1e-6, "energy_per_query_J": 1e-10, "power_W": 1e-5}},
            "what a query costs by block",
        ),
        (
            {
                "predictions": {
                    "targets": ["node 2"],
                    "train": {
                        "lines": [],
                        "wanted_V": [[0.1]] * 4,
                        "predicted_V": [[0.1]] * 4,
                    },
                }
            },
            "does not make the examples",
        ),
    ],
)
def test_a_run_that_does_not_say_enough_is_refused(
    made: Callable[..., Path], changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(LearningError, match=message):
        compare(made(**changes))


def test_no_run_and_no_rival_are_refused(made: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(LearningError, match="no finished run"):
        compare(tmp_path)
    with pytest.raises(LearningError, match="nothing called analog"):
        compare(made(), against="analog")
