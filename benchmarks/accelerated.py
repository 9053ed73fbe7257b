"""Both plants side by side, and the accelerated one's growth with the number of edges.

Run: ``python benchmarks/accelerated.py [--side N ...]``. Both plants are told in wall time of their
solvers, growth in processor time of this process; a busy machine spoils the first.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time

import numpy as np

from learning.design.read import find_design, load_design
from learning.experiment.experiment import Experiment
from learning.experiment.prepare import prepare
from learning.fidelity.accelerated import store
from learning.fidelity.accelerated.player import Player
from learning.fidelity.accelerated.tables import measure
from learning.fidelity.plant import Part
from learning.fidelity.plants import open_plant
from spice_backend.session.session import Session

SHORT = ("task.examples=5", "schedule.epochs=2", "schedule.evaluate_every=1")


def say(text: str) -> None:
    """Print a line now."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def side_by_side() -> None:
    """A short regression by both plants: presentations a second of the solver."""
    experiment = prepare(load_design(find_design("regression"), SHORT))
    part = Part(experiment.schedule, experiment.task.train, np.array(experiment.gates_V))
    count, took = len(part.schedule.presentations), {}
    for name in ("spice", "accelerated"):
        with open_plant(name, experiment) as plant:
            if name == "accelerated":
                plant.play(part, lambda _: True)
            outcome = plant.play(part, lambda _: True).outcome.check()
            took[name] = outcome.solver_time_s
        say(f"{name:12} {count / took[name]:10.1f} presentations/s")
    say(f"ratio        {took['spice'] / took['accelerated']:10.0f}")


def _lattice(side: int) -> Experiment:
    sizes = (f"network.rows={side}", f"network.columns={side}")
    return prepare(load_design(find_design("regression"), (*SHORT, *sizes)))


def growth(sides: list[int]) -> None:
    """Time of a learning presentation against edges, on the tables of the smallest machine."""
    small = _lattice(4)
    with Session() as session:
        tables = store.kept(store.key(small, "cells"), lambda: measure(session, small, say))
    edges, costs = [], []
    for side in sides:
        experiment = _lattice(side)
        player = Player(experiment, tables, None, np.array(experiment.gates_V))
        shown = experiment.schedule.epochs()
        task = experiment.task.train
        began = 0.0
        for epoch, group in enumerate(shown):
            began = time.process_time() if epoch == len(shown) - 1 else began
            for one in group:
                player.show(one, task.inputs[one.example], task.labels[one.example], 0.0)
        costs.append((time.process_time() - began) / len(shown[-1]))
        edges.append(len(experiment.network.edges))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        say(f"{edges[-1]:6} edges {costs[-1] * 1e3:8.2f} ms per presentation, {peak} MiB so far")
    if len(edges) > 1:
        exponent = np.polyfit(np.log(edges), np.log(costs), 1)[0]
        say(f"exponent {exponent:.2f}")


def main() -> None:
    """Do both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, nargs="+", default=[4, 8, 16, 32])
    parser.add_argument("--growth-only", action="store_true")
    options = parser.parse_args()
    if not options.growth_only:
        side_by_side()
    growth(options.side)


if __name__ == "__main__":
    main()
