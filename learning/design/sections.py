"""The sections of a design as frozen data: every key with its type, range and default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, make_dataclass, replace
from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field

from learning.design.declared import DeclaredSpec
from learning.design.kinds import (
    ArchitectureName,
    Count,
    Flag,
    Identifier,
    Line,
    NodeNames,
    NotNegative,
    NotNegativeCount,
    Option,
    Placement,
    Positive,
    Real,
    SlotName,
    Temperature,
    Text,
    Whole,
)
from netlist.parts.slots import SLOTS
from netlist.parts.variation import Corner, Sampling

_STRICT = ConfigDict(extra="forbid")

_Slots: Any = make_dataclass(
    "_Slots",
    [(s.name, Line if s.cell else Line | None, s.cell) for s in SLOTS],
    frozen=True,
    slots=True,
    kw_only=True,
)
"""A key for every slot there is, with the cell it holds unless a design says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RolesSpec:
    """Which nodes are what; an empty list leaves it to the network's file.

    Attributes:
        sources: Node names or "a-b" pairs; how many nodes to place at random; or "task", which
            places as many as the task has inputs and constants.
        targets: The same for targets.
        ground: Node names.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    sources: Placement = ()
    targets: Placement = ()
    ground: NodeNames = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSpec:
    """The network: each topology reads its own keys.

    Attributes:
        topology: "square" (rows, columns, periodic), "regular" (nodes, degree), "layered"
            (layers) or "file" (file).
        rows: Rows of a square lattice.
        columns: Columns of a square lattice.
        periodic: Join opposite borders of a square lattice.
        nodes: Nodes of a random regular graph.
        degree: Neighbours of each of its nodes.
        layers: Nodes in each layer.
        file: Absolute path of a GraphML file or an edge list.
        roles: Sources, targets and ground.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    topology: Literal["square", "regular", "layered", "file"]
    rows: Count = 4
    columns: Count = 4
    periodic: Flag = True
    nodes: Count = 16
    degree: Count = 4
    layers: tuple[Count, ...] = ()
    file: Text | None = None
    roles: RolesSpec = RolesSpec()


