"""The result of a run: its figures typed, its waveforms as netCDF, both written to its folder.

What a finished network does (query cost, test accuracy, conductances) is measured here, in short
simulations after the run, so that a resumed run ends like any other.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from math import isfinite

from learning.arrays import Floats
from learning.benches.keeping import Keeping, measure_keeping
from learning.experiment.experiment import (
    Experiment,
    ideal_slots,
    macromodel_slots,
    transistors,
)
from learning.experiment.prepare import STREAMS
from learning.fidelity.plants import SPICE, open_plant
from learning.fidelity.query import Answers, ask
from learning.fidelity.spice import Spice
from learning.measure.conductance import PROBE_V, measure_conductances
from learning.measure.declared import Span, declared_energy
from learning.measure.disagreement import Disagreement, disagreement
from learning.measure.ledger import by_block, overhead_ratio
from learning.measure.query_cost import Inference
from learning.measure.rest import ASTRAY_LIMIT
from learning.measure.rest import LIMIT as REST_LIMIT
from learning.measure.unit_costs import UnitCosts, unit_costs
from learning.result.adapter import dump_result
from learning.result.chip_area import chip_area
from learning.result.fidelity import fidelity_of, played_by
from learning.result.made_of import made_of
from learning.result.predictions import predictions, predictions_csv, score
from learning.result.result import (
    SCHEMA,
    Accuracy,
    Conductances,
    DeclaredCost,
    EnergyBalance,
    Engine,
    ErrorCourse,
    ErrorMark,
    Gates,
    Held,
    NetworkShape,
    QueryCost,
    Result,
    ToleranceReached,
)
from learning.result.robustness import broken, hold
from learning.result.waveforms import plots, waveforms_of
from learning.running.learned import Learned
from learning.running.tally import Tally
from learning.tasks.examples import Examples, first
from learning.tasks.score import accuracy
from learning.writing import stage, write_text
from netlist.machine.topology import Port
from spice_backend.errors import SpiceError
from spice_backend.session.session import Session
from spice_backend.setup.features import Features
from spice_backend.waveforms.waveform import write_netcdf, write_raw

QUERIES = 10
"""Queries that ngspice plays after a run on tables, for what one costs and how long it takes."""

_LIBRARIES = ("numpy", "scipy", "networkx", "lark", "xarray", "PySpice", "matplotlib", "pydantic")


@dataclass(frozen=True, slots=True, eq=False)
class _Measured:
    """What was measured of the trained network.

    Attributes:
        answers: To the held-out examples, or to the training set where there are none.
        conductances: Of every edge before and after learning, siemens.
        keeping: Retention, droop and start-up; None for ideal cells or where there is no telling.
        held: Its answers after a wait; None where none is asked for.
        refused: Why there is none of `keeping`; empty when all is well.
        engine: Name and version of the simulator.
        features: What it was built with.
    """

    answers: Answers
    conductances: tuple[Floats, Floats]
    keeping: Keeping | None
    held: Held | None
    refused: str
    engine: str
    features: Features | None


def finish(learned: Learned) -> Result:
    """Measure the trained network and write ``result.json`` and its waveforms.

    Args:
        learned: A run that came to its end.

    Returns:
        The result.

    Raises:
        SpiceError: When a measurement failed; the run itself is safe in its checkpoint.
    """
    began = time.monotonic()
    experiment, folder = learned.experiment, learned.folder
    measured = _measured(experiment, learned.tally, learned.plant)
    result = _result(learned, measured, began)
    stage("writing figures and waveforms")
    waveforms = waveforms_of(learned.tally, experiment.whole)
    write_netcdf(waveforms.assign_attrs(_told(result)), folder.waveforms)
    write_raw(plots(waveforms), folder.raw, f"{result.design}, seed {result.seed}")
    if result.predictions is not None:
        write_text(folder.predictions, predictions_csv(result.predictions))
    write_text(folder.result, dump_result(result))
    return result


def _measured(experiment: Experiment, tally: Tally, plant: str) -> _Measured:
    asked = experiment.task.test or experiment.task.train
    with Session(timeout_s=experiment.design.simulator.timeout_s) as session:
        spice = Spice(experiment, session)
        stage("asking the trained network")
        if plant == SPICE:
            answers = ask(spice, tally.gates_V[-1], asked)
        else:
            answers = _asked_of_tables(plant, spice, tally.gates_V[-1], asked)
        stage("measuring conductances")
        conductances = _conductances(experiment, session, (tally.gates_V[0], tally.gates_V[-1]))
        stage("measuring how long gates keep what they learned")
        keeping, refused = _keeping(experiment, session, tally.gates_V[-1])
        stage("asking the network after a wait")
        held, engine = hold(session, experiment, tally.gates_V[-1]), session.engine
        return _Measured(answers, conductances, keeping, held, refused, engine, session.features)


def _asked_of_tables(plant: str, spice: Spice, gates_V: Floats, asked: Examples) -> Answers:
    """All examples of the plant that played; ngspice has the first few, for what a query costs."""
    with open_plant(plant, spice.experiment) as player:
        outputs_V = ask(player, gates_V, asked).outputs_V
    return Answers(outputs_V, ask(spice, gates_V, first(asked, QUERIES)).inference)


def _keeping(
    experiment: Experiment, session: Session, gates_V: Floats
) -> tuple[Keeping | None, str]:
    """By the bench; a cell that does not stand alone costs no run its result."""
    try:
        return measure_keeping(session, experiment, gates_V), ""
    except SpiceError as error:
        return None, f"retention could not be measured on the bench: {error.message}"


def _result(learned: Learned, measured: _Measured, began: float) -> Result:
    experiment, tally, design = learned.experiment, learned.tally, learned.experiment.design
    energy_J, answers = by_block(tally.energy_J), measured.answers
    tested_V = None if experiment.task.test is None else answers.outputs_V
    declared = _declared(experiment, tally, energy_J)
    wear, apart = broken(experiment, learned.folder)
    return Result(
        schema=SCHEMA,
        design=design.name,
        description=design.description,
        status=learned.status,
        seed=design.seed,
        seeds={stream: (design.seed, index) for index, stream in enumerate(STREAMS)},
        engine=_engine(tally.engine or measured.engine),
        process=experiment.process.name,
        cells={slot: cell.name for slot, cell in experiment.cells.items()},
        ideal_cells=ideal_slots(experiment),
        made_of=made_of(experiment, learned.folder.path),
        corner=experiment.process.corner,
        temperature_C=experiment.process.temperature_C,
        rail_V=experiment.rail_V,
        transistors=transistors(experiment.whole.circuit),
        chip=experiment.chip,
        area_m2=chip_area(experiment),
        versions=versions() | _simulator(tally.solver, measured.features),
        presentations=tally.trained,
        evaluation_presentations=tally.presentations - tally.trained,
        epochs=tally.epochs,
        simulated_time_s=tally.simulated_s,
        power_weight=design.learning.power_weight,
        power_weights=tuple(tally.power_weights[: tally.epochs]),
        error_V2=_error(tally),
        to_tolerance=_to_tolerance(tally, design.learning.tolerance_V2),
        energy_J=energy_J,
        power_W=by_block(tally.energy_J / tally.simulated_s),
        declared=declared,
        energy_with_declared_J=_with_declared_J(energy_J, declared),
        overhead_ratio=overhead_ratio(energy_J),
        unit_costs_J=_units(experiment, tally, answers),
        inference=_query_cost(answers.inference),
        keeping=measured.keeping,
        held=measured.held,
        broken=wear,
        gates_V=_gates(tally),
        conductances_S=_edges(measured.conductances, experiment),
        accuracy=_accuracy(experiment, tally, answers),
        score=score(experiment, tally.outputs_V, tested_V),
        predictions=predictions(experiment, tally.outputs_V, tested_V),
        table=experiment.task.table,
        energy_balance=_balance(tally),
        network=_network(experiment),
        wall_time_s=tally.wall_s + time.monotonic() - began,
        solver_time_s=tally.solver_s,
        solver_peak_memory_bytes=tally.peak_memory_bytes,
        warnings=(*learned.warnings, *_warnings(experiment, measured), *played_by(learned)),
        disagreements=(*learned.disagreements, *apart, *_asked_at_rest(answers.inference)),
        fidelity=fidelity_of(learned),
    )


def _engine(told: str) -> Engine:
    name, _, number = told.partition(" ")
    return Engine(name, number)


def versions() -> dict[str, str]:
    """Versions of everything a figure depends on, by name."""
    found = {"joulearn": _version("joulearn"), "python": platform.python_version()}
    return found | {name.lower(): _version(name) for name in _LIBRARIES}


def _simulator(solver: str, features: Features | None) -> dict[str, str]:
    if features is None:
        return {}
    return {"ngspice": str(features).removeprefix("ngspice "), "solver": solver}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _error(tally: Tally) -> ErrorCourse:
    history = tuple(ErrorMark(p.epoch, p.presentations, p.error_V2) for p in tally.history)
    return ErrorCourse(history[0].error_V2, history[-1].error_V2, history)


def _to_tolerance(tally: Tally, tolerance_V2: float) -> ToleranceReached | None:
    for point in tally.history:
        if point.error_V2 <= tolerance_V2:
            known_J = point.training_J if isfinite(point.training_J) else None
            return ToleranceReached(tolerance_V2, point.presentations, known_J)
    return None


def _declared(
    experiment: Experiment, tally: Tally, energy_J: Mapping[str, float]
) -> dict[str, DeclaredCost]:
    costs, queries = experiment.design.declared, tally.presentations - tally.trained
    span = Span(tally.simulated_s, tally.trained, queries, energy_J["total"])
    return {
        name: DeclaredCost(joules, costs[name].source)
        for name, joules in declared_energy(costs, span).items()
    }


def _with_declared_J(
    energy_J: Mapping[str, float], declared: Mapping[str, DeclaredCost]
) -> float | None:
    if not declared:
        return None
    return energy_J["total"] + sum(cost.energy_J for cost in declared.values())


def _query_cost(cost: Inference) -> QueryCost:
    return QueryCost(
        settling_time_s=cost.settling_time_s,
        energy_per_query_J=cost.energy_per_query_J,
        power_W=cost.power_W["total"],
        power_by_block_W=dict(cost.power_W),
    )


def _gates(tally: Tally) -> Gates:
    initial, final = (
        {gate: float(value) for gate, value in zip(tally.gates, row, strict=True)}
        for row in (tally.gates_V[0], tally.gates_V[-1])
    )
    return Gates(initial, final)


def _edges(conductances: tuple[Floats, Floats], experiment: Experiment) -> Conductances:
    note = f"free side, {PROBE_V:g} V across the edge about {_middle_V(experiment):g} V"
    before, after = (tuple(row.tolist()) for row in conductances)
    return Conductances(before, after, note)


def _middle_V(experiment: Experiment) -> float:
    return 0.5 * (experiment.design.task.input_low_V + experiment.design.task.input_high_V)


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
            middle_V=_middle_V(experiment),
            rail_V=experiment.rail_V,
            chip=experiment.chip,
        )
        for row in gates
    )
    return before, after


def _accuracy(experiment: Experiment, tally: Tally, answers: Answers) -> Accuracy | None:
    train, test = experiment.task.train, experiment.task.test
    if train.classes is None:
        return None
    tested = None
    if test is not None and test.classes is not None:
        tested = accuracy(answers.outputs_V, test.classes)
    return Accuracy(accuracy(tally.outputs_V, train.classes), tested)


def _balance(tally: Tally) -> EnergyBalance | None:
    found = tally.balance
    if not found:
        return None
    window = f"first evaluation and first epoch, from the start to {found['end_s']:.6g} s"
    return EnergyBalance(
        supplied_J=found["supplied_J"],
        dissipated_J=found["dissipated_J"],
        stored_J=found["stored_J"],
        residual=found["residual"],
        window=window,
        bill_J=tally.first_epoch_J,
        bill_residual=abs(tally.first_epoch_J / found["supplied_J"] - 1.0),
    )


def _network(experiment: Experiment) -> NetworkShape:
    network = experiment.network
    return NetworkShape(
        nodes=network.nodes,
        edges=network.edges,
        positions=dict(zip(network.nodes, network.positions, strict=True)),
        sources=tuple(_port(port) for port in network.sources),
        targets=tuple(_port(port) for port in network.targets),
        ground=network.ground,
    )


def _port(port: Port) -> str:
    return port.positive if port.negative is None else f"{port.positive}-{port.negative}"


def _units(experiment: Experiment, tally: Tally, answers: Answers) -> UnitCosts:
    n_edge = len(experiment.network.edges)
    return unit_costs(tally.training_J, tally.updates, answers.inference, n_edge)


def _warnings(experiment: Experiment, measured: _Measured) -> list[str]:
    found = [measured.refused] if measured.refused else []
    if experiment.design.noise.scale:
        found.append(
            f"noise times {experiment.design.noise.scale:g} of the update cells is in the deck "
            "(noise.scale); what its sources supply is on no block's bill"
        )
    ideal = ideal_slots(experiment)
    if ideal:
        found.append(f"ideal behavioural cells in use: {', '.join(ideal)}")
    macros = macromodel_slots(experiment)
    if macros:
        told = "macromodels of parts on a board, billed by their data sheets, not simulated inside"
        found.append(f"{told}: {', '.join(macros)}")
    if measured.answers.inference.settling_time_s is None:
        found.append("targets do not settle within schedule.evaluation_s: make it longer")
    return found


def _asked_at_rest(cost: Inference) -> tuple[Disagreement, ...]:
    power = "power before the first query and a moment later"
    gates = "gates before the first query and those learned"
    return (
        *disagreement(power, cost.unrest, REST_LIMIT),
        *disagreement(gates, cost.astray, ASTRAY_LIMIT),
    )


def _told(result: Result) -> dict[str, str | int]:
    """What a file of waveforms says of the run they are from."""
    versions = ", ".join(f"{name} {number}" for name, number in result.versions.items())
    return {
        "design": result.design,
        "seed": result.seed,
        "process": f"{result.process} {result.corner}",
        "engine": f"{result.engine.name} {result.engine.version}",
        "versions": versions,
    }
