"""The design file: read strictly from TOML, written back whole.

Strict because a misspelt key that is quietly ignored costs a night of simulation: every key, type
and range is checked (pydantic does the mapping), and an error names file, line and key. Dumping a
design writes every value that was used, so that a run can be repeated from its own folder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, fields, is_dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, get_type_hints

import tomli_w
from pydantic import TypeAdapter, ValidationError

from learning.design.named_files import named_files, with_files
from learning.design.origin import KeyPath, Origin
from learning.design.refusal import closest, refusal
from learning.design.rules import check_rules
from learning.design.sections import Design
from learning.errors import LearningError, of_netlist
from netlist.errors import NetlistError
from netlist.parts.architectures import ARCHITECTURES
from netlist.parts.slots import BY_NAME
from netlist.reading import DESIGN, is_inside, parse_toml, read_text

_FILES = (("network", "file"), ("task", "csv"))
_NAMES_OR_FILES = (("process",), *(("cells", slot) for slot in BY_NAME))


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
    return read_design(_text(path), path, overrides, seed)


def read_design(
    text: str, path: Path, overrides: Sequence[str] = (), seed: int | None = None
) -> Design:
    """Read a design from its text.

    Args:
        text: TOML.
        path: The file it is from, or would be: file names are taken from its folder.
        overrides: As for `load_design`.
        seed: As for `load_design`.

    Returns:
        As `load_design`.

    Raises:
        LearningError: As `load_design`.
    """
    table = _parsed(path, text)
    _make_absolute(table, path.resolve().parent)
    labels = dict(_override(table, override) for override in overrides)
    if seed is not None:
        table["seed"] = seed
        labels["seed",] = "--seed"
    _fill_slots(table)
    origin = Origin(str(path), text, labels)
    try:
        design = _adapter().validate_python(table)
    except ValidationError as error:
        raise refusal(error, table, origin, _defaults()) from error
    check_rules(design, origin)
    return design


def _fill_slots(table: dict[str, Any]) -> None:
    """Put the architecture's own cells into the slots of which nothing is said."""
    architecture, cells = table.get("architecture"), table.setdefault("cells", {})
    if isinstance(architecture, str) and architecture in ARCHITECTURES and isinstance(cells, dict):
        for slot, cell in ARCHITECTURES[architecture].cells.items():
            cells.setdefault(slot, cell)


def dump_design(design: Design, folder: Path | None = None) -> str:
    """Write a design as TOML that reads back as the same design.

    Args:
        design: The design.
        folder: Where the text will lie; files below it are named from there, so that the folder may
            be moved.

    Returns:
        The text, every key included except those that are None.
    """
    if folder is not None:
        inside = (file for file in named_files(design) if is_inside(file.path, folder))
        here = folder.resolve()
        places = {file.key: file.path.resolve().relative_to(here) for file in inside}
        design = with_files(design, places)
    return tomli_w.dumps(_without_none(asdict(design)))


def _text(path: Path) -> str:
    try:
        return read_text(path, DESIGN)
    except NetlistError as error:
        raise of_netlist(error) from error


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return parse_toml(text, str(path), DESIGN)
    except NetlistError as error:
        raise of_netlist(error) from error


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
        table = parse_toml(f"value = {text}", "", DESIGN)
    except NetlistError:
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


def _without_none(table: dict[str, Any]) -> dict[str, Any]:
    return {
        key: _without_none(value) if isinstance(value, dict) else value
        for key, value in table.items()
        if value is not None
    }
