"""What every part of the reproduction leaves behind, typed, and its way to and from JSON.

Powers, energies and errors carry their SI unit in the name. A part's file can be read without
running anything again, so that the page can be drawn on another machine.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, TypeVar

from pydantic import TypeAdapter

from learning.errors import LearningError
from netlist.errors import NetlistError
from netlist.reading import RESULT, read_json

P = TypeVar("P")

ByBlock: TypeAlias = Mapping[str, float]
"""Power or energy by block of the ledger, with "total"."""


@dataclass(frozen=True, slots=True)
class Swept:
    """A sweep of λ in the numerical twin, over the trials that learn their task without it.

    Attributes:
        weights: λ, zero first.
        trials: Numbers of the trials.
        left_out: Numbers of the trials that do not learn at λ = 0.
        steps: Of every training.
        error: Share of the error before learning, trial by trial, λ by λ.
        power: ½·Σk·ΔV² of the solution, the same, watts.
        source_power: The part of it in edges across a source, watts.
        mean_error: Geometric mean over the trials, λ by λ.
        mean_power: Mean over the trials, watts.
        mean_source_power: Mean over the trials, watts.
        slope: Of the mean error over λ, on logarithmic axes.
        slopes: Of every trial's.
        jump: The two λ between which the mean error grows most.
    """

    weights: tuple[float, ...]
    trials: tuple[int, ...]
    left_out: tuple[int, ...]
    steps: int
    error: tuple[tuple[float, ...], ...]
    power: tuple[tuple[float, ...], ...]
    source_power: tuple[tuple[float, ...], ...]
    mean_error: tuple[float, ...]
    mean_power: tuple[float, ...]
    mean_source_power: tuple[float, ...]
    slope: float
    slopes: tuple[float, ...]
    jump: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Tradeoff:
    """Claim (b) in the numerical twin.

    Attributes:
        scale: Name of the scale it was run at.
        sweeps: By what becomes of edges across a source.
        drawn: On networks drawn anew.
    """

    scale: str
    sweeps: Mapping[str, Swept]
    drawn: Swept


@dataclass(frozen=True, slots=True)
class LinearStart:
    """The linear twin from one start in one trial, until it has learned."""

    start: str
    trial: int
    steps: int
    energy: float
    power: float


@dataclass(frozen=True, slots=True)
class CellStart:
    """The characterised twin from one start with one seed; no epochs when it does not learn."""

    start: str
    seed: int
    epochs: int | None
    network_W: float
    initial_error_V2: float


@dataclass(frozen=True, slots=True)
class CircuitStart:
    """The circuit from one start with one seed."""

    start: str
    seed: int
    reached: bool
    epochs: int
    energy_J: float
    network_J: float
    network_W: float
    initial_error_V2: float
    error_V2: float


@dataclass(frozen=True, slots=True)
class Starts:
    """Claim (a).

    Attributes:
        scale: Name of the scale it was run at.
        tolerance_V2: The error at which the circuit has learned, V².
        paper_share: The share of the low start's error at which the linear twin has.
        linear: A row per start and trial.
        cell: A row per start and seed.
        circuit: The same.
    """

    scale: str
    tolerance_V2: float
    paper_share: float
    linear: tuple[LinearStart, ...]
    cell: tuple[CellStart, ...]
    circuit: tuple[CircuitStart, ...]


@dataclass(frozen=True, slots=True)
class RunRow:
    """What the figures need of one run of the circuit.

    Attributes:
        weight: λ.
        seed: Of the design.
        initial_error_V2: Before learning, V².
        error_V2: After learning, V².
        network_W: The free network's power while it answers, watts.
        query_W: Every block's while queries are answered, watts.
        query_J: Energy of a query, joules.
        settling_s: Until an answer stands, seconds; None when it never does.
        training_W: Every block's mean while learning, watts.
        training_J: Every block's energy of the training, joules.
        simulated_s: Circuit time of the training, seconds.
        history: Epoch, error (V²) and network power (watts) of every evaluation; of a procedure.
        power_weights: λ of every epoch; of a procedure.
    """

    weight: float
    seed: int
    initial_error_V2: float
    error_V2: float
    network_W: float
    query_W: ByBlock
    query_J: float
    settling_s: float | None
    training_W: ByBlock
    training_J: ByBlock
    simulated_s: float
    history: tuple[tuple[int, float, float], ...] = ()
    power_weights: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Fixed:
    """Claim (b) in transistors: a run per λ and seed."""

    scale: str
    tolerance_V2: float
    runs: tuple[RunRow, ...]


@dataclass(frozen=True, slots=True)
class Procedure:
    """Claim (c).

    Attributes:
        scale: Name of the scale it was run at.
        tolerance_V2: The error asked for, V².
        runs: Of the procedure, a row per seed.
        without: A power term, a row per seed.
        best: By seed the fixed λ with the least network power under the tolerance, if any.
        best_for_all: The largest λ that keeps every seed under the tolerance.
    """

    scale: str
    tolerance_V2: float
    runs: tuple[RunRow, ...]
    without: tuple[RunRow, ...]
    best: Mapping[str, RunRow | None]
    best_for_all: float | None


@dataclass(frozen=True, slots=True)
class Mode:
    """Queries asked with some of the machine switched off.

    Attributes:
        power_W: By block, watts.
        error_V2: Of the answers, V².
        gate_change_V: The most any gate moved meanwhile, volts.
    """

    power_W: ByBlock
    error_V2: float
    gate_change_V: float


@dataclass(frozen=True, slots=True)
class Switched:
    """Queries with drivers and bias switched on for each of them.

    Attributes:
        energy_J: Of a query, by block, joules.
        slowest_s: From the switch until the slowest answer stands, seconds.
        error_V2: Of the answers, V².
    """

    energy_J: ByBlock
    slowest_s: float
    error_V2: float


@dataclass(frozen=True, slots=True)
class Memory:
    """How long the weights, which are charges, last.

    Attributes:
        watched_s: How long the network was left alone, seconds.
        drift_V_per_s: Of every gate.
        lasts_s: Until the error has grown by the tolerance, seconds; None when it does not.
    """

    watched_s: float
    drift_V_per_s: tuple[float, ...]
    lasts_s: float | None = None


@dataclass(frozen=True, slots=True)
class NetworkCost:
    """What one trained network costs.

    Attributes:
        run: Its training.
        modes: Its queries, by what is switched off.
        switched: Its queries when switched on for each.
        memory: How long it lasts.
    """

    run: RunRow
    modes: Mapping[str, Mode]
    switched: Switched
    memory: Memory


@dataclass(frozen=True, slots=True)
class SeedCost:
    """The networks of one seed, without and with the procedure.

    Attributes:
        seed: Of the design.
        edges: Of the network.
        to_tolerance_J: What learning to the tolerance and no further takes, joules.
        plain: Trained without a power term.
        saving: Trained with the procedure.
    """

    seed: int
    edges: int
    to_tolerance_J: float
    plain: NetworkCost
    saving: NetworkCost


@dataclass(frozen=True, slots=True)
class Cost:
    """The question left open."""

    scale: str
    tolerance_V2: float
    networks: tuple[SeedCost, ...]


@dataclass(frozen=True, slots=True)
class Reproduction:
    """The parts that are there."""

    tradeoff: Tradeoff | None = None
    starts: Starts | None = None
    circuit: Fixed | None = None
    procedure: Procedure | None = None
    cost: Cost | None = None


def dump_part(data: object) -> str:
    """Write a part's data as JSON.

    Args:
        data: One of the parts of a `Reproduction`.

    Returns:
        The text, ending in a line break.
    """
    return json.dumps(_adapter(type(data)).dump_python(data), indent=1) + "\n"


def read_part(path: Path, kind: type[P]) -> P | None:
    """Read a part's data.

    Args:
        path: Its file.
        kind: Its class.

    Returns:
        The data; None when there is no such file.

    Raises:
        LearningError: When the file holds something else.
    """
    if not path.exists():
        return None
    try:
        return _adapter(kind).validate_python(read_json(path, RESULT))
    except (NetlistError, ValueError) as error:
        raise LearningError(
            f"data of another version or damaged: {str(error).splitlines()[0]}",
            where=str(path),
            hint="joulearn reproduce again with this --out; finished circuit runs are kept",
        ) from error


def _adapter(kind: type[P]) -> TypeAdapter[P]:
    return TypeAdapter(kind)
