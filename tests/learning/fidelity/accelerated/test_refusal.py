"""What the tables do not describe is refused by name, before anything is measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from learning.design.read import find_design, load_design
from learning.errors import LearningError
from learning.experiment.prepare import prepare
from learning.fidelity.plants import open_plant
from tests.learning.fidelity.plant_suite import IDEAL

ALWAYS_ON = """\
.subckt always_on fa fb ca cb gate vdd vss
Bup vdd gate i=1e-7*v(ca,cb)*v(ca,cb)
.ends always_on
"""
FED = """\
.subckt fed fa fb ca cb gate vdd vss
Rf fa fb 1e5
Rc ca cb 1e5
Rv vdd gate 1e9
Cg gate vss 1e-11
.ends fed
"""


def refused(design: str | Path, *changes: str) -> str:
    path = design if isinstance(design, Path) else find_design(design)
    with (
        pytest.raises(LearningError) as caught,
        open_plant("accelerated", prepare(load_design(path, changes))),
    ):
        pass
    return str(caught.value)


def test_what_is_not_covered_is_named() -> None:
    mismatch = refused("regression_twin", "variation.mismatch=true")
    assert "does not play two networks on a chip whose devices differ" in mismatch
    assert "variation.mismatch" in mismatch
    assert 'simulator.fidelity = "spice"' in mismatch
    pairs = refused("xor_single", "variation.mismatch=true")
    assert "clamps of pairs on a chip whose devices differ" in pairs
    assert "variation.mismatch" in pairs


def test_cells_that_are_not_covered_are_named(tmp_path: Path) -> None:
    for name, text in (("always_on", ALWAYS_ON), ("fed", FED)):
        (tmp_path / f"{name}.cir").write_text(text, encoding="utf-8")
    always = refused(IDEAL, f"cells.update={tmp_path / 'always_on.cir'}")
    assert "an update cell that is always on" in always
    assert "edges that draw from a rail" in refused(IDEAL, f"cells.edge={tmp_path / 'fed.cir'}")
