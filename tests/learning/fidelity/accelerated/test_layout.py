"""The factorisation on its fixed pattern against numpy, on the pattern of a real machine."""

from __future__ import annotations

import numpy as np
import pytest

from learning.design.read import find_design, load_design
from learning.experiment.prepare import prepare
from learning.fidelity.accelerated.kernel import factorise, substitute
from learning.fidelity.accelerated.layout import lay_out


@pytest.mark.parametrize("size", [3, 4, 9])
def test_it_solves_what_numpy_solves(size: int) -> None:
    sizes = (f"network.rows={size}", f"network.columns={size}")
    roles = ('network.roles.ground=["1"]', 'network.roles.sources=["0","2"]')
    design = load_design(find_design("regression_twin"), (*sizes, *roles))
    layout = lay_out(prepare(design).network)
    assert layout.size == 2 * (size * size - 1) - 2  # sources are shared, ground is none
    ptr, cols, diag = layout.arrays[5:8]
    rng, n = np.random.default_rng(size), layout.size
    val = rng.uniform(-1.0, 0.0, layout.entries)
    val[diag] = 10.0
    dense = np.zeros((n, n))
    for row in range(n):
        dense[row, cols[ptr[row] : ptr[row + 1]]] = val[ptr[row] : ptr[row + 1]]
    right, inverse = rng.normal(size=n), np.zeros(n)
    expected = np.linalg.solve(dense, right)
    factorise(ptr, cols, diag, val, inverse, np.zeros(n, dtype=np.int64))
    substitute(ptr, cols, diag, val, inverse, right)
    np.testing.assert_allclose(right, expected, rtol=1e-10)


def test_fill_stays_small() -> None:
    """An order of minimum degree: a lattice of 512 unknowns fills in to a few dozen each."""
    sizes = ("network.rows=16", "network.columns=16")
    layout = lay_out(prepare(load_design(find_design("regression_twin"), sizes)).network)
    assert layout.entries < 60 * layout.size
