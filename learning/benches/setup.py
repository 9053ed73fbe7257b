"""The deck of a bench: sources and meters about the cells of a stand, one analysis, its samples.

Charge and energy are integrated by the simulator itself, on capacitors that copies of a current
fill, so that they are conserved as the circuit's own charges are, whatever its steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from learning.arrays import Floats
from learning.benches.stand import Stand
from netlist.circuit import Circuit, Directive, Primitive, Source, Statement, Waveform
from netlist.machine import names
from netlist.parts.slots import BY_NAME, Per
from netlist.parts.variation import varied
from netlist.text.emitter import emit
from spice_backend.protocol.probe_names import current, voltage
from spice_backend.protocol.samples import Samples
from spice_backend.session.session import Session

RAIL, OTHERS_RAIL = "rail", "rail_beside"
"""The measured cell's own rail, and that of everything beside it."""

TIGHT = ("trtol=1", "reltol=1e-4")
"""How a bench steps through time: charges that switches hand over are then converged."""

_METER_F = 1e-12
"""What a charge meter's capacitor has: a picocoulomb is a volt."""


@dataclass(frozen=True, slots=True, eq=False)
class Waves:
    """What a run showed.

    Attributes:
        scale: (n,), seconds, or what was swept.
        values: By probe, (n,), volts and amperes.
    """

    scale: Floats
    values: Mapping[str, Floats]

    def volts(self, net: str, at: float | Floats | None = None) -> Floats:
        """A net's voltage at some times, or throughout."""
        return self._at(voltage(net), at)

    def amperes(self, net: str, at: float | Floats | None = None) -> Floats:
        """What the source of a net delivers into it, at some times or throughout."""
        return -self._at(current(names.line_source(net)), at)

    def coulombs(self, net: str, at: float | Floats) -> Floats:
        """What a metered source delivered into its net since the start."""
        return -self._at(voltage(_meter(net)), at) * _METER_F

    def _at(self, probe: str, at: float | Floats | None) -> Floats:
        values = self.values[probe]
        return values if at is None else np.asarray(np.interp(at, self.scale, values))


