"""What is kept depends on the simulator that made it, and a failure is not kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from learning.design.read import load_design
from learning.experiment.prepare import prepare
from learning.fidelity import kept, reach
from spice_backend.errors import SpiceError
from tests.learning.fidelity.plant_suite import IDEAL


def test_another_simulator_makes_other_figures(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    here = kept.digest("one", 1.0)
    assert here == kept.digest("one", 1.0) != kept.digest("one", 2.0)
    library = tmp_path / "libngspice.so.0"
    names = []
    for built in (b"an older build", b"a newer build"):
        library.write_bytes(built)
        monkeypatch.setenv("NGSPICE_LIBRARY_PATH", str(library))
        names.append(kept.digest("one", 1.0))
    assert len({here, *names}) == 3


def test_a_measurement_that_failed_is_made_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    experiment, found = prepare(load_design(IDEAL)), iter([SpiceError("it was ended"), ("far",)])

    def unreached(_: object) -> tuple[str, ...]:
        one = next(found)
        if isinstance(one, SpiceError):
            raise one
        return one

    monkeypatch.setattr(reach, "unreached", unreached)
    (refusal,) = reach.out_of_reach(experiment)
    assert "it was ended" in refusal
    assert [reach.out_of_reach(experiment) for _ in range(2)] == [("far",), ("far",)]
