"""The design file: what to build, teach and measure, as frozen data read strictly from TOML.

Strict because a misspelt key that is quietly ignored costs a night of simulation: every key, type
and range is checked (pydantic does the mapping), and an error names file, line and key. Dumping a
design writes every value that was used, so that a run can be repeated from its own folder.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, field, fields, is_dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, get_args, get_type_hints

import tomli_w
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from learning.errors import LearningError
from learning.origin import KeyPath, Origin
from learning.refusal import closest, refusal
from learning.value import (
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
    Slot,
    Temperature,
    Text,
    Whole,
)

_STRICT = ConfigDict(extra="forbid")


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
class CellsSpec:
    """The cell in each slot: a name in ``circuits/cells``, or the absolute path of a file.

    Attributes:
        edge: The self-adjusting resistor pair.
        update: The learning rule's circuit, one per edge.
        clamp: The nudge amplifier, one per target.
        driver: The source driver.
        bias: The bias generator.
        parameters: By slot, the cell's parameters that differ from its defaults (SI units).
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    edge: Line = "edge"
    update: Line = "update"
    clamp: Line = "clamp"
    driver: Line = "driver"
    bias: Line = "bias"
    parameters: Mapping[Slot, Mapping[Identifier, Real]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplySpec:
    """The supply.

    Attributes:
        rail_V: Supply voltage, volts; None takes the process's own.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    rail_V: Positive | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSpec:
    """What to teach.

    Attributes:
        kind: "regression", "allostery", "xor", "iris" or "csv".
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
        csv: Absolute path of a CSV file with a header line, for "csv".
        input_columns: Its columns that go to the sources, by name.
        label_columns: Its columns that go to the targets, by name.
        noise_V: Standard deviation of noise on the labels, volts.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    kind: Literal["regression", "allostery", "xor", "iris", "csv"]
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
    input_columns: tuple[Text, ...] = ()
    label_columns: tuple[Text, ...] = ()
    noise_V: NotNegative = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleSpec:
    """When things happen.

    Attributes:
        presentation_s: How long an example is shown while learning, seconds.
        settle_s: Its first part, in which nothing learns, seconds.
        evaluation_s: How long an example is shown to measure the error, seconds.
        rise_s: How long a source takes from one example to the next, seconds.
        order: "shuffled" draws a new order every epoch, "cyclic" repeats one.
        epochs: How often every example is shown.
        evaluate_every: Epochs between two measurements of the error.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    presentation_s: Positive = 1e-4
    settle_s: Positive = 2e-5
    evaluation_s: Positive = 2e-5
    rise_s: Positive = 2e-7
    order: Literal["shuffled", "cyclic"] = "shuffled"
    epochs: Count = 50
    evaluate_every: Count = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningSpec:
    """The learning rule.

    Attributes:
        nudge: How far the clamped state goes from the free one to the label, 0 to 1.
        power_weight: Trades error (0) against dissipation (1).
        tolerance_V2: Error at which learning stops, square volts; 0 never stops.
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
    spread_V: NotNegative = 0.0
    gates_V: tuple[Real, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorSpec:
    """How the simulator runs.

    Attributes:
        max_step_s: Longest time step, seconds; None leaves it to the simulator.
        options: Simulator options by name; true sets a flag.
        threads: Threads of the simulator.
        timeout_s: Wall time after which a run is given up, seconds.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    max_step_s: Positive | None = None
    options: Mapping[Identifier, Option] = field(default_factory=dict)
    threads: Count = 1
    timeout_s: Positive = 3600.0


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
class Design:
    """A whole design file.

    Attributes:
        name: One line of text.
        description: Any text.
        process: A name in ``circuits/processes``, or the absolute path of a file.
        corner: One of the process's corners, such as "tt", "ss" or "ff".
        temperature_C: Temperature, degrees Celsius; None takes the process's own.
        seed: Where all randomness starts.
        network: The network.
        cells: Its cells.
        supply: Its supply.
        task: What it is taught.
        schedule: When.
        learning: By which rule.
        initial: From which gate voltages.
        simulator: In which simulator.
        measure: What is measured.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    name: Line
    description: str = ""
    process: Line = "generic180"
    corner: Line = "tt"
    temperature_C: Temperature | None = None
    seed: NotNegativeCount = 0
    network: NetworkSpec
    cells: CellsSpec = field(default_factory=CellsSpec)
    supply: SupplySpec = SupplySpec()
    task: TaskSpec
    schedule: ScheduleSpec = ScheduleSpec()
    learning: LearningSpec = LearningSpec()
    initial: InitialSpec = InitialSpec()
    simulator: SimulatorSpec = field(default_factory=SimulatorSpec)
    measure: MeasureSpec = MeasureSpec()


_FILES = (("network", "file"), ("task", "csv"))
_NAMES_OR_FILES = (("process",), *(("cells", slot) for slot in get_args(Slot)))


@dataclass(frozen=True, slots=True)
class _Rule:
    """What must hold between several keys."""

    keys: tuple[str, ...]
    broken: Callable[[Design], bool]
    message: str
    hint: str


def _no_role(role: str) -> _Rule:
    return _Rule(
        (f"network.roles.{role}",),
        lambda d: d.network.topology != "file" and not getattr(d.network.roles, role),
        f"the network has no {role.removesuffix('s')}",
        f'{role} = ["0"] under [network.roles], with a node of yours',
    )


_RULES = (
    _no_role("sources"),
    _no_role("targets"),
    _no_role("ground"),
    _Rule(
        ("network.file", "network.topology"),
        lambda d: d.network.topology == "file" and d.network.file is None,
        'topology "file" without a file',
        'file = "mine.graphml" under [network]',
    ),
    _Rule(
        ("network.layers", "network.topology"),
        lambda d: d.network.topology == "layered" and not d.network.layers,
        'topology "layered" without layers',
        "layers = [4, 6, 2] under [network]",
    ),
    _Rule(
        ("task.csv", "task.kind"),
        lambda d: d.task.kind == "csv" and d.task.csv is None,
        'task "csv" without a file',
        'csv = "mine.csv" under [task], or --set task.csv=mine.csv',
    ),
    _Rule(
        ("task.coefficients",),
        lambda d: len({len(row) for row in d.task.coefficients}) > 1,
        "the rows are not equally long",
        "one row per target, each with one number per source",
    ),
    _Rule(
        ("task.class_labels_V",),
        lambda d: len({len(row) for row in d.task.class_labels_V}) > 1,
        "the rows are not equally long",
        "one row per class, each with one voltage per target",
    ),
    _Rule(
        ("task.input_low_V", "task.input_high_V"),
        lambda d: d.task.input_low_V >= d.task.input_high_V,
        "input_low_V is not below input_high_V",
        "swap the two",
    ),
    _Rule(
        ("task.label_low_V", "task.label_high_V"),
        lambda d: (
            d.task.label_low_V is not None
            and d.task.label_high_V is not None
            and d.task.label_low_V >= d.task.label_high_V
        ),
        "label_low_V is not below label_high_V",
        "swap the two",
    ),
    _Rule(
        ("schedule.settle_s", "schedule.presentation_s"),
        lambda d: d.schedule.settle_s >= d.schedule.presentation_s,
        "settle_s leaves no time to learn in presentation_s",
        "settle_s below presentation_s",
    ),
    _Rule(
        ("schedule.rise_s", "schedule.settle_s", "schedule.evaluation_s"),
        lambda d: d.schedule.rise_s >= min(d.schedule.settle_s, d.schedule.evaluation_s),
        "rise_s is not over before settle_s and evaluation_s are",
        "rise_s well below both",
    ),
    _Rule(
        ("initial.gates_V", "initial.kind"),
        lambda d: d.initial.kind == "given" and not d.initial.gates_V,
        'initial kind "given" without gates_V',
        "gates_V = [...] under [initial], one per edge",
    ),
)


def find_design(name_or_path: str | Path) -> Path:
    """Find a design file by its path, or a shipped design by its name.

    Args:
        name_or_path: ``mine/design.toml``, or NAME for ``circuits/designs/NAME.toml``.

    Returns:
        The path of the file.

    Raises:
        LearningError: When there is neither such a file nor such a design.
    """
    path = Path(name_or_path)
    if path.is_file():
        return path
    shipped = {
        design.stem: design for design in Path(str(files("circuits") / "designs")).glob("*.toml")
    }
    name = str(name_or_path)
    if name in shipped:
        return shipped[name]
    close = get_close_matches(name, shipped, n=1)
    hint = f"did you mean {close[0]}? " if close else ""
    raise LearningError(
        "there is no such file and no such shipped design",
        where=name,
        hint=f"{hint}shipped designs: {', '.join(sorted(shipped)) or 'none'}",
    )


def load_design(path: Path, overrides: Sequence[str] = (), seed: int | None = None) -> Design:
    """Read a design file.

    Relative file names in it are taken from its folder, those in overrides from the current one.

    Args:
        path: The TOML file.
        overrides: "section.key=value", the value written as in TOML, or a bare string.
        seed: Replaces the design's seed.

    Returns:
        The design, every default filled in and every file name absolute.

    Raises:
        LearningError: When anything is unknown, missing, of the wrong type or out of range; it
            names file, line and key, or the override.
    """
    text = _text(path)
    table = _parsed(path, text)
    _make_absolute(table, path.resolve().parent)
    labels = dict(_override(table, override) for override in overrides)
    if seed is not None:
        table["seed"] = seed
        labels["seed",] = "--seed"
    origin = Origin(str(path), text, labels)
    try:
        design = _adapter().validate_python(table)
    except ValidationError as error:
        raise refusal(error, table, origin, _defaults()) from error
    _check_rules(design, origin)
    return design


def dump_design(design: Design) -> str:
    """Write a design as TOML that reads back as the same design.

    Args:
        design: The design.

    Returns:
        The text, every key included except those that are None.
    """
    return tomli_w.dumps(_without_none(asdict(design)))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LearningError(
            f"cannot read this design: {error}", where=str(path), hint="a TOML file in UTF-8"
        ) from error


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r" \(at line (\d+), column \d+\)", str(error))
        line = place[1] if place else str(text.rstrip().count("\n") + 1)
        raise LearningError(
            f"this is not TOML: {error}",
            where=f"{path}:{line}",
            hint='key = value, with text in "quotes"',
        ) from error


def _override(table: dict[str, Any], override: str) -> tuple[KeyPath, str]:
    """Set one key in place; returns the key and what to call the option in errors."""
    key, equals, text = override.partition("=")
    path = tuple(part.strip() for part in key.split("."))
    label = f"--set {key.strip()}"
    if not equals or not all(path):
        raise LearningError(
            f"{override!r} sets nothing", where=label, hint="--set section.key=value"
        )
    branch: dict[str, Any] = {path[-1]: _value(text.strip())}
    for part in reversed(path[:-1]):
        branch = {part: branch}
    _make_absolute(branch, Path.cwd())
    for part in path[:-1]:
        table, branch = table.setdefault(part, {}), branch[part]
        if not isinstance(table, dict):
            raise LearningError(
                f"{part} is a value and holds no keys",
                where=label,
                hint=closest(path, _defaults()),
            )
    table[path[-1]] = branch[path[-1]]
    return path, label


def _value(text: str) -> object:
    try:
        table = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    return table["value"] if len(table) == 1 else text


def _make_absolute(table: dict[str, Any], folder: Path) -> None:
    """Anchor file names in place; a cell or process is a file when it looks like one."""
    for path in _FILES + _NAMES_OR_FILES:
        section: Any = table
        for part in path[:-1]:
            section = section.get(part) if isinstance(section, dict) else None
        value = section.get(path[-1]) if isinstance(section, dict) else None
        if not isinstance(value, str) or not value:
            continue
        if path in _FILES or "/" in value or value.endswith(".cir"):
            section[path[-1]] = str((folder / Path(value).expanduser()).resolve())


@cache
def _adapter() -> TypeAdapter[Design]:
    return TypeAdapter(Design)


@cache
def _defaults() -> Mapping[KeyPath, object]:
    """Every key a design file may have, with its default; None without one."""
    return dict(_keys(Design, ()))


def _keys(section: type, path: KeyPath) -> list[tuple[KeyPath, object]]:
    hints = get_type_hints(section)
    found: list[tuple[KeyPath, object]] = []
    for entry in fields(section):
        below = (*path, entry.name)
        if is_dataclass(hints[entry.name]):
            found += [(below, None), *_keys(hints[entry.name], below)]
        else:
            found.append((below, None if entry.default is MISSING else entry.default))
    return found


def _check_rules(design: Design, origin: Origin) -> None:
    for rule in _RULES:
        if rule.broken(design):
            path = origin.touched([tuple(key.split(".")) for key in rule.keys])
            raise LearningError(rule.message, where=origin.where(path), hint=rule.hint)


def _without_none(table: dict[str, Any]) -> dict[str, Any]:
    return {
        key: _without_none(value) if isinstance(value, dict) else value
        for key, value in table.items()
        if value is not None
    }
