"""The design file, read strictly from TOML.

Strict because a misspelt key that is quietly ignored costs a night of simulation: every key, type
and range is checked (pydantic does the mapping), and an error names file, line and key.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from learning.design.origin import Origin
from learning.design.unread import refuse_unread
from learning.design.valid import laid_over, made_absolute, validated
from learning.design.whole import Design
from learning.errors import LearningError, of_netlist
from netlist.errors import NetlistError
from netlist.naming import find_file
from netlist.reading import DESIGN, parse_toml, read_text, resolved


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
    inside = Path(name_or_path) / "design.toml"
    if str(name_or_path) not in shipped and os.path.isfile(inside):  # noqa: PTH113 - never raises
        raise LearningError("this is the folder of a run", str(name_or_path), str(inside))
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
    try:
        text = read_text(path, DESIGN)
    except NetlistError as error:
        raise of_netlist(error) from error
    return read_design(text, path, overrides, seed)


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
    try:
        table = parse_toml(text, str(path), DESIGN)
    except NetlistError as error:
        raise of_netlist(error) from error
    made_absolute(table, resolved(path).parent)
    labels = laid_over(Design, table, overrides, seed)
    origin = Origin(str(path), text, labels)
    design = validated(Design, table, origin)
    refuse_unread(design, origin)
    return design
