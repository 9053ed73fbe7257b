"""Declared costs: by time, by presentation, by query, and a share of everything without shares."""

from __future__ import annotations

from pathlib import Path

import pytest

from learning import find_design, load_design
from learning.cli import main
from learning.commands.command import DONE
from learning.design.declared import DeclaredSpec
from learning.design.written import dump_design
from learning.errors import LearningError
from learning.measure.declared import Span, declared_energy

_SPAN = Span(time_s=1e-3, presentations=30, queries=40, simulated_J=10e-9)


def test_every_kind_of_cost_is_counted_by_its_own_measure() -> None:
    costs = {
        "converter": DeclaredSpec(source="s", power_W=1e-6),
        "memory": DeclaredSpec(source="s", energy_per_presentation_J=1e-11),
        "comparator": DeclaredSpec(source="s", energy_per_query_J=2e-12),
    }
    assert declared_energy(costs, _SPAN) == {
        "converter": pytest.approx(1e-9),
        "memory": pytest.approx(3e-10),
        "comparator": pytest.approx(8e-11),
    }


def test_a_share_is_of_everything_else_in_any_order() -> None:
    regulator = DeclaredSpec(source="s", share=0.2, power_W=1e-7)
    other = DeclaredSpec(source="s", share=0.1)
    one = declared_energy({"regulator": regulator, "other": other}, _SPAN)
    assert one == declared_energy({"other": other, "regulator": regulator}, _SPAN)
    assert one["regulator"] == pytest.approx(1e-10 + 0.2 * 10.1e-9)
    assert one["other"] == pytest.approx(0.1 * 10.1e-9)


def test_a_design_holds_them_and_is_written_with_them(tmp_path: Path) -> None:
    design = load_design(find_design("regression"), ("declared.clock.power_W=1e-6",))
    assert design.declared["clock"].power_W == 1e-6
    copy = tmp_path / "copy.toml"
    copy.write_text(dump_design(design), encoding="utf-8")
    assert load_design(copy) == design


@pytest.mark.parametrize(
    ("override", "key"),
    [("declared.clock.power=1", "power"), ("declared.clock.power_W=-1.0", "power_W"),
     ("declared.mine.power_W=1e-6", "source"), ("declared.my-own.power_W=1e-6", "declared")],
)  # fmt: skip
def test_a_cost_that_is_none_is_refused(override: str, key: str) -> None:
    with pytest.raises(LearningError) as error:
        load_design(find_design("regression"), (override,))
    assert key in str(error.value)


def test_its_keys_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys"]) == DONE
    assert "declared.NAME.energy_per_query_J" in capsys.readouterr().out
