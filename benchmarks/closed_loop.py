"""What steering costs: the same transient played from its deck, and decided epoch by epoch.

The 32-edge transistor network of the shipped regression design learns for two epochs; once the
power weight is laid out in the deck, once Python decides it while the transient runs. The two runs
take the same steps to the last bit, so what differs is the cost of deciding.

    python -m benchmarks.closed_loop [--rounds N] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learning.design.read import find_design, load_design
from learning.experiment.experiment import deck
from learning.experiment.prepare import prepare
from learning.fidelity.plant import Part
from learning.fidelity.steered import Steering, steered
from learning.measure.ledger import Ledger
from learning.measure.probes import main_probes
from spice_backend.protocol.drive import Drive
from spice_backend.protocol.samples import Samples
from spice_backend.session.session import Session

WEIGHTS = (0.02, 0.05)
SETS = ("schedule.epochs=2", "task.examples=5", "schedule.evaluate_every=1")


def measure(rounds: int) -> dict[str, Any]:
    """Run both in turn.

    Args:
        rounds: How often.

    Returns:
        Processor time of both processes in seconds, the least of all rounds, by way; the overhead
        as a share; and the largest difference of any probe between the two runs.
    """
    experiment = prepare(load_design(find_design("regression_twin"), SETS, None))
    schedule, train = experiment.schedule, experiment.task.train
    whole = experiment.assembly(schedule, train, experiment.gates_V, WEIGHTS)
    probes = main_probes(whole, Ledger(whole))
    transient = experiment.transient(schedule, probes)
    part = Part(schedule, train, np.array(experiment.gates_V))
    spent: dict[str, list[float]] = {"open": [], "closed": []}
    values: dict[str, NDArray[np.float64]] = {}
    with Session() as session:
        for _ in range(rounds):
            text = deck(whole, transient)
            spent["open"].append(_timed(session, text, probes, None, "open", values))
            choose = Steering(WEIGHTS.__getitem__, experiment, part, whole)
            text = deck(steered(whole), transient)
            took = _timed(session, text, probes, choose.drive, "closed", values)
            spent["closed"].append(took)
    least = {way: min(times) for way, times in spent.items()}
    return {
        "open_s": least["open"],
        "closed_s": least["closed"],
        "overhead": least["closed"] / least["open"] - 1.0,
        "steps": len(values["open"]),
        "largest_difference": float(np.abs(values["open"] - values["closed"]).max()),
    }


def _timed(
    session: Session,
    text: str,
    probes: tuple[str, ...],
    drive: Drive | None,
    way: str,
    values: dict[str, NDArray[np.float64]],
) -> float:
    blocks: list[Samples] = []
    session.start()
    began = _processor_s(session)
    outcome = session.run(text, probes, lambda s: not blocks.append(s), drive=drive)
    took = _processor_s(session) - began
    outcome.check()
    values[way] = np.concatenate([block.values for block in blocks])
    return took


def _processor_s(session: Session) -> float:
    fields = Path(f"/proc/{session.process_id}/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = measure(options.rounds)
    if options.json:
        print(json.dumps(found, indent=1))
        return
    print(
        f"open loop {found['open_s']:.2f} s, closed loop {found['closed_s']:.2f} s of processor "
        f"time over {found['steps']} steps: overhead {100 * found['overhead']:+.1f} %\n"
        f"largest difference of any probe between the two: {found['largest_difference']:g}"
    )


if __name__ == "__main__":
    main()
