"""The study file: read from TOML as strictly as a design, refused with its line and a way out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cache
from importlib.resources import files
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from learning.design.origin import KeyPath, Origin, key_lines
from learning.design.refusal import NAMED, refusal
from learning.errors import LearningError, of_netlist
from learning.studies.planned.axes import Axis, flat, grouped, read_axis
from learning.studies.planned.figures import find_figure
from learning.studies.planned.statistic import read_statistic
from learning.studies.planned.study import CHIPS, CONDITIONS, DesignEntry, Limits, Spec, Study
from netlist.errors import NetlistError
from netlist.naming import find_file, suggestion
from netlist.reading import InputKind, parse_toml, read_text

STUDY = InputKind("study", 1 << 20, "a TOML file in UTF-8")


@dataclass(frozen=True, slots=True, eq=False)
class StudyFile:
    """A study as it was read, with what it says understood.

    Attributes:
        study: Its sections.
        path: The file; relative names in it are taken from its folder.
        origin: Where its keys were written.
        groups: Its axes; those of one group step together.
    """

    study: Study
    path: Path
    origin: Origin
    groups: tuple[tuple[Axis, ...], ...]

    def where(self, *path: str) -> str:
        """The line that says something, for errors."""
        return self.origin.where(path)

    def where_key(self, section: KeyPath, key: str) -> str:
        """The line of a section that has a design's key, in sections or dotted; empty if none."""
        return where_key(self.origin, section, key)


def where_key(origin: Origin, section: KeyPath, key: str) -> str:
    """Where a section has a design's key.

    Args:
        origin: Where keys were written.
        section: The section.
        key: "section.key" of the design.

    Returns:
        The line, whether the key is in sections or dotted; empty when it is not there.
    """
    lines = key_lines(origin.text)
    paths = ((*section, *key.split(".")), (*section, key))
    return next((origin.where(path) for path in paths if path in lines), "")


def find_study(name_or_path: str | Path) -> Path:
    """Find a study file by its path, or a shipped study by its name.

    Args:
        name_or_path: ``mine/study.toml``, or NAME for ``circuits/studies/NAME.toml``.

    Returns:
        The path of the file.

    Raises:
        LearningError: When there is neither.
    """
    folder = Path(str(files("circuits") / "studies"))
    shipped = {file.stem: file for file in sorted(folder.glob("*.toml"))}
    told = f"shipped studies: {', '.join(shipped) or 'none'}"
    nowhere = NetlistError(
        "there is no such file and no such shipped study", str(name_or_path), told
    )
    try:
        return find_file(str(name_or_path), shipped, nowhere)
    except NetlistError as error:
        raise of_netlist(error) from None


def load_study(name_or_path: str | Path) -> StudyFile:
    """Read a study file.

    Args:
        name_or_path: As for `find_study`.

    Returns:
        The study.

    Raises:
        LearningError: When anything is unknown, missing, of the wrong type or makes no sense; it
            names file, line and key.
    """
    path = find_study(name_or_path)
    try:
        text = read_text(path, STUDY)
        table = parse_toml(text, str(path), STUDY)
    except NetlistError as error:
        raise of_netlist(error) from error
    origin = Origin(str(path), text, {})
    return understood(read_table(table, origin), path, origin)


def read_table(table: Mapping[str, object], origin: Origin) -> Study:
    """Read a study from its table.

    Args:
        table: As TOML or JSON has it.
        origin: Where it was written.

    Returns:
        The study.

    Raises:
        LearningError: As `load_study`.
    """
    try:
        return _adapter().validate_python(table)
    except ValidationError as error:
        raise refusal(error, table, origin, dict(_known(table))) from error


def plain_study(study: Study) -> object:
    """A study as lists, numbers and words, for whoever writes JSON."""
    return _adapter().dump_python(study, exclude_none=True)


