"""Questions to a network that does not learn: all examples of a set, once each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from learning.arrays import Floats
from learning.experiment.experiment import Experiment
from learning.experiment.schedule import showing
from learning.fidelity.kept import digest, kept, text_of
from learning.fidelity.plant import Part, Plant, play_all
from learning.measure.query_cost import Inference, measure_inference
from learning.tasks.examples import Examples


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What a network answered, and what that cost.

    Attributes:
        outputs_V: Target voltages at the end of each query, (n_example, n_target), volts.
        inference: The cost of a query.
    """

    outputs_V: Floats
    inference: Inference


def ask(plant: Plant, gates_V: Floats, examples: Examples, wait_s: float = 0.0) -> Answers:
    """Show every example once for the design's evaluation time, learning off.

    A run begins at an operating point, where an answer stands before it is asked for. Therefore
    another example is shown first, of which nothing is kept: the last one, or the sources at their
    lowest where all are alike.

    Args:
        plant: Plays them.
        gates_V: (n_gate,), volts.
        examples: What to show.
        wait_s: How much longer that other example is shown, seconds.

    Returns:
        The answers.

    Raises:
        SpiceError: When the plant failed.
    """
    _, *played = play_all(plant, _part(plant.experiment, gates_V, examples, wait_s))
    return Answers(
        outputs_V=np.array([one.outputs_V[-1] for one in played]),
        inference=measure_inference(played),
    )


def cost(spice: Plant, gates_V: Floats, examples: Examples) -> Inference:
    """What a query costs in ngspice; kept with the tables, for a run on tables that is repeated.

    Args:
        spice: Plays them.
        gates_V: (n_gate,), volts.
        examples: What to show.

    Returns:
        The cost of a query.

    Raises:
        SpiceError: When the plant failed.
    """
    code = [text_of(module) for module in _MEASURING]
    asked = _part(spice.experiment, gates_V, examples)
    name = digest("query", code, asked.deck(spice.experiment))
    return kept(name, lambda: ask(spice, gates_V, examples).inference, (Inference,))


_MEASURING = (
    "learning.fidelity.query", "learning.fidelity.rest", "learning.fidelity.spice",
    "learning.measure.query_cost", "learning.measure.played", "learning.measure.rest",
)  # fmt: skip
"""The modules that measure what a query costs."""


def _part(experiment: Experiment, gates_V: Floats, examples: Examples, wait_s: float = 0.0) -> Part:
    shown = showing(1 + len(examples), experiment.design.schedule.evaluation_s, wait_s)
    return Part(shown, _led(experiment, examples), gates_V)


def _led(experiment: Experiment, examples: Examples) -> Examples:
    """The examples after one that differs from the first, so that the first is a change, too."""
    lead, label = examples.inputs[-1:], examples.labels[-1:]
    if np.array_equal(lead, examples.inputs[:1]):
        lead = np.full_like(lead, experiment.design.task.input_low_V)
    return Examples(
        np.concatenate([lead, examples.inputs]), np.concatenate([label, examples.labels])
    )
