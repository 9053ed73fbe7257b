"""What a run knows so far: the one thing that grows while it runs, and that a checkpoint holds.

It grows by an error per evaluation and a row of gates per epoch, never by time steps, so that a
long run needs no more memory than a short one.
"""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import nan
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    NonNegativeFloat,
    NonNegativeInt,
    ValidationError,
)

from learning.arrays import Floats
from learning.errors import LearningError
from learning.measure.ledger import BLOCKS
from learning.running.checkpoint import CheckpointFile
from learning.running.course import Course
from netlist.machine import names

_MARKS = 256
"""Rows of gates kept; when there are more, every second one is dropped."""


@dataclass(frozen=True, slots=True)
class ErrorPoint:
    """One evaluation.

    Attributes:
        epoch: Epochs learned before it.
        presentations: Training presentations before it.
        error_V2: Squared target error, summed over targets, mean over examples, square volts.
        network_power_W: Mean power of the free network while its examples were shown, watts.
        training_J: Of all blocks over the training presentations before it, joules; not a number
            where the run began with a version that did not count it.
    """

    epoch: int
    presentations: int
    error_V2: float
    network_power_W: float = 0.0
    training_J: float = nan


@dataclass(slots=True)
class Tally:
    """The state of a run.

    Attributes:
        design: The resolved design, as text.
        gates: Names of the gate nodes.
        engine: Name and version of the simulator.
        solver: Its linear solver.
        peak_memory_bytes: Of the simulator's process.
        epochs: Whole epochs learned.
        evaluated: Whether the evaluation after them is done, where the schedule has one.
        presentations: Presentations simulated, evaluations included.
        trained: Training presentations simulated.
        simulated_s: Circuit time, seconds.
        wall_s: Wall time of the runs before this one, seconds.
        solver_s: Time inside the simulator, seconds.
        energy_J: By block, joules: (n_block,).
        training_J: Of training presentations alone, by block, joules: (n_block,).
        updates: How many presentations are in that; fewer than `trained` where a checkpoint of an
            earlier version knew nothing of it.
        first_epoch_J: What all sources supplied until the end of the first epoch, joules.
        history: One point per evaluation.
        outputs_V: Target voltages of the last evaluation, (n_example, n_target), volts.
        marks: Epochs at which gates were kept; 0 is the start.
        gates_V: (n_mark, n_gate), volts.
        windows: "early" and "late": time (n_step,) in seconds, values (n_step, n_signal) in volts.
        state_V: Every node's voltage where a run can go on, volts; empty where nobody knows.
        start_V: Every node's voltage where the whole run started, volts; empty where nobody knows.
        unrest: Share of energy by which the machine was not at rest where it started, the worst
            start of all.
        astray: Share by which a gate was not where it was asked to be where the run started.
        course: The whole run, thinly.
        power_weights: λ of every epoch begun.
        warnings: What happened on the way that a reader should know.
        balance: Fields of the audit's balance; empty until it is done.
    """

    design: str
    gates: tuple[str, ...]
    engine: str = ""
    solver: str = ""
    peak_memory_bytes: int = 0
    epochs: int = 0
    evaluated: bool = False
    presentations: int = 0
    trained: int = 0
    simulated_s: float = 0.0
    wall_s: float = 0.0
    solver_s: float = 0.0
    energy_J: Floats = field(default_factory=lambda: np.zeros(len(BLOCKS)))
    training_J: Floats = field(default_factory=lambda: np.zeros(len(BLOCKS)))
    updates: int = 0
    first_epoch_J: float = 0.0
    history: list[ErrorPoint] = field(default_factory=list)
    outputs_V: Floats = field(default_factory=lambda: np.empty((0, 0)))
    marks: list[int] = field(default_factory=list)
    gates_V: list[Floats] = field(default_factory=list)
    windows: dict[str, tuple[Floats, Floats]] = field(default_factory=dict)
    state_V: dict[str, float] = field(default_factory=dict)
    start_V: dict[str, float] = field(default_factory=dict)
    unrest: float = 0.0
    astray: float = 0.0
    course: Course = field(default_factory=Course)
    power_weights: list[float] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    balance: dict[str, float] = field(default_factory=dict)

    def mark(self, epochs: int, gates_V: Floats) -> None:
        """Keep the gates after so many epochs.

        Args:
            epochs: Whole epochs learned.
            gates_V: (n_gate,), volts.
        """
        if len(self.marks) >= _MARKS:
            del self.marks[1:-1:2], self.gates_V[1:-1:2]
        self.marks.append(epochs)
        self.gates_V.append(np.array(gates_V))

    def save(self, path: Path) -> None:
        """Write a checkpoint in one go.

        Args:
            path: The file.

        Raises:
            StorageError: When it cannot be written; the one before is untouched.
        """
        CheckpointFile(path).save(_packed(self))


