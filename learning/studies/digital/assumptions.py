"""The table of assumptions: read strictly, a user's file laid over the shipped one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import ClassVar, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError

from learning.design.origin import KeyPath, Origin
from learning.design.refusal import refusal
from learning.errors import LearningError, of_netlist
from learning.studies.digital.quantity import Assumed
from netlist.errors import NetlistError
from netlist.reading import InputKind, parse_toml, read_text

ASSUMPTIONS = InputKind("table of assumptions", 1 << 20, "a TOML file in UTF-8")
_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Accelerator:
    """A fixed-function engine: energies of one node, and which node that is.

    Attributes:
        multiply_32: One 32-bit integer multiplication, J.
        add_32: One 32-bit integer addition, J.
        sram_64: 64 bits read or written, J.
        control: What it takes besides, as a multiple of arithmetic and memory.
        node: Length that names the node of these energies, m.
        logic: Its supply, V.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    multiply_32: Assumed
    add_32: Assumed
    sram_64: Assumed
    control: Assumed
    node: Assumed
    logic: Assumed


@dataclass(frozen=True, slots=True)
class Node:
    """The node in which an accelerator stands beside a process.

    Attributes:
        node: Length that names it, m.
        logic: Supply of its logic, V.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    node: Assumed
    logic: Assumed


@dataclass(frozen=True, slots=True)
class Microcontroller:
    """A small processor, awake.

    Attributes:
        current: Per clock frequency, A/Hz: charge a cycle.
        supply: V.
        cycles_per_mac: Of a multiplication added to a sum.
        cycles_per_update: Of one weight's update.
        cycles_per_example: Of everything else an example takes.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    current: Assumed
    supply: Assumed
    cycles_per_mac: Assumed
    cycles_per_update: Assumed
    cycles_per_example: Assumed


@dataclass(frozen=True, slots=True)
class Learner:
    """How digital baselines learn.

    Attributes:
        bits: Of every number.
        most_epochs: After which a task is not reached.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    bits: Assumed
    most_epochs: Assumed


@dataclass(frozen=True, slots=True)
class Claim:
    """A published break-even, to be tested.

    Attributes:
        edges: Number of edges from which a learning circuit is said to take less.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    edges: Assumed


@dataclass(frozen=True, slots=True)
class Assumptions:
    """Everything a digital baseline rests on.

    Attributes:
        accelerator: A small one.
        nodes: Where it is made, by the run's process.
        microcontroller: One that can be bought.
        learner: How both learn.
        claim: What has been claimed.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    accelerator: Accelerator
    nodes: Mapping[str, Node]
    microcontroller: Microcontroller
    learner: Learner
    claim: Claim


_UNITS = {
    **dict.fromkeys(("multiply_32", "add_32", "sram_64"), "J"),
    **dict.fromkeys(("cycles_per_mac", "cycles_per_update", "cycles_per_example"), "cycles"),
    "control": "1",
    "node": "m",
    "logic": "V",
    "supply": "V",
    "current": "A/Hz",
    "bits": "bits",
    "most_epochs": "epochs",
    "edges": "edges",
}
_WHOLE = {"bits": (2, 32), "most_epochs": (1, 100_000), "edges": (1, 1_000_000_000)}
"""What is counted, and from where to where."""

_ABOVE_ZERO = ("node", "logic")


def load_assumptions(own: str | Path | None = None) -> Assumptions:
    """Read the shipped table, with a file of the user's laid over it.

    Args:
        own: The file; a quantity in it replaces the shipped one whole, source included.

    Returns:
        The assumptions.

    Raises:
        LearningError: For an unknown key, a missing source, a wrong unit or a value out of range.
    """
    shipped = Path(str(files("circuits") / "baselines" / "digital.toml"))
    table, origin = _read(shipped)
    if own is not None:
        laid_over, origin = _read(Path(own))
        table = _laid_over(table, laid_over)
    try:
        found = _adapter().validate_python(table)
    except ValidationError as error:
        raise refusal(error, table, origin, dict(_keys(Assumptions, ()))) from error
    for path, assumed in _assumed(found, ()):
        _check(path, assumed, origin)
    return found


def _read(path: Path) -> tuple[dict[str, object], Origin]:
    try:
        text = read_text(path, ASSUMPTIONS)
        return parse_toml(text, str(path), ASSUMPTIONS), Origin(str(path), text, {})
    except NetlistError as error:
        raise of_netlist(error) from error


def _laid_over(below: Mapping[str, object], above: Mapping[str, object]) -> dict[str, object]:
    """One table over another; what has a value is a quantity and is replaced whole."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        if isinstance(old, dict) and isinstance(value, dict) and "value" not in old:
            merged[key] = _laid_over(old, value)
        else:
            merged[key] = value
    return merged


def _check(path: KeyPath, assumed: Assumed, origin: Origin) -> None:
    key, unit = path[-1], _UNITS[path[-1]]
    if assumed.unit != unit:
        where = origin.where((*path, "unit"))
        message = f"{key} is in {unit}, not in {assumed.unit}"
        raise LearningError(message, where, f'unit = "{unit}", with a value in it')
    least, most = _WHOLE.get(key, (0, 0))
    fits = most == 0 or (least <= assumed.value <= most and assumed.value == int(assumed.value))
    if not fits or (key in _ABOVE_ZERO and assumed.value == 0):
        hint = f"a whole number from {least} to {most}" if most else "more than 0"
        where = origin.where((*path, "value"))
        raise LearningError(f"{key} cannot be {assumed.value:g}", where, hint)


def _assumed(section: object, path: KeyPath) -> Iterator[tuple[KeyPath, Assumed]]:
    """Every assumption in a section, by its key."""
    if isinstance(section, Assumed):
        yield path, section
    elif isinstance(section, Mapping):
        for name, value in section.items():
            yield from _assumed(value, (*path, name))
    elif is_dataclass(section):
        for entry in fields(section):
            yield from _assumed(getattr(section, entry.name), (*path, entry.name))


def _keys(kind: type, path: KeyPath) -> Iterator[tuple[KeyPath, object]]:
    """Every key there can be, for hints."""
    for name, inner in get_type_hints(kind).items():
        if name.startswith("__"):
            continue
        yield (*path, name), None
        if isinstance(inner, type) and is_dataclass(inner):
            yield from _keys(inner, (*path, name))


@cache
def _adapter() -> TypeAdapter[Assumptions]:
    return TypeAdapter(Assumptions)
