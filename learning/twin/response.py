"""How a linear resistor network answers: solved once per step for all inputs and both states.

A linear network answers every example with the same few columns: the drops per volt of each
input, and the drops per ampere pushed into each target. The clamped state is the free state plus
a correction of the rank of the targets, so one factorisation serves both states and every
example. A small network is solved densely (LAPACK's Cholesky); a large one with a sparse
factorisation that is kept over many steps as the preconditioner of conjugate gradients, because
a step moves conductances by parts in a thousand while a factorisation costs tens of solutions.
(A step moves every conductance, hence no low-rank update of the factorisation itself pays.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import scipy.sparse as sp
from scipy.linalg.lapack import dposv
from scipy.sparse.linalg import splu

from learning.arrays import Floats
from learning.errors import LearningError
from learning.twin.constraint import Ints, Pair, Reduction

DENSE_LIMIT = 300
"""Unknowns up to which the compiled dense kernel is used; beyond, its cube overtakes."""

_CG_LIMIT = 12
"""Iterations after which a kept factorisation is too old and made again."""

_CG_TOLERANCE = 1e-14
"""Relative residual at which conjugate gradients stop: rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Wiring:
    """A reduced network as index arrays; group -1 is the fixed one.

    Attributes:
        size: Number of unknowns.
        ends: Groups at the plus and minus end of every edge: (n_edge, 2).
        fixed: What the inputs alone put across every edge: (n_edge, n_source), volts per volt.
        target_ends: Groups at the two ends of every target: (n_target, 2).
        target_fixed: What the inputs alone put on every target: (n_target, n_source).
    """

    size: int
    ends: Ints
    fixed: Floats
    target_ends: Ints
    target_fixed: Floats


def wire(reduction: Reduction, edges: Ints, targets: tuple[Pair, ...]) -> Wiring:
    """Express edges and targets in the unknowns of a reduction.

    Args:
        reduction: The reduction.
        edges: Node positions at both ends of every edge: (n_edge, 2).
        targets: Where each output is read.

    Returns:
        The wiring.

    Raises:
        LearningError: When the sources alone decide a target.
    """
    group = np.append(reduction.group, -1)
    offset = np.vstack([reduction.offset, np.zeros(reduction.offset.shape[1])])
    at = np.array(targets, dtype=np.int64).reshape(-1, 2)
    target_ends = group[at]
    for index, (plus, minus) in enumerate(target_ends):
        if plus == minus:
            raise LearningError(
                f"target {index} is decided by the sources alone",
                "targets",
                "read a voltage that the resistors have a say in",
            )
    return Wiring(
        size=reduction.size,
        ends=group[edges],
        fixed=offset[edges[:, 0]] - offset[edges[:, 1]],
        target_ends=target_ends,
        target_fixed=offset[at[:, 0]] - offset[at[:, 1]],
    )


class Solver(Protocol):
    """Solves a wiring's Laplacian for the inputs' and the targets' columns."""

    def solve(self, conductances: Floats) -> Floats:
        """Unknowns per volt of input and per ampere at a target.

        Args:
            conductances: (n_edge,), siemens.

        Returns:
            (n_source + n_target, size + 1); the last column is the fixed group's, zero.
        """


def solver_for(wiring: Wiring) -> Solver:
    """The faster solver for a network of this size.

    Args:
        wiring: The reduced network.

    Returns:
        A dense or a sparse solver.
    """
    return DenseSolver(wiring) if wiring.size <= DENSE_LIMIT else SparseSolver(wiring)


class DenseSolver:
    """Cholesky by LAPACK; matrix and right-hand sides are filled by one weighted count.

    Args:
        wiring: The reduced network.
    """

    def __init__(self, wiring: Wiring) -> None:
        n, m = wiring.size, wiring.fixed.shape[1] + len(wiring.target_ends)
        self._shape, self._count = (n, m), n * (n + m)
        entries, right = laplacian(wiring), columns(wiring)
        lower = entries[:, 0] >= entries[:, 1]
        table = np.vstack([entries[lower], right + np.array([0, n, 0, 0])])
        self._slot = (table[:, 0] + n * table[:, 1]).astype(np.int64)
        # Column-major, and the edge after the last one conducts one siemens.
        self._edge, self._sign = table[:, 2].astype(np.int64), table[:, 3]
        self._one = np.ones(len(wiring.ends) + 1)
        self._out = np.zeros((m, n + 1))

    def solve(self, conductances: Floats) -> Floats:
        """See `Solver`."""
        n, m = self._shape
        self._one[:-1] = conductances
        flat = np.bincount(self._slot, self._sign * self._one[self._edge], self._count)
        matrix = flat[: n * n].reshape(n, n).T
        right = flat[n * n :].reshape(m, n).T
        _, solution, info = dposv(matrix, right, lower=1, overwrite_a=1, overwrite_b=1)
        if info:
            raise singular()
        self._out[:, :-1] = solution.T
        return self._out


