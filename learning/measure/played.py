"""One presentation as it was played, in the words of the experiment and no longer of a simulator.

Recorders, queries and audits read these, so that they need not know what a probe is called, and
a plant that has no probes can give them as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from learning.arrays import Floats
from learning.experiment.schedule import Presentation
from learning.measure.ledger import Ledger
from learning.measure.probes import columns, main_probes, shown_signals, target_voltages
from learning.measure.segment import Segment
from netlist.machine.assembly import Assembly


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """One presentation as it was played.

    Attributes:
        presentation: Which one.
        time_s: (n_step,), from its start to its end, seconds.
        power_W: (n_step, n_block), in the order of `learning.measure.ledger.BLOCKS`, watts.
        energy_J: (n_block,), joules.
        outputs_V: Free-state target voltages, (n_step, n_target), volts.
        gates_V: (n_step, n_gate), volts.
        signals: What `signals_V` is, or a function that draws it.
        state_V: Every node's voltage at its end, volts, where a run can go on from there; empty
            elsewhere.
        unrest: Share of energy by which a part's first presentation shows that the machine was not
            at rest where it started (`learning.measure.rest`); 0 elsewhere.
        astray: Largest difference of a gate where a part started from what was asked for, as a
            share of the largest gate voltage asked for; 0 elsewhere.
        supplied_J: What all sources gave, joules; None where that is what was billed.
    """

    presentation: Presentation
    time_s: Floats
    power_W: Floats
    energy_J: Floats
    outputs_V: Floats
    gates_V: Floats
    signals: Floats | Callable[[], Floats]
    state_V: Mapping[str, float] = field(default_factory=dict)
    unrest: float = 0.0
    astray: float = 0.0
    supplied_J: float | None = None

    @property
    def signals_V(self) -> Floats:
        """(n_step, n_signal), in the order of `learning.measure.probes.shown_signals`, volts.

        Of a whole run two presentations' are looked at: a plant that has to draw them waits until
        somebody asks.
        """
        return self.signals() if callable(self.signals) else self.signals

    @property
    def duration_s(self) -> float:
        """How long it lasted, seconds."""
        return float(self.time_s[-1] - self.time_s[0])


class Reader:
    """Reads what was played from the probes of a deck.

    Args:
        assembly: The deck.
    """

    def __init__(self, assembly: Assembly) -> None:
        self._assembly, self._ledger = assembly, Ledger(assembly)
        self.probes: tuple[str, ...] = main_probes(assembly, self._ledger)
        """What has to be recorded."""
        self._gates = columns(self.probes, assembly.gates)
        self._signals = columns(self.probes, shown_signals(assembly))

    def read(self, segment: Segment, state_V: Mapping[str, float] | None = None) -> Played:
        """Read one presentation.

        Args:
            segment: Its samples, columns as in `probes`.
            state_V: Every node's voltage at its end, volts, where it is known.

        Returns:
            The same in the words of the experiment.
        """
        values, targets = segment.values, self._assembly.targets
        return Played(
            presentation=segment.presentation,
            time_s=segment.time_s,
            power_W=self._ledger.power(self.probes, values),
            energy_J=self._ledger.energy(self.probes, segment.time_s, values),
            outputs_V=target_voltages(self.probes, targets, values),
            gates_V=values[:, self._gates],
            signals=values[:, self._signals],
            state_V=state_V or {},
            supplied_J=self._ledger.supplied(self.probes, segment.time_s, values),
        )
