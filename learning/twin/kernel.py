"""Many steps of coupled learning in one compiled call, for networks that fit a dense triangle.

At a hundred edges a step is some ten thousand multiplications: less than the calls into numpy that
would do it. Compiled, the whole step costs what its arithmetic costs. The Laplacian's Cholesky
factor is kept within its envelope (George and Liu, "Computer Solution of Large Sparse Positive
Definite Systems", 1981), narrow after reverse Cuthill-McKee ordering.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import reverse_cuthill_mckee

from learning.arrays import Floats
from learning.twin.compiled import compiled
from learning.twin.constraint import Ints
from learning.twin.response import Wiring, columns, laplacian

_compiled: Callable[[Any], Any] = compiled(fastmath={"reassoc", "contract"})
"""Sums may be reordered (they are then done four at a time); nothing else is relaxed."""

_WORST = 1e14
"""Condition beyond which targets count as one and the same."""

SINGULAR, REDUNDANT = -1, -2
"""What a call returns when the network, or the targets among themselves, cannot be solved."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A wiring laid out for the kernel: unknowns renumbered, the fixed group last.

    Attributes:
        first: First column of every row's envelope: (size,).
        matrix: Row, column and edge of every entry of the lower triangle: (n_entry, 3).
        matrix_sign: Their signs: (n_entry,).
        right: Row, column and edge of every entry of the right-hand sides; edge -1 is a constant.
        right_factor: Their factors.
        ends: Unknowns at both ends of every edge: (n_edge, 2).
        fixed: Drops per volt of input that need no solving: (n_edge, n_source).
        target_ends: Unknowns at both ends of every target: (n_target, 2).
        target_fixed: Target voltages per volt of input that need no solving: (n_target, n_source).
    """

    first: Ints
    matrix: Ints
    matrix_sign: Floats
    right: Ints
    right_factor: Floats
    ends: Ints
    fixed: Floats
    target_ends: Ints
    target_fixed: Floats


def lay_out(wiring: Wiring) -> Plan:
    """Prepare a wiring for `advance`.

    Args:
        wiring: The reduced network.

    Returns:
        The plan.
    """
    entries, right, n = laplacian(wiring), columns(wiring), wiring.size
    rows, cols, edge = entries[:, :3].astype(np.int64).T
    pattern = sp.csr_matrix((np.ones(len(rows)), (rows, cols)), shape=(n, n))
    new = np.append(np.empty(n, dtype=np.int64), n)  # group -1, the fixed one, becomes n
    new[reverse_cuthill_mckee(pattern, symmetric_mode=True)] = np.arange(n)
    rows, cols = new[rows], new[cols]
    lower = rows >= cols
    first = np.arange(n)
    np.minimum.at(first, rows[lower], cols[lower])
    where = right[:, :3].astype(np.int64)
    where[:, 0] = new[where[:, 0]]
    where[where[:, 2] == len(wiring.ends), 2] = -1
    return Plan(
        first=first,
        matrix=np.ascontiguousarray(np.stack([rows, cols, edge], axis=1)[lower]),
        matrix_sign=np.ascontiguousarray(entries[lower, 3]),
        right=where,
        right_factor=np.ascontiguousarray(right[:, 3]),
        ends=new[wiring.ends],
        fixed=wiring.fixed,
        target_ends=new[wiring.target_ends],
        target_fixed=wiring.target_fixed,
    )


def advance(
    plan: Plan,
    k: Floats,
    bounds: tuple[Floats, Floats],
    taught: tuple[Floats, Floats, Floats],
    nudge: tuple[float, float],
    weights: Floats,
    shown: Ints,
) -> int:
    """Take steps in place.

    Args:
        plan: The network.
        k: (n_edge,), siemens; changed in place.
        bounds: Lowest and highest conductances, (n_edge,) each.
        taught: Inputs, labels, and the inputs' mean outer product.
        nudge: α/η and η.
        weights: λ of every step: (n_step,).
        shown: Example of every step, -1 for all: (n_step,).

    Returns:
        0, `SINGULAR` or `REDUNDANT`.
    """
    status: int = _advance(
        k, *bounds, *taught, *nudge, weights, shown,
        plan.first, plan.matrix, plan.matrix_sign, plan.right, plan.right_factor,
        plan.ends, plan.fixed, plan.target_ends, plan.target_fixed,
    )  # fmt: skip
    return status


@_compiled
def _factorise(a: Any, first: Any, inverse: Any) -> bool:
    """Cholesky within the envelope, in place; `inverse` gets one over the diagonal."""
    for i in range(len(first)):
        for j in range(first[i], i):
            begin = max(first[i], first[j])
            total = 0.0
            for p in range(begin, j):
                total += a[i, p] * a[j, p]
            a[i, j] = (a[i, j] - total) * inverse[j]
        total = a[i, i]
        for p in range(first[i], i):
            total -= a[i, p] * a[i, p]
        if not total > 0.0:
            return False
        inverse[i] = 1.0 / np.sqrt(total)
    return True


@_compiled
def _substitute(a: Any, first: Any, inverse: Any, x: Any) -> None:
    """Solve for every row of `x`, in place."""
    for c in range(len(x)):
        for i in range(len(first)):
            total = 0.0
            for p in range(first[i], i):
                total += a[i, p] * x[c, p]
            x[c, i] = (x[c, i] - total) * inverse[i]
        for i in range(len(first) - 1, -1, -1):
            value = x[c, i] * inverse[i]
            x[c, i] = value
            for p in range(first[i], i):
                x[c, p] -= a[i, p] * value


@_compiled
def _fill(k: Any, a: Any, x: Any, first: Any, matrix: Any, sign: Any, right: Any, f: Any) -> None:
    """Laplacian into `a`, right-hand sides into the rows of `x`."""
    for i in range(len(first)):
        for j in range(first[i], i + 1):
            a[i, j] = 0.0
    for e in range(len(matrix)):
        a[matrix[e, 0], matrix[e, 1]] += sign[e] * k[matrix[e, 2]]
    x[:, :] = 0.0
    for e in range(len(right)):
        edge = right[e, 2]
        x[right[e, 1], right[e, 0]] += f[e] * k[edge] if edge >= 0 else f[e]


@_compiled
def _read(x: Any, ends: Any, fixed: Any, outputs: Any, compliance: Any) -> None:
    """Target voltages per volt of input and per ampere at a target."""
    n_target, n_source = fixed.shape
    for t in range(n_target):
        for c in range(n_source + n_target):
            value = x[c, ends[t, 0]] - x[c, ends[t, 1]]
            if c < n_source:
                outputs[t, c] = value + fixed[t, c]
            else:
                compliance[t, c - n_source] = value


@_compiled
def _push(x: Any, ends: Any, fixed: Any, inputs: Any, labels: Any, eta: Any, tiny: Any) -> bool:
    """What the clamps push into every target, per example, into `tiny[2:]` = (push, rest)."""
    outputs, compliance, push, one = tiny
    n_target, n_source = fixed.shape
    _read(x, ends, fixed, outputs, compliance)
    for e in range(len(inputs)):
        for t in range(n_target):
            value = labels[e, t]
            for s in range(n_source):
                value -= outputs[t, s] * inputs[e, s]
            push[e, t] = eta * value
    all_first = np.zeros(n_target, dtype=np.int64)
    scale = 0.0
    for t in range(n_target):
        scale = max(scale, compliance[t, t])
    if not _factorise(compliance, all_first, one):
        return False
    for t in range(n_target):
        if one[t] * one[t] * scale > _WORST:
            return False
    _substitute(compliance, all_first, one, push)
    return True


@_compiled
def _mix(mixed: Any, push: Any, inputs: Any, squares: Any, weight: Any) -> None:
    """The averages over examples that every edge's update is made of."""
    n_source, n_target, n_example = inputs.shape[1], push.shape[1], len(push)
    for s in range(n_source):
        for r in range(n_source):
            mixed[s, r] = weight * squares[s, r]
        for t in range(n_target):
            total = 0.0
            for e in range(n_example):
                total += inputs[e, s] * push[e, t]
            mixed[s, n_source + t] = mixed[n_source + t, s] = total / n_example
    for t in range(n_target):
        for r in range(n_target):
            total = 0.0
            for e in range(n_example):
                total += push[e, t] * push[e, r]
            mixed[n_source + t, n_source + r] = total / n_example


