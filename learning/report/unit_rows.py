"""Energy in the units the field compares: a run's own figures, and published ones beside them."""

from __future__ import annotations

from dataclasses import dataclass

from learning.report.published import PUBLISHED, Published, Unit
from learning.report.quantity import engineering
from learning.result.result import Result

RATIO = (
    "The ratio alone is a poor measure: networks that waste less make it worse though the machine "
    "costs less. Compare joules per edge and update."
)
"""What to think of when an overhead is read."""


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit and what it costs here.

    Attributes:
        unit: Which.
        machine: All simulated blocks, as text.
        networks: The networks alone, as text.
        published: Figures of others in this unit.
    """

    unit: Unit
    machine: str
    networks: str
    published: tuple[Published, ...]


def unit_rows(result: Result) -> tuple[UnitRow, ...]:
    """A run's energy by unit.

    Args:
        result: A run's figures.

    Returns:
        A row for each unit; empty for a result that knows none.
    """
    costs = result.unit_costs_J
    if costs is None:
        return ()
    found = {
        Unit.UPDATE: costs.per_edge_and_update,
        Unit.EDGE_QUERY: costs.per_edge_and_query,
        Unit.QUERY: costs.per_query,
    }
    return tuple(
        UnitRow(
            unit,
            engineering(cost.machine_J if cost else None, "J"),
            engineering(cost.networks_J if cost else None, "J"),
            tuple(one for one in PUBLISHED if one.unit is unit),
        )
        for unit, cost in found.items()
    )


def told_energy(published: Published) -> str:
    """A published figure as text: one number, or from and to.

    Args:
        published: The figure.
    """
    low, high = (engineering(joules, "J") for joules in published.energy_J)
    return low if low == high else f"{low} to {high}"
