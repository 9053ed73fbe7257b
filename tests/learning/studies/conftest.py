"""Studies written and planned for the tests of this folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from learning.studies.kept.store import Store
from learning.studies.planned.plan import Plan, make_plan
from learning.studies.planned.read_study import load_study
from tests.learning.studies.trial import TRIAL


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a study file, parts of its text replaced."""

    def written(changes: Mapping[str, str] | None = None, name: str = "trial.toml") -> Path:
        text = TRIAL
        for old, new in (changes or {}).items():
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return written


@pytest.fixture
def planned(write: Callable[..., Path], tmp_path: Path) -> Callable[..., tuple[Plan, Store]]:
    """Plans a study and writes its plan; nothing is evaluated."""

    def make(changes: Mapping[str, str] | None = None) -> tuple[Plan, Store]:
        plan = make_plan(load_study(write(changes)))
        store = Store(tmp_path / "out")
        store.make()
        store.write_plan(plan)
        return plan, store

    return make
