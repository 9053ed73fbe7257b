"""Both plants side by side, and the growth of both with the number of edges.

Run: ``python -m benchmarks.accelerated [--side N ...] [--spice-side N ...] [--chips N]``.
Everything is told in processor time, so that a busy machine spoils no figure: ngspice's that of its
process less what starting and ending one takes.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from learning.design.read import find_design, load_design
from learning.experiment.experiment import Experiment
from learning.experiment.prepare import prepare
from learning.fidelity.accelerated import store
from learning.fidelity.accelerated.chunks import chunks
from learning.fidelity.accelerated.in_turn.player import TurnPlayer, gates_after
from learning.fidelity.accelerated.in_turn.tables import measure_turns
from learning.fidelity.accelerated.player import Player
from learning.fidelity.accelerated.tables import measure
from learning.fidelity.plant import Part, Plant, play_all
from learning.fidelity.plants import ACCELERATED, SPICE, open_plant
from learning.measure.deviation import Deviation, deviation
from learning.measure.played import Played
from spice_backend.session.session import Session

DESIGNS = "regression_twin", "regression"
"""Two networks, and one that plays both states in turn."""

SHORT = ("task.examples=5", "schedule.epochs=2", "schedule.evaluate_every=1")
CHIP = ("variation.mismatch=true", "schedule.epochs=12", "schedule.evaluate_every=4")
"""A mismatched chip that is shown 160 presentations."""

ROUNDS = 5


@dataclass(frozen=True)
class Sides:
    """Both plants on one run: presentations per second of processor time, and how far apart."""

    spice: float
    accelerated: float
    apart: Deviation


@dataclass(frozen=True)
class Cost:
    """Of a presentation on a lattice: processor time, the process's peak, and of a run's start."""

    edges: int
    seconds: float
    peak_MiB: int
    start_s: float = 0.0


def say(text: str) -> None:
    """Print a line now."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def children_s() -> float:
    """Processor time of all child processes that have ended, seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _started_s() -> float:
    """Processor time of a simulator that starts, answers once, and ends."""
    before = children_s()
    with Session() as session:
        session.run("t\nV1 a 0 1\nR1 a 0 1\n.tran 1n 2n\n.end\n", ("v(a)",), lambda _: True).check()
    return children_s() - before


def _part(experiment: Experiment) -> Part:
    return Part(experiment.schedule, experiment.task.train, np.array(experiment.gates_V))


def _by_spice(experiment: Experiment) -> tuple[list[Played], float]:
    """What ngspice plays, and its processor time, seconds."""
    started_s, before = _started_s(), children_s()
    with open_plant(SPICE, experiment) as plant:
        played = play_all(plant, _part(experiment))
    return played, children_s() - before - started_s


def side_by_side(design: str, sets: Sequence[str] = SHORT) -> Sides:
    """A short run by both plants.

    Args:
        design: A shipped design.
        sets: Keys that differ from it.

    Returns:
        What it took and what it came to; tables measured and kernels compiled before.
    """
    experiment = prepare(load_design(find_design(design), tuple(sets)))
    truth, spice_s = _by_spice(experiment)
    with open_plant(ACCELERATED, experiment) as plant:
        ours = play_all(plant, _part(experiment))
        accelerated_s = min(_plays_s(plant, experiment) for _ in range(ROUNDS))
    apart = deviation(ours, truth, experiment.task.train.labels)
    return Sides(len(truth) / spice_s, len(ours) / accelerated_s, apart)


def _plays_s(plant: Plant, experiment: Experiment) -> float:
    began = time.process_time()
    play_all(plant, _part(experiment))
    return time.process_time() - began


def _lattice(design: str, side: int) -> Experiment:
    sizes = (f"network.rows={side}", f"network.columns={side}")
    return prepare(load_design(find_design(design), (*SHORT, *sizes)))


@contextmanager
def _players(design: str) -> Iterator[Callable[[Experiment], Player | TurnPlayer]]:
    """The tables of the smallest machine, which serve larger ones as far as time goes."""
    small = _lattice(design, 4)
    name = store.key(small, "cells")
    with Session() as session:
        if small.architecture.in_turn:
            turns = store.tables(name, lambda: measure_turns(session, small, lambda _: None))
            learnt = partial(gates_after, small, turns)
            rehearsal = store.rehearsed(session, small, learnt, lambda _: None)
            yield lambda one: TurnPlayer(one, turns, rehearsal, None, np.array(one.gates_V))
        else:
            twins = store.tables(name, lambda: measure(session, small, lambda _: None))
            yield lambda one: Player(one, twins, None, np.array(one.gates_V))


def growth(design: str, sides: Sequence[int]) -> Iterator[Cost]:
    """The accelerated plant's cost against edges, of the presentations of the last epoch.

    Args:
        design: A shipped design on a square lattice.
        sides: Nodes along its side, smallest first.

    Yields:
        One cost per side.
    """
    with _players(design) as opened:
        for side in sides:
            experiment = _lattice(design, side)
            began = time.process_time()
            player = opened(experiment)
            start_s = time.process_time() - began
            took_s = min(_epochs_s(player, experiment)[-1] for _ in range(ROUNDS))
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
            yield Cost(len(experiment.network.edges), took_s, peak, start_s)


def _epochs_s(player: Player | TurnPlayer, experiment: Experiment) -> list[float]:
    """Processor time of a presentation, epoch by epoch, from the start, seconds."""
    task, costs = experiment.task.train, []
    player.begin(np.array(experiment.gates_V))
    for group in experiment.schedule.epochs():
        began = time.process_time()
        for chunk in chunks(group, len(experiment.network.edges), learnt=False):
            list(player.show(chunk, task, 0.0))
        costs.append((time.process_time() - began) / len(group))
    return costs


def chips_s(draws: Sequence[int]) -> Iterator[float]:
    """What mismatched chips cost, from their draw to their last presentation.

    Args:
        draws: Which chips; the nominal cells and what their devices do are measured before.

    Yields:
        Processor time of a chip, seconds.
    """
    for place, draw in enumerate((draws[0], *draws)):
        sets = (*CHIP, f"variation.draw={draw}")
        experiment = prepare(load_design(find_design("regression"), sets))
        with open_plant(ACCELERATED, experiment) as plant:
            took_s = _plays_s(plant, experiment)
        if place > 0:  # the first one measures, and finds compiled functions
            yield took_s


def spice_growth(design: str, sides: Sequence[int]) -> Iterator[Cost]:
    """The same of ngspice, all presentations of one short epoch taken together.

    A run finds where its machine rests once, however many presentations follow: that is its start.

    Args:
        design: A shipped design on a square lattice.
        sides: Nodes along its side, smallest first.

    Yields:
        One cost per side; the peak is the largest child's so far.
    """
    for side in sides:
        sizes = (f"network.rows={side}", f"network.columns={side}")
        short = ("task.examples=2", "schedule.epochs=1", "schedule.evaluate_every=1")
        experiment = prepare(load_design(find_design(design), (*short, *sizes)))
        part, started_s = _part(experiment), _started_s()
        begun_s = children_s()
        with open_plant(SPICE, experiment) as plant:
            rest = plant.rest(part)
        rest.outcome.check()
        rested_s = children_s()
        with open_plant(SPICE, experiment) as plant:
            played = play_all(plant, replace(part, state_V=rest.state_V))
        took_s = children_s() - rested_s - started_s
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
        edges, start_s = len(experiment.network.edges), rested_s - begun_s - started_s
        yield Cost(edges, took_s / len(played), peak, start_s)


def exponent(costs: Sequence[Cost]) -> float:
    """The power of the number of edges that costs grow with; not a number for one cost."""
    if not costs[1:]:
        return float("nan")
    edges, seconds = ([getattr(one, name) for one in costs] for name in ("edges", "seconds"))
    return float(np.polyfit(np.log(edges), np.log(seconds), 1)[0])


def main() -> None:
    """Do all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, nargs="+", default=[4, 8, 16, 32])
    parser.add_argument("--spice-side", type=int, nargs="*", default=[])
    parser.add_argument("--growth-only", action="store_true")
    parser.add_argument("--chips", type=int, default=0, help="only so many mismatched chips")
    options = parser.parse_args()
    if options.chips:
        spent_s = list(chips_s(range(1, options.chips + 1)))
        mean_s, most_s = sum(spent_s) / len(spent_s), max(spent_s)
        say(f"a chip and 160 presentations: {mean_s:.3f} s, at most {most_s:.3f} s")
        return
    for design in () if options.growth_only else DESIGNS:
        found = side_by_side(design)
        say(
            f"{design}: {found.accelerated:.0f} against {found.spice:.2f} presentations/s, "
            f"{found.accelerated / found.spice:.0f} times; gates {found.apart.gates_V * 1e3:.2g} mV"
        )
    grown = [(f"{one}, accelerated", growth(one, options.side)) for one in DESIGNS]
    grown += [(f"{one}, ngspice", spice_growth(one, options.spice_side)) for one in DESIGNS]
    for name, costs in grown:
        seen: list[Cost] = []
        for one in costs:
            seen.append(one)
            began = f", start {one.start_s:.2g} s" if one.start_s else ""
            took = f"{one.seconds * 1e3:.3g} ms{began}"
            say(f"{name}: {one.edges} edges, {took}, {one.peak_MiB} MiB so far")
        if len(seen) > 1:
            say(f"{name}: exponent {exponent(seen):.2f}")


if __name__ == "__main__":
    main()
