"""The question left open: with everything counted, when does saving network power matter?

A trained network is asked queries in four ways: everything supplied (update cells disabled, as in
any query), with the nudge amplifiers' rail off, with the update cells' rail off as well, and with
the drivers and the bias switched on for each query only. A machine with class-A drivers is also
asked through push-pull drivers, whose current follows their load, and any machine, as a baseline
and named as one, through ideal class-B drivers. Beside that a network is left alone for a while,
because a weight that is a charge leaks: no more queries can be counted on per training than fit
into the time the network remembers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from learning.arrays import Floats
from learning.design.whole import Design
from learning.experiment.experiment import Experiment
from learning.experiment.prepare import prepare
from learning.experiment.pretrained import edge_law
from learning.experiment.schedule import Schedule, showing
from learning.fidelity.plant import Part, Plant, play_all
from learning.fidelity.spice import Spice
from learning.measure.ledger import by_block
from learning.measure.played import Played
from learning.measure.query_cost import settled_at
from learning.papers.stern2024.data import Cost, Memory, Mode, NetworkCost, SeedCost, Switched
from learning.papers.stern2024.pareto import row
from learning.papers.stern2024.payback import (
    ALL_SUPPLIED,
    CLAMP_OFF,
    IDEAL,
    PUSH_PULL,
    UPDATE_OFF,
)
from learning.papers.stern2024.scale import TOLERANCE_V2, Scale
from learning.running.least_power import LeastPower
from learning.studies.single.kept_run import CircuitRun, run_circuit
from learning.tasks.examples import Examples
from learning.tasks.score import mean_squared_error_V2
from learning.twin.cell_network import CellNetwork
from learning.twin.cell_training import evaluate
from netlist.circuit import Waveform
from spice_backend.session.session import Session

_WAKE_S, _RISE_S = 1e-6, 1e-7
"""When a switched rail rises, and how long it takes, seconds."""

_CLASS_A, _CLASS_AB = "driver", "driver_ab"
"""The driver cell whose current does not follow its load, and its counterpart on the same line."""

_LISTEN_S = 5e-5
"""How long a query in a switched network is watched: its bias must start first, seconds."""


def cost(folder: Path, scale: Scale, watch: Callable[[str], None]) -> Cost:
    """Measure what queries cost, with and without the power term, and how long weights last.

    Args:
        folder: For the runs.
        scale: How much.
        watch: Told what is done.

    Returns:
        The networks without and with the procedure, seed by seed.
    """
    rows = []
    for seed in scale.seeds:
        plain_design = scale.design(seed, "learning.power_weight=0.0")
        plain = run_circuit(plain_design, folder / f"fixed-0-{seed}")
        saving_design = scale.design(seed, "schedule.evaluate_every=1")
        rule = LeastPower(TOLERANCE_V2, scale.epochs)
        saving = run_circuit(saving_design, folder / f"procedure-{seed}", rule)
        stop = (f"learning.tolerance_V2={TOLERANCE_V2}", "schedule.evaluate_every=1")
        quick = run_circuit(scale.design(seed, *stop), folder / f"start-shipped-{seed}")
        experiment = prepare(plain_design)
        rows.append(
            SeedCost(
                seed=seed,
                edges=len(experiment.network.edges),
                to_tolerance_J=quick.training_J["total"],
                plain=_measured(experiment, plain, scale),
                saving=_measured(experiment, saving, scale),
            )
        )
        watch(f"cost: seed {seed}")
    return Cost(scale.name, TOLERANCE_V2, tuple(rows))


def _measured(experiment: Experiment, run: CircuitRun, scale: Scale) -> NetworkCost:
    gates, examples = np.array(run.gates_V), experiment.task.train
    with Session(timeout_s=experiment.design.simulator.timeout_s) as session:
        asker = _Asker(Spice(experiment, session), gates)
        modes = {
            ALL_SUPPLIED: asker.ask(examples, off=()),
            CLAMP_OFF: asker.ask(examples, off=("clamp",)),
            UPDATE_OFF: asker.ask(examples, off=("clamp", "update")),
        }
        if experiment.design.cells.named()["driver"] == _CLASS_A:
            other = prepare(_with_driver(experiment.design, _CLASS_AB))
            modes[PUSH_PULL] = _Asker(Spice(other, session), gates).ask(examples, off=("clamp",))
        ideal = prepare(_with_driver(experiment.design, "driver_ideal"))
        modes[IDEAL] = _Asker(Spice(ideal, session), gates).ask(examples, off=("clamp", "bias"))
        woken = asker.wake(examples)
        memory = asker.hold(examples, scale.hold_s)
        law = edge_law(session, experiment)
    network = CellNetwork(experiment.network, law)
    lasts_s = _lasts_s(network, examples, gates, memory.drift_V_per_s)
    return NetworkCost(row(run), modes, woken, replace(memory, lasts_s=lasts_s))


def _with_driver(design: Design, cell: str) -> Design:
    """The same with another driver cell, at its own sizes."""
    others = {slot: sizes for slot, sizes in design.cells.parameters.items() if slot != "driver"}
    cells = replace(design.cells.filled(driver=cell), parameters=others)
    return replace(design, cells=cells)


class _Asker:
    """Asks a trained network in different ways."""

    def __init__(self, plant: Plant, gates_V: Floats) -> None:
        self._plant, self._gates = plant, gates_V

    def ask(self, examples: Examples, off: tuple[str, ...]) -> Mode:
        """Show every example once, some rails at zero volts.

        The first is shown twice and counted once: a run begins at an operating point found with
        some rails off, and what it takes from there to a working machine is no query's cost.
        """
        evaluation_s = self._plant.experiment.design.schedule.evaluation_s
        again = Examples(examples.inputs[:1], examples.labels[:1])
        shown = showing(1 + len(examples), evaluation_s)
        _, *played = self._play(shown, _joined(again, examples), dict.fromkeys(off, 0.0))
        outputs_V = np.array([one.outputs_V[-1] for one in played])
        return Mode(
            power_W=by_block(np.mean([one.energy_J for one in played], axis=0) / evaluation_s),
            error_V2=mean_squared_error_V2(outputs_V, examples.labels),
            gate_change_V=float(np.max(np.abs(played[-1].gates_V[-1] - self._gates))),
        )

    def wake(self, examples: Examples) -> Switched:
        """Switch drivers and bias on for one query each; the clamps stay off."""
        took, spent, missed = [], [], []
        rail_V = self._plant.experiment.rail_V
        rail = Waveform("PWL", (0.0, 0.0, _WAKE_S, 0.0, _WAKE_S + _RISE_S, rail_V))
        for index in range(len(examples)):
            one = Examples(examples.inputs[[index]], examples.labels[[index]])
            rails: dict[str, float | Waveform] = {"driver": rail, "bias": rail, "clamp": 0.0}
            (played,) = self._play(showing(1, _LISTEN_S), one, rails)
            end = settled_at(played.outputs_V)
            took.append(float(played.time_s[end]) - _WAKE_S)
            until = slice(end + 1)
            spent.append(np.trapezoid(played.power_W[until], played.time_s[until], axis=0))
            missed.append(mean_squared_error_V2(played.outputs_V[-1:], one.labels))
        return Switched(
            energy_J=by_block(np.mean(spent, axis=0)),
            slowest_s=max(took),
            error_V2=float(np.mean(missed)),
        )

    def hold(self, examples: Examples, hold_s: float) -> Memory:
        """Leave the network alone, supplied but not learning, and see its gates drift."""
        one = Examples(examples.inputs[:1], examples.labels[:1])
        (played,) = self._play(showing(1, hold_s), one, {})
        # the first tenth belongs to the switching on
        begin = int(np.searchsorted(played.time_s, 0.1 * hold_s))
        moved_V = played.gates_V[-1] - played.gates_V[begin]
        drift = moved_V / (played.time_s[-1] - played.time_s[begin])
        return Memory(hold_s, tuple(drift.tolist()))

    def _play(
        self, shown: Schedule, examples: Examples, rails: Mapping[str, float | Waveform]
    ) -> list[Played]:
        return play_all(self._plant, Part(shown, examples, self._gates, rails=rails))


def _joined(first: Examples, second: Examples) -> Examples:
    return Examples(
        np.concatenate([first.inputs, second.inputs]), np.concatenate([first.labels, second.labels])
    )


def _lasts_s(
    network: CellNetwork, examples: Examples, gates: Floats, drift: Sequence[float]
) -> float | None:
    """When the drifting gates take the error over the tolerance, by the characterised twin.

    The twin's own error at the start is lower than the circuit's; what counts is the time its
    error takes to grow by the tolerance.
    """
    rates = np.array(drift)
    begin = evaluate(network, examples, gates, 0).error_V2
    for time_s in np.geomspace(1e-6, 1e3, 181):
        moved = np.clip(gates + rates * time_s, 0.0, None)
        if evaluate(network, examples, moved, 0).error_V2 > begin + TOLERANCE_V2:
            return float(time_s)
    return None
