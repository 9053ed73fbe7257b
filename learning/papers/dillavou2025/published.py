"""The laboratory's measurements, read from a folder the user names; nothing of them is shipped.

The folder is a copy of github.com/maguzj/imperfect-learning-physical-systems (MIT; DOI
10.5281/zenodo.15692010). Its tables ``measured-DG2-*.csv`` and ``measured-MSE-*.csv`` have two
columns and no heading: the time of a turn in seconds, and square volts.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from learning.arrays import Floats
from learning.errors import LearningError
from learning.papers.dillavou2025.data import Measurement

_FOLDERS = ("", "small network/MSE-DG2-Data", "MSE-DG2-Data")
_CYCLE, _ERROR = "measured-DG2-", "measured-MSE-"

SMALL = 1e-2
"""A cycle below this share of the largest counts as small."""

_FIT = 3
"""Points an exponent needs."""


def read_laboratory(folder: Path) -> tuple[Measurement, ...]:
    """Read the laboratory's tables of cycle and error over the time of a turn.

    Args:
        folder: The repository's copy, or the folder of the tables.

    Returns:
        The experiments, in the order of their names.

    Raises:
        LearningError: When there are none, or a table is something else.
    """
    for below in _FOLDERS:
        found = sorted((folder / below).glob(f"{_CYCLE}*.csv"))
        if found:
            return tuple(_measurement(path) for path in found)
    raise LearningError(
        f"no table {_CYCLE}*.csv is here or in {_FOLDERS[1]}",
        str(folder),
        "a copy of github.com/maguzj/imperfect-learning-physical-systems",
    )


def _measurement(path: Path) -> Measurement:
    name = path.stem.removeprefix(_CYCLE)
    other = path.with_name(f"{_ERROR}{name}.csv")
    cycle, error = _table(path), _table(other)
    if not np.array_equal(cycle[:, 0], error[:, 0]):
        raise LearningError(
            f"the times differ from those of {path.name}", str(other), "tables of one experiment"
        )
    return Measurement(
        name=name,
        turn_s=tuple(cycle[:, 0].tolist()),
        cycle_V2=tuple(cycle[:, 1].tolist()),
        error_V2=tuple(error[:, 1].tolist()),
        exponent=exponent(cycle[:, 0], cycle[:, 1]),
        floor_V2=float(error[0, 1]),
    )


def _table(path: Path) -> Floats:
    try:
        table = np.loadtxt(path, delimiter=",", ndmin=2)
    except (OSError, ValueError) as error:
        raise LearningError(
            f"the table cannot be read: {error}", str(path), "two columns of numbers"
        ) from error
    if table.shape[1] != 2 or not np.all(np.diff(table[:, 0]) > 0) or not np.all(table > 0):  # noqa: PLR2004
        raise LearningError(
            "the table must have two columns of positive numbers, times rising", str(path),
            "the table as published",
        )  # fmt: skip
    return np.asarray(table)


def exponent(rate: Floats, cycle_V2: Floats, small: float = SMALL) -> float | None:
    """Exponent of a cycle's squared size over the rate, where it is small.

    Args:
        rate: (n,), rising.
        cycle_V2: (n,).
        small: Share of the largest below which a cycle counts.

    Returns:
        The slope on logarithmic axes; None when fewer than three cycles are small.
    """
    taken = np.asarray(cycle_V2) < small * np.max(cycle_V2)
    if np.count_nonzero(taken) < _FIT:
        return None
    x, y = np.log(np.asarray(rate)[taken]), np.log(np.asarray(cycle_V2)[taken])
    return float(np.polyfit(x, y, 1)[0])
