"""A machine's networks as arrays: unknowns in elimination order, devices, equations, the pattern.

Both networks are one system. A driver's node is shared by them; a clamp's node depends on the free
network's. The pattern with its fill is found once per machine, after an ordering of minimum degree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu

from learning.arrays import Floats
from learning.fidelity.accelerated.kernel import CLAMP, DRIVER, PAIRED
from learning.twin.constraint import Ints
from netlist.machine.topology import Network

NO_CLAMPS, NO_PAIRS = (2 * (np.zeros((n, 3)), np.zeros((1, *(n * (5,))))) for n in (3, 4))
"""Where kernels look for the tables of clamps of a kind that a machine does not have."""


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Where everything stands.

    Attributes:
        free: By network node, the unknown of its free node; -1 for ground.
        clamped: The same for its clamped node.
        amplified: Unknowns held by amplifiers: drivers, then clamps.
        arrays: The tuple that kernels call ``net``.
        size: Number of unknowns.
        entries: Entries of the factors.
    """

    free: Ints
    clamped: Ints
    amplified: Ints
    arrays: tuple[Ints, ...]
    size: int
    entries: int

    def work(self) -> tuple[Floats, Floats, Ints, Floats, Floats]:
        """Room for a solver: matrix, inverse diagonal, places, right side, state."""
        return (
            np.zeros(self.entries),
            np.zeros(self.size),
            np.zeros(self.size, dtype=np.int64),
            np.zeros(self.size),
            np.zeros(1),
        )


def lay_out(network: Network, *, paired: bool = False) -> Layout:
    """Number a machine's unknowns and find its pattern.

    Args:
        network: With roles.
        paired: Whether targets are pairs, each of whose clamps looks at both free nodes.

    Returns:
        The layout.
    """
    free, clamped, size = _numbered(network)
    place = {node: index for index, node in enumerate(network.nodes)}
    ends = np.array([(place[a], place[b]) for a, b in network.edges], dtype=np.int64)
    drivers = [place[node] for port in network.sources for node in port.nodes]
    clamps = [place[node] for port in network.targets for node in port.nodes]
    looked = _looked(network, place, paired=paired)
    joined = _joined(ends, free, clamped, clamps, looked)
    order = _order(joined, size)
    new = np.append(np.argsort(order), -1)  # -1, ground, stays -1
    free, clamped = new[free], new[clamped]
    joined = np.stack([new[joined[:, 0]], new[joined[:, 1]]], axis=1)
    ptr, cols, diag, where = _pattern(joined, size)
    devices = np.concatenate([free[ends], clamped[ends]])
    n_edge = len(ends)
    entry = np.array([[where.get((p, q), -1) for p in pair for q in pair] for pair in devices])
    kind, which = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    looks, looks_entry = np.full((size, 2), -1), np.full((size, 2), -1)
    for index, node in enumerate(drivers):
        kind[free[node]], which[free[node]] = DRIVER, index
    for index, (node, seen) in enumerate(zip(clamps, looked, strict=True)):
        row = clamped[node]
        kind[row], which[row] = PAIRED if paired else CLAMP, len(drivers) + index
        for column, other in enumerate(seen):
            looks[row, column] = free[other]
            looks_entry[row, column] = where.get((row, free[other]), -1)
    arrays = (
        np.ascontiguousarray(devices[:, 0]), np.ascontiguousarray(devices[:, 1]),
        np.tile(np.arange(n_edge), 2), np.repeat([0, 1], n_edge), entry,
        ptr, cols, diag, kind, which, looks, looks_entry,
        np.zeros(len(devices), dtype=np.int64),
        np.zeros(len(drivers) + len(clamps), dtype=np.int64),
    )  # fmt: skip
    amplified = np.array([*(free[n] for n in drivers), *(clamped[n] for n in clamps)])
    return Layout(free, clamped, amplified, arrays, size, len(cols))


