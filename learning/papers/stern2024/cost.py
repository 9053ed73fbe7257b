"""The question left open: with everything counted, when does saving network power matter?

A trained network is asked queries in four ways: everything supplied (update cells disabled, as in
any query), with the nudge amplifiers' rail off, with the update cells' rail off as well, and with
the drivers and the bias switched on for each query only. It is also asked through push-pull
drivers, whose current follows their load, and, as a baseline and named as one, through ideal
class-B drivers. Beside that a network is left alone for a while, because
a weight that is a charge leaks: no more queries can be counted on per training than fit into the
time the network remembers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from learning.arrays import Floats
from learning.design.sections import Design
from learning.experiment.experiment import Experiment
from learning.experiment.prepare import prepare
from learning.experiment.pretrained import edge_law
from learning.experiment.schedule import Schedule, showing
from learning.fidelity.plant import Part, Plant, play_all
from learning.fidelity.spice import Spice
from learning.measure.ledger import BLOCKS, by_block
from learning.measure.played import Played
from learning.measure.query_cost import settled_at
from learning.papers.stern2024.pareto import row
from learning.papers.stern2024.scale import TOLERANCE_V2, Scale
from learning.run.least_power import LeastPower
from learning.study.kept_run import CircuitRun, run_circuit
from learning.tasks.examples import Examples
from learning.twin.cell_network import CellNetwork
from learning.twin.cell_training import evaluate
from netlist.circuit import Waveform
from spice_backend.session.session import Session

PUSH_PULL = "push-pull drivers, clamp rail off"
"""The mode with drivers of class AB, in transistors; to be compared with "clamp rail off"."""

IDEAL = "ideal class-B drivers"
"""The mode with behavioural drivers: what a perfect driver on the same rail would spend."""

_WAKE_S, _RISE_S = 1e-6, 1e-7
"""When a switched rail rises, and how long it takes, seconds."""

_LISTEN_S = 5e-5
"""How long a query in a switched network is watched: its bias must start first, seconds."""


def cost(folder: Path, scale: Scale, watch: Callable[[str], None]) -> dict[str, Any]:
    """Measure what queries cost, with and without the power term, and how long weights last.

    Args:
        folder: For the runs.
        scale: How much.
        watch: Told what is done.

    Returns:
        Plain data: ``networks`` (one without, one with the procedure), seed by seed.
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
            {
                "seed": seed,
                "edges": len(experiment.network.edges),
                "to_tolerance_J": quick.training_J["total"],
                "without": _measured(experiment, plain, scale),
                "with": _measured(experiment, saving, scale),
            }
        )
        watch(f"cost: seed {seed}")
    return {"tolerance_V2": TOLERANCE_V2, "networks": rows}


def _measured(experiment: Experiment, run: CircuitRun, scale: Scale) -> dict[str, Any]:
    gates, examples = np.array(run.gates_V), experiment.task.train
    with Session(timeout_s=experiment.design.simulator.timeout_s) as session:
        asker = _Asker(Spice(experiment, session), gates)
        modes = {
            "all supplied": asker.ask(examples, off=()),
            "clamp rail off": asker.ask(examples, off=("clamp",)),
            "clamp and update rails off": asker.ask(examples, off=("clamp", "update")),
        }
        push_pull = prepare(_with_driver(experiment.design, "driver_ab"))
        modes[PUSH_PULL] = _Asker(Spice(push_pull, session), gates).ask(examples, off=("clamp",))
        ideal = prepare(_with_driver(experiment.design, "driver_ideal"))
        modes[IDEAL] = _Asker(Spice(ideal, session), gates).ask(examples, off=("clamp", "bias"))
        woken = asker.wake(examples)
        memory = asker.hold(examples, scale.hold_s)
        law = edge_law(session, experiment)
    network = CellNetwork(experiment.network, law)
    return {
        **row(run),
        "modes": modes,
        "switched": woken,
        "memory": {
            **memory,
            "lasts_s": _lasts_s(network, examples, gates, memory["drift_V_per_s"]),
        },
    }


def _with_driver(design: Design, cell: str) -> Design:
    return replace(design, cells=design.cells.filled(driver=cell))


