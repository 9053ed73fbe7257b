"""Every key of a design: what it means, its kind, unit, default and range, read from the sections.

The sections are the one place that says what a design may hold; this reads their annotations and
docstrings, so that a reference printed from here cannot be out of date.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Le, Lt, MinLen

from learning.design import kinds
from learning.design.whole import Design
from netlist.parts.slots import SLOTS

_UNITS = {
    "V2": "V²",
    "V": "V",
    "s": "s",
    "C": "°C",
    "J": "J",
    "W": "W",
    "Hz": "Hz",
    "F": "F",
    "A": "A",
    "S": "S",
    "A2s": "A²/Hz",
}
"""The unit that the end of a key's name stands for."""

_WORDS: tuple[tuple[Any, str], ...] = (
    (kinds.Placement, 'node names, a number of nodes, or "task"'),
    (kinds.NodeNames, "node names"),
    (kinds.Option, "a number, a word, or true or false"),
    (kinds.Identifier, "letters, digits and _"),
    (kinds.Line, "one line of text"),
)
"""Kinds whose annotation does not say in words what they hold."""

_CELLS = {
    slot.name: f"The cell that is the {slot.name}, one per {slot.placed_per}: its name in "
    f"``circuits/cells``, or a file."
    for slot in SLOTS
}
"""What is said of the keys that come from the table of slots."""

_PLAIN = {bool: "true or false", int: "whole number", float: "number", str: "text"}


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a design.

    Attributes:
        name: As ``--set`` takes it: ``section.key``.
        kind: What it holds, in words.
        unit: Its SI unit; empty when it has none.
        default: As a design file writes it; "required", or "-" when it is left out.
        range: What it may be, in words; empty when its kind says everything.
        meaning: What it is, in a sentence.
    """

    name: str
    kind: str
    unit: str
    default: str
    range: str
    meaning: str


def design_keys() -> tuple[Key, ...]:
    """Every key there is, in the order of a resolved design.

    Returns:
        The keys, sections' own names left out.
    """
    return tuple(_keys(Design, ""))


def _keys(section: type, above: str) -> Iterator[Key]:
    hints = get_type_hints(section, include_extras=True)
    told = _told(section)
    for field in fields(section):
        hint, name = hints[field.name], f"{above}{field.name}"
        if is_dataclass(hint) and isinstance(hint, type):
            yield from _keys(hint, f"{name}.")
            continue
        if (one := _of_table(hint)) is not None:
            yield from _keys(one, f"{name}.NAME.")
            continue
        kind, limits = _kind(hint)
        unit = _UNITS.get(field.name.rpartition("_")[2], "") if "_" in field.name else ""
        yield Key(name, kind, unit, _default(field), limits, told[field.name])


def _of_table(hint: Any) -> type | None:
    """The section of which a table holds one under each name; None for any other kind."""
    inside = get_args(hint)
    section = inside[1] if get_origin(hint) is Mapping else None
    return section if isinstance(section, type) and is_dataclass(section) else None


def _told(section: type) -> Mapping[str, str]:
    """What the docstrings of a section, and of those it builds on, say of each attribute."""
    documents = [inspect.cleandoc(one.__doc__ or "") for one in reversed(section.__mro__)]
    text = "\n\n".join(document.partition("Attributes:\n")[2] for document in documents)
    found = re.findall(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", text, re.MULTILINE)
    return _CELLS | {name: re.sub(r"\s+", " ", meaning) for name, meaning in found}


def _default(field: Field[Any]) -> str:
    if field.default is MISSING and field.default_factory is MISSING:
        return "required"
    value = field.default if field.default_factory is MISSING else field.default_factory()
    return _written(value)


def _written(value: object) -> str:
    """A value as TOML has it."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(_written(one) for one in value)}]"
    if isinstance(value, Mapping):
        return "{}"
    return f'"{value}"' if isinstance(value, str) else f"{value:g}"


def _kind(hint: Any) -> tuple[str, str]:
    """A kind in words, and the limits of its values."""
    words = next((words for alias, words in _WORDS if hint == alias), None) or _PLAIN.get(hint)
    if words is not None:
        return words, ""
    if is_dataclass(hint):
        return "tables", ""  # a table of its own under every name
    origin, inside = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _kind(inside[0])[0], _limits(inside[1:])
    if origin is Literal:
        return "one of", ", ".join(f'"{value}"' for value in inside)
    if origin in (Union, UnionType):
        parts = [_kind(part) for part in inside if part is not NoneType]
        return " or ".join(kind for kind, _ in parts), parts[0][1]
    of, index = ("list", 0) if origin is tuple else ("table", 1)
    kind, limits = _kind(inside[index])
    return f"{of} of {_plural(kind)}", limits if of == "list" else ""


def _plural(kind: str) -> str:
    first, of, rest = kind.partition(" of ")
    if of:
        return f"{first}s{of}{rest}"
    return f"{kind}s" if kind in ("number", "whole number") else kind


_SIGNS: tuple[tuple[type, str, str], ...] = (
    (Ge, "ge", "≥"),
    (Gt, "gt", ">"),
    (Le, "le", "≤"),
    (Lt, "lt", "<"),
)


def _limits(marks: tuple[Any, ...]) -> str:
    """The limits among a kind's marks; pydantic keeps them in fields of its own."""
    flat = [inner for mark in marks for inner in (getattr(mark, "metadata", None) or [mark])]
    found = [
        f"{sign} {getattr(mark, attribute):g}"
        for mark in flat
        for kind, attribute, sign in _SIGNS
        if isinstance(mark, kind)
    ]
    if any(isinstance(mark, MinLen) for mark in flat):
        found.append("not empty")
    return ", ".join(found)
