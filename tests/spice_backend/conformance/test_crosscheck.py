"""What an engine does with initial conditions, and what sources supplied."""

import numpy as np
import pytest

from spice_backend.conformance.crosscheck import TIGHT, crosscheck
from spice_backend.conformance.supplied_energy import supplied_J
from spice_backend.decks.held_nodes import PREFIX, PROBE, PROBED_V, held
from spice_backend.session.record import record
from spice_backend.session.session import Session
from spice_backend.waveforms.waveform import label


def test_initial_conditions_are_held_in_both_engines():
    for engine in ("ngspice", "neospice"):
        with Session(engine=engine, timeout_s=600) as session:
            outcome, datasets = record(session, PROBE)
        assert outcome.status.value == "completed"
        names = [str(name) for name in datasets[0]["signal"].values]
        values = datasets[0]["values"].values
        assert not any(PREFIX in name for name in names)
        assert values[0, names.index("v(a)")] == pytest.approx(2 * PROBED_V, abs=1e-6)
        assert values[0, names.index("v(b)")] == pytest.approx(PROBED_V, abs=1e-6)
        # The switch is open afterwards: a rises through 1/(1/1000 + 1/2000) ohm towards 2/3 V.
        end_V = 2 / 3 - (2 / 3 - 0.2) * np.exp(-1e-5 / (1e-6 * 2000 / 3))
        assert values[-1, names.index("v(a)")] == pytest.approx(end_V, abs=1e-4)


def test_conditions_become_switches_only_where_they_are_held():
    text = held(PROBE)
    assert f"V{PREFIX}_0 {PREFIX}_0 0 0.2\n" in text
    assert f"S{PREFIX}_0 {PREFIX}_0 a {PREFIX} 0 {PREFIX}\n" in text
    assert "PWL(0 1 1e-12 0)" in held(PROBE.replace("1e-5", "{stop}"))
    assert f"{PREFIX}_0 0 {{0.1+x}}" in held(PROBE.replace("0.2", "{0.1+x}"))
    later = held(PROBE.replace(".tran", ".ic v(A)=0.3\n.tran"))
    assert f"{PREFIX}_0 0 0.3\n" in later
    assert f"{PREFIX}_1" not in later
    for deck in (
        PROBE.replace("1e-5", "1e-5 uic"),
        PROBE.replace(".ic v(a)=0.2\n", ""),
        PROBE.replace(".tran 1e-6 1e-5", ".op"),
    ):
        assert held(deck) == deck


RAMP = """a capacitor charged through an ammeter by a ramp
v1 a 0 PWL(0 0 1e-6 0 2e-6 1)
vmeter a b dc 0
r1 b c 1000
c1 c 0 1e-12
.save v(a) v(b) i(v1) i(vmeter)
.tran 1e-8 2e-6 0 1e-8
.end
"""


def test_energies_are_those_of_the_ramp_in_every_engine():
    """A ramp of T into RC, T far above RC: C*V^2/2, and the current's square in R (V*C/T)^2*R*T."""
    found = crosscheck(RAMP, 600, options=TIGHT)
    stored_J, burnt_J = 0.5e-12, (1e-12 / 1e-6) ** 2 * 1000 * 1e-6
    assert {one.source for one in found.energies} == {"v1", "vmeter"}
    assert len(found.energies) == 6
    for one in found.energies:
        # The end of the ramp finds the capacitor RC late, an RC/T = 1e-3 of the charge twice.
        assert one.energy_J == pytest.approx(stored_J + burnt_J, rel=5e-3)
        assert abs(one.difference) < 1e-3


def test_a_step_after_a_corner_counts_its_later_point():
    both = {"signal": ["i(v1)", "v(a)"], "unit": ["A", "V"]}
    values = np.array([[0.0, 1.0], [0.0, 1.0], [-1.0, 1.0]])
    dataset = label(["time", *both["signal"]], ["s", *both["unit"]], np.array([0.0, 1, 2]), values)
    assert supplied_J("t\nv1 a 0 PWL(0 1 1 1 2 1)\n.end\n", dataset) == {"v1": 1.0}
    assert supplied_J("t\nv1 a 0 1\n.end\n", dataset) == {"v1": 0.5}
    assert supplied_J("t\nv1 a b 1\nv2 a 0 1\n.end\n", dataset) == {}
    swept = label(["v-sweep", *both["signal"]], ["V", "A", "V"], np.array([0.0, 1, 2]), values)
    assert supplied_J("t\nv1 a 0 1\n.end\n", swept) == {}
