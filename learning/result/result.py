"""What a run leaves behind, typed: every figure of ``result.json`` under its own name.

SI units stand in the names. Blocks of the ledger, slots of cells and gates are keys of mappings,
because which there are depends on the design; everything else is a field. Fields that a later
schema brought have a default, so that a result of an earlier one can still be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from learning.benches.keeping import Keeping
from learning.measure.deviation import Deviation
from learning.measure.disagreement import Disagreement
from learning.measure.unit_costs import UnitCosts
from learning.result.chip_area import ChipArea
from learning.tasks.columns import TableUse
from netlist.parts.variation import Chip

SCHEMA = 2
"""Version of the keys in ``result.json``."""

SCHEMAS = (1, SCHEMA)
"""Versions that can be read."""


@dataclass(frozen=True, slots=True)
class Engine:
    """The simulator.

    Attributes:
        name: Such as "ngspice".
        version: Its version.
    """

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Fidelity:
    """Who played, and how far that was from ngspice.

    Attributes:
        name: The plant: "spice", or "accelerated" for tables measured from the cells.
        deviations: From ngspice at the run's own tolerances, over the first evaluation, the first
            epoch and an evaluation after it; None for ngspice itself, or when the plant was not
            held against it.
        tight_deviations: From ngspice at tight tolerances (trtol = 1, reltol = 1e-4), which is
            asked when the first are larger than the plant declares; None otherwise.
        reference_deviations: Of ngspice at the run's own tolerances from ngspice at tight ones.
    """

    name: str
    deviations: Deviation | None = None
    tight_deviations: Deviation | None = None
    reference_deviations: Deviation | None = None


@dataclass(frozen=True, slots=True)
class ErrorMark:
    """One evaluation.

    Attributes:
        epoch: Epochs learned before it.
        presentations: Training presentations before it.
        error_V2: Squared target error, summed over targets, mean over examples, V².
    """

    epoch: int
    presentations: int
    error_V2: float


@dataclass(frozen=True, slots=True)
class ErrorCourse:
    """The error in the free state, learning off, over the training set.

    Attributes:
        initial: Before learning, V².
        final: At the last evaluation, V².
        history: Every evaluation.
    """

    initial: float
    final: float
    history: tuple[ErrorMark, ...]


@dataclass(frozen=True, slots=True)
class ToleranceReached:
    """What it took until an evaluation showed an error within the design's tolerance.

    Attributes:
        tolerance_V2: The tolerance, V².
        presentations: Training presentations until then.
        energy_J: Of all simulated blocks over those presentations, evaluations not counted, joules;
            None where an earlier version began the run.
    """

    tolerance_V2: float
    presentations: int
    energy_J: float | None


@dataclass(frozen=True, slots=True)
class QueryCost:
    """What a query costs the trained network.

    Attributes:
        settling_time_s: Slowest query, seconds; None when the targets do not settle.
        energy_per_query_J: All blocks, joules.
        power_W: All blocks, while queries run, watts.
        power_by_block_W: The same by block, with "total", watts.
    """

    settling_time_s: float | None
    energy_per_query_J: float
    power_W: float
    power_by_block_W: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Gates:
    """Gate voltages by the gate's node in the deck, volts."""

    initial: Mapping[str, float]
    final: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Conductances:
    """Conductance of every edge, siemens; None where it could not be measured.

    Attributes:
        initial: Before learning.
        final: After learning.
        note: At which voltages.
    """

    initial: tuple[float | None, ...]
    final: tuple[float | None, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Share of examples in the right class, from 0 to 1.

    Attributes:
        train: Of the training examples.
        test: Of the held-out ones; None without any.
    """

    train: float | None = None
    test: float | None = None


@dataclass(frozen=True, slots=True)
class UsedFile:
    """A file the run was made of.

    Attributes:
        path: In the run's folder for a file of the user's, else in the package.
        sha256: Of its bytes, hexadecimal.
        own: Whether it is the user's; the run's folder then holds a copy.
    """

    path: str
    sha256: str
    own: bool = False


@dataclass(frozen=True, slots=True)
class MadeOf:
    """Every file the run was made of.

    Attributes:
        cells: By slot.
        process: The process.
        models: Its models.
        data: The task's table; None without one.
        network: The network's file; None without one.
    """

    cells: Mapping[str, UsedFile]
    process: UsedFile
    models: UsedFile
    data: UsedFile | None = None
    network: UsedFile | None = None


@dataclass(frozen=True, slots=True)
class Predicted:
    """What the trained network answers to a set of examples, beside what was wanted.

    Attributes:
        lines: Line of the table on which each example starts; empty without a table.
        wanted_V: (n_example, n_target), volts.
        predicted_V: The same shape, volts.
        wanted: The same in the units of the table's columns; empty where these are volts.
        predicted: The same.
        wanted_class: Of every example; empty without classes.
        predicted_class: The same; "" for a tie, which is no answer.
    """

    lines: tuple[int, ...]
    wanted_V: tuple[tuple[float, ...], ...]
    predicted_V: tuple[tuple[float, ...], ...]
    wanted: tuple[tuple[float, ...], ...] = ()
    predicted: tuple[tuple[float, ...], ...] = ()
    wanted_class: tuple[str, ...] = ()
    predicted_class: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Predictions:
    """Predicted against wanted.

    Attributes:
        targets: Name of each target: a column, a class or a node.
        train: The examples learned from.
        test: The ones held out; None without any.
    """

    targets: tuple[str, ...]
    train: Predicted
    test: Predicted | None = None


@dataclass(frozen=True, slots=True)
class Confusion:
    """Examples by their class and by the class of the answer.

    Attributes:
        classes: Names.
        train: A row per class, a column per answer and one for ties.
        test: The same for the examples held out.
    """

    classes: tuple[str, ...]
    train: tuple[tuple[int, ...], ...]
    test: tuple[tuple[int, ...], ...] | None = None


@dataclass(frozen=True, slots=True)
class Errors:
    """A squared target error, summed over targets, mean over examples.

    Attributes:
        train_V2: Over the examples learned from, V².
        test_V2: Over the ones held out, V².
    """

    train_V2: float
    test_V2: float | None = None


@dataclass(frozen=True, slots=True)
class Shares:
    """A share of the labels' variance.

    Attributes:
        train: Over the examples learned from; None where their labels do not vary.
        test: Over the ones held out.
    """

    train: float | None = None
    test: float | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """How good the answers are, beside what needs no learning circuit.

    Attributes:
        r2: Share of the labels' variance that the answers explain.
        error: Of the answers.
        mean_predictor: Of the mean training label, whatever the inputs.
        best_passive: Of the best linear network of positive conductances.
        confusion: Of a classification.
        note: What was fitted.
    """

    r2: Shares
    error: Errors
    mean_predictor: Errors
    best_passive: Errors
    confusion: Confusion | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class EnergyBalance:
    """The audit: two sides of one stretch, measured independently, and the bill of that stretch.

    Attributes:
        supplied_J: By all sources, joules.
        dissipated_J: In devices, joules.
        stored_J: In capacitances, joules.
        residual: What is unaccounted, as a share of the supply.
        window: Over which stretch.
        bill_J: What the run's own bill says of it, joules; None in a result of schema 1.
        bill_residual: How far bill and supply are apart, as a share of the supply.
    """

    supplied_J: float
    dissipated_J: float
    stored_J: float
    residual: float
    window: str
    bill_J: float | None = None
    bill_residual: float | None = None


@dataclass(frozen=True, slots=True)
class DeclaredCost:
    """What something cost that is not in the deck, over the run.

    Attributes:
        energy_J: Joules; on no block's bill and in no total of simulated energy.
        source: Where the figure comes from, and what it assumes.
    """

    energy_J: float
    source: str


@dataclass(frozen=True, slots=True)
class Broken:
    """Edges that broke, and the machine before they did.

    Attributes:
        kind: How, as the design's ``damage.kind``.
        edges: Which, by number from 0.
        error_before_V2: At the end of the sound machine's run, V²; None where there was none. What
            it is right after is the result's initial error.
        energy_before_J: Of that run by block, with "total", joules; no part of the result's own.
    """

    kind: str
    edges: tuple[int, ...]
    error_before_V2: float | None = None
    energy_before_J: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """The trained network asked once more after a wait.

    Attributes:
        hold_s: How long it waited, seconds.
        error_V2: Over the training examples then, V².
    """

    hold_s: float
    error_V2: float


@dataclass(frozen=True, slots=True)
class NetworkShape:
    """The network that learned.

    Attributes:
        nodes: Names.
        edges: Pairs of nodes, in the order of the gates.
        positions: Of the nodes, in units of the lattice.
        sources: Each a node, or a pair written "3-7".
        targets: The same.
        ground: Nodes.
    """

    nodes: tuple[str, ...]
    edges: tuple[tuple[str, str], ...]
    positions: Mapping[str, tuple[float, float]]
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    ground: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The contents of ``result.json``, in its order.

    Attributes:
        schema: Version of the keys.
        design: Name of the design.
        description: What it is, in a line; may be empty.
        status: Why the run ended.
        seed: Of the design.
        seeds: Of every stream of randomness.
        engine: The simulator.
        process: Name of the process.
        cells: Name of the cell in every slot.
        ideal_cells: Slots whose cell is no circuit of real devices.
        made_of: Every file the run was made of.
        corner: Of the process.
        temperature_C: Degrees Celsius.
        rail_V: Supply voltage, volts.
        transistors: That the simulator saw.
        chip: Which chip of many: what its devices have of their own.
        area_m2: What the machine's devices take, square metres; None where a size is not known.
        versions: Of everything a figure depends on, by name.
        presentations: Training presentations.
        evaluation_presentations: Presentations with learning off.
        epochs: Learned.
        simulated_time_s: Circuit time, seconds.
        power_weight: λ of the design.
        power_weights: λ of every epoch, where a rule chose it.
        error_V2: Error against epochs, V².
        to_tolerance: What it took to reach the design's tolerance; None where the design names none
            or it was not reached.
        energy_J: By block, with "total", joules.
        power_W: Mean over the run, by block, with "total", watts.
        declared: What is not in the deck, by name: declared, not simulated.
        energy_with_declared_J: The total of ``energy_J`` and all declared costs, joules; None
            without any.
        overhead_ratio: Everything else over the networks; None when they took nothing.
        unit_costs_J: Energy per edge and update, per edge and query and per query, joules.
        inference: What a query costs.
        keeping: Retention, droop and start-up; None for ideal cells or where it was not measured.
        held: Its answers after a wait; None where the design asks for none.
        broken: Edges that broke; None in a sound machine.
        gates_V: Gate voltages before and after, volts.
        conductances_S: Conductances before and after, siemens.
        accuracy: For a classification.
        score: How good the answers are.
        predictions: Predicted against wanted.
        table: How the task's table was taken; None without one.
        energy_balance: The audit; None without one.
        network: Its shape.
        wall_time_s: Of the run and its measurements, seconds.
        solver_time_s: Inside the simulator, seconds.
        solver_peak_memory_bytes: Of the simulator's process.
        warnings: What a reader should know.
        disagreements: What was measured twice and came out different; none when all is well.
        fidelity: Who played, and how far from ngspice.
    """

    schema: int
    design: str
    description: str
    status: str
    seed: int
    seeds: Mapping[str, tuple[int, ...]]
    engine: Engine
    process: str
    cells: Mapping[str, str]
    ideal_cells: tuple[str, ...]
    made_of: MadeOf | None = None
    corner: str = ""
    temperature_C: float | None = None
    rail_V: float | None = None
    transistors: int
    chip: Chip | None = None
    area_m2: ChipArea | None = None
    versions: Mapping[str, str]
    presentations: int
    evaluation_presentations: int
    epochs: int
    simulated_time_s: float
    power_weight: float
    power_weights: tuple[float, ...] = ()
    error_V2: ErrorCourse
    to_tolerance: ToleranceReached | None = None
    energy_J: Mapping[str, float]
    power_W: Mapping[str, float]
    declared: Mapping[str, DeclaredCost] = field(default_factory=dict)
    energy_with_declared_J: float | None = None
    overhead_ratio: float | None
    unit_costs_J: UnitCosts | None = None
    inference: QueryCost
    keeping: Keeping | None = None
    held: Held | None = None
    broken: Broken | None = None
    gates_V: Gates | None = None
    conductances_S: Conductances
    accuracy: Accuracy | None
    score: Score | None = None
    predictions: Predictions | None = None
    table: TableUse | None = None
    energy_balance: EnergyBalance | None
    network: NetworkShape
    wall_time_s: float
    solver_time_s: float
    solver_peak_memory_bytes: int = 0
    warnings: tuple[str, ...]
    disagreements: tuple[Disagreement, ...] = ()
    fidelity: Fidelity = Fidelity("spice")
