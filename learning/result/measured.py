"""What a trained network does when it is asked: answers, their cost, conductances, what it keeps.

Short simulations after the run, so that a resumed run ends like any other. They need the gates that
the run ended with and nothing else of it, so that they run while its audit still does.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from learning.arrays import Floats
from learning.benches.keeping import Keeping, measure_keeping
from learning.experiment.experiment import Experiment
from learning.fidelity.kept import code, digest, kept, text_of
from learning.fidelity.plants import SPICE, open_plant
from learning.fidelity.query import Answers, ask, cost
from learning.fidelity.spice import Spice
from learning.measure.conductance import measure_conductances
from learning.result.result import Held
from learning.result.robustness import hold
from learning.running.learned import Learned
from learning.tasks.examples import Examples, first
from learning.writing import stage
from netlist.text.emitter import emit
from spice_backend.errors import SpiceError
from spice_backend.session.session import Session
from spice_backend.setup.features import Features

T = TypeVar("T")

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
        benches = _Benches(experiment, session, (gates_V[0], gates_V[-1]), keep=plant != SPICE)
        stage("measuring conductances")
        conductances = benches.conductances()
        stage("measuring how long gates keep what they learned")
        keeping, refused = benches.keeping()
        stage("asking the network after a wait")
        held, engine = hold(session, experiment, gates_V[-1]), session.engine
        features = session.features
        return Measured(answers, conductances, keeping, held, refused, engine, features, began)


def _asked_of_tables(plant: str, spice: Spice, gates_V: Floats, asked: Examples) -> Answers:
    """All examples of the plant that played; ngspice has the first few, for what a query costs."""
    with open_plant(plant, spice.experiment) as player:
        outputs_V = ask(player, gates_V, asked).outputs_V
    return Answers(outputs_V, cost(spice, gates_V, first(asked, QUERIES)))


_MEASURING = "learning.measure.conductance", "learning.twin.edge_bench", "learning.result.measured"
"""The modules that measure on benches, beside the benches' own."""


@dataclass(frozen=True, slots=True, eq=False)
class _Benches:
    """A machine's cells on benches, at the gates a run began and ended with.

    Attributes:
        experiment: The machine.
        session: A simulator.
        gates: Before and after, (n_gate,) each, volts.
        keep: Whether what was found of the same cells and gates before will do.
    """

    experiment: Experiment
    session: Session
    gates: tuple[Floats, Floats]
    keep: bool

    def conductances(self) -> tuple[Floats, Floats]:
        """Of every edge before and after, siemens."""
        experiment = self.experiment

        def measured() -> tuple[Floats, ...]:
            return tuple(
                measure_conductances(
                    self.session,
                    experiment.process,
                    experiment.cells["edge"],
                    experiment.parameters("edge"),
                    row.tolist(),
                    middle_V=experiment.middle_V,
                    rail_V=experiment.rail_V,
                    chip=experiment.chip,
                )
                for row in self.gates
            )

        before, after = self._kept("conductances", measured)
        return before, after

    def keeping(self) -> tuple[Keeping | None, str]:
        """How gates keep what they learned; a cell that does not stand alone costs no result."""
        experiment, gates_V = self.experiment, self.gates[1]

        def measured() -> Keeping | None:
            return measure_keeping(self.session, experiment, gates_V)

        try:
            return self._kept("keeping", measured, Keeping), ""
        except SpiceError as error:
            return None, f"retention could not be measured on the bench: {error.message}"

    def _kept(self, what: str, make: Callable[[], T], *kinds: type) -> T:
        if not self.keep:
            return make()
        told = (code("learning.benches"), *(text_of(module) for module in _MEASURING))
        machine = (emit(self.experiment.whole.circuit), self.experiment.design)
        name = digest(what, told, machine, [row.tolist() for row in self.gates])
        return kept(name, make, kinds)
