"""Energy in the units that other learning machines are told in: per edge and update, per query.

An update is one edge in one training presentation, whatever its gate then does; an edge and query
is one edge while one example is asked, learning off. Both are given for the whole machine, which is
what a supply delivers, and for the networks alone, which is what most publications count. Energy of
evaluations is in no update.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from learning.arrays import Floats
from learning.measure.ledger import BLOCKS, NETWORKS
from learning.measure.query_cost import Inference


@dataclass(frozen=True, slots=True)
class Cost:
    """One unit's energy.

    Attributes:
        machine_J: All simulated blocks, joules.
        networks_J: The networks alone, joules.
    """

    machine_J: float
    networks_J: float

    def per(self, count: float) -> Cost:
        """The share of one of so many."""
        return Cost(self.machine_J / count, self.networks_J / count)


@dataclass(frozen=True, slots=True)
class UnitCosts:
    """A run's energy by unit.

    Attributes:
        per_edge_and_update: One edge, one training presentation; None when none is on record.
        per_edge_and_query: One edge, one query.
        per_query: One query.
    """

    per_edge_and_update: Cost | None
    per_edge_and_query: Cost
    per_query: Cost


def unit_costs(training_J: Floats, updates: int, query: Inference, n_edge: int) -> UnitCosts:
    """Divide a run's energy.

    Args:
        training_J: Energy of the training presentations by block, (n_block,), joules.
        updates: How many presentations that is.
        query: What a query costs.
        n_edge: Number of edges.

    Returns:
        The costs.
    """
    computing = np.isin(BLOCKS, NETWORKS)
    trained = Cost(float(training_J.sum()), float(training_J[computing].sum()))
    asked = Cost(
        query.energy_per_query_J, query.energy_per_query_J * _networks_share(query.power_W)
    )
    return UnitCosts(
        per_edge_and_update=trained.per(updates * n_edge) if updates else None,
        per_edge_and_query=asked.per(n_edge),
        per_query=asked,
    )


def _networks_share(power_W: Mapping[str, float]) -> float:
    networks_W = sum(power_W[block] for block in NETWORKS)
    return networks_W / power_W["total"] if power_W["total"] else 0.0
