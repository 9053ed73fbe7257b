"""What a run knows so far: the one thing that grows while it runs, and that a checkpoint holds.

It grows by an error per evaluation and a row of gates per epoch, never by time steps, so that a
long run needs no more memory than a short one.
"""

from __future__ import annotations

import io
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from learning.arrays import Floats
from learning.measure.ledger import BLOCKS
from learning.run.checkpoint import CheckpointFile

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
    """

    epoch: int
    presentations: int
    error_V2: float
    network_power_W: float = 0.0


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
        first_epoch_J: Energy of all blocks until the end of the first epoch, joules.
        history: One point per evaluation.
        outputs_V: Target voltages of the last evaluation, (n_example, n_target), volts.
        marks: Epochs at which gates were kept; 0 is the start.
        gates_V: (n_mark, n_gate), volts.
        windows: "early" and "late": time (n_step,) in seconds, values (n_step, n_signal) in volts.
        state_V: Every node's voltage where a run can go on, volts; empty at the start.
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
    first_epoch_J: float = 0.0
    history: list[ErrorPoint] = field(default_factory=list)
    outputs_V: Floats = field(default_factory=lambda: np.empty((0, 0)))
    marks: list[int] = field(default_factory=list)
    gates_V: list[Floats] = field(default_factory=list)
    windows: dict[str, tuple[Floats, Floats]] = field(default_factory=dict)
    state_V: dict[str, float] = field(default_factory=dict)
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
        plain = {name: getattr(self, name) for name in _PLAIN}
        plain["history"] = [asdict(point) for point in self.history]
        arrays: dict[str, Floats] = {
            f"{end}_{part}": array
            for end, pair in self.windows.items()
            for part, array in zip(("time", "values"), pair, strict=True)
        }
        file = io.BytesIO()
        np.savez(
            file,
            plain=np.array(json.dumps(plain)),
            energy_J=self.energy_J,
            gates_V=np.array(self.gates_V),
            outputs_V=self.outputs_V,
            nodes=np.array(list(self.state_V), dtype=np.str_),
            nodes_V=np.array(list(self.state_V.values())),
            **arrays,  # type: ignore[arg-type]  # numpy takes any keyword for its own flag
        )
        CheckpointFile(path).save(file.getvalue())


_PLAIN = (
    "design",
    "gates",
    "engine",
    "solver",
    "peak_memory_bytes",
    "epochs",
    "evaluated",
    "presentations",
    "trained",
    "simulated_s",
    "wall_s",
    "solver_s",
    "first_epoch_J",
    "marks",
    "power_weights",
    "warnings",
    "balance",
)


def load_tally(path: Path) -> Tally:
    """Read a checkpoint.

    Args:
        path: The file.

    Returns:
        The tally as it was saved.

    Raises:
        LearningError: When there is no checkpoint, or no generation of it is whole.
    """
    payload, remark = CheckpointFile(path).load()
    with np.load(io.BytesIO(payload), allow_pickle=False) as stored:
        plain = json.loads(str(stored["plain"]))
        tally = Tally(
            **{name: plain[name] for name in _PLAIN if name != "gates"},
            gates=tuple(plain["gates"]),
            energy_J=stored["energy_J"],
            history=[ErrorPoint(**point) for point in plain["history"]],
            gates_V=list(stored["gates_V"]),
            outputs_V=stored["outputs_V"],
            state_V=dict(zip(stored["nodes"].tolist(), stored["nodes_V"].tolist(), strict=True)),
        )
        for end in ("early", "late"):
            if f"{end}_time" in stored:
                tally.windows[end] = (stored[f"{end}_time"], stored[f"{end}_values"])
    if remark:
        tally.warnings.append(remark)
    return tally