def lay_out_in_turn(network: Network) -> tuple[Layout, Layout]:
    """Number the unknowns of one network that plays both states in turn.

    Args:
        network: With roles.

    Returns:
        The free and the clamped state's layout: the same unknowns, pattern and devices; in the
        clamped one an amplifier holds every target, too.
    """
    place = {node: index for index, node in enumerate(network.nodes)}
    ends = np.array([(place[a], place[b]) for a, b in network.edges], dtype=np.int64)
    nodes = np.full(len(network.nodes), -1)
    live = [index for index, node in enumerate(network.nodes) if node not in network.ground]
    nodes[live] = np.arange(len(live))
    joined = nodes[ends][(nodes[ends] >= 0).all(axis=1)]
    new = np.append(np.argsort(_order(joined, len(live))), -1)
    nodes = new[nodes]
    joined = np.stack([new[joined[:, 0]], new[joined[:, 1]]], axis=1)
    ptr, cols, diag, where = _pattern(joined, len(live))
    devices, n_edge = nodes[ends], len(ends)
    entry = np.array([[where.get((p, q), -1) for p in pair for q in pair] for pair in devices])
    drivers = [int(nodes[place[node]]) for port in network.sources for node in port.nodes]
    clamps = [int(nodes[place[node]]) for port in network.targets for node in port.nodes]
    none = np.full((len(live), 2), -1)
    made = []
    for held in (drivers, [*drivers, *clamps]):
        kind, which = np.zeros(len(live), dtype=np.int64), np.zeros(len(live), dtype=np.int64)
        kind[held], which[held] = DRIVER, np.arange(len(held))
        arrays = (
            np.ascontiguousarray(devices[:, 0]), np.ascontiguousarray(devices[:, 1]),
            np.arange(n_edge), np.zeros(n_edge, dtype=np.int64), entry,
            ptr, cols, diag, kind, which, none, none,
            np.zeros(n_edge, dtype=np.int64),
            np.repeat([0, 1], [len(drivers), len(clamps)]),
        )  # fmt: skip
        made.append(Layout(nodes, nodes, np.array(held), arrays, len(live), len(cols)))
    return made[0], made[1]


def _numbered(network: Network) -> tuple[Ints, Ints, int]:
    """Unknowns by network node in the free and the clamped network; sources share theirs."""
    shared = {node for port in network.sources for node in port.nodes}
    free, clamped = (np.full(len(network.nodes), -1) for _ in range(2))
    size = 0
    for index, node in enumerate(network.nodes):
        if node in network.ground:
            continue
        free[index] = clamped[index] = size
        size += 1
        if node not in shared:
            clamped[index] = size
            size += 1
    return free, clamped, size


def _looked(network: Network, place: Mapping[str, int], *, paired: bool) -> list[tuple[int, ...]]:
    """By clamp, the network nodes whose free voltage it looks at: its own, then its partner's."""
    found: list[tuple[int, ...]] = []
    for port in network.targets:
        own = [place[node] for node in port.nodes]
        found += zip(own, reversed(own), strict=True) if paired else ((node,) for node in own)
    return found


def _joined(
    ends: Ints, free: Ints, clamped: Ints, clamps: list[int], looked: list[tuple[int, ...]]
) -> Ints:
    """Pairs of unknowns that stand in one equation."""
    pairs = [pair for side in (free, clamped) for pair in side[ends].tolist() if min(pair) >= 0]
    pairs += [
        (int(clamped[node]), int(free[other]))
        for node, seen in zip(clamps, looked, strict=True)
        for other in seen
        if free[other] >= 0
    ]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _order(joined: Ints, size: int) -> Ints:
    """An elimination order of small fill; the factorisation itself is thrown away."""
    rows = np.concatenate([joined[:, 0], joined[:, 1], np.arange(size)])
    cols = np.concatenate([joined[:, 1], joined[:, 0], np.arange(size)])
    values = np.concatenate([np.full(2 * len(joined), -1e-3), np.ones(size)])
    matrix = sp.csc_matrix((values, (rows, cols)), shape=(size, size))
    found = splu(matrix, permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True})
    return np.argsort(np.asarray(found.perm_c, dtype=np.int64))


def _pattern(joined: Ints, size: int) -> tuple[Ints, Ints, Ints, Mapping[tuple[int, int], int]]:
    """Rows of the factors with their fill, for a symmetric pattern in elimination order."""
    later: list[set[int]] = [set() for _ in range(size)]
    for a, b in joined.tolist():
        if a != b:
            later[min(a, b)].add(max(a, b))
    for row in range(size):
        if later[row]:
            parent = min(later[row])
            later[parent] |= later[row] - {parent}
    rows: list[set[int]] = [{row} | later[row] for row in range(size)]
    for row in range(size):
        for col in later[row]:
            rows[col].add(row)
    ptr, cols, diag = [0], list[int](), list[int]()
    where: dict[tuple[int, int], int] = {}
    for row in range(size):
        for col in sorted(rows[row]):
            where[row, col] = len(cols)
            if col == row:
                diag.append(len(cols))
            cols.append(col)
        ptr.append(len(cols))
    kinds = (np.array(part, dtype=np.int64) for part in (ptr, cols, diag))
    return (*kinds, where)  # type: ignore[return-value]
