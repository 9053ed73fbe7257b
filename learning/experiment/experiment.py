"""A design made concrete: network, examples, schedule, cells and the deck, all from one seed.

Each kind of randomness has a stream of its own, so that, for example, another order of the
examples does not move the sources. Preparing twice gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

from learning.design.whole import Design
from learning.experiment.damage import damaged, gates_when_broken
from learning.experiment.lines import control_lines
from learning.experiment.noise import with_leaks, with_noise
from learning.experiment.schedule import Schedule, longest_s
from learning.tasks.examples import Examples, Task
from netlist.circuit import Circuit, Source, Waveform
from netlist.machine import names
from netlist.machine.assembly import Assembly, Blueprint, Transient, assemble, with_transient
from netlist.machine.topology import Network
from netlist.parts.architectures import ARCHITECTURES, Architecture
from netlist.parts.cell import Cell
from netlist.parts.process import Process
from netlist.parts.variation import Chip, varied
from netlist.passes.leaves import leaves
from netlist.text.emitter import emit
from spice_backend.errors import DeckError
from spice_backend.safety.guard import refusal

OPTIONS: Mapping[str, float | str | bool] = {"trtol": 3.0}
"""Simulator options unless a design says otherwise.

The charge handed over when a cell joins its gate is small and quick. With ngspice's usual trtol of
7 a gate ends a millivolt off after four presentations, with 3 a third of that, at no cost in time.
"""

BYPASS = "bypass"
"""Leaves transistors alone whose voltages do not move: up to a quarter faster once a run is under
way. It makes operating points false (`learning.fidelity.rest`), therefore only a transient that
starts from every node's voltage has it, and no machine with logic, which a sequencer brings."""

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
        sizes: By slot, parameters that differ from the cell's defaults, SI units: the process's
            where the cell has them, then the design's, which it must have.
    """

    design: Design
    network: Network
    task: Task
    process: Process
    cells: Mapping[str, Cell]
    schedule: Schedule
    gates_V: tuple[float, ...]
    sizes: Mapping[str, Mapping[str, float]] = field(init=False)

    def __post_init__(self) -> None:
        """Work the sizes out."""
        object.__setattr__(self, "sizes", _sizes(self.design, self.process, self.cells))

    @property
    def rail_V(self) -> float:
        """Supply voltage, volts."""
        return self.design.supply.rail_V or self.process.rail_V

    @property
    def middle_V(self) -> float:
        """Half-way between the task's lowest and highest input, where pairs stand about, volts."""
        return 0.5 * (self.design.task.input_low_V + self.design.task.input_high_V)

    @property
    def architecture(self) -> Architecture:
        """How many networks there are."""
        return ARCHITECTURES[self.design.architecture]

    @property
    def chip(self) -> Chip:
        """Which chip: what its devices have of their own."""
        return Chip(**asdict(self.design.variation))

    @property
    def weighs_by_amplitude(self) -> bool:
        """Whether the power weight is in the sources, for no cell listens to its line."""
        listening = any(cell.uses(names.VLAMBDA) for cell in self.cells.values())
        return self.architecture.in_turn and not listening

    @property
    def whole(self) -> Assembly:
        """The deck of the whole run, from the start; assembled anew at each call."""
        return self.assembly(self.schedule, self.task.train, self.gates_V)

    def from_gates(self, gates_V: tuple[float, ...]) -> Experiment:
        """The same from other gate voltages, those of shorted edges where the short holds them.

        Args:
            gates_V: One per edge, volts.

        Returns:
            The experiment.
        """
        held_V = gates_when_broken(self.design.damage, gates_V, self.rail_V)
        return replace(self, gates_V=held_V)

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
        made = self._assembled(schedule, examples, gates_V, power_weight)
        return replace(made, circuit=varied(made.circuit, self.process, self.chip))

    def waveforms(
        self, schedule: Schedule, examples: Examples, power_weight: tuple[float, ...]
    ) -> dict[str, Waveform]:
        """What the sources of the control lines do.

        Args:
            schedule: What to show when; times start at zero.
            examples: Rows its presentations refer to.
            power_weight: λ, one per epoch.

        Returns:
            By the source's name in lower case: volts over seconds.
        """
        made = self._assembled(schedule, examples, self.gates_V, power_weight)
        lines = {line.source for line in made.controls}
        sources = (s for s in made.circuit.body if isinstance(s, Source) and s.name in lines)
        return {s.name.lower(): s.waveform for s in sources if s.waveform is not None}

    def _assembled(
        self,
        schedule: Schedule,
        examples: Examples,
        gates_V: tuple[float, ...],
        power_weight: float | tuple[float, ...] | None,
    ) -> Assembly:
        """The deck with every device as designed."""
        design = self.design
        lines = control_lines(
            schedule,
            examples,
            design.schedule,
            rail_V=self.rail_V,
            power_weight=design.learning.power_weight if power_weight is None else power_weight,
            by_amplitude=self.weighs_by_amplitude,
        )
        blueprint = Blueprint(
            title=f"{design.name}, seed {design.seed}",
            network=self.network,
            cells=self.cells,
            parameters=self.sizes,
            process=self.process,
            rail_V=self.rail_V,
            common_mode_V=self.middle_V,
            lines={**lines, names.ETA: design.learning.nudge},
            gates_V=gates_V,
            architecture=self.architecture,
        )
        made = damaged(assemble(blueprint), self.cells, design.damage)
        made = with_leaks(made, design.retention.leak_S)
        return with_noise(made, design.noise, schedule, design.schedule)

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
        default = longest_s(self.design.schedule) / _STEPS_PER_PRESENTATION
        # ngspice alone would take two threads, which wait for each other on a busy machine.
        threads = {"num_threads": float(spec.threads)}
        temperature = {"temp": self.process.temperature_C}
        logic = "sequencer" in self.cells
        begun = {BYPASS: 1.0} if initial_V and not logic else {}
        chosen = {**threads, **begun, **OPTIONS, **temperature, **spec.options, **(options or {})}
        if not initial_V:
            chosen.pop(BYPASS, None)
        step_s = spec.max_step_s or default
        return Transient(schedule.stop_s, step_s, chosen, save, initial_V or {})

    def parameters(self, slot: str) -> Mapping[str, float]:
        """What one cell's parameters are set to; see `sizes`."""
        return self.sizes[slot]


