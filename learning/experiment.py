"""A design made concrete: network, examples, schedule, cells and the deck, all from one seed.

Each kind of randomness has a stream of its own, so that, for example, another order of the
examples does not move the sources. Preparing twice gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from learning.design import Design
from learning.errors import LearningError
from learning.initial import initial_gates
from learning.network import build_network
from learning.schedule import Presentation, Schedule, control_lines, plan, tick
from learning.task import Task, make_task
from learning.tasks.examples import Examples
from netlist.assemble import Assembly, Blueprint, Transient, assemble, with_transient
from netlist.cell import CONTRACTS, Cell, load_cell
from netlist.circuit import Behavioural, Circuit, Primitive
from netlist.emitter import emit
from netlist.flatten import leaves
from netlist.process import Process, load_process
from netlist.topology import Network

STREAMS = ("network", "task", "order", "initial")
"""Random streams, spawned from the design's seed in this order."""

OPTIONS: Mapping[str, float | str | bool] = {"bypass": 1.0, "trtol": 3.0}
"""Simulator options unless a design says otherwise.

The charge handed over when a cell joins its gate is small and quick. With ngspice's usual trtol of
7 a gate ends a millivolt off after four presentations, with 3 a third of that, at no cost in time;
bypass is a quarter faster at no loss beside that.
"""

_STEPS_PER_PRESENTATION = 4.0
"""The longest time step, as a share of a presentation."""


@dataclass(frozen=True, slots=True, eq=False)
class Experiment:
    """Everything a run needs.

    Attributes:
        design: The design, its seed included.
        network: With roles.
        task: Training and test examples.
        process: Device models.
        cells: By slot.
        schedule: All presentations of the run.
        gates_V: Initial gate voltages, one per edge, volts.
    """

    design: Design
    network: Network
    task: Task
    process: Process
    cells: Mapping[str, Cell]
    schedule: Schedule
    gates_V: tuple[float, ...]

    @property
    def rail_V(self) -> float:
        """Supply voltage, volts."""
        return self.design.supply.rail_V or self.process.rail_V

    def assembly(
        self,
        schedule: Schedule,
        examples: Examples,
        gates_V: tuple[float, ...],
        power_weight: float | tuple[float, ...] | None = None,
    ) -> Assembly:
        """The deck that plays a schedule over examples, from given gate voltages.

        Args:
            schedule: What to show when; times start at zero.
            examples: Rows its presentations refer to.
            gates_V: One per edge, volts.
            power_weight: λ, one for all or one per epoch; None for the design's.

        Returns:
            The assembled deck, without its analysis.
        """
        design = self.design
        lines = control_lines(
            schedule,
            examples,
            design.schedule,
            rail_V=self.rail_V,
            power_weight=design.learning.power_weight if power_weight is None else power_weight,
        )
        blueprint = Blueprint(
            title=f"{design.name}, seed {design.seed}",
            network=self.network,
            cells=self.cells,
            parameters={slot: self.parameters(slot) for slot in CONTRACTS},
            process=self.process,
            rail_V=self.rail_V,
            common_mode_V=0.5 * (design.task.input_low_V + design.task.input_high_V),
            lines={**lines, "eta": design.learning.nudge},
            gates_V=gates_V,
        )
        return assemble(blueprint)

    def transient(
        self,
        schedule: Schedule,
        save: tuple[str, ...],
        options: Mapping[str, float | str | bool] | None = None,
        initial_V: Mapping[str, float] | None = None,
    ) -> Transient:
        """The analysis of a schedule.

        Args:
            schedule: The schedule.
            save: Vectors to keep.
            options: Simulator options over the design's.
            initial_V: Every node's voltage to start from; None starts from an operating point.

        Returns:
            The analysis.
        """
        spec = self.design.simulator
        default = self.design.schedule.presentation_s / _STEPS_PER_PRESENTATION
        # ngspice alone would take two threads, which wait for each other on a busy machine.
        threads = {"num_threads": float(spec.threads)}
        temperature = {"temp": self.process.temperature_C}
        chosen = {**threads, **OPTIONS, **temperature, **spec.options, **(options or {})}
        step_s = spec.max_step_s or default
        return Transient(schedule.stop_s, step_s, chosen, save, initial_V or {})

    def parameters(self, slot: str) -> dict[str, float]:
        """What a cell's parameters are set to.

        The process's sizes where the cell has them, then the design's, which it must have.

        Args:
            slot: A key of `netlist.cell.CONTRACTS`.

        Returns:
            Parameters that differ from the cell's defaults, SI units.
        """
        cell = self.cells[slot]
        sizes = self.process.parameters.get(slot, {})
        known = {key: float(value) for key, value in sizes.items() if cell.accepts(key)}
        if slot == "clamp" and cell.accepts("eta"):
            known["eta"] = self.design.learning.nudge
        chosen = {str(name): sizes for name, sizes in self.design.cells.parameters.items()}
        return {**known, **chosen.get(slot, {})}


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
    cells = {slot: load_cell(slot, getattr(design.cells, slot)) for slot in CONTRACTS}
    network = build_network(design, rng["network"])
    task = make_task(design.task, len(network.sources), len(network.targets), rng["task"])
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
    return _pretrained(experiment) if design.initial.kind == "pretrained" else experiment


