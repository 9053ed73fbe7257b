"""What every plant is: it plays a part of a schedule from a state and streams what happened.

The controller, queries and audits ask for no more than this, so that ngspice is one plant and
another solver of the same machine can be the next. A plant declares what it can do and how far
from the truth it is; what one cannot do is refused by name, never left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from learning.arrays import Floats
from learning.errors import LearningError
from learning.experiment.experiment import Experiment, deck
from learning.experiment.schedule import Schedule
from learning.fidelity.rest import Rest
from learning.measure.audit import Balance
from learning.measure.played import Played
from learning.tasks.examples import Examples
from netlist.circuit import Waveform
from spice_backend.session.outcome import Outcome

Choose: TypeAlias = Callable[[int], float]
"""Chooses λ, from 0 to 1, for an epoch, by its number. It is asked when that epoch begins, after
everything before has been handed out."""

Take: TypeAlias = Callable[[Played], bool]
"""Takes a presentation in as soon as it is over; returning False halts the plant."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a plant can do besides playing a schedule.

    Attributes:
        closed_loop: λ may be chosen while it plays.
        states: It hands out every node's voltage where a run can go on, and goes on from there.
        rails: The rails of blocks may be switched.
        audit: It can ask every device where the energy went.
    """

    closed_loop: bool = False
    states: bool = False
    rails: bool = False
    audit: bool = False


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How far a plant may be from the exact solution of the machine it plays, over one run.

    Attributes:
        gates_V: Of the gates at the end, root mean square, volts.
        energy: Of every block's energy, as a share of the total.
        error: Of the final error, as a share of it.
    """

    gates_V: float
    energy: float
    error: float


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A part of a schedule, and the state it starts from.

    Attributes:
        schedule: What to show when; its time starts at zero.
        examples: Rows its presentations refer to.
        gates_V: (n_gate,), volts.
        state_V: Every node's voltage to start from, volts; empty when the plant is to find them.
        power_weight: λ, one for all or one per epoch, or who chooses it; None for the design's.
        rails: By block, what its rail does instead of standing at the supply, volts.
        states: Whether `Played.state_V` is wanted at the ends of epochs and evaluations.
    """

    schedule: Schedule
    examples: Examples
    gates_V: Floats
    state_V: Mapping[str, float] = field(default_factory=dict)
    power_weight: float | tuple[float, ...] | Choose | None = None
    rails: Mapping[str, float | Waveform] = field(default_factory=dict)
    states: bool = False

    def deck(self, experiment: Experiment) -> str:
        """The part as plain ngspice plays it: what figures that are kept of it depend on.

        Args:
            experiment: What is played.

        Returns:
            A deck; without what rails do instead of standing, and with the design's λ where
            somebody chooses it.
        """
        weight = None if callable(self.power_weight) else self.power_weight
        gates_V = tuple(self.gates_V.tolist())
        assembly = experiment.assembly(self.schedule, self.examples, gates_V, weight)
        return deck(assembly, experiment.transient(self.schedule, ()))


@dataclass(frozen=True, slots=True)
class Ending:
    """How a plant ended.

    Attributes:
        outcome: What became of it, with what it took.
        again: Whether playing again, from the last state that was kept, may end otherwise.
        how: What the plant will then do otherwise, for a person; may be empty.
    """

    outcome: Outcome
    again: bool = False
    how: str = ""


class Plant(Protocol):
    """Plays schedules."""

    @property
    def name(self) -> str:
        """Its name in `learning.fidelity.plants.PLANTS`."""

    @property
    def experiment(self) -> Experiment:
        """What it plays."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do besides playing."""

    @property
    def accuracy(self) -> Accuracy:
        """How far it may be from the truth."""

    def play(self, part: Part, take: Take) -> Ending:
        """Play a part of a schedule.

        Args:
            part: What to play, from where.
            take: Gets every presentation in order, each as soon as it is over.

        Returns:
            How it ended; never an exception for what a simulator can do wrong.

        Raises:
            LearningError: When the part asks for what this plant cannot do.
        """

    def rest(self, part: Part) -> Rest:
        """Find the state in which the machine rests at the beginning of a part, its gates held.

        Args:
            part: What will be played; its own state is not looked at.

        Returns:
            Every node's voltage, to be played from, and what the search took; never an exception
            for what a simulator can do wrong.

        Raises:
            LearningError: When this plant knows no states.
        """

    def audit(self, part: Part, until_s: float = math.inf) -> Balance:
        """Play a part of a schedule and ask every device where the energy went.

        Args:
            part: What to play, from where.
            until_s: Where to stop, an end of one of its presentations, seconds.

        Returns:
            Both sides of the balance.

        Raises:
            LearningError: When this plant cannot.
            SpiceError: When it failed.
        """

    def cancel(self) -> None:
        """End what is played now, or else next, from another thread: its outcome is "cancelled"."""


def require(plant: Plant, part: Part, *, audit: bool = False) -> None:
    """Refuse what a plant cannot do.

    Args:
        plant: The plant.
        part: What it is asked to play.
        audit: Whether it is asked for a balance too.

    Raises:
        LearningError: For the first thing it cannot do, by name.
    """
    for needed, what, where in _needs(part, audit=audit):
        if not getattr(plant.capabilities, needed):
            raise LearningError(
                f"the plant {plant.name} cannot {what}",
                where,
                "the plant spice, which can",
            )


def _needs(part: Part, *, audit: bool) -> Iterator[tuple[str, str, str]]:
    """Capability, what it is for, and the place that asked for it."""
    if callable(part.power_weight):
        yield "closed_loop", "have its power weight chosen while it plays", "power_weight"
    if part.states or part.state_V:
        yield "states", "keep or take up the state of every node", "state_V"
    if part.rails:
        yield "rails", f"switch the rail of {next(iter(part.rails))}", "rails"
    if audit:
        yield "audit", "ask its devices where the energy went", "measure.audit"


def play_all(plant: Plant, part: Part) -> list[Played]:
    """Play a part to its end, again as long as the plant thinks that it helps.

    Args:
        plant: The plant.
        part: What to play; nobody chooses its power weight.

    Returns:
        Everything that was played.

    Raises:
        SpiceError: When the plant failed.
    """
    while True:
        played: list[Played] = []
        ending = plant.play(part, _keeping(played))
        if not ending.again:
            ending.outcome.check()
            return played


def _keeping(kept: list[Played]) -> Take:
    def take(one: Played) -> bool:
        kept.append(one)
        return True

    return take