@dataclass(slots=True)
class Setup:
    """A deck in the making.

    Attributes:
        stand: Whose cells.
        body: What stands about them.
        probes: What is read.
    """

    stand: Stand
    body: list[Statement] = field(default_factory=list)
    probes: list[str] = field(default_factory=list)
    _held: set[str] = field(default_factory=set)
    _placed: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def hold(self, net: str, value: float | Waveform, *, read: bool = False) -> str:
        """Put a source on a net.

        Args:
            net: Its name.
            value: Volts, or their course.
            read: Whether its current is wanted.

        Returns:
            The net.
        """
        wave = value if isinstance(value, Waveform) else None
        dc = None if isinstance(value, Waveform) else float(value)
        self.body.append(Source(names.line_source(net), (net, names.GROUND), dc, wave))
        self._held.add(net)
        if read:
            self.probes.append(current(names.line_source(net)))
        return net

    def drive(self, waves: Mapping[str, Waveform]) -> None:
        """Put sources on nets whose currents nobody asks for.

        Args:
            waves: Volts over seconds, by net.
        """
        for net, wave in waves.items():
            self.hold(net, wave)

    def meter(self, net: str) -> None:
        """Integrate the current of a net's source; `Waves.coulombs` reads it."""
        meter = _meter(net)
        self.body += [
            Primitive(f"F{meter}", (names.GROUND, meter), 1.0, control=names.line_source(net)),
            Primitive(f"C{meter}", (meter, names.GROUND), _METER_F),
            Primitive(f"R{meter}", (meter, names.GROUND), 1e15),
            Directive("ic", (f"{voltage(meter)}=0",)),
        ]
        self.probes.append(voltage(meter))

    def add(self, *statements: Statement) -> None:
        """Put anything else there."""
        self.body += statements

    def read(self, *nets: str) -> None:
        """Read voltages."""
        self.probes += [voltage(net) for net in nets]

    def place(self, slot: str, pins: Mapping[str, str]) -> None:
        """Put a cell of the stand there; pins that are not named are on the line of their name.

        Args:
            slot: Its slot.
            pins: Nets by pin.
        """
        own = RAIL if slot == self.stand.cell.slot else OTHERS_RAIL
        cell = self.stand.cells[slot]
        nets = {pin: pin for pin in cell.pins} | {"vss": names.GROUND, "vdd": own} | dict(pins)
        shared = BY_NAME[slot].placed_per is Per.MACHINE
        name = slot if shared else names.cell(slot, self.stand.place)
        self.body.append(cell.instance(name, nets, self.stand.sizes(slot)))
        self._placed[slot] = nets

    def transient(
        self, session: Session, stop_s: float, step_s: float, options: Sequence[str] = TIGHT
    ) -> Waves:
        """Let time pass.

        Args:
            session: A simulator.
            stop_s: Until when, seconds.
            step_s: Longest step, seconds.
            options: Simulator options beside the temperature.

        Returns:
            What was read.

        Raises:
            SpiceError: When the simulator cannot do it.
        """
        line = Directive("tran", (repr(step_s), repr(stop_s), "0", repr(step_s)))
        return self._run(session, line, options)

    def sweep(
        self, session: Session, net: str, start_V: float, stop_V: float, step_V: float,
        options: Sequence[str] = ("reltol=1e-5",),
    ) -> Waves:  # fmt: skip
        """Find operating points while a held net steps.

        Args:
            session: A simulator.
            net: The net.
            start_V: First voltage.
            stop_V: Last voltage.
            step_V: Step, volts.
            options: Simulator options beside the temperature.

        Returns:
            What was read.

        Raises:
            SpiceError: When the simulator cannot do it.
        """
        words = (names.line_source(net), *(repr(float(v)) for v in (start_V, stop_V, step_V)))
        return self._run(session, Directive("dc", words), options)

    def deck(self, analysis: Directive, options: Sequence[str] = ()) -> str:
        """The deck as text.

        Args:
            analysis: Its analysis.
            options: Simulator options beside the temperature.

        Returns:
            A deck that runs by itself.
        """
        stand = self.stand
        self._finish()
        words = (f"temp={stand.process.temperature_C:g}", *options)
        lines = (Directive("options", words), Directive("save", tuple(self.probes)), analysis)
        body = (*stand.library(), *self.body, *lines)
        circuit = stand.process.complete(Circuit(f"{stand.cell.name} alone", body))
        return emit(varied(circuit, stand.process, stand.chip))

    def _finish(self) -> None:
        """Rails, companions, and a source at 0 V on every control line that nobody drives."""
        for slot in self.stand.beside:
            if slot in ("bias", "sequencer") and slot not in self._placed:
                self.place(slot, {})
        for rail in (RAIL, OTHERS_RAIL):
            used = any(rail in nets.values() for nets in self._placed.values())
            if used and rail not in self._held:
                self.hold(rail, self.stand.rail_V)
        for line in ("enable", "vlambda", "clk", "run"):
            used = any(nets.get(line) == line for nets in self._placed.values())
            if used and line not in self._held:
                self.hold(line, 0.0)
        if any(nets.get("eta") == "eta" for nets in self._placed.values()):
            self.hold("eta", self.stand.nudge)

    def _run(self, session: Session, analysis: Directive, options: Sequence[str]) -> Waves:
        blocks: list[Samples] = []

        def keep(samples: Samples) -> bool:
            blocks.append(samples)
            return True

        deck = self.deck(analysis, ("num_threads=1", *options))
        session.run(deck, self.probes, keep).check()
        values = np.vstack([block.values for block in blocks])
        scale = np.concatenate([block.scale for block in blocks])
        return Waves(scale, dict(zip(self.probes, values.T, strict=True)))


def _meter(net: str) -> str:
    return f"charge_{net}"
