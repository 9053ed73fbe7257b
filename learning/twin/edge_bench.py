"""The bench an edge cell is measured on: its free side between sources, an ammeter in each line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from learning.arrays import Floats
from netlist.circuit import Circuit, Directive, Source, Statement
from netlist.machine import names
from netlist.parts.cell import Cell
from netlist.parts.process import Process
from netlist.parts.variation import NOMINAL, Chip, varied
from netlist.text.emitter import emit
from spice_backend.protocol.probe_names import current
from spice_backend.protocol.samples import Samples
from spice_backend.session.session import Session


@dataclass(frozen=True, slots=True)
class Bench:
    """Copies of one edge cell between sources.

    Attributes:
        process: Device models.
        cell: The edge cell.
        parameters: Its parameters that differ from its defaults, SI units.
        sources: By net, volts to ground; an edge's rail is the net "rail".
        edges: Each edge by its name: the nets of first end, second end and gate.
        options: Simulator options beside the temperature.
        chip: Which chip the edges are on; an edge's name is its number in the network.
    """

    process: Process
    cell: Cell
    parameters: Mapping[str, float]
    sources: Mapping[str, float]
    edges: Mapping[str, tuple[str, str, str]]
    options: tuple[str, ...] = field(default=())
    chip: Chip = NOMINAL

    def currents(self, session: Session, swept: str, sweep: Sequence[float]) -> Floats:
        """Sweep one source and read every edge.

        Args:
            session: A simulator.
            swept: Net of the source.
            sweep: First and last value and step, volts.

        Returns:
            (n_point, n_edge), amperes into the first end.

        Raises:
            SpiceError: When the simulator cannot do it.
        """
        probes = tuple(current(names.ammeter(name)) for name in self.edges)
        rows: list[Floats] = []

        def keep(samples: Samples) -> bool:
            rows.append(samples.values)
            return True

        analysis = (
            Directive("options", (f"temp={self.process.temperature_C:g}", *self.options)),
            Directive("save", probes),
            Directive("dc", (names.line_source(swept), *(f"{value!r}" for value in sweep))),
        )
        circuit = Circuit("edges between sources", (*self._body(), *analysis))
        whole = varied(self.process.complete(circuit), self.process, self.chip)
        session.run(emit(whole), probes, keep).check()
        return np.vstack(rows)

    def _body(self) -> tuple[Statement, ...]:
        body: list[Statement] = [*self.process.statements, *self.cell.statements]
        body += [
            Source(names.line_source(net), (net, names.GROUND), dc=value)
            for net, value in self.sources.items()
        ]
        for name, (first, second, gate) in self.edges.items():
            nets = {"a": f"a_{name}", "b": second}
            nets |= {"fa": f"a_{name}", "fb": second, "ca": second, "cb": second}
            nets |= {"gate": gate, "vss": names.GROUND, "vdd": "rail"}
            body += [
                Source(names.ammeter(name), (first, f"a_{name}"), dc=0.0),
                self.cell.instance(names.cell("edge", name), nets, self.parameters),
            ]
        return tuple(body)
