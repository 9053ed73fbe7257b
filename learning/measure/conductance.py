"""The conductance of every edge, measured as one would on the bench: a small voltage, a current.

An N-MOS edge is not linear, so a conductance belongs to an operating point; here it is the middle
of the input range, which is also what a published conductance map shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from learning.arrays import Floats
from learning.twin.edge_bench import Bench
from netlist.machine import names
from netlist.parts.cell import Cell
from netlist.parts.process import Process
from netlist.parts.variation import NOMINAL, Chip
from spice_backend.session.session import Session

PROBE_V = 0.01
"""Voltage across an edge while its conductance is measured, volts."""


def measure_conductances(
    session: Session,
    process: Process,
    cell: Cell,
    parameters: Mapping[str, float],
    gates_V: Sequence[float],
    *,
    middle_V: float,
    rail_V: float,
    chip: Chip = NOMINAL,
) -> Floats:
    """Measure one edge cell per gate voltage, free side.

    Args:
        session: A simulator.
        process: Device models.
        cell: The edge cell.
        parameters: Its parameters that differ from its defaults, SI units.
        gates_V: Gate voltages, volts.
        middle_V: Mean of the two node voltages, volts.
        rail_V: Supply, volts.
        chip: Which chip the edges are on.

    Returns:
        (n_gate,), siemens.

    Raises:
        SpiceError: When the simulator cannot do it.
    """
    low, high = middle_V - 0.5 * PROBE_V, middle_V + 0.5 * PROBE_V
    sources = {"low": low, "high": high, "rail": rail_V}
    sources |= {names.gate(index): float(gate_V) for index, gate_V in enumerate(gates_V)}
    edges = {str(index): ("high", "low", names.gate(index)) for index in range(len(gates_V))}
    bench = Bench(process, cell, parameters, sources, edges, chip=chip)
    measured: Floats = bench.currents(session, "rail", (rail_V, rail_V, 1.0))[0] / PROBE_V
    return measured
