"""What no bench of one cell has right: the machine itself, for a moment.

In queries both switches of a clamp are open. What it sampled floats, the network moves it, and
its amplifier drives its own output to one rail or to the other: which one depends on how fast nodes
move, and how far, when the last window closes, and no bench of one clamp has that right. As
learning begins again it comes back from there. So ngspice plays the machine for a moment, twice:
before it has learnt, and with the gates that tables have near the end of its first epoch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from learning.arrays import Floats
from learning.experiment.experiment import Experiment
from learning.experiment.schedule import Schedule, first_epoch, laid_out
from learning.fidelity.accelerated.tables import Tell
from learning.fidelity.plant import Part, play_all
from learning.fidelity.spice import Spice
from learning.measure.ledger import BLOCKS
from learning.measure.played import Played
from spice_backend.session.session import Session

QUERIES, TAUGHT = 8, 2
"""Queries before and after learning beyond the first, fewer where ngspice is to be shown few
examples (`simulator.anchor_examples`); presentations that teach near the end of the first epoch."""

_STEADY = 0.9
"""From this share of the free state on a clamp that was off is taken to be back."""

_CLAMP, _FREE = (BLOCKS.index(name) for name in ("clamp", "network_free"))


@dataclass(frozen=True, slots=True, eq=False)
class Rehearsal:
    """What a machine takes beyond the powers of its states.

    Attributes:
        before_W: Clamps, in each query before anything is learnt, (n_query,), watts; the last one,
            which goes on, is the mean of those after the first.
        after_W: Clamps, in each query after learning, (n_query,), watts; the last one goes on.
        wake_J: Clamps, as learning begins, and as it begins again, beyond what they take while the
            network is free: (2,), joules.
        settle_J: The network, as it is left alone after a window, beyond its power then: joules.
    """

    before_W: Floats
    after_W: Floats
    wake_J: Floats
    settle_J: float


NOTHING = Rehearsal(np.zeros(1), np.zeros(1), np.zeros(2), 0.0)
"""Where nothing is billed."""


def begins_with(experiment: Experiment) -> Part:
    """The first evaluation and the first epoch, which decide all that is rehearsed.

    Args:
        experiment: The machine.

    Returns:
        The part.
    """
    schedule = first_epoch(experiment.schedule)
    return Part(schedule, experiment.task.train, np.array(experiment.gates_V))


def rehearse(
    session: Session, experiment: Experiment, learnt: Callable[[Part], Floats], tell: Tell
) -> Rehearsal:
    """Have ngspice play it.

    Args:
        session: A simulator.
        experiment: The machine.
        learnt: Plays a part on tables; returns the gates it leaves, (n_gate,), volts.
        tell: Told what is measured next.

    Returns:
        What its clamps take.

    Raises:
        LearningError: When tables find no state.
        SpiceError: When the simulator cannot do it.
    """
    tell("clamps in queries")
    begun = begins_with(experiment)
    order = [one.example for one in begun.schedule.presentations if one.learning]
    count, spec = len(begun.examples), experiment.design.schedule

    def played(shown: list[tuple[int, int, bool]], gates_V: Floats) -> list[Played]:
        part = Part(laid_out(spec, shown), begun.examples, gates_V)
        return play_all(Spice(experiment, session), part)

    queries = min(QUERIES, experiment.design.simulator.anchor_examples or QUERIES)
    asked = [(index % count, 0, False) for index in range(1 + queries)]
    *before, woken = played([*asked, (order[0], 0, True)], begun.gates_V)
    taught = [(example, 0, True) for example in order[-TAUGHT:]]
    gates_V = learnt(_without_last(begun, len(taught)))
    *later, again = played([*taught, *asked, (order[0], 1, True)], gates_V)
    after = later[len(taught) :]
    before_W = _means_W(before)
    return Rehearsal(
        before_W=np.append(before_W, before_W[1:].mean()),
        after_W=_means_W(after),
        wake_J=np.array([_beyond_J(one, _CLAMP, spec.settle_s) for one in (woken, again)]),
        settle_J=_beyond_J(after[0], _FREE, spec.evaluation_s),
    )


def _without_last(part: Part, count: int) -> Part:
    earlier = part.schedule.presentations[:-count]
    return replace(part, schedule=Schedule(earlier, earlier[-1].end_s))


def nominal(experiment: Experiment) -> Experiment:
    """The machine as designed, whose clamps all its chips' are taken to be like here."""
    return replace(experiment, design=experiment.design.replace("variation.mismatch", False))


def _means_W(played: list[Played]) -> Floats:
    shown = [(one.energy_J[_CLAMP], one.presentation) for one in played]
    return np.array([joules / (one.end_s - one.start_s) for joules, one in shown])


def _beyond_J(played: Played, block: int, lasts_s: float) -> float:
    """What a state took beyond the power it ends with; `lasts_s` is its time, warm-up aside."""
    time_s, power_W = played.time_s - played.presentation.start_s, played.power_W[:, block]
    steps_J = np.diff(time_s) * 0.5 * (power_W[1:] + power_W[:-1])
    flowed_J = np.concatenate([[0.0], np.cumsum(steps_J)])
    until_s = played.presentation.warm_up_s + lasts_s
    back_J, all_J = np.interp([_STEADY * until_s, until_s], time_s, flowed_J)
    return float(all_J - (all_J - back_J) / (1.0 - _STEADY))
