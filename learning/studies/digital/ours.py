"""A run's own energy against its edges: every block, and every declared cost in its own column.

Networks and update cells are there once for each edge; clamps and drivers stand at sources and
targets, bias and control are shared: these stay as they are when edges are added. That settling
takes longer in a larger network, and that larger networks want stronger drivers, is left out, to
the circuit's advantage.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from learning.design.declared import DeclaredSpec
from learning.errors import LearningError
from learning.measure.declared import Span, declared_energy
from learning.measure.ledger import NETWORKS
from learning.result.result import Result
from learning.studies.digital.line import Line

PER_EDGE = (*NETWORKS, "update")
"""Blocks there are once for each edge."""


@dataclass(frozen=True, slots=True)
class Ours:
    """What something costs the circuit.

    Attributes:
        simulated: By block.
        declared: By name of the cost; empty without any.
    """

    simulated: Line
    declared: Line

    @property
    def whole(self) -> Line:
        """Both columns, names of declared costs marked as such."""
        mark = "declared "
        return self.simulated.plus(
            Line(
                {mark + name: joules for name, joules in self.declared.fixed_J.items()},
                {mark + name: joules for name, joules in self.declared.per_edge_J.items()},
            )
        )


def our_query(result: Result, costs: Mapping[str, DeclaredSpec], where: str) -> Ours:
    """What a query costs the trained circuit.

    Args:
        result: The run's figures.
        costs: The design's declared costs.
        where: The run, for errors.

    Returns:
        The energy, by block and by declared cost.

    Raises:
        LearningError: When the result does not say which block takes what.
    """
    power_W = result.inference.power_by_block_W
    if power_W is None or not power_W.get("total"):
        raise LearningError(
            "this result does not say what a query costs by block", where, "run its design again"
        )
    time_s = result.inference.energy_per_query_J / power_W["total"]
    energy_J = {name: watts * time_s for name, watts in power_W.items()}
    return _split(energy_J, costs, Span(time_s, 0, 1, 0.0), len(result.network.edges))


def our_training(result: Result, costs: Mapping[str, DeclaredSpec]) -> Ours:
    """What the whole training cost the circuit, its evaluations included.

    Args:
        result: The run's figures.
        costs: The design's declared costs.

    Returns:
        The energy, by block and by declared cost.
    """
    span = Span(result.simulated_time_s, result.presentations, result.evaluation_presentations, 0.0)
    return _split(result.energy_J, costs, span, len(result.network.edges))


def _split(
    energy_J: Mapping[str, float], costs: Mapping[str, DeclaredSpec], span: Span, n_edge: int
) -> Ours:
    blocks = {name: joules for name, joules in energy_J.items() if name != "total"}
    fixed = {name: joules for name, joules in blocks.items() if name not in PER_EDGE}
    edge = {name: joules / n_edge for name, joules in blocks.items() if name in PER_EDGE}
    # Declared costs are linear in the simulated energy: what is fixed carries all but the share.
    shared = Span(span.time_s, span.presentations, span.queries, sum(fixed.values()))
    added = Span(0.0, 0, 0, sum(edge.values()))
    return Ours(
        Line(fixed, edge), Line(declared_energy(costs, shared), declared_energy(costs, added))
    )
