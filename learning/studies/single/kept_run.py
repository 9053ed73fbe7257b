"""One transistor-level run of the reproduction, kept in a folder of its own.

A run that is there already, made from the same design and the same circuit, is read instead of
repeated: the whole reproduction takes an hour and may be interrupted anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from learning.design.read import load_design
from learning.design.whole import Design
from learning.errors import LearningError
from learning.experiment.experiment import Experiment
from learning.experiment.prepare import prepare
from learning.result.finish import played_out
from learning.result.result import Result
from learning.running.carried import Carried, carried
from learning.running.folder import RunFolder
from learning.running.least_power import LeastPower
from learning.running.tally import Tally, load_tally
from learning.writing import write_text
from netlist.reading import RESULT, read_json
from netlist.text.emitter import emit


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
        history: Epoch, error (V²) and the free network's power (watts) of every evaluation.
        power_weights: λ of every epoch, where a rule chose it.
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
    history: tuple[tuple[int, float, float], ...]
    power_weights: tuple[float, ...]


def run_circuit(design: Design, folder: Path, rule: LeastPower | None = None) -> CircuitRun:
    """Run a design, or read the run that is there.

    Args:
        design: The design.
        folder: The run's folder.
        rule: Chooses λ; None keeps the design's.

    Returns:
        The run.

    Raises:
        LearningError: For a design that cannot be run.
        SpiceError: When the simulator failed.
    """
    run, kept = RunFolder(folder), folder / "circuit.json"
    experiment = prepare(design)
    identity = {"rule": repr(rule), "circuit": _digest(experiment)}
    found = _kept(run, kept, carried(experiment, run), identity)
    if found is not None:
        return found
    result = played_out(design, folder, power_weight=rule, overwrite=True)
    made = _as_run(result, load_tally(run.checkpoint))
    write_text(kept, json.dumps({**identity, **asdict(made)}, indent=1) + "\n")
    return made


def _digest(experiment: Experiment) -> str:
    """Of the text of the whole circuit: other cells or models are another circuit."""
    return sha256(emit(experiment.whole.circuit).encode()).hexdigest()


def _kept(
    run: RunFolder, kept: Path, asked: Carried, identity: Mapping[str, str]
) -> CircuitRun | None:
    """The run that is there, if the same design, rule and circuit made it."""
    if not (kept.exists() and run.design.exists()):
        return None
    values = read_json(kept, RESULT)
    try:
        same = load_design(run.design) == asked.design
    except LearningError:
        return None  # made by a version that had other keys
    same = same and all(values.pop(key, None) == value for key, value in identity.items())
    return CircuitRun(**values) if same else None


def _as_run(result: Result, tally: Tally) -> CircuitRun:
    query_W = dict(result.inference.power_by_block_W or {})
    gates_V = result.gates_V.final if result.gates_V else {}
    return CircuitRun(
        weight=result.power_weight,
        seed=result.seed,
        status=result.status,
        initial_error_V2=result.error_V2.initial,
        error_V2=result.error_V2.final,
        network_W=query_W["network_free"],
        query_W=query_W,
        query_J=result.inference.energy_per_query_J,
        settling_s=result.inference.settling_time_s,
        training_W=dict(result.power_W),
        training_J=dict(result.energy_J),
        simulated_s=result.simulated_time_s,
        gates_V=tuple(gates_V.values()),
        history=tuple((p.epoch, p.error_V2, p.network_power_W) for p in tally.history),
        power_weights=tuple(tally.power_weights),
    )