def understood(study: Study, path: Path, origin: Origin) -> StudyFile:
    """What a study's words mean, checked.

    Args:
        study: The study.
        path: Its file.
        origin: Where its keys were written.

    Returns:
        The study with its axes.

    Raises:
        LearningError: When they make no sense.
    """
    written = dict(flat(study.axes))
    places = {key: where_key(origin, ("axes",), key) for key in written}
    _check_set(study, written, origin)
    axes = {key: read_axis(key, value, places[key]) for key, value in written.items()}
    groups = grouped(axes, study.together, origin.where(("together",)), places)
    for name, spec in study.specs.items():
        _check_spec(spec, ("specs", name), origin)
        for design in spec.designs:
            _require(design, study.designs, origin.where(("specs", name, "designs")), "design")
    if study.rank_by is not None:
        find_figure(study.rank_by, origin.where(("rank_by",)))
    for objective in study.objectives:
        find_figure(objective, origin.where(("objectives",)))
    for what in ("chips", "conditions"):
        for key in getattr(study, what) or ():
            _require(key, axes, origin.where((what,)), "axis")
    return StudyFile(study, path, origin, groups)


def _check_set(study: Study, axes: Mapping[str, object], origin: Origin) -> None:
    """Refuse a key that has one value and many: which of them is meant?"""
    sets: dict[KeyPath, Mapping[str, object]] = {("set",): study.set}
    sets |= {("designs", name, "set"): entry.set for name, entry in study.designs.items()}
    for section, table in sets.items():
        for key, _ in flat(table):
            if key in axes:
                where = where_key(origin, section, key)
                raise LearningError(f"{key} is set here and is an axis", where, "one of the two")


def chip_axes(study: Study) -> tuple[str, ...]:
    """The axes along which one design is many chips."""
    return _those(study, study.chips, CHIPS, study.conditions or ())


def condition_axes(study: Study) -> tuple[str, ...]:
    """The axes along which a spec must hold at every value."""
    return _those(study, study.conditions, CONDITIONS, study.chips or ())


def _those(
    study: Study,
    told: tuple[str, ...] | None,
    usual: tuple[str, ...],
    elsewhere: tuple[str, ...],
) -> tuple[str, ...]:
    wanted = [key for key in usual if key not in elsewhere] if told is None else told
    return tuple(key for key, _ in flat(study.axes) if key in wanted)


def _require(name: str, there: Mapping[str, object], where: str, kind: str) -> None:
    if name not in there:
        hint = suggestion(name, there, f"there are: {', '.join(there) or 'none'}")
        raise LearningError(f"{name} is no {kind} of this study", where, hint)


def _check_spec(spec: Spec, path: KeyPath, origin: Origin) -> None:
    figure = find_figure(spec.figure, origin.where((*path, "figure")))
    read_statistic(spec.holds_for, origin.where((*path, "holds_for")))
    units = {figure.unit, figure.unit.replace("²", "2")}
    if spec.unit is not None and spec.unit not in units:
        where = origin.where((*path, "unit"))
        raise LearningError(
            f"{figure.name} is in {figure.unit or 'plain numbers'}, not in {spec.unit}",
            where,
            f'unit = "{figure.unit}", with limits in it',
        )
    sides = [side for side in (spec.min, spec.max) if side is not None]
    if not sides and spec.typ is None:
        raise LearningError("a spec without a limit", origin.where(path), "min, max or typ")
    if spec.typ is not None and len(sides) != 1:
        raise LearningError(
            "typ says how good the median is, and needs to know which way is good",
            origin.where((*path, "typ")),
            "typ beside either min or max",
        )
    if spec.min is not None and spec.max is not None and spec.min > spec.max:
        raise LearningError("min is above max", origin.where((*path, "min")), "swap the two")


def _known(table: Mapping[str, object]) -> Iterator[tuple[KeyPath, object]]:
    """Every key a study file may have, those under the names it uses included."""
    yield from _of(Study, ())
    yield from _of(Limits, ("limits",))
    for section, kind in (("designs", DesignEntry), ("specs", Spec)):
        named = table.get(section)
        yield from () if named else [((section, NAMED), None)]
        for name in named if isinstance(named, dict) else ():
            yield (section, name), None
            yield from _of(kind, (section, name))


def _of(kind: type, above: KeyPath) -> Iterator[tuple[KeyPath, object]]:
    for entry in fields(kind):
        yield (*above, entry.name), None if entry.default is MISSING else entry.default


@cache
def _adapter() -> TypeAdapter[Study]:
    return TypeAdapter(Study)
