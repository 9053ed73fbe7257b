"""A design's table of keys made into a design, or refused in the words of whoever wrote it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast, get_type_hints

from pydantic import TypeAdapter, ValidationError

from learning.design.origin import KeyPath, Origin
from learning.design.refusal import closest, refusal
from learning.design.rules import check_rules
from learning.design.sections import Sections
from learning.errors import LearningError
from netlist.errors import NetlistError
from netlist.parts.architectures import ARCHITECTURES
from netlist.parts.slots import BY_NAME
from netlist.reading import DESIGN, parse_toml, resolved

_FILES = (("network", "file"), ("task", "csv"))
_NAMES_OR_FILES = (("process",), *(("cells", slot) for slot in BY_NAME))

_Kind = TypeVar("_Kind", bound=Sections)


def validated(kind: type[_Kind], table: Mapping[str, Any], origin: Origin) -> _Kind:
    """Check a table of keys, and what must hold between them.

    Args:
        kind: The class of designs.
        table: Section by section, as a design file has it.
        origin: Where its keys were written, for errors.

    Returns:
        The design, every default filled in.

    Raises:
        LearningError: When anything is unknown, missing, of the wrong type or out of range.
    """
    try:
        design: _Kind = _adapter(cast(Any, kind)).validate_python(table)
    except ValidationError as error:
        raise refusal(error, table, origin, _defaults(cast(Any, kind))) from error
    check_rules(design, origin)
    return design


def laid_over(
    kind: type[Sections],
    table: dict[str, Any],
    overrides: Sequence[str] | Mapping[str, object],
    seed: int | None,
) -> dict[KeyPath, str]:
    """Lay over a table in place what was asked for beside it, and the cells that nothing names.

    Args:
        kind: The class of designs, for hints.
        table: Section by section.
        overrides: "section.key=value", the value written as in TOML, or a bare string; or values
            by "section.key".
        seed: Replaces the design's seed; None keeps it.

    Returns:
        By key that was set, what to call the option in errors.

    Raises:
        LearningError: When an override sets nothing, or leads into a value.
    """
    labels = dict(_overrides(kind, table, overrides))
    if seed is not None:
        table["seed"] = seed
        labels["seed",] = "--seed"
    _fill_slots(table)
    return labels


def _fill_slots(table: dict[str, Any]) -> None:
    """Put the architecture's own cells into the slots of which nothing is said."""
    architecture, cells = table.get("architecture"), table.setdefault("cells", {})
    if isinstance(architecture, str) and architecture in ARCHITECTURES and isinstance(cells, dict):
        for slot, cell in ARCHITECTURES[architecture].cells.items():
            cells.setdefault(slot, cell)


def _overrides(
    kind: type[Sections], table: dict[str, Any], overrides: Sequence[str] | Mapping[str, object]
) -> Iterator[tuple[KeyPath, str]]:
    if not isinstance(overrides, Mapping):
        yield from (_override(kind, table, override) for override in overrides)
        return
    for key, value in overrides.items():
        label = f"settings[{key!r}]"
        yield set_key(kind, table, key, value, label), label


def _override(kind: type[Sections], table: dict[str, Any], override: str) -> tuple[KeyPath, str]:
    """Set one key in place; returns the key and what to call the option in errors."""
    key, equals, text = override.partition("=")
    label = f"--set {key.strip()}"
    if not equals or not all(part.strip() for part in key.split(".")):
        raise LearningError(
            f"{override!r} sets nothing", where=label, hint="--set section.key=value"
        )
    return set_key(kind, table, key, _value(text.strip()), label), label


def _value(text: str) -> object:
    try:
        table = parse_toml(f"value = {text}", "", DESIGN)
    except NetlistError:
        return text
    return table["value"] if len(table) == 1 else text


def set_key(
    kind: type[Sections], table: dict[str, Any], key: str, value: object, label: str
) -> KeyPath:
    """Set one key of a table in place.

    Args:
        kind: The class of designs, for hints.
        table: Section by section.
        key: "section.key".
        value: What to put there. A relative file name in it is taken from the current folder.
        label: What to call the place in errors.

    Returns:
        The key's path.

    Raises:
        LearningError: When the key has an empty part, or leads into a value.
    """
    path = tuple(part.strip() for part in key.split("."))
    if not all(path):
        raise LearningError(f"{key!r} names no key", where=label, hint="section.key")
    branch: dict[str, Any] = {path[-1]: value}
    for part in reversed(path[:-1]):
        branch = {part: branch}
    made_absolute(branch, Path.cwd())
    for part in path[:-1]:
        table, branch = table.setdefault(part, {}), branch[part]
        if not isinstance(table, dict):
            raise LearningError(
                f"{part} is a value and holds no keys",
                where=label,
                hint=closest(path, _defaults(kind)),
            )
    table[path[-1]] = branch[path[-1]]
    return path


def made_absolute(table: dict[str, Any], folder: Path) -> None:
    """Anchor file names in place; a cell or process is a file when it looks like one.

    Args:
        table: Section by section.
        folder: Where relative names are taken from.
    """
    for path in _FILES + _NAMES_OR_FILES:
        section: Any = table
        for part in path[:-1]:
            section = section.get(part) if isinstance(section, dict) else None
        value = section.get(path[-1]) if isinstance(section, dict) else None
        if not isinstance(value, str) or not value:
            continue
        if path in _FILES or "/" in value or value.endswith(".cir"):
            section[path[-1]] = str(resolved(Path(value), folder))


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


@cache
def _defaults(kind: Any) -> Mapping[KeyPath, object]:
    """Every key a design file may have, with its default; None without one."""
    return dict(_keys(kind, ()))


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
