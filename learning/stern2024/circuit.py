"""One transistor-level run of the reproduction, kept in a folder of its own.

A run that is there already, made from the same design, is read instead of repeated: the whole
reproduction takes an hour and may be interrupted anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from learning.controller import learn
from learning.design import Design, dump_design
from learning.folder import RunFolder
from learning.result import finish


@dataclass(frozen=True, slots=True, eq=False)
class CircuitRun:
    """What a run came to.

    Attributes:
        weight: λ.
        seed: Of the design.
        status: How it ended.
        initial_error_V2: Before learning, V².
        error_V2: After learning, V².
        network_W: The free network's power while it answers queries, watts.
        query_W: Every block's power while queries are answered, update cells idle but supplied.
        query_J: Energy of one query, all blocks, joules.
        settling_s: Time until an answer stands, seconds.
        training_W: Every block's mean power while learning, watts.
        training_J: Every block's energy of the training, joules.
        simulated_s: Circuit time of the training, seconds.
        gates_V: Gate voltages at the end, in the order of the edges.
        network: Nodes, edges and roles.
    """

    weight: float
    seed: int
    status: str
    initial_error_V2: float
    error_V2: float
    network_W: float
    query_W: Mapping[str, float]
    query_J: float
    settling_s: float | None
    training_W: Mapping[str, float]
    training_J: Mapping[str, float]
    simulated_s: float
    gates_V: tuple[float, ...]
    network: Mapping[str, Any]


def run_circuit(design: Design, folder: Path) -> CircuitRun:
    """Run a design, or read the run that is there.

    Args:
        design: The design.
        folder: The run's folder.

    Returns:
        The run.

    Raises:
        LearningError: For a design that cannot be run.
        SpiceError: When the simulator failed.
    """
    return as_run(result_of(design, folder))


def result_of(design: Design, folder: Path) -> dict[str, Any]:
    """The result of a design's run, made unless it is there already.

    Args:
        design: The design.
        folder: The run's folder.

    Returns:
        The contents of ``result.json``.
    """
    run = RunFolder(folder)
    if run.result.exists() and run.design.exists():
        same = run.design.read_text(encoding="utf-8") == dump_design(design)
        if same:
            found: dict[str, Any] = json.loads(run.result.read_text(encoding="utf-8"))
            return found
    return finish(learn(design, folder, overwrite=True), run)


def as_run(result: Mapping[str, Any]) -> CircuitRun:
    """Take from a result what the reproduction needs.

    Args:
        result: The contents of ``result.json``.

    Returns:
        The run.
    """
    query_W = result["inference"]["power_by_block_W"]
    return CircuitRun(
        weight=result["power_weight"],
        seed=result["seed"],
        status=result["status"],
        initial_error_V2=result["error_V2"]["initial"],
        error_V2=result["error_V2"]["final"],
        network_W=query_W["network_free"],
        query_W=query_W,
        query_J=result["inference"]["energy_per_query_J"],
        settling_s=result["inference"]["settling_time_s"],
        training_W=result["power_W"],
        training_J=result["energy_J"],
        simulated_s=result["simulated_time_s"],
        gates_V=tuple(result["gates_V"]["final"].values()),
        network=result["network"],
    )