def _sizes(
    design: Design, process: Process, cells: Mapping[str, Cell]
) -> Mapping[str, dict[str, float]]:
    nudge = {"clamp": {names.ETA: design.learning.nudge}}
    chosen = {str(slot): sizes for slot, sizes in design.cells.parameters.items()}
    sizes = dict[str, dict[str, float]]()
    for slot, cell in cells.items():
        offered = {**process.parameters.get(slot, {}), **nudge.get(slot, {})}
        sizes[slot] = {**cell.known(offered), **chosen.get(slot, {})}
    return sizes


def deck(assembly: Assembly, transient: Transient) -> str:
    """The text of a deck that runs by itself.

    Args:
        assembly: The deck.
        transient: Its analysis.

    Returns:
        The deck, ending in ``.end``.

    Raises:
        DeckError: When it would do more than describe a circuit: people run what is written here.
    """
    text = emit(with_transient(assembly, transient))
    reason = refusal(text)
    if reason:
        hint = "take it out of the cell or the process it comes from"
        raise DeckError(f"the deck of this design is not harmless: {reason}", hint=hint)
    return text


_MACROMODEL = "_macro"
"""How the name of a cell ends that stands for bought parts: it behaves, and is billed, as their
data sheets say."""


def ideal_slots(experiment: Experiment) -> tuple[str, ...]:
    """Slots whose cell is no circuit of real devices, nor billed like one.

    Args:
        experiment: The experiment.

    Returns:
        The slots filled by a behavioural or controlled source, macromodels left out.
    """
    macros = macromodel_slots(experiment)
    return tuple(slot for slot in behavioural_slots(experiment) if slot not in macros)


def macromodel_slots(experiment: Experiment) -> tuple[str, ...]:
    """Slots whose cell is a macromodel of parts on a board, as its name says.

    Args:
        experiment: The experiment.

    Returns:
        The slots.
    """
    cells = experiment.cells
    return tuple(
        slot for slot in behavioural_slots(experiment) if cells[slot].name.endswith(_MACROMODEL)
    )


def behavioural_slots(experiment: Experiment) -> tuple[str, ...]:
    """Slots whose cell is not made of real devices alone.

    Args:
        experiment: The experiment.

    Returns:
        The slots filled by a behavioural or controlled source, or by a code model.
    """
    return tuple(slot for slot, cell in experiment.cells.items() if cell.is_behavioural)


def transistors(circuit: Circuit) -> int:
    """Number of transistors the simulator sees.

    Args:
        circuit: The deck.

    Returns:
        The number of MOSFETs.
    """
    return sum(1 for leaf in leaves(circuit) if leaf.letter == "m")
