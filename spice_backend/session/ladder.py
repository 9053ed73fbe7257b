"""What to try when a circuit does not converge, rung by rung, before giving up.

ngspice climbs a ladder of its own inside one operating point (dynamic gmin, then source stepping);
these rungs change what it climbs with. They go from those that leave the result untouched to those
that blur it, so that the first that works is the best that works.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from spice_backend.decks.options import with_options
from spice_backend.protocol.drive import Drive
from spice_backend.protocol.samples import Samples
from spice_backend.session.outcome import Outcome, Status
from spice_backend.session.session import Session

CLIMBED = (Status.NO_CONVERGENCE, Status.STEP_TOO_SMALL)
"""The ends of a run for which another rung may help."""


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
    tried: tuple[str, ...] = ()
    outcome = Outcome(Status.REFUSED, "no rung to try")
    for rung in rungs:
        steer = drive() if drive is not None else None
        outcome = session.run(with_options(deck, rung.options), probes, begin(), drive=steer)
        tried = (*tried, rung.name)
        if outcome.status not in CLIMBED:
            break
    return replace(outcome, tried=tried)
