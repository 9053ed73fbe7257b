"""Every point of a study, made and checked before anything is simulated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from learning.design.origin import Origin
from learning.design.read import find_design, load_design
from learning.design.valid import made_absolute, set_key, validated
from learning.design.whole import Design
from learning.design.written import as_table
from learning.errors import LearningError
from learning.studies.planned.axes import MOST_POINTS, combinations, flat
from learning.studies.planned.identity import Identity
from learning.studies.planned.point import Place, Point
from learning.studies.planned.read_study import StudyFile
from netlist.reading import resolved


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A study's points.

    Attributes:
        study: The study.
        points: All of them, the order of the designs and axes.
    """

    study: StudyFile
    points: tuple[Point, ...]


def make_plan(study: StudyFile, fidelity: str | None = None) -> Plan:
    """Make every point of a study.

    Args:
        study: The study.
        fidelity: Who plays, in place of what the study and its designs say.

    Returns:
        The points.

    Raises:
        LearningError: When a design, or a key that an axis varies, cannot be used.
        SpiceError: When there is no simulator.
    """
    count = len(study.study.designs)
    for group in study.groups:
        count *= len(group[0].values)
    if count > MOST_POINTS:
        raise LearningError(
            f"{count} points, more than {MOST_POINTS}", study.where("axes"), "fewer values"
        )
    identity = Identity()
    return Plan(study, tuple(_points(study, fidelity or study.study.fidelity, identity)))


def _points(study: StudyFile, fidelity: str | None, identity: Identity) -> Iterator[Point]:
    for label in study.study.designs:
        base = as_table(_base(study, label, fidelity))
        seen = dict[str, Place]()
        for at in combinations(study.groups):
            design = _varied(study, base, at)
            place = Place(identity.key(design), label, at)
            twin = seen.setdefault(place.key, place)
            if twin is not place:
                raise LearningError(
                    f"two points are the same: {twin.told()}; and {place.told()}",
                    study.where("axes"),
                    "an axis that changes something, each value once",
                )
            yield Point(place, design)


def _base(study: StudyFile, label: str, fidelity: str | None) -> Design:
    """The design as an entry of the study has it, before any axis."""
    entry = study.study.designs[label]
    where = study.where("designs", label, "design")
    settings = dict(flat(study.study.set)) | dict(flat(entry.set))
    if fidelity is not None:
        settings["simulator.fidelity"] = fidelity
    own = study.path.parent / entry.design
    named: str | Path = own if own.is_file() else entry.design
    try:
        path = find_design(named if isinstance(named, str) else str(named))
        return load_design(path, {k: _anchored(k, v, study) for k, v in settings.items()})
    except LearningError as error:
        raise _placed(error, study, ("designs", label, "set"), where) from error


def _anchored(key: str, value: object, study: StudyFile) -> object:
    """A relative file name taken from the study's folder."""
    *above, last = key.split(".")
    leaf = branch = {last: value}
    for part in reversed(above):
        branch = {part: branch}
    made_absolute(branch, resolved(study.path).parent)
    return leaf[last]


def _varied(study: StudyFile, base: Mapping[str, object], at: Mapping[str, object]) -> Design:
    table = _copied(base)
    labels = {}
    try:
        for key, value in at.items():
            path = set_key(Design, table, key, _anchored(key, value, study), f"axes.{key}")
            labels[path] = f"axes.{key}"
        return validated(Design, table, Origin("", "", labels))
    except LearningError as error:
        raise _placed(error, study, ("axes",), "") from error


def _copied(table: Mapping[str, object]) -> dict[str, object]:
    """The same sections anew; values are never changed, only replaced."""
    return {k: _copied(value) if isinstance(value, dict) else value for k, value in table.items()}


def _placed(
    error: LearningError, study: StudyFile, section: tuple[str, ...], otherwise: str
) -> LearningError:
    """The same refusal at the line of the study file that brought it about."""
    told = str(error.where or "")
    for group in study.groups:
        for axis in group:
            if told == f"axes.{axis.key}":
                where = study.where_key(("axes",), axis.key)
                return LearningError(error.message, where or study.where("axes"), error.hint)
    if told.startswith("settings["):
        key = told.removeprefix("settings['").removesuffix("']")
        where = study.where_key(section, key) or study.where_key(("set",), key)
        return LearningError(error.message, where or study.where(*section), error.hint)
    return LearningError(error.message, told or otherwise, error.hint)
