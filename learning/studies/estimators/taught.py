"""A network taught with rows of voltages, ready to be asked about others.

The rows go through a table in the run's folder, as anybody's table does, so that a run made from
Python is checked, billed and repeated like every other.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from learning.arrays import Floats
from learning.design.whole import Design
from learning.errors import LearningError
from learning.experiment.experiment import Experiment
from learning.experiment.linear_machine import LinearMachine
from learning.experiment.prepare import prepare
from learning.fidelity.plants import PLANTS, open_plant
from learning.fidelity.query import ask
from learning.studies.single.one_run import Run, run
from learning.tasks.examples import Examples
from learning.tasks.levels import label_levels_V
from learning.tasks.score import mean_squared_error_V2
from learning.tasks.sources import with_constants

TWIN = "twin"
"""The network as linear resistors, taught by the rule alone: no cell, no circuit, no energy."""

FIDELITIES = (TWIN, *PLANTS)
"""Who may play what is taught."""


class Taught(Protocol):
    """A network that has learned."""

    @property
    def run(self) -> Run | None:
        """The run that taught it; None where there was none."""

    @property
    def error_V2(self) -> float:
        """Its error on what it learned from, square volts."""

    def outputs_V(self, inputs_V: Floats) -> Floats:
        """Show it rows, learning off.

        Args:
            inputs_V: (n_row, n_input), volts, without constant sources.

        Returns:
            Target voltages, (n_row, n_target), volts.
        """


def teach(
    design: Design, inputs_V: Floats, labels: Floats | list[str], fidelity: str, folder: Path
) -> Taught:
    """Teach a design rows of a table instead of its own task.

    Args:
        design: The design.
        inputs_V: (n_row, n_input), volts, within the design's range.
        labels: (n_row, n_target), volts; or the name of each row's class.
        fidelity: One of `FIDELITIES`.
        folder: An empty folder for the table and the run; the network can be asked without it.

    Returns:
        What has learned.

    Raises:
        LearningError: For rows that do not fit the design's network, or no such fidelity.
        NetlistError: For a network, cell or process that cannot be used.
        SpiceError: When the simulator failed.
    """
    if fidelity not in FIDELITIES:
        names = ", ".join(FIDELITIES)
        raise LearningError(f"nobody called {fidelity!r} can play", "fidelity", f"one of {names}")
    file = folder / "table.csv"
    _write(file, inputs_V, labels)
    of_rows = _of_table(design, file, inputs_V.shape[1], labels)
    if fidelity == TWIN:
        _require_sound(of_rows)
        return _taught_twin(prepare(of_rows))
    made = run(of_rows.replace("simulator.fidelity", fidelity), folder / "run")
    return _Machine(prepare(of_rows), fidelity, made)


def _write(file: Path, inputs_V: Floats, labels: Floats | list[str]) -> None:
    wanted = labels.tolist() if isinstance(labels, np.ndarray) else [[name] for name in labels]
    header = [*_names("in", inputs_V.shape[1]), *_label_names(labels)]
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(header)
        writer.writerows([*a, *b] for a, b in zip(inputs_V.tolist(), wanted, strict=True))


def _names(kind: str, count: int) -> list[str]:
    return [f"{kind}_{index}" for index in range(count)]


def _label_names(labels: Floats | list[str]) -> list[str]:
    return _names("out", labels.shape[1]) if isinstance(labels, np.ndarray) else ["class"]


def _of_table(design: Design, file: Path, n_input: int, labels: Floats | list[str]) -> Design:
    """The design with the table as its task; levels stand in it, so that none is guessed."""
    low_V, high_V = label_levels_V(design.task)
    changes: dict[str, object] = {
        "task.csv": str(file),
        "task.kind": "csv",
        "task.labels": "numbers" if isinstance(labels, np.ndarray) else "classes",
        "task.input_columns": _names("in", n_input),
        "task.label_columns": _label_names(labels),
        "task.label_low_V": low_V,
        "task.label_high_V": high_V,
        "task.test_fraction": 0.0,
        "task.separator": "comma",
        "task.decimal": "point",
        "task.header": True,
    }
    for key, value in changes.items():
        design = design.replace(key, value)
    return design


@dataclass(frozen=True, slots=True, eq=False)
class _Twin:
    """Linear resistors that have learned.

    Attributes:
        experiment: What was taught.
        k: Relative conductances, (n_edge,).
        error_V2: Square volts.
        run: None.
    """

    experiment: Experiment
    k: Floats
    error_V2: float
    run: None = None

    def outputs_V(self, inputs_V: Floats) -> Floats:
        shown = with_constants(inputs_V, self.experiment.design.task.constants_V)
        return LinearMachine(self.experiment).outputs_V(self.k, shown)


def _require_sound(design: Design) -> None:
    """Refuse what numbers know nothing of."""
    asked = {
        "damage.kind": design.damage.kind != "none",
        "noise.scale": design.noise.scale > 0.0,
        "retention.leak_S": design.retention.leak_S > 0.0,
    }
    for key, there in asked.items():
        if there:
            raise LearningError(
                "the numerical twin neither breaks nor leaks nor makes noise",
                key,
                'fidelity="spice"',
            )


def _taught_twin(experiment: Experiment) -> _Twin:
    """As many steps as the design has presentations, all examples at each."""
    train, machine = experiment.task.train, LinearMachine(experiment)
    steps = experiment.design.schedule.epochs * len(train)
    k = machine.taught(train.inputs, train.labels, steps)
    error_V2 = mean_squared_error_V2(machine.outputs_V(k, train.inputs), train.labels)
    return _Twin(experiment, k, error_V2)


@dataclass(frozen=True, slots=True, eq=False)
class _Machine:
    """A machine that has learned, and who plays it.

    Attributes:
        experiment: What was taught.
        fidelity: The plant's name.
        run: The run.
    """

    experiment: Experiment
    fidelity: str
    run: Run

    @property
    def error_V2(self) -> float:
        return self.run.error_V2.final

    def outputs_V(self, inputs_V: Floats) -> Floats:
        spec, n_target = self.experiment.design.task, len(self.experiment.network.targets)
        idle_V = float(np.mean(label_levels_V(spec)))
        shown = with_constants(inputs_V, spec.constants_V)
        examples = Examples(shown, np.full((len(shown), n_target), idle_V))
        gates = self.run.gates_V
        if gates is None:
            raise LearningError("the run kept no gate voltages", str(self.run.folder))
        with open_plant(self.fidelity, self.experiment) as plant:
            return ask(plant, np.array(list(gates.final.values())), examples).outputs_V
