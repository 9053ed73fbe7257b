"""A study's folder opened: every planned point with what became of it, as a table or a dataset."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd
import xarray as xr

from learning.studies.kept.index import read_records
from learning.studies.kept.record import Record, Status
from learning.studies.kept.store import Planned, Store
from learning.studies.planned.figures import FIGURES

_FACTS = ("status", "message", "plant", "wall_s")


@dataclass(frozen=True, eq=False)
class OpenStudy:
    """A study's folder.

    Attributes:
        folder: The folder.
        planned: What was planned.
        records: What became of points, by their names; a point without one was not run.
    """

    folder: Path
    planned: Planned
    records: Mapping[str, Record]

    @property
    def axes(self) -> tuple[str, ...]:
        """Keys of the axes, in the study's order."""
        places = self.planned.places
        return tuple(places[0].coordinates) if places else ()

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row for every planned point: design, axes, status and figures (SI units).

        A point that was not run has the status "not run"; figures that cannot be trusted, or are
        not there, are NaN.
        """
        places = self.planned.places
        found = [self.records.get(place.key, _missing(place.key)) for place in places]
        columns: dict[str, Sequence[object]] = {
            "key": [place.key for place in places],
            "design": [place.design for place in places],
        }
        for axis in self.axes:
            columns[axis] = [_coordinate(place.coordinates[axis]) for place in places]
        for fact in _FACTS:
            columns[fact] = [_fact(record, fact) for record in found]
        for name in FIGURES:
            columns[name] = pd.array([_figure(record, name) for record in found], dtype="float64")
        return pd.DataFrame(columns)

    @property
    def dataset(self) -> xr.Dataset:
        """The figures over design and axes, with units; axes that step together are one each."""
        table = self.table.set_index(["design", *self.axes])
        dataset = xr.Dataset.from_dataframe(table[["key", "status", *FIGURES]])
        for name, figure in FIGURES.items():
            dataset[name].attrs = {"units": figure.unit, "long_name": figure.meaning}
        return dataset


def study(folder: str | Path) -> OpenStudy:
    """Open a study's folder.

    Args:
        folder: What ``joulearn study STUDY.toml --out DIR`` made.

    Returns:
        The study, as far as it is.

    Raises:
        LearningError: When the folder holds no study.
    """
    store = Store(Path(folder))
    return OpenStudy(store.path, store.read_plan(), read_records(store))


def _missing(key: str) -> Record:
    return Record(key, Status.MISSING)


def _fact(record: Record, fact: str) -> object:
    value = getattr(record, fact)
    return value.value if isinstance(value, Status) else value


def _figure(record: Record, name: str) -> float:
    value = record.figures.get(name) if record.done else None
    return float("nan") if value is None else value


def _coordinate(value: object) -> object:
    return value if isinstance(value, int | float | str) else json.dumps(value)
