"""A finished run made by hand whose folder also makes its task again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

_DESIGN = Path(__file__).parents[2] / "ideal.toml"
_DECLARED = """
[declared.dac]
source = "made up"
power_W = 1e-6
[declared.regulator]
source = "made up"
share = 0.2
"""
_INFERENCE = {
    "settling_time_s": 2e-5,
    "energy_per_query_J": 2e-10,
    "power_W": 1e-5,
    "power_by_block_W": {"network_free": 2e-6, "drivers": 6e-6, "bias": 2e-6, "total": 1e-5},
}


@pytest.fixture
def made(tmp_path: Path, plain_result: Callable[..., dict[str, Any]]) -> Callable[..., Path]:
    """Writes the folder of a run with four edges, two inputs and one output."""

    def write(**changes: Any) -> Path:
        folder = tmp_path / "run"
        folder.mkdir(exist_ok=True)
        content = plain_result(**{"inference": _INFERENCE, **changes})
        (folder / "result.json").write_text(json.dumps(content), encoding="utf-8")
        text = _DESIGN.read_text(encoding="utf-8") + _DECLARED
        (folder / "design.toml").write_text(text, encoding="utf-8")
        return folder

    return write