@dataclass(frozen=True, slots=True, kw_only=True)
class CellsSpec(_Slots):  # type: ignore[misc]  # its fields come from a table
    """The cell in each slot: a name in ``circuits/cells``, or the absolute path of a file.

    One key per row of `netlist.parts.slots.SLOTS`, and:

    Attributes:
        parameters: By slot, the cell's parameters that differ from its defaults (SI units).
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    parameters: Mapping[SlotName, Mapping[Identifier, Real]] = field(default_factory=dict)

    def named(self) -> dict[str, str]:
        """By slot, the cell in it; empty slots are left out."""
        cells = {slot.name: getattr(self, slot.name) for slot in SLOTS}
        return {slot: cell for slot, cell in cells.items() if cell is not None}

    def filled(self, **cells: str) -> CellsSpec:
        """The same with other cells in some slots."""
        changes: Any = cells
        return replace(self, **changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplySpec:
    """The supply.

    Attributes:
        rail_V: Supply voltage, volts; None takes the process's own.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    rail_V: Positive | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VariationSpec:
    """Which of many chips is built, no two of whose devices are alike.

    Attributes:
        mismatch: Whether devices differ from each other, as the process says.
        seed: Where all chips' randomness starts.
        draw: Which chip of those.
        scale: How many times the process's own mismatch.
        only: Slots whose devices differ, each as it does in any case; empty for all of them.
        resistors: Whether the chip's resistors are "low", "typical" or "high".
        capacitors: The same for its capacitors.
        sampling: "random", every device of every draw by itself, or "sobol": draws come in blocks
            that fill the offsets of each cell evenly.
        block: How many draws are such a block, a power of two.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    mismatch: Flag = False
    seed: NotNegativeCount = 0
    draw: NotNegativeCount = 0
    scale: NotNegative = 1.0
    only: tuple[SlotName, ...] = ()
    resistors: Corner = "typical"
    capacitors: Corner = "typical"
    sampling: Sampling = "random"
    block: Count = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseSpec:
    """Noise of the update cells, as currents into their gates while they act.

    Attributes:
        scale: How many times the amplitudes below; 0 leaves noise out.
        seed: Where the noise starts: another one is another course of it on the same chip.
        density_A2s: One-sided density of the white noise of a cell's current, A²/Hz: 4kTγ times the
            transconductances whose current reaches the gate.
        sampled_A: Deviation of the current that a sampled memory is off by through a presentation,
            amperes: its transconductance times the root of kT/C.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    scale: NotNegative = 0.0
    seed: NotNegativeCount = 0
    density_A2s: NotNegative = 0.0
    sampled_A: NotNegative = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionSpec:
    """How a gate forgets.

    Attributes:
        leak_S: Conductance from every gate to ground beside what the models leak, siemens.
        hold_s: How long the trained network waits before it is asked once more, seconds; 0 does not
            ask.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    leak_S: NotNegative = 0.0
    hold_s: NotNegative = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DamageSpec:
    """Edges that break.

    Attributes:
        kind: "none"; "open", cut off at one end; "stuck", its gate no longer reached by its update
            cell; "low" or "high", its gate shorted to ground or to the rail.
        count: How many edges, drawn by seed.
        seed: Which.
        edges: Which edges, by number from 0, instead of a number of them.
        after_epochs: Epochs that a sound machine learns before, in a run of its own; the machine
            then learns ``schedule.epochs`` more, broken.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    kind: Literal["none", "open", "stuck", "low", "high"] = "none"
    count: NotNegativeCount = 0
    seed: NotNegativeCount = 0
    edges: tuple[NotNegativeCount, ...] = ()
    after_epochs: NotNegativeCount = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSpec:
    """What to teach.

    Attributes:
        kind: "regression", "allostery", "xor", "iris", "digits" or "csv".
        examples: Number of examples of a regression.
        coefficients: What each target (row) owes each source (column), volts per volt.
        input_low_V: Lowest source voltage, volts.
        input_high_V: Highest source voltage, volts.
        label_low_V: Lowest target voltage, volts; None leaves it to the task.
        label_high_V: Highest target voltage, volts; None leaves it to the task.
        class_labels_V: What the targets show for each class of a classification, volts: a row per
            class in alphabetical order, a column per target; empty takes label_high_V on the
            class's own target and label_low_V on the others.
        constants_V: Voltages of constant sources, which are the last sources, volts.
        test_fraction: Share of the examples kept for testing.
        csv: Absolute path of a CSV file, for "csv".
        separator: What parts its cells: "comma", "semicolon" or "tab"; None finds out, and asks
            when several would do.
        decimal: What marks its decimals: "point" or "comma"; None finds out, or asks.
        header: Whether its first line names the columns; None asks when that line looks like data.
        labels: Whether its labels are "classes" or "numbers"; None takes words for classes, and
            asks when numbers look like classes.
        input_columns: Its columns that go to the sources, by name.
        label_columns: Its columns that go to the targets, by name.
        noise_V: Standard deviation of noise on the labels, volts.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    kind: Literal["regression", "allostery", "xor", "iris", "digits", "csv"]
    examples: Count = 10
    coefficients: tuple[tuple[Real, ...], ...] = ()
    input_low_V: Real = 0.0
    input_high_V: Real = 0.45
    label_low_V: Real | None = None
    label_high_V: Real | None = None
    class_labels_V: tuple[tuple[Real, ...], ...] = ()
    constants_V: tuple[Real, ...] = ()
    test_fraction: Annotated[Real, Field(ge=0, lt=1)] = 0.333333
    csv: Text | None = None
    separator: Literal["comma", "semicolon", "tab"] | None = None
    decimal: Literal["point", "comma"] | None = None
    header: Flag | None = None
    labels: Literal["classes", "numbers"] | None = None
    input_columns: tuple[Text, ...] = ()
    label_columns: tuple[Text, ...] = ()
    noise_V: NotNegative = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleSpec:
    """When things happen.

    Attributes:
        presentation_s: How long an example is shown while learning, seconds; counts without
            windows_s.
        settle_s: Its first part, in which nothing learns and memories take the free state,
            seconds.
        windows_s: Its second part, in which the update cells act, seconds: one for each epoch, the
            last one for all that follow; empty takes what settle_s leaves of presentation_s.
        warm_up_s: How much longer the first part is where a stretch of training begins, seconds.
        evaluation_s: How long an example is shown to measure the error, seconds.
        rise_s: How long a source takes from one example to the next, seconds.
        clk_rise_s: How long the line clk takes up, seconds; None takes rise_s.
        clk_fall_s: How long it takes down, until the sources change, seconds; None takes rise_s.
        order: "shuffled" draws a new order every epoch, "cyclic" repeats one.
        epochs: How often every example is shown.
        evaluate_every: Epochs between two measurements of the error.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    presentation_s: Positive = 1e-4
    settle_s: Positive = 2e-5
    windows_s: tuple[Positive, ...] = ()
    warm_up_s: NotNegative = 0.0
    evaluation_s: Positive = 2e-5
    rise_s: Positive = 2e-7
    clk_rise_s: Positive | None = None
    clk_fall_s: Positive | None = None
    order: Literal["shuffled", "cyclic"] = "shuffled"
    epochs: Count = 50
    evaluate_every: Count = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningSpec:
    """The learning rule.

    Attributes:
        nudge: How far the clamped state goes from the free one to the label, 0 to 1.
        power_weight: Trades error (0) against dissipation (1).
        tolerance_V2: Error at which learning stops, after one epoch at the earliest, square
            volts; 0 never stops.
        patience: Evaluations without progress before learning stops; 0 never stops.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    nudge: Annotated[Real, Field(gt=0, le=1)] = 0.5
    power_weight: Annotated[Real, Field(ge=0, le=1)] = 0.0
    tolerance_V2: NotNegative = 0.0
    patience: NotNegativeCount = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class InitialSpec:
    """The gate voltages before learning.

    Attributes:
        kind: "uniform" (gate_V everywhere), "random" (gate_V with a spread), "given" (gates_V) or
            "pretrained" (what the numerical twin learned, about gate_V).
        gate_V: Mean gate voltage, volts; None takes the process's own.
        spread_V: Largest random distance from the mean, volts.
        gates_V: One gate voltage per edge, volts.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    kind: Literal["uniform", "random", "given", "pretrained"] = "uniform"
    gate_V: Real | None = None
    spread_V: Annotated[Real, Field(ge=0, le=1e3)] = 0.0
    gates_V: tuple[Real, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorSpec:
    """How the simulator runs.

    Attributes:
        max_step_s: Longest time step, seconds; None leaves it to the simulator.
        options: Simulator options by name; true sets a flag.
        threads: Threads of the simulator.
        timeout_s: Wall time after which a run is given up, seconds.
        fidelity: Who plays: "spice", every transistor in ngspice, or "accelerated", tables measured
            from the cells.
        anchor: Whether what is accelerated is first held against ngspice over its first epoch.
        anchor_examples: How many examples are shown there, evaluated before and after; 0 shows
            every one.
        fallback: What happens when it is farther off there than it declares: "stop", or "spice",
            which plays the run on the transistors instead.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    max_step_s: Positive | None = None
    options: Mapping[Identifier, Option] = field(default_factory=dict)
    threads: Annotated[Count, Field(le=1024)] = 1
    timeout_s: Positive = 3600.0
    fidelity: Literal["spice", "accelerated"] = "spice"
    anchor: Flag = True
    anchor_examples: NotNegativeCount = 0
    fallback: Literal["stop", "spice"] = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureSpec:
    """What to measure besides the ledger.

    Attributes:
        audit: Check the energy balance device by device.
        early_presentation: Presentation whose waveforms are kept as "early", from 0.
        late_presentation: The same for "late"; negative numbers count from the end.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    audit: Flag = True
    early_presentation: Whole = 0
    late_presentation: Whole = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sections:
    """A whole design file; `learning.design.whole` adds what a design can do.

    Attributes:
        name: One line of text.
        description: Any text.
        process: A name in ``circuits/processes``, or the absolute path of a file.
        corner: One of the process's corners, such as "tt", "ss" or "ff".
        temperature_C: Temperature, degrees Celsius; None takes the process's own.
        seed: Where all randomness starts.
        architecture: "twin", a free and a clamped network side by side, or "single", one network
            that plays the two states in turn.
        network: The network.
        cells: Its cells.
        supply: Its supply.
        variation: Which chip.
        noise: Its noise.
        retention: How it forgets.
        damage: What breaks.
        task: What it is taught.
        schedule: When.
        learning: By which rule.
        initial: From which gate voltages.
        simulator: In which simulator.
        measure: What is measured.
        declared: What things cost that are not in the deck, by a name of theirs.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    name: Line
    description: str = ""
    process: Line = "generic180"
    corner: Line = "tt"
    temperature_C: Temperature | None = None
    seed: NotNegativeCount = 0
    architecture: ArchitectureName = "twin"
    network: NetworkSpec
    cells: CellsSpec = field(default_factory=CellsSpec)
    supply: SupplySpec = SupplySpec()
    variation: VariationSpec = VariationSpec()
    noise: NoiseSpec = NoiseSpec()
    retention: RetentionSpec = RetentionSpec()
    damage: DamageSpec = DamageSpec()
    task: TaskSpec
    schedule: ScheduleSpec = ScheduleSpec()
    learning: LearningSpec = LearningSpec()
    initial: InitialSpec = InitialSpec()
    simulator: SimulatorSpec = field(default_factory=SimulatorSpec)
    measure: MeasureSpec = MeasureSpec()
    declared: Mapping[Identifier, DeclaredSpec] = field(default_factory=dict)
