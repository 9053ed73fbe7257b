"""What a trained network does when it is asked: answers, their cost, conductances, what it keeps.

Short simulations after the run, so that a resumed run ends like any other. They need the gates that
the run ended with and nothing else of it, so that they run while its audit still does.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from learning.arrays import Floats
from learning.benches.keeping import Keeping, measure_keeping
from learning.experiment.experiment import Experiment
from learning.fidelity.plants import SPICE, open_plant
from learning.fidelity.query import Answers, ask, cost
from learning.fidelity.spice import Spice
from learning.measure.conductance import measure_conductances
from learning.result.result import Held
from learning.result.robustness import hold
from learning.running.learned import Learned
from learning.tasks.examples import Examples, first
from learning.writing import stage
from spice_backend.errors import SpiceError
from spice_backend.session.session import Session
from spice_backend.setup.features import Features

QUERIES = 10
"""Queries that ngspice plays after a run on tables, for what one costs and how long it takes."""


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What was measured of the trained network.

    Attributes:
        answers: To the held-out examples, or to the training set where there are none.
        conductances: Of every edge before and after learning, siemens.
        keeping: Retention, droop and start-up; None for ideal cells or where there is no telling.
        held: Its answers after a wait; None where none is asked for.
        refused: Why there is none of `keeping`; empty when all is well.
        engine: Name and version of the simulator.
        features: What it was built with.
        began: When measuring began, on the monotonic clock, seconds.
    """

    answers: Answers
    conductances: tuple[Floats, Floats]
    keeping: Keeping | None
    held: Held | None
    refused: str
    engine: str
    features: Features | None
    began: float


def measure(learned: Learned) -> Measured:
    """Measure the trained network.

    Args:
        learned: A run that came to its end; its audit may still run.

    Returns:
        What was found.

    Raises:
        SpiceError: When a measurement failed; the run itself is safe in its checkpoint.
    """
    began = time.monotonic()
    experiment, gates_V, plant = learned.experiment, learned.tally.gates_V, learned.plant
    asked = experiment.task.test or experiment.task.train
    with Session(timeout_s=experiment.design.simulator.timeout_s) as session:
        spice = Spice(experiment, session)
        stage("asking the trained network")
        if plant == SPICE:
            answers = ask(spice, gates_V[-1], asked)
        else:
            answers = _asked_of_tables(plant, spice, gates_V[-1], asked)
        stage("measuring conductances")
        conductances = _conductances(experiment, session, (gates_V[0], gates_V[-1]))
        stage("measuring how long gates keep what they learned")
        keeping, refused = _keeping(experiment, session, gates_V[-1])
        stage("asking the network after a wait")
        held, engine = hold(session, experiment, gates_V[-1]), session.engine
        features = session.features
        return Measured(answers, conductances, keeping, held, refused, engine, features, began)


def middle_V(experiment: Experiment) -> float:
    """About which voltage conductances are measured, volts."""
    return 0.5 * (experiment.design.task.input_low_V + experiment.design.task.input_high_V)


def _asked_of_tables(plant: str, spice: Spice, gates_V: Floats, asked: Examples) -> Answers:
    """All examples of the plant that played; ngspice has the first few, for what a query costs."""
    with open_plant(plant, spice.experiment) as player:
        outputs_V = ask(player, gates_V, asked).outputs_V
    return Answers(outputs_V, cost(spice, gates_V, first(asked, QUERIES)))


def _keeping(
    experiment: Experiment, session: Session, gates_V: Floats
) -> tuple[Keeping | None, str]:
    """By the bench; a cell that does not stand alone costs no run its result."""
    try:
        return measure_keeping(session, experiment, gates_V), ""
    except SpiceError as error:
        return None, f"retention could not be measured on the bench: {error.message}"


def _conductances(
    experiment: Experiment, session: Session, gates: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:
    before, after = (
        measure_conductances(
            session,
            experiment.process,
            experiment.cells["edge"],
            experiment.parameters("edge"),
            row.tolist(),
            middle_V=middle_V(experiment),
            rail_V=experiment.rail_V,
            chip=experiment.chip,
        )
        for row in gates
    )
    return before, after
