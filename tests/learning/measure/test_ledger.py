"""The ledger on a circuit small enough to do by hand: three nodes in a row, two equal edges.

Source 0 at 0.4 V, target 1, ground 2, ideal cells, both conductances G: the free target is at
0.2 V, the clamped one where eta = 0.5 puts it. Powers follow from Ohm's law alone; plain ngspice
plays the deck, and the sum over all sources of the raw file is the independent total.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from learning.measure.ledger import BLOCKS, Ledger, by_block, overhead_ratio
from netlist.circuit import Source
from netlist.machine.assembly import Assembly, Blueprint, Transient, assemble, with_transient
from netlist.machine.topology import Network, Port
from netlist.parts.architectures import CONTRACTS
from netlist.parts.cell import load_cell
from netlist.parts.process import load_process
from netlist.text.emitter import emit

Run = Callable[..., dict[str, np.ndarray]]

G = 1e-5 * (1.2 - 0.5)  # edge_ideal at a gate of 1.2 V
RAIL_V, SOURCE_V = 1.8, 0.4
_NETWORK = Network(
    nodes=("0", "1", "2"),
    edges=(("0", "1"), ("1", "2")),
    positions=((0.0, 0.0), (1.0, 0.0), (2.0, 0.0)),
    sources=(Port("0"),),
    targets=(Port("1"),),
    ground=("2",),
)


def _assembly(label_V: float, edge: str = "edge_ideal") -> Assembly:
    chosen = {"edge": edge, "bias": "bias"}
    slots = [slot for slot in CONTRACTS if slot != "sequencer"]
    cells = {slot: load_cell(slot, chosen.get(slot, f"{slot}_ideal")) for slot in slots}
    lines = {"in_0": SOURCE_V, "label_0": label_V, "enable": 0.0, "vlambda": 0.0, "eta": 0.5}
    return assemble(
        Blueprint(
            title="three nodes", network=_NETWORK, cells=cells, parameters={},
            process=load_process("generic180"), rail_V=RAIL_V, common_mode_V=0.225, lines=lines,
            gates_V=(1.2, 1.2),
        )
    )  # fmt: skip


def _powers(ngspice: Run, assembly: Assembly) -> tuple[dict[str, float], float]:
    """The ledger's mean powers, and what all sources of the deck supply together, watts."""
    ledger = Ledger(assembly)
    sources = [s for s in assembly.circuit.body if isinstance(s, Source)]
    nodes = {n for s in sources for n in s.nodes if n != "0"}
    also = (*(f"i({s.name.lower()})" for s in sources), *(f"v({n})" for n in sorted(nodes)))
    save = tuple(dict.fromkeys([*ledger.probes, *also]))
    waves = ngspice(emit(with_transient(assembly, Transient(1e-6, 1e-7, {"reltol": 1e-6}, save))))
    values = np.column_stack([waves[name] for name in ledger.probes])
    energy = ledger.energy(ledger.probes, waves["time"], values)
    supplied_W = sum(
        -(_volts(waves, s.nodes[0]) - _volts(waves, s.nodes[1])) * waves[f"i({s.name.lower()})"]
        for s in sources
    )
    total_W = float(np.trapezoid(supplied_W, waves["time"]) / waves["time"][-1])
    return by_block(energy / waves["time"][-1]), total_W


def _volts(waves: dict[str, np.ndarray], node: str) -> np.ndarray:
    return waves[f"v({node.lower()})"] if node != "0" else np.zeros_like(waves["time"])


def _close(found: dict[str, float], expected: dict[str, float]) -> None:
    for block in BLOCKS:
        wanted = expected.get(block, 0.0) * G
        assert found[block] == pytest.approx(wanted, rel=1e-5, abs=1e-11 * RAIL_V), block


def test_every_block_pays_for_itself_once(ngspice: Run) -> None:
    """Label 0.3 V: the clamped target is lifted to 0.25 V, the clamp pushes 0.1 V times G in."""
    found, supplied_W = _powers(ngspice, _assembly(0.3))
    _close(
        found,
        {
            "network_free": 0.4 * 0.2,
            "network_clamped": 0.4 * 0.15 + 0.25 * 0.10,
            "drivers": 1.8 * (0.2 + 0.15) - 0.4 * (0.2 + 0.15),
            "clamp": 1.8 * 0.10 - 0.25 * 0.10,
        },
    )
    assert found["total"] == pytest.approx(supplied_W, rel=1e-9)
    assert found["total"] == pytest.approx(1.8 * 0.45 * G, rel=1e-5)
    assert found["total"] == pytest.approx(sum(found[block] for block in BLOCKS))


def test_what_a_clamp_takes_out_of_a_network_is_not_billed_to_the_network(ngspice: Run) -> None:
    """Label 0 V: the target is pulled to 0.1 V, and 0.2 V times G leaves the network there."""
    found, supplied_W = _powers(ngspice, _assembly(0.0))
    _close(
        found,
        {
            "network_free": 0.4 * 0.2,
            "network_clamped": 0.4 * 0.3 - 0.1 * 0.2,
            "drivers": (1.8 - 0.4) * (0.2 + 0.3),
            "clamp": 0.1 * 0.2,
        },
    )
    assert found["total"] == pytest.approx(supplied_W, rel=1e-9)


def test_a_block_that_gives_energy_back_is_negative(ngspice: Run, tmp_path: Path) -> None:
    """An edge with a battery's current inside pumps energy into the source's driver."""
    cell = tmp_path / "pump.cir"
    cell.write_text(
        "* pump: a resistor of 1/G, and 1.0 V times G of current from fb to fa beside it\n"
        ".subckt pump fa fb ca cb gate vss\n"
        f"Rf fa fb {1 / G!r}\nRc ca cb {1 / G!r}\nIf fb fa {1.0 * G!r}\nCg gate vss 1e-12\n"
        ".ends pump\n",
        encoding="utf-8",
    )
    found, supplied_W = _powers(ngspice, _assembly(0.2, str(cell)))
    # free: both edges carry 1.0 V*G backwards less (0.4 - 0)/2 V*G forwards
    assert found["network_free"] == pytest.approx(0.4 * (0.2 - 1.0) * G, rel=1e-5)
    # the driver feeds the clamped network from it, cannot give the rest to its rail and burns it
    assert found["network_clamped"] == pytest.approx(0.4 * 0.2 * G, rel=1e-5)
    assert found["drivers"] == pytest.approx(0.4 * (0.8 - 0.2) * G, rel=1e-5)
    assert found["total"] == pytest.approx(supplied_W, rel=1e-9)


def test_overhead_is_everything_but_the_networks() -> None:
    bill = by_block([1.0, 2.0, 10.0, 5.0, 1.0, -1.0, 3.0])
    assert bill["total"] == pytest.approx(21.0)
    assert overhead_ratio(bill) == pytest.approx(18.0 / 3.0)
    assert overhead_ratio(by_block([0.0] * 7)) is None
