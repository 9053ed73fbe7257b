"""A driver alone: offset over its range, output resistance, and what it can give and take."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from learning.arrays import Floats
from learning.benches.measured import Curve, Figure
from learning.benches.scene import Scene
from learning.benches.setup import RAIL, Setup
from learning.benches.stand import Stand
from netlist.circuit import Primitive, Source
from netlist.machine import names
from spice_backend.session.session import Session

LOAD_A = 1e-7
"""A source's current in a network of microsiemens, by which an output resistance is measured."""

FOLLOWS_V = 0.015
"""An output that is farther off than this does not follow."""

_POINTS = 46


def measure_driver(
    session: Session, stand: Stand, scene: Scene
) -> tuple[tuple[Figure, ...], tuple[Curve, ...]]:
    """Measure a driver.

    Args:
        session: A simulator.
        stand: The cell.
        scene: Voltages of its network.

    Returns:
        Figures and curves.

    Raises:
        SpiceError: When the simulator cannot do it.
    """
    step_V = 2.0 * scene.span_V / (_POINTS - 1)
    swept = {load: _follow(session, stand, step_V, load) for load in (0.0, LOAD_A, -LOAD_A)}
    wanted_V, out_V, power_W = swept[0.0]
    offset_V, inside = out_V - wanted_V, wanted_V <= scene.span_V + 0.5 * step_V
    resistance = (swept[-LOAD_A][1] - swept[LOAD_A][1]) / (2 * LOAD_A)
    follows = np.abs(offset_V) <= FOLLOWS_V
    low_V, high_V = _range(wanted_V, follows)
    middle = int(np.argmin(np.abs(wanted_V - scene.middle_V)))
    gain = float(np.polyfit(wanted_V[inside], out_V[inside], 1)[0])
    worst_V = float(offset_V[inside][np.argmax(np.abs(offset_V[inside]))])
    give_A, take_A = _strength(session, stand, scene.middle_V)
    figures = (
        Figure("offset_V", float(offset_V[middle]), "V", f"at {scene.middle_V:.3g} V, no load"),
        Figure("offset_worst_V", worst_V, "V", f"worst from 0 V to {scene.span_V:.3g} V, no load"),
        Figure("gain", gain, "", "slope of the output over the input, same range"),
        Figure("range_low_V", low_V, "V", f"lowest input followed within {FOLLOWS_V:g} V"),
        Figure("range_high_V", high_V, "V", "highest input followed"),
        Figure(
            "output_ohm", float(np.max(resistance[inside])), "Ω", f"worst, load of ±{LOAD_A:g} A"
        ),
        Figure("give_A", give_A, "A", f"while {FOLLOWS_V:g} V too low"),
        Figure("take_A", take_A, "A", f"while {FOLLOWS_V:g} V too high"),
        Figure("power_W", float(power_W[middle]), "W", "its rail, no load"),
    )
    volts = ("input", "V")
    return figures, (
        Curve("offset", "Offset", volts, ("output less input", "V"), {
            "no load": (wanted_V, offset_V),
            "giving 0.1 µA": (wanted_V, swept[LOAD_A][1] - wanted_V),
            "taking 0.1 µA": (wanted_V, swept[-LOAD_A][1] - wanted_V),
        }),
        Curve("output_resistance", "Output resistance", volts, ("resistance", "Ω"), {
            "": (wanted_V[inside], resistance[inside])
        }),
    )  # fmt: skip


def _follow(
    session: Session, stand: Stand, step_V: float, load_A: float
) -> tuple[Floats, Floats, Floats]:
    """Input, output and power of the rail."""
    setup = _setup(stand)
    setup.hold("wanted", 0.0)
    setup.add(Source("Iload", ("out", names.GROUND), dc=load_A))
    waves = setup.sweep(session, "wanted", 0.0, (_POINTS - 0.5) * step_V, step_V)
    return waves.scale, waves.volts("out"), waves.amperes(RAIL) * stand.rail_V


def _strength(session: Session, stand: Stand, middle_V: float) -> tuple[float, float]:
    """What flows out of the driver when its output is held low, and into it when held high."""
    setup = _setup(stand)
    setup.hold("wanted", middle_V)
    setup.hold("wall", middle_V, read=True)
    # An ideal driver is a voltage source itself, and two of those cannot disagree.
    setup.add(Primitive("Rwall", ("wall", "out"), 10.0))
    low_V, high_V = middle_V - FOLLOWS_V, middle_V + FOLLOWS_V
    waves = setup.sweep(session, "wall", low_V, high_V + 0.001, high_V - low_V)
    currents_A = waves.amperes("wall")
    return -float(currents_A[0]), float(currents_A[-1])


def _setup(stand: Stand) -> Setup:
    setup = Setup(stand)
    if any(cell.uses(names.RUN) for cell in stand.cells.values()):
        setup.hold(names.RUN, stand.rail_V)
    setup.place("driver", {"in": "wanted", "out": "out"})
    setup.hold(RAIL, stand.rail_V, read=True)
    setup.read("out")
    return setup


def _range(wanted_V: Floats, follows: NDArray[np.bool_]) -> tuple[float, float]:
    """The longest stretch in which it follows."""
    best, begin = (float("nan"), float("nan")), None
    for volts, good in zip(wanted_V, follows, strict=True):
        begin = (volts if begin is None else begin) if good else None
        if begin is not None and not volts - begin <= best[1] - best[0]:
            best = (float(begin), float(volts))
    return best