@_compiled
def _update(
    k: Any, low: Any, high: Any, rate: Any, x: Any, ends: Any, fixed: Any, mixed: Any
) -> None:
    n, n_source = len(mixed), fixed.shape[1]
    drop = np.empty(n)
    for e in range(len(k)):
        plus, minus = ends[e, 0], ends[e, 1]
        for c in range(n):
            drop[c] = x[c, plus] - x[c, minus]
        for c in range(n_source):
            drop[c] += fixed[e, c]
        contrast = 0.0
        for c in range(n):
            total = 0.0
            for d in range(n):
                total += mixed[c, d] * drop[d]
            contrast += total * drop[c]
        k[e] = min(max(k[e] - rate * contrast, low[e]), high[e])


@_compiled
def _advance(
    k: Any, low: Any, high: Any, inputs: Any, labels: Any, squares: Any, rate: Any, eta: Any,
    weights: Any, shown: Any, first: Any, matrix: Any, sign: Any, right: Any, factor: Any,
    ends: Any, fixed: Any, target_ends: Any, target_fixed: Any,
) -> int:  # fmt: skip
    n, n_target, n_source = len(first), target_fixed.shape[0], target_fixed.shape[1]
    m = n_source + n_target
    a, x, inverse, mixed = np.zeros((n, n)), np.zeros((m, n + 1)), np.empty(n), np.empty((m, m))
    outputs, compliance = np.empty((n_target, n_source)), np.empty((n_target, n_target))
    one = np.empty(n_target)
    for step in range(len(weights)):
        begin, end = (shown[step], shown[step] + 1) if shown[step] >= 0 else (0, len(inputs))
        push = np.empty((end - begin, n_target))
        _fill(k, a, x, first, matrix, sign, right, factor)
        if not _factorise(a, first, inverse):
            return SINGULAR
        _substitute(a, first, inverse, x)
        tiny = (outputs, compliance, push, one)
        some = inputs[begin:end]
        if not _push(x, target_ends, target_fixed, some, labels[begin:end], eta, tiny):
            return REDUNDANT
        seen = squares if shown[step] < 0 else some.T.copy() @ some.copy()
        _mix(mixed, push, some, seen, weights[step])
        _update(k, low, high, rate, x, ends, fixed, mixed)
    return 0
