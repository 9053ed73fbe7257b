"""When saving network power pays: the figures of the answer, means over seeds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from learning.measure.ledger import BLOCKS
from learning.papers.stern2024.data import ByBlock, Cost, NetworkCost

ALL_SUPPLIED = "all supplied"
"""The mode of any query: update cells disabled, but supplied."""

CLAMP_OFF = "clamp rail off"
"""The mode with the nudge amplifiers' rail at zero."""

UPDATE_OFF = "clamp and update rails off"
"""The mode with the update cells' rail at zero as well."""

PUSH_PULL = "push-pull drivers, clamp rail off"
"""The mode with drivers of class AB, in transistors; to be compared with "clamp rail off".

A machine whose own drivers are not class A does not have it: "clamp rail off" stands for it."""

IDEAL = "ideal class-B drivers"
"""The mode with behavioural drivers: what a perfect driver on the same rail would spend."""


@dataclass(frozen=True, slots=True)
class MeanCost:
    """One kind of training, means over seeds.

    Attributes:
        network_W: The free network's power while it answers, watts.
        error_V2: After learning, V².
        training_J: Every block's energy of the training, joules.
        training_W: Every block's mean power while learning, by block, watts.
        settling_s: Until an answer stands, seconds.
        modes_W: Power while answering, by mode and block, watts.
        switched_J: Energy of a query switched on for itself, by block, joules.
        switched_s: How long such a query takes, seconds.
        lasts_s: How long the weights last, seconds.
    """

    network_W: float
    error_V2: float
    training_J: float
    training_W: ByBlock
    settling_s: float
    modes_W: Mapping[str, ByBlock]
    switched_J: ByBlock
    switched_s: float
    lasts_s: float


@dataclass(frozen=True, slots=True)
class Counted:
    """A figure counted in several ways.

    Attributes:
        network: On the free network alone, as the paper does.
        total: On everything.
        push_pull: On everything, with push-pull drivers and the nudge amplifiers off.
        ideal: On everything, with ideal class-B drivers.
    """

    network: float | None
    total: float | None
    push_pull: float | None
    ideal: float | None


@dataclass(frozen=True, slots=True)
class CostSummary:
    """The figures of the answer.

    Attributes:
        plain: Trained without a power term.
        saving: Trained with the procedure.
        query_s: The slower of their queries, seconds.
        saved_network_W: What the procedure saves in the free network while it answers, watts.
        saved_total_W: What it saves in everything, watts.
        break_even: Queries after which the extra training is paid back; None for never.
        to_tolerance_J: What learning to the tolerance and no further takes, joules.
        extra_training_J: What the procedure takes beyond that, joules.
        queries_remembered: Queries that fit into the time the weights last.
        switching_pays_below_per_s: Queries per second below which to switch on for each.
        update_per_edge_learning_W: Watts.
        update_per_edge_idle_W: Watts.
        network_per_edge_W: Watts.
        network_share_of_query: Of everything's power.
    """

    plain: MeanCost
    saving: MeanCost
    query_s: float
    saved_network_W: float
    saved_total_W: float
    break_even: Counted
    to_tolerance_J: float
    extra_training_J: float
    queries_remembered: float
    switching_pays_below_per_s: float
    update_per_edge_learning_W: float
    update_per_edge_idle_W: float
    network_per_edge_W: float
    network_share_of_query: float


def summary(data: Cost) -> CostSummary:
    """The figures of the answer.

    Args:
        data: What was measured, seed by seed.

    Returns:
        Means over the seeds.
    """
    networks, edges = data.networks, data.networks[0].edges
    plain = _means([n.plain for n in networks])
    saving = _means([n.saving for n in networks])
    query_s = max(plain.settling_s, saving.settling_s)
    to_tolerance_J = _mean(n.to_tolerance_J for n in networks)
    extra_J = saving.training_J - to_tolerance_J
    on_W = plain.modes_W[ALL_SUPPLIED]
    saved_network_W = plain.network_W - saving.network_W
    return CostSummary(
        plain=plain,
        saving=saving,
        query_s=query_s,
        saved_network_W=saved_network_W,
        saved_total_W=_saved_W(plain, saving, ALL_SUPPLIED),
        break_even=Counted(
            _queries(extra_J, saved_network_W * query_s),
            *(
                _queries(extra_J, _saved_W(plain, saving, mode) * query_s)
                for mode in (ALL_SUPPLIED, following(plain.modes_W), IDEAL)
            ),
        ),
        to_tolerance_J=to_tolerance_J,
        extra_training_J=extra_J,
        queries_remembered=saving.lasts_s / query_s,
        switching_pays_below_per_s=plain.modes_W[CLAMP_OFF]["total"] / plain.switched_J["total"],
        update_per_edge_learning_W=plain.training_W["update"] / edges,
        update_per_edge_idle_W=on_W["update"] / edges,
        network_per_edge_W=plain.network_W / edges,
        network_share_of_query=plain.network_W / on_W["total"],
    )


def following(modes: Mapping[str, object]) -> str:
    """The mode with the best drivers in transistors and the clamps off.

    Args:
        modes: By name.

    Returns:
        The mode's name.
    """
    return PUSH_PULL if PUSH_PULL in modes else CLAMP_OFF


def _saved_W(plain: MeanCost, saving: MeanCost, mode: str) -> float:
    return plain.modes_W[mode]["total"] - saving.modes_W[mode]["total"]


def _means(rows: Sequence[NetworkCost]) -> MeanCost:
    """One kind of training, means over seeds."""
    return MeanCost(
        network_W=_mean(r.run.network_W for r in rows),
        error_V2=_mean(r.run.error_V2 for r in rows),
        training_J=_mean(r.run.training_J["total"] for r in rows),
        training_W=_by_block([r.run.training_W for r in rows]),
        settling_s=_mean(r.run.settling_s or np.nan for r in rows),
        modes_W={mode: _by_block([r.modes[mode].power_W for r in rows]) for mode in rows[0].modes},
        switched_J=_by_block([r.switched.energy_J for r in rows]),
        switched_s=_mean(r.switched.slowest_s for r in rows),
        lasts_s=_mean(r.memory.lasts_s or np.nan for r in rows),
    )


def _by_block(rows: Sequence[ByBlock]) -> ByBlock:
    return {block: _mean(row[block] for row in rows) for block in (*BLOCKS, "total")}


def _queries(spent_J: float, saved_J: float) -> float | None:
    """After how many queries an expense is paid back; never when a query saves nothing."""
    return spent_J / saved_J if saved_J > 0.0 else None


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))
