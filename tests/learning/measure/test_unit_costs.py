"""Energy by unit, against a division by hand."""

from __future__ import annotations

import numpy as np
import pytest

from learning.measure.ledger import BLOCKS, by_block
from learning.measure.query_cost import Inference
from learning.measure.unit_costs import unit_costs

TRAINING_J = np.arange(1.0, 1.0 + len(BLOCKS)) * 1e-9
QUERY = Inference(1e-6, 6e-12, by_block(np.full(len(BLOCKS), 1e-6)))


def test_by_hand() -> None:
    found = unit_costs(TRAINING_J, updates=10, query=QUERY, n_edge=4)
    assert found.per_edge_and_update is not None
    assert found.per_edge_and_update.machine_J == pytest.approx(TRAINING_J.sum() / 40)
    # the networks are the ledger's first two blocks
    assert found.per_edge_and_update.networks_J == pytest.approx(3e-9 / 40)
    assert found.per_query.machine_J == pytest.approx(6e-12)
    assert found.per_query.networks_J == pytest.approx(6e-12 * 2 / len(BLOCKS))
    assert found.per_edge_and_query.machine_J == pytest.approx(1.5e-12)


def test_a_run_that_kept_no_training_energy() -> None:
    assert unit_costs(np.zeros(len(BLOCKS)), 0, QUERY, 4).per_edge_and_update is None
