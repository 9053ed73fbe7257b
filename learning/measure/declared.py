"""Declared costs of a run: what is not in the deck, in a column of its own, never in the bill."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from learning.design.declared import DeclaredSpec


@dataclass(frozen=True, slots=True)
class Span:
    """What a run did, as far as declared costs count it.

    Attributes:
        time_s: Circuit time, seconds.
        presentations: Training presentations.
        queries: Presentations with learning off.
        simulated_J: The bill of everything that was simulated, joules.
    """

    time_s: float
    presentations: int
    queries: int
    simulated_J: float


def declared_energy(costs: Mapping[str, DeclaredSpec], span: Span) -> dict[str, float]:
    """What declared costs come to over a run.

    Args:
        costs: By name.
        span: The run.

    Returns:
        By name, joules. Shares are of the whole without shares, so that their order is no matter.
    """
    own = {name: _own_J(cost, span) for name, cost in costs.items()}
    whole_J = span.simulated_J + sum(own.values())
    return {name: own[name] + cost.share * whole_J for name, cost in costs.items()}


def _own_J(cost: DeclaredSpec, span: Span) -> float:
    return (
        cost.power_W * span.time_s
        + cost.energy_per_presentation_J * span.presentations
        + cost.energy_per_query_J * span.queries
    )
