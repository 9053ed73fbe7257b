"""The conductance of every edge, measured as one would on the bench: a small voltage, a current.

An N-MOS edge is not linear, so a conductance belongs to an operating point; here it is the middle
of the input range, which is also what a published conductance map shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from netlist.circuit import Circuit, Directive, Source, Statement
from netlist.parts.cell import Cell
from netlist.parts.process import Process
from netlist.text.emitter import emit
from spice_backend.protocol.samples import Samples
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
) -> NDArray[np.float64]:
    """Measure one edge cell per gate voltage, free side.

    Args:
        session: A simulator.
        process: Device models.
        cell: The edge cell.
        parameters: Its parameters that differ from its defaults, SI units.
        gates_V: Gate voltages, volts.
        middle_V: Mean of the two node voltages, volts.
        rail_V: Supply, volts.

    Returns:
        (n_gate,), siemens.

    Raises:
        SpiceError: When the simulator cannot do it.
    """
    low, high = middle_V - 0.5 * PROBE_V, middle_V + 0.5 * PROBE_V
    body: list[Statement] = [
        *process.statements,
        *cell.statements,
        Source("Vlow", ("low", "0"), dc=low),
        Source("Vhigh", ("high", "0"), dc=high),
        Source("Vrail", ("rail", "0"), dc=rail_V),
    ]
    for index, gate_V in enumerate(gates_V):
        nets = {"fa": f"a_{index}", "fb": "low", "ca": "high", "cb": "low"}
        nets |= {"gate": f"g_{index}", "vss": "0", "vdd": "rail"}
        body += [
            Source(f"Vg_{index}", (f"g_{index}", "0"), dc=float(gate_V)),
            Source(f"Vmeter_{index}", ("high", f"a_{index}"), dc=0.0),
            cell.instance(f"edge_{index}", nets, parameters),
        ]
    probes = tuple(f"i(vmeter_{index})" for index in range(len(gates_V)))
    temperature = f"temp={process.temperature_C:g}"
    body += [
        Directive("options", (temperature,)),
        Directive("save", probes),
        Directive("dc", ("Vrail", f"{rail_V!r}", f"{rail_V!r}", "1")),
    ]
    rows: list[NDArray[np.float64]] = []

    def keep(samples: Samples) -> bool:
        rows.append(samples.values)
        return True

    circuit = process.complete(Circuit("conductance of every edge", tuple(body)))
    session.run(emit(circuit), probes, keep).check()
    measured: NDArray[np.float64] = np.vstack(rows)[0] / PROBE_V
    return measured
