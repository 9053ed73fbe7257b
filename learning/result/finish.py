"""The result of a run: its figures as JSON, its waveforms as netCDF, its report.

Keys carry SI units. What a finished network does (query cost, test accuracy, conductances) is
measured here, in short simulations after the run, so that a resumed run ends like any other.
"""

from __future__ import annotations

import json
import platform
import time
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
import xarray as xr

from learning.arrays import Floats
from learning.experiment.experiment import Experiment, ideal_slots, transistors
from learning.experiment.prepare import STREAMS
from learning.fidelity.query import Answers, ask
from learning.fidelity.spice import Spice
from learning.measure.audit import RESIDUAL_LIMIT
from learning.measure.conductance import PROBE_V, measure_conductances
from learning.measure.ledger import by_block, overhead_ratio
from learning.measure.probes import shown_signals
from learning.measure.query_cost import Inference
from learning.run.folder import RunFolder
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

SCHEMA = 1
"""Version of the keys in ``result.json``."""

_LIBRARIES = ("numpy", "scipy", "networkx", "lark", "xarray", "PySpice", "matplotlib", "pydantic")


def finish(learned: Learned, folder: RunFolder) -> dict[str, Any]:
    """Measure the trained network and write ``result.json`` and ``waveforms.nc``.

    Args:
        learned: A run that came to its end.
        folder: Where its files go.

    Returns:
        The contents of ``result.json``.

    Raises:
        SpiceError: When a measurement failed; the run itself is safe in its checkpoint.
    """
    began = time.monotonic()
    experiment, tally = learned.experiment, learned.tally
    assembly = experiment.whole
    asked = experiment.task.test or experiment.task.train
    with Session(timeout_s=experiment.design.simulator.timeout_s) as session:
        answers = ask(Spice(experiment, session), tally.gates_V[-1], asked)
        conductances = _conductances(experiment, session, (tally.gates_V[0], tally.gates_V[-1]))
        engine, features = session.engine, session.features
    result = {
        **_identity(experiment, assembly, learned.status, tally.engine or engine),
        "versions": versions() | _simulator(tally.solver, features),
        **_learning(tally, experiment),
        **_money(tally),
        "inference": _inference(answers.inference),
        **_weights(tally, conductances, experiment),
        "accuracy": _accuracy(experiment, tally, answers),
        "energy_balance": _balance(tally),
        "network": _network(experiment),
        "wall_time_s": tally.wall_s + time.monotonic() - began,
        "solver_time_s": tally.solver_s,
        "solver_peak_memory_bytes": tally.peak_memory_bytes,
        "warnings": [*learned.warnings, *_warnings(experiment, tally, answers)],
    }
    write_netcdf(_waveforms(tally, assembly), folder.waveforms)
    write_text(folder.result, json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    return result


def _identity(
    experiment: Experiment, assembly: Assembly, status: str, engine: str
) -> dict[str, Any]:
    design = experiment.design
    name, _, number = engine.partition(" ")
    return {
        "schema": SCHEMA,
        "design": design.name,
        "description": design.description,
        "status": status,
        "seed": design.seed,
        "seeds": {stream: [design.seed, index] for index, stream in enumerate(STREAMS)},
        "engine": {"name": name, "version": number},
        "process": experiment.process.name,
        "cells": {slot: cell.name for slot, cell in experiment.cells.items()},
        "ideal_cells": list(ideal_slots(experiment)),
        "transistors": transistors(assembly.circuit),
    }


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


def _learning(tally: Tally, experiment: Experiment) -> dict[str, Any]:
    history = [
        {"epoch": p.epoch, "presentations": p.presentations, "error_V2": p.error_V2}
        for p in tally.history
    ]
    return {
        "presentations": tally.trained,
        "evaluation_presentations": tally.presentations - tally.trained,
        "epochs": tally.epochs,
        "simulated_time_s": tally.simulated_s,
        "power_weight": experiment.design.learning.power_weight,
        "power_weights": tally.power_weights[: tally.epochs],
        "error_V2": {
            "initial": tally.history[0].error_V2,
            "final": tally.history[-1].error_V2,
            "history": history,
        },
    }


def _money(tally: Tally) -> dict[str, Any]:
    energy_J = by_block(tally.energy_J)
    power_W = by_block(tally.energy_J / tally.simulated_s)
    return {"energy_J": energy_J, "power_W": power_W, "overhead_ratio": overhead_ratio(energy_J)}


def _inference(cost: Inference) -> dict[str, Any]:
    return {
        "settling_time_s": cost.settling_time_s,
        "energy_per_query_J": cost.energy_per_query_J,
        "power_W": cost.power_W["total"],
        "power_by_block_W": dict(cost.power_W),
    }


def _weights(
    tally: Tally, conductances: tuple[Floats, Floats], experiment: Experiment
) -> dict[str, Any]:
    initial, final = (
        {gate: float(value) for gate, value in zip(tally.gates, row, strict=True)}
        for row in (tally.gates_V[0], tally.gates_V[-1])
    )
    note = f"free side, {PROBE_V:g} V across the edge about {_middle_V(experiment):g} V"
    before, after = (row.tolist() for row in conductances)
    return {
        "gates_V": {"initial": initial, "final": final},
        "conductances_S": {"initial": before, "final": after, "note": note},
    }


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


def _accuracy(
    experiment: Experiment, tally: Tally, answers: Answers
) -> dict[str, float | None] | None:
    train, test = experiment.task.train, experiment.task.test
    if train.classes is None:
        return None
    tested = None
    if test is not None and test.classes is not None:
        tested = accuracy(answers.outputs_V, test.classes)
    return {"train": accuracy(tally.outputs_V, train.classes), "test": tested}


def _balance(tally: Tally) -> dict[str, Any] | None:
    if not tally.balance:
        return None
    kept = ("supplied_J", "dissipated_J", "stored_J", "residual")
    begin_s, end_s = tally.balance["begin_s"], tally.balance["end_s"]
    window = f"first evaluation and first epoch, {begin_s:.3g} s to {end_s:.6g} s"
    return {**{key: tally.balance[key] for key in kept}, "window": window}


def _network(experiment: Experiment) -> dict[str, Any]:
    network = experiment.network
    return {
        "nodes": list(network.nodes),
        "edges": [list(edge) for edge in network.edges],
        "positions": {
            node: list(place) for node, place in zip(network.nodes, network.positions, strict=True)
        },
        "sources": [_port(port) for port in network.sources],
        "targets": [_port(port) for port in network.targets],
        "ground": list(network.ground),
    }


def _port(port: Port) -> str:
    return port.positive if port.negative is None else f"{port.positive}-{port.negative}"


def _warnings(experiment: Experiment, tally: Tally, answers: Answers) -> list[str]:
    found = []
    ideal = ideal_slots(experiment)
    if ideal:
        found.append(f"ideal behavioural cells in use: {', '.join(ideal)}")
    if answers.inference.settling_time_s is None:
        found.append("targets do not settle within schedule.evaluation_s: make it longer")
    balance = tally.balance
    if balance and balance["residual"] > RESIDUAL_LIMIT:
        found.append(f"the energy balance does not close: residual {balance['residual']:.2g}")
    if balance and abs(tally.first_epoch_J / balance["supplied_J"] - 1.0) > RESIDUAL_LIMIT:
        found.append("the run's bill and its audit disagree on what was supplied")
    return found


def _waveforms(tally: Tally, assembly: Assembly) -> xr.Dataset:
    data: dict[str, Any] = {
        "gates": (("mark", "gate"), np.array(tally.gates_V), {"units": "V"}),
        "epoch": ("mark", np.array(tally.marks, dtype=np.int32)),
    }
    signals = [signal(name) for name in shown_signals(assembly)]
    coords: dict[str, Any] = {
        "gate": list(tally.gates),
        "signal": [s.name for s in signals],
        "role": ("signal", [s.role.value for s in signals]),
    }
    for end, (time_s, values) in tally.windows.items():
        data[end] = ((f"{end}_step", "signal"), values, {"units": "V"})
        coords[f"{end}_time"] = (f"{end}_step", time_s, {"units": "s"})
    return xr.Dataset(data, coords=coords)
