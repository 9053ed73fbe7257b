"""The gate voltages a run starts from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from learning.design.sections import InitialSpec
from learning.errors import LearningError


def initial_gates(
    spec: InitialSpec, n_edge: int, default_gate_V: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Make the gate voltage of every edge.

    Args:
        spec: The ``[initial]`` of the design: "uniform" (all at `gate_V`), "random" (uniformly
            within ``gate_V`` ± `spread_V`), "given" (`gates_V`) or "pretrained", which starts
            uniform here and is replaced once there is an experiment to train.
        n_edge: Number of edges of the network.
        default_gate_V: Gate voltage where the design sets none, as the process suggests.
        rng: Drawn from by "random" only.

    Returns:
        (n_edge,), volts.

    Raises:
        LearningError: When the kind is unknown or `gates_V` is not one voltage per edge.
    """
    centre_V = default_gate_V if spec.gate_V is None else spec.gate_V
    if spec.kind in {"uniform", "pretrained"}:
        return np.full(n_edge, centre_V)
    if spec.kind == "random":
        return centre_V + rng.uniform(-spec.spread_V, spec.spread_V, n_edge)
    if spec.kind != "given":
        raise LearningError(
            f"there is no initial condition of kind {spec.kind!r}",
            "initial.kind",
            "use one of uniform, random, given, pretrained",
        )
    if len(spec.gates_V) != n_edge:
        raise LearningError(
            f"{len(spec.gates_V)} gate voltages for a network of {n_edge} edges",
            "initial.gates_V",
            f"give {n_edge} voltages in the order of the network's edges",
        )
    return np.asarray(spec.gates_V, dtype=float)
