"""Tables of a machine's cells, kept under the hash of everything they depend on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from learning.arrays import Floats
from learning.experiment.experiment import Experiment
from learning.experiment.schedule import clk_edges_s, longest_s
from learning.fidelity.accelerated.amplifier_table import AmplifierTables
from learning.fidelity.accelerated.edge_table import EdgeTables
from learning.fidelity.accelerated.ends import nudges_pairs
from learning.fidelity.accelerated.in_turn.clamp_table import TurnClampTables, label_axis
from learning.fidelity.accelerated.in_turn.leaning_table import Leaning, Leanings
from learning.fidelity.accelerated.in_turn.rehearsal import Rehearsal, begins_with, rehearse
from learning.fidelity.accelerated.in_turn.sampled_table import SampledTables, windows_s
from learning.fidelity.accelerated.in_turn.tables import TurnTables
from learning.fidelity.accelerated.join_table import JoinTables, pause_s
from learning.fidelity.accelerated.range import (
    apart_axis,
    driven_axis,
    typical_gate_V,
    voltage_range,
)
from learning.fidelity.accelerated.spline import Axis, Spline
from learning.fidelity.accelerated.tables import Tables, Tell, Weighed
from learning.fidelity.accelerated.update_table import Pull, UpdateTables
from learning.fidelity.kept import code, digest, kept
from learning.fidelity.plant import Part
from netlist.circuit import Circuit
from netlist.text.emitter import emit
from spice_backend.session.session import Session

T = TypeVar("T")

_KINDS: tuple[type, ...] = (
    Axis, Spline, EdgeTables, AmplifierTables, Pull, UpdateTables, JoinTables, Tables, Weighed,
    SampledTables, TurnClampTables, TurnTables, Leaning, Leanings,
)  # fmt: skip
"""What tables are made of."""

_SOURCES = (
    *("*_table.py", "bench.py", "spline.py", "range.py", "ends.py", "tables.py"),
    *("in_turn/*_table.py", "in_turn/phases.py", "in_turn/tables.py"),
)
"""The modules that measure."""


def tables(name: str, make: Callable[[], T]) -> T:
    """Tables that are kept under a name, measured if they are not there.

    Args:
        name: Their name, a `key`.
        make: Measures them.

    Returns:
        They.
    """
    return kept(name, make, _KINDS)


def rehearsed(
    session: Session, plain: Experiment, learnt: Callable[[Part], Floats], tell: Tell
) -> Rehearsal:
    """What the clamps of a machine take, rehearsed unless that is kept.

    Args:
        session: A simulator.
        plain: The machine, its devices as designed.
        learnt: Plays a part on tables; returns the gates it leaves, (n_gate,), volts.
        tell: Told what is measured next.

    Returns:
        What they take.

    Raises:
        LearningError: When tables find no state.
        SpiceError: When the simulator cannot do it.
    """
    plants = code("learning.fidelity.accelerated", ("*.py", "in_turn/*.py"))
    few = plain.design.simulator.anchor_examples
    name = digest("rehearsal", plants, begins_with(plain).deck(plain), few)
    return kept(name, lambda: rehearse(session, plain, learnt, tell), (Rehearsal,))


def key(experiment: Experiment, what: str) -> str:
    """The hash of what a machine's tables depend on.

    Args:
        experiment: The machine.
        what: Which tables, and anything else they depend on.

    Returns:
        Hexadecimal digits.
    """
    spec, over = experiment.design.schedule, voltage_range(experiment)
    process, network = experiment.process, experiment.network
    cells = sorted(experiment.cells.items())
    library = process.complete(Circuit("library", process.statements))
    told = (
        what, code("learning.fidelity.accelerated", _SOURCES), emit(library),
        process.temperature_C, experiment.rail_V, over, driven_axis(experiment),
        [(slot, emit(Circuit(cell.name, cell.statements))) for slot, cell in cells],
        [(slot, sorted(experiment.parameters(slot).items())) for slot, _ in cells],
        replace(experiment.chip, mismatch=False, seed=0, draw=0, scale=1.0, only=()),
        experiment.design.learning.nudge, len(network.edges),
        *(sum(len(port.nodes) for port in ports) for ports in (network.sources, network.targets)),
        spec.settle_s, spec.rise_s, spec.evaluation_s,
        longest_s(spec), pause_s(experiment), _in_turn(experiment), _paired(experiment),
    )  # fmt: skip
    return digest(*told)


def _in_turn(experiment: Experiment) -> tuple[object, ...]:
    """What the tables of one network in turn depend on besides."""
    network, spec = experiment.network, experiment.design.schedule
    if not experiment.architecture.in_turn:
        return ()
    return (
        network.edges, network.sources, network.targets, network.ground, spec.warm_up_s,
        *clk_edges_s(spec),
        typical_gate_V(experiment), label_axis(experiment), windows_s(experiment),
    )  # fmt: skip


def _paired(experiment: Experiment) -> tuple[object, ...]:
    """What the tables of clamps that nudge pairs depend on besides."""
    return (experiment.middle_V, apart_axis(experiment)) if nudges_pairs(experiment) else ()
