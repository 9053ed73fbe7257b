"""The design file: read strictly from TOML, written back whole.

Strict because a misspelt key that is quietly ignored costs a night of simulation: every key, type
and range is checked (pydantic does the mapping), and an error names file, line and key. Dumping a
design writes every value that was used, so that a run can be repeated from its own folder.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

import tomli_w

from learning.design.named_files import named_files, with_files
from learning.design.origin import KeyPath, Origin
from learning.design.valid import made_absolute, set_key, validated, without_none
from learning.design.whole import Design
from learning.errors import LearningError, of_netlist
from netlist.errors import NetlistError
from netlist.naming import find_file
from netlist.parts.architectures import ARCHITECTURES
from netlist.reading import DESIGN, is_inside, parse_toml, read_text


def find_design(name_or_path: str | Path) -> Path:
    """Find a design file by its path, or a shipped design by its name.

    Args:
        name_or_path: ``mine/design.toml``, or NAME for ``circuits/designs/NAME.toml``.

    Returns:
        The path of the file.

    Raises:
        LearningError: When there is neither such a file nor such a design.
    """
    folder = Path(str(files("circuits") / "designs"))
    shipped = {design.stem: design for design in sorted(folder.glob("*.toml"))}
    refusal = NetlistError(
        "there is no such file and no such shipped design",
        where=str(name_or_path),
        hint=f"shipped designs: {', '.join(shipped) or 'none'}",
    )
    try:
        return find_file(str(name_or_path), shipped, refusal)
    except NetlistError as error:
        raise of_netlist(error) from None


def load_design(
    path: str | Path,
    overrides: Sequence[str] | Mapping[str, object] = (),
    seed: int | None = None,
) -> Design:
    """Read a design file.

    Relative file names in it are taken from its folder, those in overrides from the current one.

    Args:
        path: The TOML file; as text also the name of a shipped design.
        overrides: "section.key=value", the value written as in TOML, or a bare string; or values
            by "section.key".
        seed: Replaces the design's seed.

    Returns:
        The design, every default filled in and every file name absolute.

    Raises:
        LearningError: When anything is unknown, missing, of the wrong type or out of range; it
            names file, line and key, or the override.
    """
    path = find_design(path) if isinstance(path, str) else path
    return read_design(_text(path), path, overrides, seed)


def read_design(
    text: str,
    path: Path,
    overrides: Sequence[str] | Mapping[str, object] = (),
    seed: int | None = None,
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
    made_absolute(table, path.resolve().parent)
    labels = dict(_overrides(table, overrides))
    if seed is not None:
        table["seed"] = seed
        labels["seed",] = "--seed"
    _fill_slots(table)
    return validated(Design, table, Origin(str(path), text, labels))


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
    return tomli_w.dumps(without_none(asdict(design)))


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


def _overrides(
    table: dict[str, Any], overrides: Sequence[str] | Mapping[str, object]
) -> Iterator[tuple[KeyPath, str]]:
    if not isinstance(overrides, Mapping):
        yield from (_override(table, override) for override in overrides)
        return
    for key, value in overrides.items():
        label = f"settings[{key!r}]"
        yield set_key(Design, table, key, value, label), label


def _override(table: dict[str, Any], override: str) -> tuple[KeyPath, str]:
    """Set one key in place; returns the key and what to call the option in errors."""
    key, equals, text = override.partition("=")
    label = f"--set {key.strip()}"
    if not equals or not all(part.strip() for part in key.split(".")):
        raise LearningError(
            f"{override!r} sets nothing", where=label, hint="--set section.key=value"
        )
    return set_key(Design, table, key, _value(text.strip()), label), label


def _value(text: str) -> object:
    try:
        table = parse_toml(f"value = {text}", "", DESIGN)
    except NetlistError:
        return text
    return table["value"] if len(table) == 1 else text
