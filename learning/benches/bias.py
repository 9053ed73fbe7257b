"""A bias cell alone: its lines, their start, its power, and what a kick does to each line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from learning.arrays import Floats
from learning.benches.measured import Curve, Figure
from learning.benches.setup import RAIL, TIGHT, Setup
from learning.benches.stand import Stand
from netlist.circuit import Primitive, Source, Waveform
from netlist.machine import names
from spice_backend.session.session import Session

KICK_C = 5e-14
"""What 32 cells' gates of a femtofarad hand over when a phase moves by 1.8 V."""

LOAD_F = 3e-13
"""What hangs on a line while it is kicked: the gates of 32 tails."""

BACK_V = 1e-4
"""A line is back when it is this close to where it was: a thousandth of a current in weak inversion
and less, which a memory then keeps."""

_START_V = 1e-3
_KICK_S, _AFTER_S, _START_S = 1e-7, 2e-4, 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class StartUp:
    """How a bias cell comes up.

    Attributes:
        lines: Course of each line: seconds and volts.
        slowest_s: Until the last line stays within a millivolt of its end, seconds.
        power_W: Of its rail at the end, watts.
    """

    lines: Mapping[str, tuple[Floats, Floats]]
    slowest_s: float
    power_W: float


def measure_bias(session: Session, stand: Stand) -> tuple[tuple[Figure, ...], tuple[Curve, ...]]:
    """Measure a bias cell.

    Args:
        session: A simulator.
        stand: The cell.

    Returns:
        Figures and curves.

    Raises:
        SpiceError: When the simulator cannot do it.
    """
    started = start_up(session, stand)
    figures, kicked = _figures(started), dict[str, tuple[Floats, Floats]]()
    for line in stand.cell.offers:
        time_s, moved_V = _kick(session, stand, line)
        kicked[line] = (time_s, moved_V)
        peak_V = float(moved_V[np.argmax(np.abs(moved_V))])
        back_s = _settled_s(time_s, np.abs(moved_V), BACK_V)
        figures += [
            Figure(f"kick_{line}_V", peak_V, "V", f"peak, {KICK_C * 1e15:g} fC on 0.3 pF"),
            Figure(f"back_{line}_s", back_s, "s", f"until it is within {BACK_V * 1e3:g} mV"),
        ]
    slowest = max(f.value for f in figures if f.name.startswith("back_"))
    figures.append(Figure("back_s", slowest, "s", "the slowest line"))
    shown = _first(started.lines, 6e-5), _first(kicked, 1.5e-5)
    return tuple(figures), (
        Curve("start", "Start of the lines", ("time", "s"), ("line", "V"), shown[0]),
        Curve("kick", "After a kick", ("time", "s"), ("away from rest", "V"), shown[1]),
    )


def _settled_s(time_s: Floats, away_V: Floats, limit_V: float) -> float:
    """From when on it is never farther away, between points by a straight line, seconds."""
    out = np.flatnonzero(away_V > limit_V)
    if not len(out):
        return 0.0
    two = slice(int(out[-1]), int(out[-1]) + 2)
    return float(np.interp(-limit_V, -away_V[two], time_s[two]))


def _first(
    lines: Mapping[str, tuple[Floats, Floats]], until_s: float
) -> dict[str, tuple[Floats, Floats]]:
    """The beginning of courses that end at rest."""
    return {name: (t[t <= until_s], v[t <= until_s]) for name, (t, v) in lines.items()}


def start_up(session: Session, stand: Stand) -> StartUp:
    """Let the rail rise in 10 us and wait for the lines.

    Args:
        session: A simulator.
        stand: The cell.

    Returns:
        What the lines did.

    Raises:
        SpiceError: When the simulator cannot do it.
    """
    setup = _setup(stand)
    setup.hold(RAIL, Waveform.through([(0.0, 0.0), (1e-5, stand.rail_V)]), read=True)
    waves = setup.transient(session, _START_S, _START_S / 100)
    lines = {line: (waves.scale, waves.volts(line)) for line in stand.cell.offers}
    times_s = [_settled_s(t, np.abs(v - v[-1]), _START_V) for t, v in lines.values()]
    power_W = float(waves.amperes(RAIL, _START_S)) * stand.rail_V
    return StartUp(lines, max(times_s), power_W)


def _figures(started: StartUp) -> list[Figure]:
    found = [Figure("power_W", started.power_W, "W", "its rail, lines at rest")]
    for line, (_, volts) in started.lines.items():
        found.append(Figure(f"{line}_V", float(volts[-1]), "V", "the line at rest"))
    told = "after the rail begins to rise, to 1 mV"
    return [*found, Figure("start_s", started.slowest_s, "s", told)]


def _kick(session: Session, stand: Stand, line: str) -> tuple[Floats, Floats]:
    """Time since the kick, and how far the line is from rest."""
    setup, begin_s = _setup(stand), 1e-6
    setup.hold(RAIL, stand.rail_V)
    peak_A, half_s = KICK_C / _KICK_S, 0.5 * _KICK_S
    shape = [(begin_s, 0.0), (begin_s + half_s, 2 * peak_A), (begin_s + _KICK_S, 0.0)]
    setup.add(Primitive("Cload", (line, names.GROUND), LOAD_F))
    kick = Waveform.through([(0.0, 0.0), *shape])
    setup.add(Source("Ikick", (names.GROUND, line), 0.0, kick))
    waves = setup.transient(session, begin_s + _AFTER_S, _AFTER_S / 500, TIGHT)
    after = waves.scale > begin_s
    moved_V = waves.volts(line) - waves.volts(line, 0.5 * begin_s)
    return waves.scale[after] - begin_s, moved_V[after]


def _setup(stand: Stand) -> Setup:
    setup = Setup(stand)
    setup.place("bias", {})
    setup.read(*stand.cell.offers)
    return setup
