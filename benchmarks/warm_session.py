"""A free and a clamped solve and an update in Python, as peers do it: warm session or new process.

A 4 x 4 periodic lattice of 32 N-MOS edges (level 1, after Dillavou et al., PNAS 2024) learns XOR.
Every step shows an example, finds the free state, nudges the output, finds the clamped state and
moves all 32 gate voltages, in Python. The one loop asks `spice_backend.session.session.Session`;
the other is PySpice as its manual shows it, one ngspice process per solution. PySpice 1.5 cannot
read ngspice 39 or run on numpy 2 as it is; the two lines that keep it from working are mended in
memory here. Both loops run side by side, interleaved, and end with the same gates.

    python -m benchmarks.warm_session [--steps N] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spice_backend.session.session import Session

Floats = NDArray[np.float64]

SIDE, OUTPUT, INPUTS, GROUND = 4, 5, (0, 10), 15
EDGES = tuple(
    (SIDE * row + column, neighbour)
    for row in range(SIDE)
    for column in range(SIDE)
    for neighbour in (SIDE * row + (column + 1) % SIDE, SIDE * ((row + 1) % SIDE) + column)
)
EXAMPLES = tuple(
    ((0.05 + 0.4 * a, 0.05 + 0.4 * b), 0.1 + 0.1 * (a ^ b)) for a in (0, 1) for b in (0, 1)
)
NUDGE, RATE, OPEN_OHM, CLOSED_OHM = 0.5, 0.5, 1e12, 1.0
Solve = Callable[[Mapping[str, float]], Floats]


def deck() -> str:
    """The lattice with its gates, inputs and clamp as sources that can be altered."""
    lines = ["xor", ".model edge nmos (level=1 vto=0.7 kp=7e-4 lambda=0)"]
    for index, (a, b) in enumerate(EDGES):
        lines += [f"m{index} n{a} g{index} n{b} 0 edge w=1e-6 l=1e-6", f"vg{index} g{index} 0 1.4"]
    lines += [f"vin{i} n{node} 0 0.1" for i, node in enumerate(INPUTS)]
    lines += [f"vground n{GROUND} 0 0", "vclamp c 0 0", f"rclamp c n{OUTPUT} {OPEN_OHM}", ".op"]
    return "\n".join([*lines, ".end", ""])


def learn(solve: Solve, steps: int) -> Floats:
    """The loop of both: solve free, solve clamped, update.

    Args:
        solve: Finds the node voltages, (16,), for values by device.
        steps: How many.

    Returns:
        (32,), gate voltages, volts.
    """
    gates = np.random.default_rng(1).uniform(1.2, 1.8, len(EDGES))
    ends = np.array(EDGES)
    for step in range(steps):
        inputs, label = EXAMPLES[step % len(EXAMPLES)]
        values = {f"vg{i}": float(gate) for i, gate in enumerate(gates)}
        values |= {f"vin{i}": volts for i, volts in enumerate(inputs)}
        free = solve({**values, "vclamp": 0.0, "rclamp": OPEN_OHM})
        nudged = float(free[OUTPUT] + NUDGE * (label - free[OUTPUT]))
        clamped = solve({"vclamp": nudged, "rclamp": CLOSED_OHM})
        drops = np.array([node[ends[:, 0]] - node[ends[:, 1]] for node in (free, clamped)])
        gates = np.clip(gates + RATE * (drops[0] ** 2 - drops[1] ** 2), 0.8, 5.0)
    return gates


class Warm:
    """Solves in a warm session."""

    def __init__(self) -> None:
        self.session = Session(timeout_s=60)
        self.session.load(deck())
        self._probes = [f"v(n{node})" for node in range(SIDE * SIDE)]

    def solve(self, values: Mapping[str, float]) -> Floats:
        """One message each way."""
        return self.session.solve(self._probes, values)


class Stock:
    """Solves as PySpice's manual shows: a circuit is built and a process started every time."""

    def __init__(self) -> None:
        self._values: dict[str, float] = {}
        mend_pyspice()

    def solve(self, values: Mapping[str, float]) -> Floats:
        """One ngspice process."""
        from PySpice.Spice.Netlist import Circuit

        self._values |= values
        now = self._values
        circuit = Circuit("xor")
        circuit.model("edge", "nmos", level=1, vto=0.7, kp=7e-4, **{"lambda": 0})
        for i, (a, b) in enumerate(EDGES):
            circuit.MOSFET(i, f"n{a}", f"g{i}", f"n{b}", circuit.gnd, model="edge", w=1e-6, l=1e-6)
            circuit.V(f"g{i}", f"g{i}", circuit.gnd, now[f"vg{i}"])
        for i, node in enumerate(INPUTS):
            circuit.V(f"in{i}", f"n{node}", circuit.gnd, now[f"vin{i}"])
        circuit.V("ground", f"n{GROUND}", circuit.gnd, 0)
        circuit.V("clamp", "c", circuit.gnd, now["vclamp"])
        circuit.R("clamp", "c", f"n{OUTPUT}", now["rclamp"])
        simulator = circuit.simulator(
            temperature=27, nominal_temperature=27, simulator="ngspice-subprocess"
        )
        nodes = simulator.operating_point().nodes
        return np.array([float(nodes[f"n{node}"][0]) for node in range(SIDE * SIDE)])


