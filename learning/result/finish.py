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

import numpy as np
import xarray as xr

from learning.arrays import Floats
from learning.experiment.experiment import Experiment, ideal_slots, transistors
from learning.experiment.prepare import STREAMS
from learning.fidelity.plants import SPICE
from learning.fidelity.query import Answers, ask
from learning.fidelity.spice import Spice
from learning.measure.conductance import PROBE_V, measure_conductances
from learning.measure.declared import Span, declared_energy
from learning.measure.disagreement import Disagreement, disagreement
from learning.measure.ledger import by_block, overhead_ratio
from learning.measure.probes import shown_signals
from learning.measure.query_cost import Inference
from learning.measure.rest import LIMIT as REST_LIMIT
from learning.result.adapter import dump_result
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
    Fidelity,
    Gates,
    NetworkShape,
    QueryCost,
    Result,
)
from learning.run.learned import Learned
from learning.run.tally import Tally
from learning.tasks.score import accuracy
from learning.writing import write_text
from netlist.machine.assembly import Assembly
from netlist.machine.names import signal
from netlist.machine.topology import Port
from spice_backend.session.session import Session
from spice_backend.setup.features import Features
from spice_backend.waveforms.waveform import write_netcdf

_LIBRARIES = ("numpy", "scipy", "networkx", "lark", "xarray", "PySpice", "matplotlib", "pydantic")


@dataclass(frozen=True, slots=True, eq=False)
class _Measured:
    """What was measured of the trained network.

    Attributes:
        answers: To the held-out examples, or to the training set where there are none.
        conductances: Of every edge before and after learning, siemens.
        engine: Name and version of the simulator.
        features: What it was built with.
    """

    answers: Answers
    conductances: tuple[Floats, Floats]
    engine: str
    features: Features | None


def finish(learned: Learned) -> Result:
    """Measure the trained network and write ``result.json`` and ``waveforms.nc``.

    Args:
        learned: A run that came to its end.

    Returns:
        The result.

    Raises:
        SpiceError: When a measurement failed; the run itself is safe in its checkpoint.
    """
    began = time.monotonic()
    experiment, folder = learned.experiment, learned.folder
    measured = _measured(experiment, learned.tally)
    result = _result(learned, measured, began)
    write_netcdf(_waveforms(learned.tally, experiment.whole), folder.waveforms)
    if result.predictions is not None:
        write_text(folder.predictions, predictions_csv(result.predictions))
    write_text(folder.result, dump_result(result))
    return result


def _measured(experiment: Experiment, tally: Tally) -> _Measured:
    asked = experiment.task.test or experiment.task.train
    with Session(timeout_s=experiment.design.simulator.timeout_s) as session:
        answers = ask(Spice(experiment, session), tally.gates_V[-1], asked)
        conductances = _conductances(experiment, session, (tally.gates_V[0], tally.gates_V[-1]))
        return _Measured(answers, conductances, session.engine, session.features)


def _result(learned: Learned, measured: _Measured, began: float) -> Result:
    experiment, tally, design = learned.experiment, learned.tally, learned.experiment.design
    energy_J, answers = by_block(tally.energy_J), measured.answers
    tested_V = None if experiment.task.test is None else answers.outputs_V
    declared = _declared(experiment, tally, energy_J)
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
        versions=versions() | _simulator(tally.solver, measured.features),
        presentations=tally.trained,
        evaluation_presentations=tally.presentations - tally.trained,
        epochs=tally.epochs,
        simulated_time_s=tally.simulated_s,
        power_weight=design.learning.power_weight,
        power_weights=tuple(tally.power_weights[: tally.epochs]),
        error_V2=_error(tally),
        energy_J=energy_J,
        power_W=by_block(tally.energy_J / tally.simulated_s),
        declared=declared,
        energy_with_declared_J=_with_declared_J(energy_J, declared),
        overhead_ratio=overhead_ratio(energy_J),
        inference=_query_cost(answers.inference),
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
        warnings=(*learned.warnings, *_warnings(experiment, answers), *_played_by(learned)),
        disagreements=(*learned.disagreements, *_asked_at_rest(answers.inference)),
        fidelity=Fidelity(learned.plant, learned.deviation),
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


def _warnings(experiment: Experiment, answers: Answers) -> list[str]:
    found = []
    ideal = ideal_slots(experiment)
    if ideal:
        found.append(f"ideal behavioural cells in use: {', '.join(ideal)}")
    if answers.inference.settling_time_s is None:
        found.append("targets do not settle within schedule.evaluation_s: make it longer")
    return found


def _played_by(learned: Learned) -> list[str]:
    """What a reader should know of figures that are not ngspice's."""
    if learned.plant == SPICE:
        return []
    what = "played on tables measured from the cells (simulator.fidelity)"
    found = learned.deviation
    if found is None:
        return [f"{what}, and not held against ngspice (simulator.anchor)"]
    energy = ", ".join(f"{block} {share:+.2%}" for block, share in found.energy.items())
    gates = f"gates {found.gates_V * 1e3:.2g} mV rms, {found.worst_gate_V * 1e3:.2g} mV at most"
    error = f"root of the error {found.root_error_V * 1e3:+.2g} mV"
    against = f"against ngspice over {found.presentations} presentations"
    return [f"{what}; {against}: {gates}, {error}, energy {energy}"]


def _asked_at_rest(cost: Inference) -> tuple[Disagreement, ...]:
    what = "power before the first query and a moment later"
    return disagreement(what, cost.unrest, REST_LIMIT)


def _waveforms(tally: Tally, assembly: Assembly) -> xr.Dataset:
    data: dict[str, object] = {
        "gates": (("mark", "gate"), np.array(tally.gates_V), {"units": "V"}),
        "epoch": ("mark", np.array(tally.marks, dtype=np.int32)),
    }
    signals = [signal(name) for name in shown_signals(assembly)]
    coords: dict[str, object] = {
        "gate": list(tally.gates),
        "signal": [s.name for s in signals],
        "role": ("signal", [s.role.value for s in signals]),
    }
    for end, (time_s, values) in tally.windows.items():
        data[end] = ((f"{end}_step", "signal"), values, {"units": "V"})
        coords[f"{end}_time"] = (f"{end}_step", time_s, {"units": "s"})
    return xr.Dataset(data, coords=coords)
