"""A cell's whole bench: every condition measured, every bound judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np

from learning.benches.bias import measure_bias
from learning.benches.bounds import Verdict, bounds, judge, with_given
from learning.benches.clamp import measure_clamp
from learning.benches.driver import measure_driver
from learning.benches.edge import measure_edge
from learning.benches.measured import Condition, Curve, Figure, Measured
from learning.benches.scene import Scene
from learning.benches.sequencer import measure_sequencer
from learning.benches.stand import Stand
from learning.benches.timing import IN_TURN, TWIN, Timing
from learning.benches.update import measure_update
from netlist.parts.process import load_process
from netlist.parts.variation import NOMINAL, Chip
from spice_backend.session.session import Session

Found = tuple[tuple[Figure, ...], tuple[Curve, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Benched:
    """A cell, measured.

    Attributes:
        cell: Its name.
        file: Its file.
        slot: What it was measured as.
        architecture: Which it serves.
        process: Name of the process.
        beside: Names of the cells it took its lines from, by slot.
        timing: Of a presentation.
        found: One for each condition, the first the reference.
        verdicts: One for each bound.
        engine: The simulator.
    """

    cell: str
    file: Path
    slot: str
    architecture: str
    process: str
    beside: Mapping[str, str]
    timing: Timing
    found: tuple[Measured, ...]
    verdicts: tuple[Verdict, ...]
    engine: str

    @property
    def passed(self) -> bool:
        """Whether every bound is kept."""
        return all(verdict.passed for verdict in self.verdicts)


def conditions(
    corners: Sequence[str], temperatures_C: Sequence[float], chips: int
) -> tuple[Condition, ...]:
    """Every corner at every temperature, then so many chips at the first of both.

    Args:
        corners: Of the process.
        temperatures_C: Degrees Celsius.
        chips: How many, whose devices differ from each other.

    Returns:
        The conditions.
    """
    plain = [Condition(corner, float(t)) for corner, t in product(corners, temperatures_C)]
    return (*plain, *(replace(plain[0], draw=draw) for draw in range(chips)))


def measure_cell(
    stand: Stand,
    wanted: Sequence[Condition],
    *,
    given: Mapping[str, float] | None = None,
    timing: Timing | None = None,
    seed: int = 0,
    watch: Callable[[Condition], None] = lambda _: None,
) -> Benched:
    """Measure a cell at every condition.

    Args:
        stand: The cell, and what it stands beside.
        wanted: The conditions.
        given: Limits of one's own, by figure.
        timing: Of a presentation; None for the architecture's own.
        seed: Where the chips' randomness starts.
        watch: Called before every condition.

    Returns:
        What was found.

    Raises:
        SpiceError: When the simulator cannot do it.
        NetlistError: When there is no such corner, or the process says nothing of mismatch.
    """
    in_turn = stand.architecture.in_turn or stand.cell.slot == "sequencer"
    chosen = timing or (IN_TURN if in_turn else TWIN)
    found, scene = [], Scene(stand.rail_V, stand.process.gate_V)
    with Session(timeout_name="--timeout") as session:
        for condition in wanted:
            watch(condition)
            # A share of nothing is no number, and fails its bound as such.
            with np.errstate(divide="ignore", invalid="ignore"):
                figures, curves = _measure(session, _at(stand, condition, seed), scene, chosen)
            found.append(Measured(condition, figures, curves))
        engine = session.engine
    names = [figure.name for figure in found[0].figures]
    limits = with_given(bounds(stand.cell.slot, scene), given or {}, names)
    return Benched(
        cell=stand.cell.name,
        file=Path(stand.cell.file),
        slot=stand.cell.slot,
        architecture=stand.architecture.name,
        process=stand.process.name,
        beside={slot: cell.name for slot, cell in stand.beside.items()},
        timing=chosen,
        found=tuple(found),
        verdicts=judge(found, limits),
        engine=engine,
    )


def _at(stand: Stand, condition: Condition, seed: int) -> Stand:
    process = load_process(str(stand.process.file), condition.corner, condition.temperature_C)
    chip = (
        NOMINAL if condition.draw is None else Chip(mismatch=True, seed=seed, draw=condition.draw)
    )
    return stand.at(process, chip)


def _measure(session: Session, stand: Stand, scene: Scene, timing: Timing) -> Found:
    match stand.cell.slot:
        case "update":
            return measure_update(session, stand, scene, timing)
        case "clamp":
            return measure_clamp(session, stand, scene, timing)
        case "driver":
            return measure_driver(session, stand, scene)
        case "edge":
            return measure_edge(session, stand, scene)
        case "bias":
            return measure_bias(session, stand)
        case _:
            return measure_sequencer(session, stand, timing)