class _Asker:
    """Asks a trained network in different ways."""

    def __init__(self, plant: Plant, gates_V: Floats) -> None:
        self._plant, self._gates = plant, gates_V

    def ask(self, examples: Examples, off: tuple[str, ...]) -> dict[str, Any]:
        """Show every example once, some rails at zero volts.

        The first is shown twice and counted once: a run begins at an operating point found with
        some rails off, and what it takes from there to a working machine is no query's cost.
        """
        evaluation_s = self._plant.experiment.design.schedule.evaluation_s
        again = Examples(examples.inputs[:1], examples.labels[:1])
        shown = showing(1 + len(examples), evaluation_s)
        _, *played = self._play(shown, _joined(again, examples), dict.fromkeys(off, 0.0))
        missed = np.array([one.outputs_V[-1] for one in played]) - examples.labels
        return {
            "power_W": by_block(np.mean([one.energy_J for one in played], axis=0) / evaluation_s),
            "error_V2": float(np.mean(np.sum(missed**2, axis=1))),
            "gate_change_V": float(np.max(np.abs(played[-1].gates_V[-1] - self._gates))),
        }

    def wake(self, examples: Examples) -> dict[str, Any]:
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
            missed.append(float(np.sum((played.outputs_V[-1] - one.labels[0]) ** 2)))
        return {
            "energy_J": by_block(np.mean(spent, axis=0)),
            "slowest_s": max(took),
            "error_V2": float(np.mean(missed)),
        }

    def hold(self, examples: Examples, hold_s: float) -> dict[str, Any]:
        """Leave the network alone, supplied but not learning, and see its gates drift."""
        one = Examples(examples.inputs[:1], examples.labels[:1])
        (played,) = self._play(showing(1, hold_s), one, {})
        # the first tenth belongs to the switching on
        begin = int(np.searchsorted(played.time_s, 0.1 * hold_s))
        moved_V = played.gates_V[-1] - played.gates_V[begin]
        drift = moved_V / (played.time_s[-1] - played.time_s[begin])
        return {"watched_s": hold_s, "drift_V_per_s": drift.tolist()}

    def _play(
        self, shown: Schedule, examples: Examples, rails: Mapping[str, float | Waveform]
    ) -> list[Played]:
        return play_all(self._plant, Part(shown, examples, self._gates, rails=rails))


def _joined(first: Examples, second: Examples) -> Examples:
    return Examples(
        np.concatenate([first.inputs, second.inputs]), np.concatenate([first.labels, second.labels])
    )


def _lasts_s(
    network: CellNetwork, examples: Examples, gates: Floats, drift: list[float]
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


def summary(data: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of the answer, means over seeds.

    Args:
        data: From `cost`.

    Returns:
        Plain data, SI units in the keys.
    """
    networks = data["networks"]
    found: dict[str, Any] = {}
    for which in ("without", "with"):
        found[which] = _means([n[which] for n in networks])
    plain, saving = found["without"], found["with"]
    query_s = max(plain["settling_s"], saving["settling_s"])
    to_tolerance_J = _mean(n["to_tolerance_J"] for n in networks)
    extra_J = saving["training_J"] - to_tolerance_J
    # counted on the network alone, as the paper does, on everything, and with other drivers
    saved_W = {"network": plain["network_W"] - saving["network_W"]}
    for name, mode in (("total", "all supplied"), ("push_pull", PUSH_PULL), ("ideal", IDEAL)):
        saved_W[name] = plain["modes_W"][mode]["total"] - saving["modes_W"][mode]["total"]
    edges = networks[0]["edges"]
    return {
        **found,
        "query_s": query_s,
        **{f"saved_{name}_W": power_W for name, power_W in saved_W.items()},
        **{f"break_even_{n}": _queries(extra_J, saved_W[n] * query_s) for n in saved_W},
        "to_tolerance_J": to_tolerance_J,
        "extra_training_J": extra_J,
        "queries_remembered": saving["lasts_s"] / query_s,
        "switching_pays_below_per_s": plain["modes_W"]["clamp rail off"]["total"]
        / plain["switched_J"]["total"],
        "update_per_edge_learning_W": plain["training_W"]["update"] / edges,
        "update_per_edge_idle_W": plain["modes_W"]["all supplied"]["update"] / edges,
        "network_per_edge_W": plain["network_W"] / edges,
        "network_share_of_query": plain["network_W"] / plain["modes_W"]["all supplied"]["total"],
    }


def _means(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One network without or with the power term, means over seeds."""
    return {
        "network_W": _mean(r["network_W"] for r in rows),
        "error_V2": _mean(r["error_V2"] for r in rows),
        "training_J": _mean(r["training_J"]["total"] for r in rows),
        "training_W": {b: _mean(r["training_W"][b] for r in rows) for b in (*BLOCKS, "total")},
        "settling_s": _mean(r["settling_s"] or np.nan for r in rows),
        "modes_W": {
            mode: {
                b: _mean(r["modes"][mode]["power_W"][b] for r in rows) for b in (*BLOCKS, "total")
            }
            for mode in rows[0]["modes"]
        },
        "switched_J": {
            b: _mean(r["switched"]["energy_J"][b] for r in rows) for b in (*BLOCKS, "total")
        },
        "switched_s": _mean(r["switched"]["slowest_s"] for r in rows),
        "lasts_s": _mean(r["memory"]["lasts_s"] or np.nan for r in rows),
    }


def _queries(spent_J: float, saved_J: float) -> float | None:
    """After how many queries an expense is paid back; never when a query saves nothing."""
    return spent_J / saved_J if saved_J > 0.0 else None


def _mean(values: Any) -> float:
    return float(np.mean(list(values)))
