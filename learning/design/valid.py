"""A design's table of keys made into a design, or refused in the words of whoever wrote it."""

from __future__ import annotations

from collections.abc import Mapping
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
from netlist.parts.slots import BY_NAME

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
            section[path[-1]] = str((folder / Path(value).expanduser()).resolve())


def without_none(table: Mapping[str, Any]) -> dict[str, Any]:
    """A table without the keys that are None, which a file would leave out.

    Args:
        table: Section by section.

    Returns:
        The same without them, at every depth.
    """
    return {
        key: without_none(value) if isinstance(value, dict) else value
        for key, value in table.items()
        if value is not None
    }


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
