"""A design made concrete: network, examples, schedule and cells, all from one seed.

Each kind of randomness has a stream of its own, so that, for example, another order of the
examples does not move the sources. Preparing twice gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from learning.design.whole import Design
from learning.errors import LearningError
from learning.experiment.experiment import Experiment
from learning.experiment.initial import initial_gates
from learning.experiment.network import build_network
from learning.experiment.schedule import plan
from learning.tasks.lesson import lesson
from netlist.machine import names
from netlist.parts.architectures import ARCHITECTURES
from netlist.parts.cell import Cell, load_cells
from netlist.parts.process import load_process

STREAMS = ("network", "task", "order", "initial")
"""Random streams, spawned from the design's seed in this order."""


def prepare(design: Design) -> Experiment:
    """Build everything a design describes.

    Args:
        design: The design.

    Returns:
        The experiment.

    Raises:
        LearningError: For a task, schedule or initial condition that does not fit.
        NetlistError: For a network, cell or process that cannot be used.
    """
    seeds = np.random.SeedSequence(design.seed).spawn(len(STREAMS))
    rng = {name: np.random.default_rng(s) for name, s in zip(STREAMS, seeds, strict=True)}
    process = load_process(design.process, design.corner, design.temperature_C)
    cells = load_cells(design.cells.named(), ARCHITECTURES[design.architecture])
    taught = lesson(design.task)
    _check_learning(design, cells)
    network = build_network(design.network, taught, rng["network"])
    task = taught.task(len(network.sources), len(network.targets), rng["task"])
    schedule = plan(design.schedule, len(task.train), rng["order"])
    gates = initial_gates(design.initial, len(network.edges), process.gate_V, rng["initial"])
    rail_V = design.supply.rail_V or process.rail_V
    if gates.min() < 0 or gates.max() > rail_V:
        raise LearningError(
            f"initial gates from {gates.min():g} V to {gates.max():g} V leave the rail",
            "initial.gate_V",
            f"stay between 0 and {rail_V:g} V",
        )
    experiment = Experiment(design, network, task, process, cells, schedule, tuple(gates.tolist()))
    begun = _pretrained(experiment) if design.initial.kind == "pretrained" else experiment
    return begun.from_gates(begun.gates_V)


def _check_learning(design: Design, cells: Mapping[str, Cell]) -> None:
    """Refuse a learning rule that the cells would not follow."""
    in_turn, clamp = ARCHITECTURES[design.architecture].in_turn, cells["clamp"]
    to_the_label = in_turn and not (clamp.accepts(names.ETA) or clamp.uses(names.ETA))
    if to_the_label and design.learning.nudge != 1.0:
        raise LearningError(
            f"cell {clamp.name} nudges all the way to the label, not {design.learning.nudge:g} of "
            "it",
            "learning.nudge",
            f"nudge = 1 under [learning], or a clamp cell with a parameter {names.ETA}",
        )
    listening = in_turn or any(cell.uses(names.VLAMBDA) for cell in cells.values())
    if design.learning.power_weight and not listening:
        raise LearningError(
            f"no cell of this design listens to {names.VLAMBDA}, so a power weight changes nothing",
            "learning.power_weight",
            f"power_weight = 0, or an update cell with a pin {names.VLAMBDA}",
        )


def _pretrained(experiment: Experiment) -> Experiment:
    # Imported when asked for: the twin builds on this module and brings a compiler along.
    from learning.experiment.pretrained import pretrained_gates  # noqa: PLC0415

    return replace(experiment, gates_V=tuple(pretrained_gates(experiment).tolist()))
