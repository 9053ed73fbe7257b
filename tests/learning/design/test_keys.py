"""The list of a design's keys is whole, and says of each what it is."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from learning import LearningError, dump_design, find_design, load_design
from learning.design.keys import Key, design_keys

KEYS = {key.name: key for key in design_keys()}
OPEN = ("cells.parameters", "simulator.options", "declared")
"""Tables whose keys a design chooses."""


def _leaves(table: Mapping[str, Any], above: str = "") -> Iterator[str]:
    for name, value in table.items():
        if isinstance(value, dict) and f"{above}{name}" not in OPEN:
            yield from _leaves(value, f"{above}{name}.")
        else:
            yield f"{above}{name}"


@pytest.mark.parametrize(
    "name",
    [
        "regression",
        "regression_twin",
        "xor",
        "xor_single",
        "iris_single",
        "allostery_single",
        "csv_single",
        "iris",
        "allostery",
        "csv",
        "laboratory",
        "laboratory_single",
    ],
)
def test_a_resolved_design_has_no_key_that_is_not_listed(name: str) -> None:
    resolved = tomllib.loads(dump_design(load_design(find_design(name))))
    assert set(_leaves(resolved)) - {"declared"} <= set(KEYS)


@pytest.mark.parametrize("key", KEYS.values(), ids=lambda key: key.name)
def test_a_design_takes_every_key_that_is_listed(key: Key) -> None:
    """A value no key can hold is refused as such, and not because nobody knows the key."""
    needed = ["declared.NAME.source=a book"] if key.name.startswith("declared.") else []
    with pytest.raises(LearningError) as refused:
        load_design(find_design("regression"), [*needed, f"{key.name}=[[[2020-01-01]]]"])
    assert "no key" not in refused.value.message
    assert key.name.rpartition(".")[2] in str(refused.value)


def test_every_key_is_told() -> None:
    assert len(KEYS) > 50
    for key in KEYS.values():
        assert key.meaning.endswith("."), key
        assert key.kind, key
        assert key.default, key


def test_a_unit_is_told_of_every_key_that_has_one() -> None:
    assert KEYS["schedule.presentation_s"].unit == "s"
    assert KEYS["learning.tolerance_V2"].unit == "V²"
    assert KEYS["temperature_C"].unit == "°C"
    assert KEYS["task.class_labels_V"].unit == "V"
    assert KEYS["cells.edge"].unit == ""


def test_kinds_ranges_and_defaults_are_the_sections_own() -> None:
    assert KEYS["temperature_C"].range == "≥ -55, ≤ 150"
    assert KEYS["learning.nudge"].range == "> 0, ≤ 1"
    assert KEYS["network.topology"].range == '"square", "regular", "layered", "file"'
    assert KEYS["network.layers"].kind == "list of whole numbers"
    assert KEYS["task.coefficients"].kind == "list of lists of numbers"
    assert KEYS["schedule.epochs"].default == "50"
    assert KEYS["schedule.order"].default == '"shuffled"'
    assert KEYS["measure.audit"].default == "true"
    assert KEYS["supply.rail_V"].default == "-"
    assert KEYS["name"].default == "required"
