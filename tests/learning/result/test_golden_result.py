"""One whole ``result.json`` of a small ideal design, as it stands in ``tests/golden``.

Clocks, memory and versions are masked. Words, keys and whole numbers must be the same; other
numbers may differ by 1e-3 of themselves, because another build of the simulator or of the C
library takes other steps, each accurate to reltol = 1e-3.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from learning import find_design, finish, learn, load_design
from learning.result.adapter import dump_result, result_of

TESTS = Path(__file__).parents[2]
GOLDEN = TESTS / "golden" / "ideal-result.json"
IDEAL = TESTS / "learning" / "ideal.toml"

_MASK = "masked"
_MASKED = {"versions", "engine", "wall_time_s", "solver_time_s", "solver_peak_memory_bytes"}
_SMALL = {"_J": 1e-15, "_W": 1e-10, "_V2": 1e-9}
"""Below this a figure is the difference of larger ones, by the end of its key."""


def _leaves(value: object, place: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(_MASK if key in _MASKED else inner, f"{place}.{key}")
    elif isinstance(value, list):
        yield f"{place}.length", len(value)
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{place}.{index}")
    else:
        yield place, value


def _floor(place: str) -> float:
    return max((floor for end, floor in _SMALL.items() if f"{end}." in f"{place}."), default=1e-12)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("golden") / "run"
    finish(learn(load_design(find_design(IDEAL)), folder))
    return (folder / "result.json").read_text(encoding="utf-8")


def test_the_whole_result_is_the_golden_one(told: str) -> None:
    found = dict(_leaves(json.loads(told)))
    golden = dict(_leaves(json.loads(GOLDEN.read_text(encoding="utf-8"))))
    assert list(found) == list(golden)
    for place, value in golden.items():
        if isinstance(value, float):
            assert found[place] == pytest.approx(value, rel=1e-3, abs=_floor(place)), place
        else:
            assert found[place] == value, place


def test_reading_and_writing_it_again_gives_the_same_bytes(told: str) -> None:
    assert dump_result(result_of(json.loads(told))) == told