class SparseSolver:
    """Conjugate gradients, preconditioned by a factorisation that is kept while it pays.

    Args:
        wiring: The reduced network.
    """

    def __init__(self, wiring: Wiring) -> None:
        n = wiring.size
        self._n_edge, self._size = len(wiring.ends), n
        entries, right = laplacian(wiring), columns(wiring)
        where = entries[:, :2].astype(np.int64)
        pattern = sp.csc_matrix((np.ones(len(where)), (where[:, 0], where[:, 1])), shape=(n, n))
        pattern.sum_duplicates()
        pattern.sort_indices()
        self._matrix: Any = pattern
        key = np.repeat(np.arange(n), np.diff(pattern.indptr)) * n + pattern.indices
        self._slot = np.searchsorted(key, where[:, 1] * n + where[:, 0])
        self._edge, self._sign = entries[:, 2].astype(np.int64), entries[:, 3]
        self._column = right
        self._m = wiring.fixed.shape[1] + len(wiring.target_ends)
        self._factor: Any = None
        self._last = np.zeros((n, self._m))
        self.factorisations = 0

    def solve(self, conductances: Floats) -> Floats:
        """See `Solver`."""
        k = np.append(conductances, 1.0)
        self._matrix.data = np.bincount(
            self._slot, self._sign * k[self._edge], len(self._matrix.data)
        )
        right = np.zeros((self._size, self._m))
        rows, cols = self._column[:, 0].astype(np.int64), self._column[:, 1].astype(np.int64)
        np.add.at(right, (rows, cols), self._column[:, 3] * k[self._column[:, 2].astype(np.int64)])
        if self._factor is None or not self._iterate(right):
            self._factorise()
            self._last = self._factor.solve(right)
            self._iterate(right)
        return np.vstack([self._last, np.zeros(self._m)]).T

    def _factorise(self) -> None:
        try:
            self._factor = splu(
                self._matrix,
                permc_spec="MMD_AT_PLUS_A",
                diag_pivot_thresh=0.0,
                options={"SymmetricMode": True},
            )
        except RuntimeError as error:
            raise singular() from error
        self.factorisations += 1

    def _iterate(self, right: Floats) -> bool:
        """Improve the last solution, every column by its own steps; False when it takes too long.

        A column that stagnates at rounding level counts as solved.
        """
        x = self._last
        scale = np.linalg.norm(right, axis=0)
        residual = right - self._matrix @ x
        direction = preconditioned = self._factor.solve(residual)
        rho = np.sum(residual * preconditioned, axis=0)
        best = np.linalg.norm(residual, axis=0)
        for _ in range(_CG_LIMIT):
            if np.all(best <= _CG_TOLERANCE * scale):
                return True
            image = self._matrix @ direction
            curvature = np.sum(direction * image, axis=0)
            step = np.divide(rho, curvature, out=np.zeros_like(rho), where=curvature > 0)
            x = x + step * direction
            residual = right - self._matrix @ x
            norm = np.linalg.norm(residual, axis=0)
            self._last = x
            if np.all((norm > 0.5 * best) | (norm <= _CG_TOLERANCE * scale)):
                return bool(np.all(norm <= 1e2 * _CG_TOLERANCE * scale))
            best = norm
            preconditioned = self._factor.solve(residual)
            new = np.sum(residual * preconditioned, axis=0)
            beta = np.divide(new, rho, out=np.zeros_like(rho), where=rho > 0)
            direction, rho = preconditioned + beta * direction, new
        return False


def laplacian(wiring: Wiring) -> Floats:
    """Entries (row, column, edge, sign) of the Laplacian, both triangles."""
    rows = []
    for edge, (a, b) in enumerate(wiring.ends.tolist()):
        if a == b:
            continue
        rows += [(end, end, edge, 1.0) for end in (a, b) if end >= 0]
        if min(a, b) >= 0:
            rows += [(a, b, edge, -1.0), (b, a, edge, -1.0)]
    return np.array(rows, dtype=float).reshape(-1, 4)


def columns(wiring: Wiring) -> Floats:
    """Entries (row, column, edge, factor) of the right-hand sides, inputs first.

    The edge after the last one stands for a constant.
    """
    rows: list[tuple[float, ...]] = []
    for edge, source in np.argwhere(wiring.fixed):
        a, b = wiring.ends[edge]
        factor = wiring.fixed[edge, source]
        if a != b:
            rows += [(a, source, edge, -factor)] if a >= 0 else []
            rows += [(b, source, edge, factor)] if b >= 0 else []
    constant, n_source = len(wiring.ends), wiring.fixed.shape[1]
    for target, (a, b) in enumerate(wiring.target_ends.tolist()):
        rows += [(a, n_source + target, constant, 1.0)] if a >= 0 else []
        rows += [(b, n_source + target, constant, -1.0)] if b >= 0 else []
    return np.array(rows, dtype=float).reshape(-1, 4)


def singular() -> LearningError:
    """What to raise when the Laplacian has no factorisation."""
    return LearningError(
        "the network's equations are singular",
        "bounds",
        "keep every conductance positive and far from overflow",
    )
