"""Corner and temperature of a design: they reach the deck, and the transistors feel them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from learning.design.read import find_design, load_design
from learning.errors import LearningError
from learning.experiment.experiment import Experiment, deck
from learning.experiment.prepare import prepare
from learning.measure.conductance import measure_conductances
from netlist.errors import NetlistError
from spice_backend.session.session import Session

GATES_V = (1.0, 1.2, 1.4)


def experiment(*overrides: str) -> Experiment:
    return prepare(load_design(find_design("regression"), overrides))


def text(of: Experiment) -> str:
    assembly = of.whole
    return deck(assembly, of.transient(of.schedule, ()))


def conductances_S(session: Session, corner: str, temperature_C: float) -> np.ndarray:
    of = experiment(f"corner={corner}", f"temperature_C={temperature_C}")
    return measure_conductances(
        session, of.process, of.cells["edge"], of.parameters("edge"), GATES_V,
        middle_V=0.2, rail_V=of.rail_V,
    )  # fmt: skip


def test_they_reach_the_deck() -> None:
    plain, slow = text(experiment()), text(experiment("corner=ss", "temperature_C=85.0"))
    assert " temp=27" in plain
    assert " temp=85" in slow
    assert re.findall(r"vth0=(\S+)", plain) == ["0.42", "-0.42"]
    assert re.findall(r"vth0=(\S+)", slow) == ["0.46", "-0.46"]


def test_a_transistor_is_as_fast_as_its_corner_says() -> None:
    with Session(timeout_s=60) as session:
        at = {c: conductances_S(session, c, 27.0) for c in ("ss", "sf", "tt", "fs", "ff")}
        hot = conductances_S(session, "tt", 85.0)
    assert (at["ss"] < 0.95 * at["tt"]).all()
    assert (at["ff"] > 1.05 * at["tt"]).all()
    # The edge is N-MOS only, so the P corner does not matter.
    assert np.allclose(at["sf"], at["ss"], rtol=1e-6)
    assert np.allclose(at["fs"], at["ff"], rtol=1e-6)
    # In strong inversion heat costs mobility.
    assert hot[-1] < at["tt"][-1]


def test_no_such_corner() -> None:
    with pytest.raises(NetlistError, match="process generic180 has no corner 'hot'") as error:
        experiment("corner=hot")
    assert error.value.hint == "its corners: tt, ss, ff, sf, fs"


@pytest.mark.parametrize("value", ["-60.0", "151.0"])
def test_a_temperature_the_models_are_not_made_for(value: str) -> None:
    with pytest.raises(LearningError, match=re.escape("temperature_C")):
        load_design(find_design("regression"), [f"temperature_C={value}"])


def test_a_foundry_s_models_that_are_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("PDK_ROOT", raising=False)
    with pytest.raises(NetlistError, match="the models of sky130 are not on this machine"):
        experiment("process=sky130")