def begun(design: str, gates_V: tuple[float, ...]) -> Tally:
    """The tally of a run of which nothing has been played.

    Args:
        design: The resolved design, as text.
        gates_V: Initial gate voltages, one per edge, volts.

    Returns:
        The tally, its start marked.
    """
    tally = Tally(design, tuple(names.gate(index) for index in range(len(gates_V))))
    tally.mark(0, np.array(gates_V))
    return tally


def load_tally(path: Path) -> Tally:
    """Read a checkpoint.

    Args:
        path: The file.

    Returns:
        The tally as it was saved; what an earlier version did not keep is as in a new one.

    Raises:
        LearningError: When there is no checkpoint, no generation of it is whole, a later version
            wrote it, or what it holds is no tally.
    """
    payload, remark = CheckpointFile(path).load()
    tally = _unpacked(payload, path)
    if remark:
        tally.warnings.append(remark)
    return tally


# --- a tally as bytes -----------------------------------------------------------------------------

_VERSION = 2
"""Of a checkpoint; 1 said none, and knew no `Tally.solver`, `Tally.start_V` and `Tally.unrest`."""

_ENDS = ("early", "late")
_Amount = Annotated[NonNegativeFloat, Field(allow_inf_nan=False)]
_LARGEST_BYTES = 1 << 30
"""Of everything in a checkpoint: one of 2,048 edges is a few megabytes."""


