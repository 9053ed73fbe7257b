"""What single devices do adds up to what a chip does."""

from __future__ import annotations

import numpy as np
import pytest

from learning.design.read import find_design, load_design
from learning.experiment.experiment import Experiment
from learning.experiment.prepare import prepare
from learning.fidelity.accelerated.bench import Bench
from learning.fidelity.accelerated.in_turn.leaning_table import STEP, measure_bias, numbers
from netlist.parts.variation import Moved
from spice_backend.session.session import Session


def machine(draw: int) -> Experiment:
    """A chip whose devices differ."""
    changes = ("variation.mismatch=true", f"variation.draw={draw}")
    return prepare(load_design(find_design("regression"), changes))


def test_every_number_of_every_device_is_listed() -> None:
    experiment = machine(0)
    assert numbers(experiment, "edge") == (("m.xe.m0", 0), ("m.xe.m0", 1), ("c.cg", 0))
    update = numbers(experiment, "update")
    assert len(update) == 2 * 17 + 1  # transistors with two numbers each, a capacitor
    assert ("m.xbump.xma.m0", 1) in update


def test_lines_of_a_chip_are_nominal_plus_what_its_devices_do() -> None:
    """Against the bias cell with everything that the chip's devices drew at once."""
    experiment = machine(3)
    with Session() as session:
        leaning = measure_bias(session, experiment)
        drew = {
            ("xbias", device): experiment.chip.normal(
                f"{device[0]}.xbias{device[1:]}", 2 if device[0] == "m" else 1
            )
            for device, _ in leaning.devices
        }
        lines = []
        for moves in ({}, drew):
            bench = Bench(experiment, moved=Moved(moves))
            bench.hold("vdd", experiment.rail_V)
            bench.place_bias()
            bench.probes += [f"v({line})" for line in leaning.lines]
            lines.append(bench.sweep(session, 2)[0])
    weights = [drew["xbias", device][number] for device, number in leaning.devices]
    found, told = lines[1] - lines[0], np.array(weights) @ leaning.amounts["lines"]
    assert np.max(np.abs(found)) > 1e-3
    # what is left are products of two devices' differences
    assert told == pytest.approx(found, abs=0.1 * float(np.max(np.abs(found))))


def test_what_is_moved_is_moved_alone() -> None:
    moved = Moved({("xone", "m.xa.m0"): (STEP, 0.0), ("", "c.cg"): (1.0,)})
    assert moved.normal("m.xone.xa.m0", 2) == (STEP, 0.0)
    assert moved.normal("m.xtwo.xa.m0", 2) == (0.0, 0.0)
    assert moved.normal("C.XTWO.CG", 1) == (1.0,)