def _pretrained(experiment: Experiment) -> Experiment:
    # Imported when asked for: the twin builds on this module and brings a compiler along.
    from learning.twin.pretrain import pretrained_gates  # noqa: PLC0415

    return replace(experiment, gates_V=tuple(pretrained_gates(experiment).tolist()))


def deck(assembly: Assembly, transient: Transient) -> str:
    """The text of a deck that runs by itself.

    Args:
        assembly: The deck.
        transient: Its analysis.

    Returns:
        The deck, ending in ``.end``.
    """
    return emit(with_transient(assembly, transient))


def ideal_slots(experiment: Experiment) -> tuple[str, ...]:
    """Slots whose cell is not a circuit of real devices.

    Args:
        experiment: The experiment.

    Returns:
        The slots filled by a behavioural or controlled source.
    """
    return tuple(slot for slot, cell in experiment.cells.items() if _is_ideal(cell))


def _is_ideal(cell: Cell) -> bool:
    inside = Circuit(cell.name, cell.statements).statements()
    return any(
        isinstance(s, Behavioural) or (isinstance(s, Primitive) and s.name[0].lower() in "efgh")
        for s in inside
    )


def transistors(circuit: Circuit) -> int:
    """Number of transistors the simulator sees.

    Args:
        circuit: The deck.

    Returns:
        The number of MOSFETs.
    """
    return sum(1 for leaf in leaves(circuit) if leaf.letter == "m")


def remaining(schedule: Schedule, epochs_done: int, evaluated: bool) -> Schedule:
    """What is left of a schedule, with its time starting at zero again.

    Args:
        schedule: The whole schedule.
        epochs_done: Epochs learned already.
        evaluated: Whether the evaluation after them has been done too.

    Returns:
        The rest; presentations keep their index.
    """
    rest = [
        p
        for p in schedule.presentations
        if p.epoch >= epochs_done and not (evaluated and not p.learning and p.epoch == epochs_done)
    ]
    if not rest:
        return Schedule((), 0.0)
    start_s, index = rest[0].start_s, rest[0].index
    before = schedule.presentations[index - 1].example if index else None
    moved = tuple(_moved(p, start_s) for p in rest)
    return Schedule(moved, tick(schedule.stop_s - start_s), before)


def first_epoch(schedule: Schedule) -> Schedule:
    """The first evaluation and the first epoch of a schedule.

    Args:
        schedule: The whole schedule.

    Returns:
        Its first part, unmoved.
    """
    part = tuple(p for p in schedule.presentations if p.epoch == 0)
    return Schedule(part, part[-1].end_s)


def _moved(presentation: Presentation, by_s: float) -> Presentation:
    start_s, end_s = tick(presentation.start_s - by_s), tick(presentation.end_s - by_s)
    return replace(presentation, start_s=start_s, end_s=end_s)


def showing(n_example: int, duration_s: float) -> Schedule:
    """A schedule that shows every example once, learning off.

    Args:
        n_example: Number of examples.
        duration_s: How long each is shown, seconds.

    Returns:
        The schedule.
    """
    shown = tuple(
        Presentation(i, i * duration_s, (i + 1) * duration_s, i, 0, learning=False)
        for i in range(n_example)
    )
    return Schedule(shown, n_example * duration_s)