class _Plain(BaseModel):
    """What a checkpoint holds besides arrays."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    version: int = 1
    design: str
    gates: tuple[str, ...]
    engine: str = ""
    solver: str = ""
    peak_memory_bytes: NonNegativeInt = 0
    epochs: NonNegativeInt
    evaluated: bool
    presentations: NonNegativeInt
    trained: NonNegativeInt
    simulated_s: _Amount
    wall_s: _Amount = 0.0
    solver_s: _Amount = 0.0
    updates: NonNegativeInt = 0
    first_epoch_J: FiniteFloat = 0.0
    unrest: _Amount = 0.0
    astray: _Amount = 0.0
    history: list[ErrorPoint]
    marks: list[NonNegativeInt]
    power_weights: list[Annotated[FiniteFloat, Field(ge=0.0, le=1.0)]] = []
    warnings: list[str] = []
    balance: dict[str, float] = {}


def _packed(tally: Tally) -> bytes:
    plain = {name: getattr(tally, name) for name in _Plain.model_fields if name != "version"}
    plain["history"] = [asdict(point) for point in tally.history]
    arrays: dict[str, NDArray[Any]] = {
        f"{end}_{part}": array
        for end, pair in tally.windows.items()
        for part, array in zip(("time", "values"), pair, strict=True)
    }
    for name, state_V in (("nodes", tally.state_V), ("start", tally.start_V)):
        arrays[name] = np.array(list(state_V), dtype=np.str_)
        arrays[f"{name}_V"] = np.array(list(state_V.values()), dtype=float)
    if tally.course.rows:
        arrays["course"] = np.array(tally.course.rows)
        arrays["course_every"] = np.array([tally.course.every])
    file = io.BytesIO()
    np.savez(
        file,
        plain=np.array(json.dumps({"version": _VERSION, **plain})),
        energy_J=tally.energy_J,
        training_J=tally.training_J,
        gates_V=np.array(tally.gates_V),
        outputs_V=tally.outputs_V,
        **arrays,  # type: ignore[arg-type]  # numpy takes any keyword for its own flag
    )
    return file.getvalue()


def _unpacked(payload: bytes, path: Path) -> Tally:
    try:
        tally = _tally(_arrays(payload))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise _damaged(f"{place}: {first['msg']}", path) from error
    except _UNREADABLE as error:
        raise _damaged(str(error) or "it is no checkpoint", path) from error
    return tally


_UNREADABLE = (
    *(ValueError, KeyError, TypeError, OSError, EOFError, RuntimeError, SyntaxError),
    *(zipfile.BadZipFile, zlib.error, struct.error),
)
"""What zipfile, numpy and json say of bytes that are not theirs."""


def _damaged(what: str, path: Path) -> LearningError:
    return LearningError(
        f"this checkpoint cannot be gone on from: {what}",
        where=str(path),
        hint="the version of joulearn that wrote it, or to run again with --overwrite",
    )


def _arrays(payload: bytes) -> dict[str, NDArray[Any]]:
    with zipfile.ZipFile(io.BytesIO(payload)) as inside:
        if sum(entry.file_size for entry in inside.infolist()) > _LARGEST_BYTES:
            raise ValueError("it claims more than a gigabyte")
    with np.load(io.BytesIO(payload), allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def _tally(stored: Mapping[str, NDArray[Any]]) -> Tally:
    plain = _Plain.model_validate(json.loads(str(stored["plain"])))
    if not 1 <= plain.version <= _VERSION:
        raise ValueError(f"it has version {plain.version}, and {_VERSION} is the latest known here")
    gates_V = _shaped(stored, "gates_V", (len(plain.marks), len(plain.gates)))
    fields = plain.model_dump(exclude={"version", "history"})
    if "training_J" in stored:
        fields["training_J"] = _shaped(stored, "training_J", (len(BLOCKS),))
    return Tally(
        **fields,
        history=plain.history,
        energy_J=_shaped(stored, "energy_J", (len(BLOCKS),)),
        gates_V=list(gates_V),
        outputs_V=_shaped(stored, "outputs_V", (None, None)),
        windows={end: _window(stored, end) for end in _ENDS if f"{end}_time" in stored},
        state_V=_state_V(stored, "nodes"),
        start_V=_state_V(stored, "start") if "start" in stored else {},
        course=_course(stored, len(plain.gates)) if "course" in stored else Course(),
    )


def _course(stored: Mapping[str, NDArray[Any]], n_gate: int) -> Course:
    (every,) = _shaped(stored, "course_every", (1,))
    rows = _shaped(stored, "course", (None, None))
    if every < 1 or rows.shape[1] <= 1 + n_gate + len(BLOCKS):
        raise ValueError("course is not a time, gates, outputs and energies in every row")
    return Course(list(rows), int(every))


def _window(stored: Mapping[str, NDArray[Any]], end: str) -> tuple[Floats, Floats]:
    time_s = _shaped(stored, f"{end}_time", (None,))
    return time_s, _shaped(stored, f"{end}_values", (len(time_s), None))


def _state_V(stored: Mapping[str, NDArray[Any]], name: str) -> dict[str, float]:
    names = [str(node) for node in np.atleast_1d(stored[name]).tolist()]
    values = _shaped(stored, f"{name}_V", (len(names),))
    return dict(zip(names, values.tolist(), strict=True))


def _shaped(stored: Mapping[str, NDArray[Any]], name: str, shape: tuple[int | None, ...]) -> Floats:
    """An array of finite numbers whose lengths are as they must be; None is any."""
    array = stored[name]
    fits = array.ndim == len(shape) and all(
        wanted in (None, length) for wanted, length in zip(shape, array.shape, strict=True)
    )
    if not fits or array.dtype.kind not in "fiu" or not np.isfinite(array).all():
        told = " by ".join("any" if wanted is None else str(wanted) for wanted in shape)
        raise ValueError(f"{name} is not {told} finite numbers")
    return np.asarray(array, dtype=float)