def mend_pyspice() -> None:
    """Two repairs without which the stock loop does not run at all; neither costs it time."""
    import logging

    from PySpice.Spice import RawFile as Raw
    from PySpice.Spice.NgSpice import RawFile as NgspiceRaw

    logging.disable(logging.CRITICAL)

    def read(
        self: Any, stdout: bytes, points: int, original: Any = NgspiceRaw.RawFile.__init__
    ) -> None:
        original(self, stdout[stdout.index(b"Circuit:") :], points)

    NgspiceRaw.RawFile.__init__ = read
    Raw.np = types.SimpleNamespace(**{**vars(np), "fromstring": np.frombuffer})


def measure(steps: int, rounds: int) -> dict[str, Any]:
    """Run both loops in turn.

    Args:
        steps: Of the stock loop in each round; the warm one does ten times as many.
        rounds: How often.

    Returns:
        Steps per second of both (median), their ratio, the shares of the warm loop's time that
        are outside the simulator, and the largest difference of the gates after the same steps.
        Time inside is wall time in ngspice's own functions, so that a busy machine, which
        stretches it, makes the first share too small and the second too large.
    """
    warm, stock = Warm(), Stock()
    with warm.session:
        learn(warm.solve, 10)
        apart = np.abs(learn(warm.solve, steps) - learn(stock.solve, steps)).max()
        rates: dict[str, list[float]] = {"warm": [], "stock": []}
        shares: list[tuple[float, float]] = []
        for _ in range(rounds):
            rate, share = _timed_warm(warm, 10 * steps)
            rates["warm"].append(rate)
            shares.append(share)
            began = time.perf_counter()
            learn(stock.solve, steps)
            rates["stock"].append(steps / (time.perf_counter() - began))
    median = {name: statistics.median(rate) for name, rate in rates.items()}
    of_processor, of_wall = (statistics.median(column) for column in zip(*shares, strict=True))
    return {
        "engine": warm.session.engine,
        "warm_steps_per_s": median["warm"],
        "stock_steps_per_s": median["stock"],
        "ratio": median["warm"] / median["stock"],
        "outside_simulator_processor_time": of_processor,
        "outside_simulator_wall_time": of_wall,
        "largest_gate_difference_V": float(apart),
    }


def _timed_warm(warm: Warm, steps: int) -> tuple[float, tuple[float, float]]:
    """Steps per second, and the shares of processor and wall time outside the simulator."""
    session = warm.session
    assert session.process_id is not None
    inside_s, began = -session.solver_time_s, time.perf_counter()
    processor_s = -time.process_time() - _processor_s(session.process_id)
    learn(warm.solve, steps)
    inside_s += session.solver_time_s
    wall_s = time.perf_counter() - began
    processor_s += time.process_time() + _processor_s(session.process_id)
    return steps / wall_s, (1.0 - inside_s / processor_s, 1.0 - inside_s / wall_s)


def _processor_s(process_id: int) -> float:
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = measure(options.steps, options.rounds)
    if options.json:
        print(json.dumps(found, indent=1))
        return
    print(
        f"warm session of {found['engine']}: {found['warm_steps_per_s']:.0f} steps/s\n"
        f"stock PySpice subprocess loop: {found['stock_steps_per_s']:.1f} steps/s\n"
        f"ratio: {found['ratio']:.1f}\n"
        f"outside the simulator: {100 * found['outside_simulator_processor_time']:.0f} % of the "
        f"processor time of both processes, {100 * found['outside_simulator_wall_time']:.0f} % of "
        "the wall time (waiting for a busy machine counts there)\n"
        f"largest difference of a gate after {options.steps} steps: "
        f"{1e6 * found['largest_gate_difference_V']:.3g} µV"
    )


if __name__ == "__main__":
    main()
