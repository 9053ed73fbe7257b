"""How much of the reproduction to run: all of it, or just enough to see that it works."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from learning.design.read import find_design, load_design
from learning.design.whole import Design

WEIGHTS = (0.0, *(float(f"{weight:.6g}") for weight in np.logspace(-10, -2, 17)))
"""λ = 0, then two per decade from 1e-10 to 1e-2, as in the paper's notebook."""

TWINS = "regression_twin"
"""The machine as the paper has it: a free and a clamped network side by side."""

IN_TURN_EPOCHS = 18
"""Of a machine of one network that is free and clamped in turn."""

TOLERANCE_V2 = 1e-3
"""The error that is good enough for the circuit, V²."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Sizes of the reproduction.

    Attributes:
        name: "full" or "short", and the machine where it is not the paper's.
        trials: Of the numerical twin, on the paper's network; the paper has five.
        drawn_trials: Of the numerical twin, on networks drawn anew.
        steps: Steps of the numerical twin.
        learned: A trial counts when λ = 0 ends below this share of its initial error; the paper
            asks for 1e-10.
        twin_weights: λ of the numerical twin's sweep, zero first.
        seeds: Of the circuit: other inputs, order and starting gates each.
        circuit_weights: λ of the circuit's sweep, zero first.
        epochs: Of the circuit's runs.
        hold_s: How long a trained network is watched while it only remembers, seconds.
        overrides: Of the circuit's design, as on the command line.
        machine: The circuit's design.
    """

    name: str
    trials: int
    drawn_trials: int
    steps: int
    learned: float
    twin_weights: tuple[float, ...]
    seeds: tuple[int, ...]
    circuit_weights: tuple[float, ...]
    epochs: int
    hold_s: float
    overrides: tuple[str, ...] = ()
    machine: str = TWINS

    def design(self, seed: int, *overrides: str) -> Design:
        """The circuit under test: a line through two inputs, 32 edges, all in transistors.

        Args:
            seed: Of the run.
            overrides: Keys that differ, as on the command line.

        Returns:
            The design.
        """
        common = (
            *("measure.audit=false", "learning.tolerance_V2=0.0"),
            *(f"schedule.epochs={self.epochs}", *self.overrides),
        )
        return load_design(find_design(self.machine), (*common, *overrides), seed)

    def of(self, machine: str) -> Scale:
        """The same with another circuit under test.

        Args:
            machine: A design, by name or path.

        Returns:
            The scale. A machine of one network has presentations a fifth as long, and takes more
            of them to give power away.

        Raises:
            LearningError: For a design that is not there or cannot be read.
        """
        if machine == self.machine:
            return self
        in_turn = load_design(find_design(machine), ()).architecture == "single"
        epochs = IN_TURN_EPOCHS if in_turn and self.name == FULL.name else self.epochs
        return replace(self, name=f"{self.name}, {machine}", machine=machine, epochs=epochs)


FULL = Scale(
    name="full",
    trials=5,
    drawn_trials=14,
    steps=100_000,
    learned=1e-10,
    twin_weights=WEIGHTS,
    seeds=(1, 2, 3, 4, 5),
    circuit_weights=(0.0, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1),
    epochs=15,
    hold_s=2e-3,
)

SHORT = Scale(
    name="short",
    trials=2,
    drawn_trials=3,
    steps=10_000,
    learned=1e-3,
    twin_weights=(0.0, 1e-9, 1e-8, 1e-7, 1e-5),
    seeds=(1,),
    circuit_weights=(0.0, 0.02),
    epochs=1,
    hold_s=1e-4,
    overrides=("task.examples=3", "schedule.evaluate_every=1"),
)
