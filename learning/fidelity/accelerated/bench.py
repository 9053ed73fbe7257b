"""Benches on which a machine's cells are measured: cells between sources, ammeters in their lines.

A cell is bound by its pins' names as the assembler binds it, so that any cell that obeys its slot's
contract can stand here. The bias cell stands beside those that ask for its voltage.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from learning.arrays import Floats
from learning.experiment.experiment import Experiment
from learning.twin.constraint import Ints
from netlist.circuit import (
    Behavioural,
    Circuit,
    Directive,
    Expression,
    Model,
    Source,
    Statement,
    Subcircuit,
    Waveform,
)
from netlist.parts.variation import Chip, Moved, varied
from netlist.text.emitter import emit
from spice_backend.protocol.samples import Samples
from spice_backend.session.session import Session

_COUNT = "count"
"""The net that counts the points of a sweep."""


@dataclass(slots=True)
class Bench:
    """A deck in the making.

    Attributes:
        experiment: Whose cells are measured.
        body: What stands on the bench.
        probes: What is read.
        moved: Devices that are off their nominal; None has them as the experiment's chip does.
    """

    experiment: Experiment
    body: list[Statement] = field(default_factory=list)
    probes: list[str] = field(default_factory=list)
    moved: Moved | None = None

    def hold(self, net: str, value: float | Waveform) -> str:
        """Put a source on a net; its current is read as ``i(v`` net ``)``.

        Args:
            net: Its name.
            value: Volts, or their course.

        Returns:
            The net.
        """
        wave = value if isinstance(value, Waveform) else None
        self.body.append(Source(f"V{net}", (net, "0"), None if wave else float(value), wave))  # type: ignore[arg-type]
        return net

    def step(self, net: str, values: Sequence[float]) -> str:
        """Let a net take one value per point of the sweep.

        Args:
            net: Its name.
            values: Volts, one per point.

        Returns:
            The net.
        """
        points = ",".join(f"{index},{value:.9g}" for index, value in enumerate(values))
        course = Expression(f"pwl(v({_COUNT},0),{points})")
        self.body.append(Behavioural(f"B{net}", (net, "0"), "V", course))
        return net

    def meter(self, net: str, name: str, *, read: bool = True) -> str:
        """A net that carries what flows out of another through an ammeter.

        Args:
            net: Where it comes from.
            name: Of the ammeter, read as ``i(vm_`` name ``)``, and of the new net.
            read: Whether it is read right away, after what is read already.

        Returns:
            The new net.
        """
        self.body.append(Source(f"Vm_{name}", (net, name), dc=0.0))
        return self.read(f"i(vm_{name})", name) if read else name

    def read(self, probe: str, answer: str = "") -> str:
        """Read something; returns `answer`."""
        self.probes.append(probe.lower())
        return answer

    def place(self, slot: str, name: str, pins: Mapping[str, str]) -> None:
        """Put a cell on the bench.

        Args:
            slot: Its slot.
            name: Of the instance.
            pins: Nets by pin; "vss" is ground, and a line that another cell offers is the net of
                that name.
        """
        cells = self.experiment.cells.values()
        nets = {"vss": "0", **{line: line for cell in cells for line in cell.offers}, **pins}
        cell, parameters = self.experiment.cells[slot], self.experiment.parameters(slot)
        self.body.append(cell.instance(name, nets, parameters))

    def needs(self, slot: str) -> bool:
        """Whether another cell of the machine asks for a line of the one in this slot."""
        cells = self.experiment.cells
        others = [cell for other, cell in cells.items() if other != slot]
        return slot in cells and any(
            cell.uses(line) for cell in others for line in cells[slot].offers
        )

    def place_bias(self) -> None:
        """Put the bias cell there, fed from net ``vdd``, if a cell of the machine asks for it."""
        if self.needs("bias"):
            self.place("bias", "bias", {"vdd": "vdd"})

    def sweep(self, session: Session, points: int) -> Floats:
        """Find the operating point of every point of the sweep, one from the other.

        Args:
            session: A simulator.
            points: How many.

        Returns:
            (n_point, n_probe), volts and amperes.

        Raises:
            SpiceError: When the simulator cannot do it.
        """
        self.hold(_COUNT, 0.0)
        analysis = Directive("dc", (f"V{_COUNT}", "0", f"{points - 1}", "1"))
        return self._run(session, analysis, ("reltol=1e-5",))[1]

    def transient(
        self, session: Session, stop_s: float, step_s: float, options: Iterable[str] = ()
    ) -> tuple[Floats, Floats]:
        """Let time pass.

        Args:
            session: A simulator.
            stop_s: Until when, seconds.
            step_s: Longest step, seconds.
            options: Simulator options beside the temperature.

        Returns:
            Time (n_step,) in seconds, and (n_step, n_probe) in volts and amperes.

        Raises:
            SpiceError: When the simulator cannot do it.
        """
        analysis = Directive("tran", (repr(step_s), repr(stop_s), "0", repr(step_s)))
        return self._run(session, analysis, tuple(options))

    def _run(
        self, session: Session, analysis: Directive, options: tuple[str, ...]
    ) -> tuple[Floats, Floats]:
        experiment, blocks = self.experiment, list[Samples]()

        def keep(samples: Samples) -> bool:
            blocks.append(samples)
            return True

        words = (f"temp={experiment.process.temperature_C:g}", "num_threads=1", *options)
        body = (*_library(experiment), *self.body, Directive("options", words))
        body += (Directive("save", tuple(self.probes)), analysis)
        circuit = experiment.process.complete(Circuit("cells on a bench", body))
        deck = emit(varied(circuit, experiment.process, self.moved or _alike(experiment.chip)))
        session.run(deck, self.probes, keep).check()
        scale = np.concatenate([block.scale for block in blocks])
        return scale, np.vstack([block.values for block in blocks])


def _alike(chip: Chip) -> Chip:
    """A chip of the same corners whose devices do not differ: that is what tables are of."""
    return replace(chip, mismatch=False)


def _library(experiment: Experiment) -> tuple[Statement, ...]:
    """Models and cells, each name once, as the assembler takes them."""
    kept: dict[object, Statement] = {}
    statements = [*experiment.process.statements]
    for cell in experiment.cells.values():
        statements += cell.statements
    for statement in statements:
        key: object = id(statement)
        if isinstance(statement, Subcircuit | Model):
            key = type(statement), statement.name.lower()
        kept.setdefault(key, statement)
    return tuple(kept.values())


def serpentine(first: Floats, second: Floats) -> tuple[Floats, Floats, tuple[Ints, Ints]]:
    """A path through all pairs of two grids in which no step is long.

    Args:
        first: (n,), walked to and fro.
        second: (m,), stepped at the turns.

    Returns:
        Both courses, (n * m,) each, and the rows and columns that sort a measurement on the path
        into an (n, m) table.
    """
    rows = [np.arange(len(first))[:: -1 if j % 2 else 1] for j in range(len(second))]
    i, j = np.concatenate(rows), np.repeat(np.arange(len(second)), len(first))
    return first[i], second[j], (i, j)
