"""How an architecture lays its networks out: which deck nodes, pins and meters a place has.

The assembler goes through sources, targets and edges in the same way for all; what differs between
two networks side by side and one that plays both states in turn is here, one row each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from netlist.machine import names

Pair: TypeAlias = tuple[str, str]
"""A network node's deck node in the free and in the clamped state."""

FREE, CLAMPED, IN_TURN = "free", "clamped", "in turn"
"""Which network an ammeter leads into; "in turn" is the one that plays both states."""


@dataclass(frozen=True, slots=True)
class Placing:
    """The rule of one architecture.

    Attributes:
        nodes: A network node's pair of deck nodes.
        driven: Where a driver's current goes, from its node's pair: network and deck node each.
        nudged: Where a clamp's current goes, in the same words.
        clamp: A clamp's pins beside ``label``, from its node's pair and its output.
        edge: Pins of an edge and of its update cell, from the pairs of both ends.
    """

    nodes: Callable[[str], Pair]
    driven: Callable[[Pair], tuple[tuple[str, str], ...]]
    nudged: Callable[[Pair], tuple[str, str]]
    clamp: Callable[[Pair, str], dict[str, str]]
    edge: Callable[[Pair, Pair], dict[str, str]]


_TWIN = Placing(
    nodes=lambda node: (names.free(node), names.clamped(node)),
    driven=lambda pair: ((FREE, pair[0]), (CLAMPED, pair[1])),
    nudged=lambda pair: (CLAMPED, pair[1]),
    clamp=lambda pair, out: {"free": pair[0], "clamped": out},
    edge=lambda a, b: {"fa": a[0], "fb": b[0], "ca": a[1], "cb": b[1]},
)

_SINGLE = Placing(
    nodes=lambda node: (names.node(node), names.node(node)),
    driven=lambda pair: ((IN_TURN, pair[0]),),
    nudged=lambda pair: (IN_TURN, pair[0]),
    clamp=lambda _, out: {"node": out},
    edge=lambda a, b: {"a": a[0], "b": b[0]},
)

PLACING: Mapping[str, Placing] = {"twin": _TWIN, "single": _SINGLE}
"""By architecture."""
