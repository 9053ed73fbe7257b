"""What to try when a run does not come to its end, rung by rung, before giving up.

ngspice climbs a ladder of its own inside one operating point (dynamic gmin, then source stepping);
these rungs change what it climbs with. They go from those that leave the result untouched to those
that blur it, so that the first that works is the best that works. A simulator that died is
replaced and stays on its rung: what killed it is not the circuit's numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from spice_backend.decks.options import with_options
from spice_backend.protocol.drive import Drive
from spice_backend.protocol.samples import Samples
from spice_backend.session.outcome import Outcome, Status
from spice_backend.session.session import Session


class After(Enum):
    """What comes after an attempt."""

    DONE = "done"
    NEXT_RUNG = "the next rung"
    SAME_RUNG = "the same rung in a fresh simulator"
    GIVE_UP = "give up"


AFTER: Mapping[Status, After] = {
    Status.COMPLETED: After.DONE,
    Status.HALTED: After.DONE,
    Status.NO_CONVERGENCE: After.NEXT_RUNG,
    Status.STEP_TOO_SMALL: After.NEXT_RUNG,
    Status.DIED: After.SAME_RUNG,
    Status.TIMED_OUT: After.GIVE_UP,
    Status.CANCELLED: After.GIVE_UP,
    Status.REFUSED: After.GIVE_UP,
    Status.FAILED: After.GIVE_UP,
}
"""By how an attempt ended."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One way to run a deck.

    Attributes:
        name: For a person.
        options: Simulator options over the deck's.
    """

    name: str
    options: Mapping[str, float | str]


RUNGS = (
    Rung("as written", {}),
    Rung("gmin stepping", {"gminsteps": 50, "itl1": 500}),
    Rung("source stepping", {"gminsteps": 0, "srcsteps": 100, "itl1": 500}),
    Rung("tighter tolerances", {"reltol": 1e-4, "trtol": 1, "bypass": 0, "itl4": 100}),
    Rung("gear integration", {"method": "gear", "bypass": 0, "itl4": 100}),
    Rung(
        "looser tolerances",
        {"reltol": 1e-2, "abstol": 1e-10, "vntol": 1e-5, "itl1": 1000, "itl4": 500, "trtol": 20},
    ),
)
"""From the gentlest to the bluntest."""


class Ladder:
    """The attempts at one run: which rung it stands on, and what all of them came to.

    Args:
        rungs: What to try.
        revivals: How many deaths of a simulator in a row are forgiven.
    """

    def __init__(self, rungs: Sequence[Rung] = RUNGS, revivals: int = 0) -> None:
        self._rungs, self._revivals = tuple(rungs), revivals
        self._at = self._deaths = 0
        self._died = False
        self._tried: tuple[str, ...] = ()
        self.told = Outcome(Status.REFUSED, message="no rung to try")
        """The latest attempt, with every rung that was tried."""

    @property
    def rung(self) -> Rung:
        """How the next attempt is to be made."""
        return self._rungs[self._at]

    @property
    def how(self) -> str:
        """What the next attempt does otherwise; empty when it is the same in a fresh simulator."""
        return "" if self._died else self.rung.name

    def progressed(self) -> None:
        """The run got further than before: earlier deaths no longer count."""
        self._deaths = 0

    def take(self, outcome: Outcome) -> bool:
        """Take in how an attempt ended.

        Args:
            outcome: Its end.

        Returns:
            Whether another attempt is to be made.
        """
        if self.rung.name not in self._tried:
            self._tried = (*self._tried, self.rung.name)
        self.told = replace(outcome, tried=self._tried)
        after = AFTER[outcome.status]
        self._died = after is After.SAME_RUNG
        self._deaths += self._died
        if after is After.NEXT_RUNG and self._at + 1 < len(self._rungs):
            self._at += 1
            return True
        return self._died and self._deaths <= self._revivals


def climb(
    session: Session,
    deck: str,
    probes: Sequence[str],
    begin: Callable[[], Callable[[Samples], bool]],
    *,
    drive: Callable[[], Drive] | None = None,
    rungs: Sequence[Rung] = RUNGS,
) -> Outcome:
    """Run a deck, and again on the next rung as long as it does not converge.

    Args:
        session: A simulator.
        deck: The deck.
        probes: What to record.
        begin: Makes the consumer of one attempt; called again for each, from the beginning.
        drive: Makes the drive of one attempt.
        rungs: What to try.

    Returns:
        The outcome of the last attempt, with the rungs that were tried in `Outcome.tried`.
    """
    ladder = Ladder(rungs)
    again = bool(rungs)
    while again:
        steer = drive() if drive is not None else None
        text = with_options(deck, ladder.rung.options)
        again = ladder.take(session.run(text, probes, begin(), drive=steer))
    return ladder.told
