"""A machine of one network: what the assembler makes of it, and who pays in which state."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from learning.measure.ledger import BLOCKS, Ledger
from netlist.circuit import Instance, Waveform
from netlist.errors import NetlistError
from netlist.machine.assembly import Assembly, Blueprint, Crossing, Target, assemble
from netlist.machine.placing import IN_TURN, PLACING
from netlist.machine.roles import with_roles
from netlist.machine.topology import square_lattice
from netlist.parts.architectures import ARCHITECTURES, SINGLE
from netlist.parts.cell import load_cells
from netlist.parts.process import load_process
from spice_backend.protocol.probe_names import current, voltage

PINS = {
    "edge": "a b gate vss",
    "update": "a b gate vdd vss vtail join",
    "clamp": "label node vdd vss join",
    "driver": "in out vdd vss vtail",
    "bias": "vtail vdd vss",
    "sequencer": "run clk join vdd vss",
}


def machine(folder: Path, pair: bool = False, **pins: str) -> Assembly:
    """A square of four nodes."""
    names = {}
    for slot, its in (PINS | pins).items():
        names[slot] = str(folder / f"{slot}.cir")
        Path(names[slot]).write_text(f".subckt {slot} {its}\n.ends\n", encoding="utf-8")
    network = with_roles(
        square_lattice(2, 2, periodic=False), ("0",), ("1-2",) if pair else ("1",), ("3",),
        np.random.default_rng(0),
    )  # fmt: skip
    wave = Waveform("PWL", (0.0, 0.0))
    return assemble(
        Blueprint(
            title="single",
            network=network,
            cells=load_cells(names, SINGLE),
            parameters={},
            process=load_process("generic180"),
            rail_V=1.8,
            common_mode_V=0.25,
            lines={"in_0": 0.1, "label_0": 0.2, "clk": wave, "run": wave},
            gates_V=(1.0,) * len(network.edges),
            architecture=SINGLE,
        )
    )


def test_every_architecture_has_a_placing_rule() -> None:
    assert set(PLACING) == set(ARCHITECTURES)


def test_cells_are_placed_in_the_one_network(tmp_path: Path) -> None:
    made = machine(tmp_path)
    placed = {s.name: s.nodes for s in made.circuit.body if isinstance(s, Instance)}
    assert placed["Xdriver_0"] == ("in_0", "drive_0", "vdd_driver", "0", "vtail")
    assert placed["Xclamp_1"] == ("label_0", "nudge_1", "vdd_clamp", "0", "join")
    assert placed["Xedge_0"] == ("n_0", "n_2", "g_0", "0")
    assert placed["Xupdate_0"] == ("n_0", "n_2", "g_0", "vdd_update", "0", "vtail", "join")
    assert placed["Xbias"] == ("vtail", "vdd_bias", "0")
    assert placed["Xsequencer"] == ("run", "clk", "join", "vdd_sequencer", "0")
    assert made.nodes == {n: (f"n_{n}", f"n_{n}") for n in "012"} | {"3": ("0", "0")}
    assert made.targets == (Target(("n_1", "0"), ("n_1", "0")),)
    assert made.crossings == (
        Crossing(IN_TURN, "driver", "Vmeter_n_0", "n_0"),
        Crossing(IN_TURN, "clamp", "Vmeter_n_1", "n_1"),
    )
    assert made.clamped_while == ("clk", 0.9)
    assert [rail.block for rail in made.rails] == ["update", "clamp", "bias", "sequencer", "driver"]


def test_a_pair_of_targets_asks_for_its_partner(tmp_path: Path) -> None:
    made = machine(tmp_path, pair=True, clamp="label reference node other join")
    placed = {s.name: s.nodes for s in made.circuit.body if isinstance(s, Instance)}
    assert placed["Xclamp_1"] == ("label_0p", "label_0n", "nudge_1", "n_2", "join")
    assert placed["Xclamp_2"] == ("label_0n", "label_0p", "nudge_2", "n_1", "join")


def test_cells_that_nobody_asks_are_left_out(tmp_path: Path) -> None:
    made = machine(tmp_path, update="a b gate clk", clamp="label node", driver="in out")
    placed = {s.name for s in made.circuit.body if isinstance(s, Instance)}
    assert not placed & {"Xbias", "Xsequencer"}


@pytest.mark.parametrize("line", ["g_0", "n_1", "in_0", "drive_0", "vdd_update", "enable_", "0"])
def test_a_line_may_not_be_called_what_the_deck_calls_something_else(
    tmp_path: Path, line: str
) -> None:
    if line == "enable_":
        assert machine(tmp_path, sequencer=f"run clk join {line} vdd vss").clamped_while
        return
    message = f"cell sequencer offers a line {line!r}, a name that is taken in the deck"
    with pytest.raises(NetlistError, match=message) as error:
        machine(tmp_path, sequencer=f"run clk join {line} vdd vss")
    assert error.value.hint == "another name for the pin"


def test_the_one_network_pays_by_state(tmp_path: Path) -> None:
    """Free for two steps, then clamped: 1 uW from the driver, 2 uW from the clamp."""
    ledger = Ledger(machine(tmp_path))
    values = dict.fromkeys(ledger.probes, np.zeros(4))
    values |= {
        voltage("clk"): np.array([0.0, 0.0, 1.8, 1.8]),
        voltage("n_0"): np.full(4, 0.5),
        current("Vmeter_n_0"): np.full(4, 2e-6),
        voltage("n_1"): np.full(4, 0.2),
        current("Vmeter_n_1"): np.full(4, 1e-5),
        voltage("vdd_clamp"): np.full(4, 1.8),
        current("Vdd_clamp"): np.full(4, -2e-6),
    }
    power = ledger.power(ledger.probes, np.column_stack([values[name] for name in ledger.probes]))
    free, clamped = (power[:, BLOCKS.index(f"network_{n}")] for n in ("free", "clamped"))
    np.testing.assert_allclose(free, [3e-6, 3e-6, 0.0, 0.0], rtol=1e-12)
    np.testing.assert_allclose(clamped, [0.0, 0.0, 3e-6, 3e-6], rtol=1e-12)
    np.testing.assert_allclose(power[:, BLOCKS.index("clamp")], 1.8 * 2e-6 - 2e-6, rtol=1e-12)
    # the bills add up to what the sources gave
    np.testing.assert_allclose(power.sum(axis=1), 1.8 * 2e-6, rtol=1e-12)


def test_a_control_line_pays_as_a_driver_would_and_gets_nothing_back(tmp_path: Path) -> None:
    """A line of 1 pF goes up and down once: C*V^2 on the bill, nothing that sources supplied."""
    ledger = Ledger(machine(tmp_path))
    rise_s, farad, rail_V = 1e-6, 1e-12, 1.8
    time_s = np.linspace(0.0, 3.0 * rise_s, 3001)
    volts = np.interp(time_s, np.array([0, 1, 2, 3]) * rise_s, [0.0, rail_V, rail_V, 0.0])
    amperes = farad * np.gradient(volts, time_s)
    values = dict.fromkeys(ledger.probes, np.zeros(len(time_s)))
    values |= {voltage("clk"): volts, current("Vclk"): -amperes}
    table = np.column_stack([values[name] for name in ledger.probes])
    bill = ledger.energy(ledger.probes, time_s, table)
    assert bill[BLOCKS.index("control")] == pytest.approx(farad * rail_V**2, rel=1e-3)
    assert bill.sum() == pytest.approx(farad * rail_V**2, rel=1e-3)
    supplied_J = ledger.supplied(ledger.probes, time_s, table)
    assert supplied_J == pytest.approx(0.0, abs=1e-3 * farad * rail_V**2)
