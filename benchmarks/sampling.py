"""Evenly sampled chips against chips drawn one by one: how much a mean and a yield scatter.

Plays blocks of mismatched chips of ``regression_long`` on tables, two epochs each, once with
``variation.sampling = "random"`` and once with ``"sobol"``, and prints the deviation of a block's
mean error and yield over the blocks. Whoever scatters less needs fewer chips for the same interval.

    python benchmarks/sampling.py --blocks 8 --block 32
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace

import numpy as np

from learning import find_design, load_design, prepare
from learning.arrays import Floats
from learning.errors import LearningError
from learning.fidelity.plant import Part, play_all
from learning.fidelity.plants import open_plant
from learning.tasks.score import mean_squared_error_V2
from spice_backend.errors import SpiceError

SETS = (
    "simulator.fidelity=accelerated", "simulator.anchor=false", "variation.mismatch=true",
    "schedule.epochs=2", "schedule.evaluate_every=2", "learning.tolerance_V2=0",
)  # fmt: skip
LIMITS_V2 = (1.0e-4, 1.2e-4, 1.5e-4)


def errors_V2(sampling: str, block: int, blocks: int) -> Floats:
    """(blocks, block), square volts; not a number where tables find no state."""
    nominal = prepare(load_design(find_design("regression_long"), SETS))
    found = np.full((blocks, block), np.nan)
    for draw in range(blocks * block):
        # another seed than the study's, so that no chip here is one of its own
        variation = replace(
            nominal.design.variation, seed=1, draw=draw, sampling=sampling, block=block
        )
        one = replace(nominal, design=replace(nominal.design, variation=variation))
        part = Part(one.schedule, one.task.train, np.array(one.gates_V))
        try:
            with open_plant("accelerated", one) as plant:
                played = play_all(plant, part)
        except (LearningError, SpiceError) as error:
            sys.stderr.write(f"{sampling} {draw}: {error}\n")
            continue
        last = {p.presentation.example: p.outputs_V[-1] for p in played[-len(one.task.train) :]}
        answers = np.array([last[i] for i in range(len(one.task.train))])
        found[draw // block, draw % block] = mean_squared_error_V2(answers, one.task.train.labels)
        if draw % block == block - 1:
            sys.stderr.write(f"{sampling}: {draw + 1} chips\n")
    return found


def main() -> None:
    """Play and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--blocks", type=int, default=8)
    parser.add_argument("--block", type=int, default=32)
    options = parser.parse_args()
    spread = {}
    for sampling in ("random", "sobol"):
        errors = errors_V2(sampling, options.block, options.blocks)
        means = np.nanmean(errors, axis=1)
        rows = {"mean error, V2": means}
        rows |= {
            f"share below {limit:g} V2": np.mean(errors <= limit, axis=1) for limit in LIMITS_V2
        }
        chips = f"{np.isfinite(errors).sum()} of {errors.size} chips"
        sys.stdout.write(f"{sampling}: {chips}\n")
        for name, values in rows.items():
            told = f"{values.mean():.4g}, a block's deviation {values.std(ddof=1):.3g}"
            sys.stdout.write(f"  {name}: {told}\n")
            spread.setdefault(name, []).append(float(values.std(ddof=1)))
    for name, (plain, even) in spread.items():
        if even > 0 and plain > 0:
            sys.stdout.write(f"{name}: variance {(plain / even) ** 2:.2f} times smaller\n")


if __name__ == "__main__":
    main()
