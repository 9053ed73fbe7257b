"""The result of a run: its figures typed, its waveforms as netCDF, both written to its folder.

What a finished network does (query cost, test accuracy, conductances) is measured beside the end of
the run's audit (`learning.result.measured`); everything else was measured along the way.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from math import isfinite
from pathlib import Path

from learning.arrays import Floats
from learning.design.whole import Design
from learning.experiment.experiment import (
    Experiment,
    ideal_slots,
    macromodel_slots,
    transistors,
)
from learning.experiment.prepare import STREAMS
from learning.fidelity.query import Answers
from learning.measure.conductance import PROBE_V
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
from learning.result.measured import Measured, measure
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
    NetworkShape,
    QueryCost,
    Result,
    ToleranceReached,
)
from learning.result.robustness import broken
from learning.result.waveforms import plots, waveforms_of
from learning.running.controller import learn
from learning.running.learned import Learned, Progress
from learning.running.steering import PowerWeight
from learning.running.tally import Tally
from learning.tasks.score import accuracy
from learning.writing import stage, write_text
from netlist.machine.topology import Port
from spice_backend.setup.features import Features
from spice_backend.waveforms.waveform import write_netcdf, write_raw

_LIBRARIES = ("numpy", "scipy", "networkx", "lark", "xarray", "PySpice", "matplotlib", "pydantic")


def played_out(
    design: Design,
    folder: str | Path,
    *,
    power_weight: PowerWeight | None = None,
    resume: bool = False,
    overwrite: bool = False,
    before: Callable[[Experiment], None] = lambda _: None,
    watch: Callable[[Progress], None] = lambda _: None,
) -> Result:
    """Run a design to its end, measure the trained network, and write its result.

    Args:
        design: The design.
        folder: Where the run leaves its files.
        power_weight: As of `learning.running.controller.learn`, and so are the others.
        resume: Go on from the folder's checkpoint.
        overwrite: Replace a run that is in the folder.
        before: Called with what will be run before anything is written.
        watch: Called after every presentation.

    Returns:
        The result.

    Raises:
        LearningError: For a design that cannot be run, or a folder that cannot be used.
        NetlistError: For a network, cell or process that cannot be used.
        SpiceError: When the simulator failed; the last checkpoint is usable.
    """
    measured: list[Measured] = []
    learned = learn(
        design,
        folder,
        power_weight=power_weight,
        resume=resume,
        overwrite=overwrite,
        before=before,
        watch=watch,
        meanwhile=lambda ended: measured.append(measure(ended)),
    )
    return _written(learned, measured[0])


def finish(learned: Learned) -> Result:
    """Measure the trained network and write ``result.json`` and its waveforms.

    Args:
        learned: A run that came to its end.

    Returns:
        The result.

    Raises:
        SpiceError: When a measurement failed; the run itself is safe in its checkpoint.
    """
    return _written(learned, measure(learned))


def _written(learned: Learned, measured: Measured) -> Result:
    experiment, folder = learned.experiment, learned.folder
    result = _result(learned, measured)
    stage("writing figures and waveforms")
    waveforms = waveforms_of(learned.tally, experiment.whole)
    write_netcdf(waveforms.assign_attrs(_told(result)), folder.waveforms)
    write_raw(plots(waveforms), folder.raw, f"{result.design}, seed {result.seed}")
    if result.predictions is not None:
        write_text(folder.predictions, predictions_csv(result.predictions))
    write_text(folder.result, dump_result(result))
    return result


def _result(learned: Learned, measured: Measured) -> Result:
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
        wall_time_s=tally.wall_s + time.monotonic() - measured.began,
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
    note = f"free side, {PROBE_V:g} V across the edge about {experiment.middle_V:g} V"
    before, after = (tuple(row.tolist()) for row in conductances)
    return Conductances(before, after, note)


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


def _warnings(experiment: Experiment, measured: Measured) -> list[str]:
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
