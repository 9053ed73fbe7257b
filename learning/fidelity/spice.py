"""The plant that is a circuit: every part of a schedule is a deck, and ngspice plays it.

What is wanted at a boundary is asked of the simulator as a snapshot, what is chosen on the way is
an external source, and a deck that does not converge is played again on the next rung of the
ladder (`spice_backend.session.ladder`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from learning.arrays import Floats
from learning.experiment.experiment import Experiment, deck
from learning.fidelity.plant import Accuracy, Capabilities, Ending, Part, Plant, Take, require
from learning.fidelity.rest import Rest, find_rest
from learning.fidelity.steered import Steering, steered
from learning.measure.audit import Audit, Balance
from learning.measure.played import Played, Reader
from learning.measure.rest import astray, quiet_until_s, unrest
from learning.measure.segment import Segmenter
from netlist.circuit import Source, Waveform
from netlist.machine.assembly import Assembly
from spice_backend.protocol.drive import Drive
from spice_backend.protocol.probe_names import is_of_device
from spice_backend.protocol.samples import Samples, Snapshot
from spice_backend.session.ladder import Ladder
from spice_backend.session.outcome import Outcome
from spice_backend.session.session import Session

REVIVALS = 3
"""How often a simulator that died without getting any further is replaced before giving up."""

_THERE = 1e-9
"""A snapshot this share of its time off a boundary is taken for the state there."""


class Spice:
    """Plays schedules in ngspice.

    Args:
        experiment: What it plays.
        session: A simulator; it stays its owner's.
    """

    name = "spice"
    capabilities = Capabilities(closed_loop=True, states=True, rails=True, audit=True)
    accuracy = Accuracy(gates_V=4e-3, energy=1e-3, error=1e-2)
    """Measured on four epochs of the shipped regression, against the same deck with tolerances ten
    times tighter: 3.1 mV, 0.08 % and less than 1 %."""

    def __init__(self, experiment: Experiment, session: Session) -> None:
        self._experiment, self._session = experiment, session
        self._ladder = Ladder(revivals=REVIVALS)
        self._reached = 0

    @property
    def experiment(self) -> Experiment:
        """What it plays."""
        return self._experiment

    def play(self, part: Part, take: Take) -> Ending:
        """Play a part of a schedule, as `learning.fidelity.plant.Plant`.

        Args:
            part: What to play, from where.
            take: Gets every presentation in order.

        Returns:
            How it ended; with `Ending.again` the next rung is tried by playing again.

        Raises:
            LearningError: When nobody listens to what is to be steered.
        """
        require(self, part)
        assembly, drive = self._assembly(part), None
        if callable(part.power_weight):
            assembly = steered(assembly)
            drive = Steering(part.power_weight, self._experiment, part, assembly).drive
        self._begin(part)
        if not part.state_V:
            rest = self.rest(part)
            if not rest.outcome.ok:
                return Ending(rest.outcome)
            part = replace(part, state_V=rest.state_V)
        return self._climbed(self._run(part, assembly, drive, take))

    def rest(self, part: Part) -> Rest:
        """Find where the machine rests, as `learning.fidelity.plant.Plant`.

        Args:
            part: What will be played.

        Returns:
            Every node's voltage.
        """
        options = self._experiment.transient(part.schedule, ()).options
        return find_rest(self._session, self._assembly(part), part.gates_V, options)

    def audit(self, part: Part, until_s: float = math.inf) -> Balance:
        """Play a part and ask every device, as `learning.fidelity.plant.Plant`.

        Args:
            part: What to play, from where.
            until_s: Where to stop, seconds.

        Returns:
            Both sides of the balance.

        Raises:
            SpiceError: When the simulator failed.
        """
        require(self, part, audit=True)
        if not part.state_V:
            rest = self.rest(part)
            rest.outcome.check()
            part = replace(part, state_V=rest.state_V)
        assembly = self._assembly(part)
        audit = Audit(assembly.circuit, until_s)
        text = self._text(part, assembly, audit.probes)
        self._session.run(text, audit.probes, audit.take).check()
        return audit.balance()

    def cancel(self) -> None:
        """End what is played now, or else next, from another thread."""
        self._session.cancel()

    def _begin(self, part: Part) -> None:
        """A part that begins later than the one before has got further: deaths count anew."""
        first = part.schedule.presentations[0].index
        if first > self._reached:
            self._ladder.progressed()
        self._reached = first

    def _run(self, part: Part, assembly: Assembly, drive: Drive | None, take: Take) -> Outcome:
        reader = Reader(assembly)
        quiet_s = quiet_until_s(_waveforms(assembly))
        stream = _Stream(part, reader, take, quiet_s)
        save = reader.probes
        if part.states:
            save = ("all", *(name for name in reader.probes if is_of_device(name)))
        return self._session.run(
            self._text(part, assembly, save),
            reader.probes,
            stream.consume,
            drive=drive,
            snapshots_s=part.schedule.boundaries_s() if part.states else (),
            keep=stream.keep,
        )

    def _climbed(self, outcome: Outcome) -> Ending:
        again = self._ladder.take(outcome)
        ending = Ending(self._ladder.told, again, self._ladder.how if again else "")
        if not again:
            self._ladder, self._reached = Ladder(revivals=REVIVALS), 0
        return ending

    def _text(self, part: Part, assembly: Assembly, save: tuple[str, ...]) -> str:
        options = self._ladder.rung.options
        transient = self._experiment.transient(part.schedule, save, options, part.state_V)
        return deck(assembly, transient)

    def _assembly(self, part: Part) -> Assembly:
        weight = None if callable(part.power_weight) else part.power_weight
        gates_V = tuple(part.gates_V.tolist())
        made = self._experiment.assembly(part.schedule, part.examples, gates_V, weight)
        return _switched(made, part.rails) if part.rails else made


class _Stream:
    """Turns what one deck streams into what was played."""

    def __init__(self, part: Part, reader: Reader, take: Take, quiet_until_s: float) -> None:
        self._segmenter, self._reader, self._take = Segmenter(part.schedule), reader, take
        self._snapshot: Snapshot | None = None
        self._quiet_until_s = quiet_until_s
        self._asked_V: Floats | None = part.gates_V

    def keep(self, snapshot: Snapshot) -> None:
        """Take in the state at a boundary, which comes before the samples that reach it."""
        self._snapshot = snapshot

    def consume(self, samples: Samples) -> bool:
        """Take the next block in; whether to go on."""
        for segment in self._segmenter.cut(samples):
            state_V = self._state_V(segment.presentation.end_s)
            if not self._take(self._started(self._reader.read(segment, state_V))):
                return False
        return True

    def _started(self, played: Played) -> Played:
        """The first presentation with what it tells about the start; every other as it is."""
        until_s, self._quiet_until_s = self._quiet_until_s, 0.0
        asked_V, self._asked_V = self._asked_V, None
        if asked_V is not None:
            played = replace(played, astray=astray(played.gates_V[0], asked_V))
        if not until_s:
            return played
        share = unrest(played.time_s, played.power_W.sum(axis=1), until_s)
        return replace(played, unrest=share)

    def _state_V(self, end_s: float) -> Mapping[str, float]:
        snapshot = self._snapshot
        if snapshot is None or abs(snapshot.time_s - end_s) > _THERE * end_s:
            return {}
        return snapshot.nodes_V()


@contextmanager
def open_spice(experiment: Experiment) -> Iterator[Plant]:
    """A plant with a simulator of its own.

    Args:
        experiment: What it plays.

    Yields:
        The plant; its simulator ends with the context.
    """
    spec = experiment.design.simulator
    with Session(threads=spec.threads, timeout_s=spec.timeout_s) as session:
        yield Spice(experiment, session)


def _waveforms(assembly: Assembly) -> Iterator[Waveform]:
    """Of all sources that move; one that is driven from outside holds until its first decision."""
    for source in assembly.circuit.body:
        wave = source.waveform if isinstance(source, Source) else None
        if wave is not None and wave.kind.upper() != "EXTERNAL":
            yield wave


def _switched(assembly: Assembly, rails: Mapping[str, float | Waveform]) -> Assembly:
    changed = {r.source: rails[r.block] for r in assembly.rails if r.block in rails}
    body = tuple(
        _driven(s, changed[s.name]) if isinstance(s, Source) and s.name in changed else s
        for s in assembly.circuit.body
    )
    return replace(assembly, circuit=replace(assembly.circuit, body=body))


def _driven(source: Source, value: float | Waveform) -> Source:
    if isinstance(value, Waveform):
        return replace(source, dc=None, waveform=value)
    return replace(source, dc=value, waveform=None)
