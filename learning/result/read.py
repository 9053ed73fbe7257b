"""A finished run as its folder holds it, checked before anything is drawn from it.

The folder may come from another machine or an older version, or may have been edited, so the
figures a report needs are checked for being there and being of their kind (pydantic does it).
"""

from __future__ import annotations

import io
import math
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from pydantic import ValidationError

from learning.arrays import Floats
from learning.errors import LearningError, of_netlist
from learning.measure.ledger import NETWORKS
from learning.result.adapter import result_of
from learning.result.result import SCHEMAS, Result
from learning.running.folder import RunFolder
from netlist.errors import NetlistError
from netlist.machine.names import Role, Signal, signal
from netlist.reading import DESIGN, RESULT, WAVEFORMS, read_bytes, read_json, read_text

if TYPE_CHECKING:
    import xarray as xr

_AGAIN = "joulearn learn design.toml --out with another folder, to run the design again"


@dataclass(frozen=True, slots=True)
class Waveforms:
    """What ``waveforms.nc`` holds.

    Attributes:
        epochs: Epochs at which gates were kept, (n_mark,).
        gates_V: (n_mark, n_gate), volts.
        gates: Names of the gates.
        early: One presentation early in learning: time (n_step,) in seconds, signals
            (n_step, n_signal) in volts.
        late: The same, late in learning.
        signals: Names and roles of the signals.
    """

    epochs: Floats
    gates_V: Floats
    gates: tuple[str, ...]
    early: tuple[Floats, Floats]
    late: tuple[Floats, Floats]
    signals: tuple[Signal, ...]


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished run.

    Attributes:
        result: Its figures.
        waveforms: The contents of ``waveforms.nc``.
        design: The resolved design as text; empty when the folder has none.
    """

    result: Result
    waveforms: Waveforms
    design: str


def read_finished(folder: RunFolder) -> Finished:
    """Read a finished run.

    Args:
        folder: The run's folder.

    Returns:
        The run.

    Raises:
        LearningError: When the folder holds no finished run, or its files are damaged.
    """
    result = read_result(folder.result)
    waveforms = _read_waveforms(folder.waveforms)
    design = folder.design
    try:
        text = read_text(design, DESIGN, links=False) if design.exists() else ""
    except NetlistError as error:
        raise of_netlist(error) from error
    return Finished(result, waveforms, text)


def read_result(path: Path) -> Result:
    """Read the figures of a finished run.

    Args:
        path: Its ``result.json``.

    Returns:
        The result.

    Raises:
        LearningError: When the file is missing, damaged or of a schema unknown here.
    """
    if not path.is_file():
        raise LearningError(
            f"no finished run here: {path.name} is missing",
            where=str(path.parent),
            hint="the folder of a finished run; joulearn learn DESIGN --out DIR --resume ends "
            "an interrupted one",
        )
    try:
        result = result_of(read_json(path, RESULT, links=False))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise _damaged(f"{key or 'the whole'}: {first['msg']}", path) from error
    except NetlistError as error:
        raise LearningError(error.message, where=str(path), hint=_AGAIN) from error
    if result.schema not in SCHEMAS:
        raise LearningError(
            f"this result has schema {result.schema}, not {' or '.join(map(str, SCHEMAS))}",
            where=str(path),
            hint="the version of joulearn that wrote it, or to run its design again",
        )
    _check_numbers(result, path)
    _check_ledger(result, path)
    _check_network(result, path)
    return result


def _damaged(why: str, path: Path) -> LearningError:
    return LearningError(f"this result is damaged: {why}", where=str(path), hint=_AGAIN)


def _check_numbers(result: Result, path: Path) -> None:
    """Refuse what no run can have had: fewer than no presentations, an error below zero."""
    course = result.error_V2
    told = {
        "presentations": result.presentations,
        "epochs": result.epochs,
        "simulated_time_s": result.simulated_time_s,
        "wall_time_s": result.wall_time_s,
        "error_V2.initial": course.initial,
        "error_V2.final": course.final,
    }
    told |= {f"error_V2.history.{at}": one.error_V2 for at, one in enumerate(course.history)}
    for key, number in told.items():
        if not (math.isfinite(number) and number >= 0):
            raise _damaged(f"{key} is {number:g}", path)


def _check_network(result: Result, path: Path) -> None:
    network, conductances = result.network, result.conductances_S
    edges = len(network.edges)
    placed = set(network.positions)
    ports = (*network.sources, *network.targets, *network.ground)
    named = {*(end for edge in network.edges for end in edge), *_ends(ports)}
    if (
        any(len(row) != edges for row in (conductances.initial, conductances.final))
        or placed != set(network.nodes)
        or not placed >= named
    ):
        raise _damaged("nodes, edges, positions and conductances do not fit together", path)


def _ends(ports: Sequence[str]) -> Iterator[str]:
    """The nodes of ports, each written as a node or a pair "3-7"."""
    for port in ports:
        yield from port.split("-")


def _check_ledger(result: Result, path: Path) -> None:
    for key in ("total", *NETWORKS):
        if key not in result.energy_J:
            raise _damaged(f"energy_J has no {key}", path)


_DAMAGE = (
    *(OSError, EOFError, ValueError, TypeError, LookupError, ArithmeticError),
    *(AttributeError, AssertionError, MemoryError, struct.error),
)
"""What reading a netCDF file raises when bytes of it are other than they were."""


def load_waveforms(path: Path) -> xr.Dataset:
    """Read the waveforms of a finished run.

    Args:
        path: Its ``waveforms.nc``.

    Returns:
        "gates" (mark, gate) at every "epoch" that was kept; "early" and "late", one presentation
        each (step, signal) with its time; volts and seconds; every signal with its role.

    Raises:
        LearningError: When the file is missing, damaged or incomplete.
    """
    import xarray as xr  # noqa: PLC0415 - with pandas it costs most of a second

    if not path.is_file():
        raise LearningError(
            f"no waveforms here: {path.name} is missing", where=str(path.parent), hint=_AGAIN
        )
    try:
        content = io.BytesIO(read_bytes(path, WAVEFORMS, links=False))
        with xr.open_dataset(content, engine="scipy") as data:
            _check_complete(data, path)
            return data.load()
    except NetlistError as error:
        raise of_netlist(error) from error
    except _DAMAGE as error:
        # The reader's advice is on other formats, in several lines.
        why = str(error).partition("\n")[0].removeprefix("Error: None is ")
        raise LearningError(
            f"these waveforms are damaged: {why}", where=str(path), hint=_AGAIN
        ) from error


def _read_waveforms(path: Path) -> Waveforms:
    data = load_waveforms(path)
    try:
        early, late = (
            (_array(data[f"{end}_time"]), _array(data[end])) for end in ("early", "late")
        )
        return Waveforms(
            epochs=_array(data["epoch"]),
            gates_V=_array(data["gates"]),
            gates=_names(data["gate"]),
            early=early,
            late=late,
            signals=_signals(data),
        )
    except _DAMAGE as error:
        raise LearningError(
            f"these waveforms are damaged: {error}", where=str(path), hint=_AGAIN
        ) from error


def _check_complete(data: xr.Dataset, path: Path) -> None:
    missing = [name for name in _VARIABLES if name not in data.variables]
    if missing:
        raise LearningError(
            f"these waveforms are incomplete: no {', '.join(missing)}",
            where=str(path),
            hint="measure.early_presentation and measure.late_presentation within the run; then "
            "run the design again",
        )


_VARIABLES = (
    "epoch", "gate", "gates", "signal", "early", "early_time", "late", "late_time"
)  # fmt: skip


def _array(variable: xr.DataArray) -> Floats:
    return np.asarray(variable.values, dtype=float)


def _signals(data: xr.Dataset) -> tuple[Signal, ...]:
    found = _names(data["signal"])
    if "role" not in data.variables:  # a run of before roles were kept
        return tuple(signal(name) for name in found)
    return tuple(Signal(n, Role(r)) for n, r in zip(found, _names(data["role"]), strict=True))


def _names(variable: xr.DataArray) -> tuple[str, ...]:
    return tuple(str(name) for name in variable.values)
