"""A clamp alone: η and offset against the node's voltage, up and down, and how far it reaches.

A source behind a resistor stands in for the network at the target. At each node voltage the label
lies at the node, above it and below it; what the node does once clamped gives the offset and η in
both directions. Amplifiers that run continuously and buffers that are switched on are measured
alike: at the end of a presentation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from learning.arrays import Floats
from learning.benches.measured import Curve, Figure
from learning.benches.scene import Scene
from learning.benches.setup import RAIL, TIGHT, Setup
from learning.benches.stand import Stand
from learning.benches.timing import IN_TURN, TWIN, Timing, course
from netlist.circuit import Primitive
from spice_backend.session.session import Session

NETWORK_OHM = 1e6
"""What the network is at a target: a few edges of about a microsiemens in parallel."""

AWAY_V = 0.01
"""How far a target is from its label at an error of 1e-4 V2, which is what machines here reach."""

_COARSE = ("trtol=3",)
"""For whether a node is moved the right way, which needs millivolts, and no charges."""

_NODES = (0.0, 0.03, 0.07, 0.12, 0.18, 0.25, 0.4, 0.6, 0.8, 1.0)
"""Node voltages as shares of the span: dense near ground, where amplifiers end."""


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """How far a clamp moves a node, from where and toward which label.

    Attributes:
        nodes_V: Node voltages, (n,), volts.
        offset_V: How far it moves with the label at it, (n,), volts.
        eta_up: Share of the way to a label above, (n,).
        eta_down: The same to a label below, (n,).
    """

    nodes_V: Floats
    offset_V: Floats
    eta_up: Floats
    eta_down: Floats

    def move(self, free_V: Floats, label_V: Floats) -> Floats:
        """How far nodes move, volts.

        Args:
            free_V: Where they are, volts.
            label_V: Their labels, volts.

        Returns:
            The same shape.
        """
        offset, up, down = (
            np.interp(free_V, self.nodes_V, one)
            for one in (self.offset_V, self.eta_up, self.eta_down)
        )
        away_V = label_V - free_V
        return np.asarray(offset + np.where(away_V > 0, up, down) * away_V)

    def reached(self, label_V: Floats, away_V: float = AWAY_V) -> Floats:
        """Whether a node is moved toward a label from either side; from above only near ground."""
        above, below = label_V + away_V, np.maximum(label_V - away_V, 0.0)
        down, up = self.move(above, label_V), self.move(below, label_V)
        return np.asarray((down < 0) & ((up > 0) | (below == label_V)))

    def reach(self, span_V: float) -> tuple[float, float]:
        """The lowest and the highest label reached; not a number when none is.

        Args:
            span_V: Highest label to try, volts.

        Returns:
            Both, volts.
        """
        labels_V = np.linspace(0.0, span_V, 181)
        found = labels_V[self.reached(labels_V)]
        return (float(found[0]), float(found[-1])) if len(found) else (float("nan"),) * 2


@dataclass(frozen=True, slots=True, eq=False)
class Nudged:
    """What a clamp did to a node.

    Attributes:
        free_V: The node before, (n,), volts.
        label_V: (n,), volts.
        clamped_V: The node at the end of the window, (n,), volts.
        energy_J: From the clamp's rail, (n,), joules.
    """

    free_V: Floats
    label_V: Floats
    clamped_V: Floats
    energy_J: Floats


def measure_clamp(
    session: Session, stand: Stand, scene: Scene, timing: Timing
) -> tuple[tuple[Figure, ...], tuple[Curve, ...]]:
    """Measure a clamp.

    Args:
        session: A simulator.
        stand: The cell.
        scene: Voltages of its network.
        timing: Of a presentation.

    Returns:
        Figures and curves.

    Raises:
        SpiceError: When the simulator cannot do it.
    """
    nodes_V, step_V = scene.span_V * np.array(_NODES), 0.2 * scene.drop_V
    lower_V = np.maximum(nodes_V - step_V, 0.0)[1:]
    pairs = [*zip(nodes_V, nodes_V, strict=True), *zip(nodes_V, nodes_V + step_V, strict=True)]
    pairs += zip(nodes_V[1:], lower_V, strict=True)
    found = nudge(session, stand, pairs, timing)
    at, up, down = np.split(found.clamped_V - found.free_V, [len(nodes_V), 2 * len(nodes_V)])
    etas = (up - at) / step_V, (at[1:] - down) / (nodes_V[1:] - lower_V)
    response = Response(nodes_V, at, etas[0], np.append(etas[1][0], etas[1]))
    low_V, high_V = response.reach(scene.span_V)
    figures = _figures(stand, at, etas, found)
    figures += (
        Figure("reach_low_V", low_V, "V", f"lowest label it nudges toward from {AWAY_V:g} V away"),
        Figure("reach_high_V", high_V, "V", "highest label it nudges toward, same range"),
    )
    lines = {"label above": (nodes_V, etas[0]), "label below": (nodes_V[1:], etas[1])}
    axis = ("node voltage", "V")
    return figures, (
        Curve("eta", "Nudge", axis, ("η", ""), lines),
        Curve("offset", "Offset, label at the node", axis, ("offset", "V"), {"": (nodes_V, at)}),
    )


def nudge(
    session: Session,
    stand: Stand,
    pairs: Sequence[tuple[float, float]],
    timing: Timing,
    options: Sequence[str] = TIGHT,
) -> Nudged:
    """Let a clamp act on a node.

    Args:
        session: A simulator.
        stand: The cell.
        pairs: Free voltage of the node and label, volts.
        timing: Of a presentation.
        options: Simulator options.

    Returns:
        What it did.

    Raises:
        SpiceError: When the simulator cannot do it.
    """
    in_turn, paired = stand.architecture.in_turn, stand.cell.uses("other")
    node = "node" if in_turn else "clamped"
    free = [(float(v), float(v)) for v, _ in pairs]
    nets = {"network": free, "label": [(float(w), float(w)) for _, w in pairs]}
    pins = {"label": "label"}
    if stand.cell.uses("free"):
        pins["free"] = "network"
    if paired:
        nets["partner"] = free
        pins |= {"other": "other", "reference": "network"}
    shown = course(timing, len(pairs), stand.rail_V, stand.pins, nets)
    setup = Setup(stand)
    setup.drive(shown.waves)
    setup.add(Primitive("Rnetwork", ("network", node), NETWORK_OHM))
    if paired:
        setup.add(Primitive("Rpartner", ("partner", "other"), NETWORK_OHM))
    setup.place("clamp", {node: node, **pins})
    setup.hold(RAIL, stand.rail_V)
    setup.meter(RAIL)
    setup.read(node, "network")
    waves = setup.transient(session, shown.stop_s, shown.step_s, options)
    free_V = waves.volts(node if in_turn else "network", shown.acts_s)
    spent_C = waves.coulombs(RAIL, shown.end_s) - waves.coulombs(RAIL, shown.begin_s)
    labels = np.array([label for _, label in pairs])
    return Nudged(free_V, labels, waves.volts(node, shown.late_s), spent_C * stand.rail_V)


def lost(session: Session, stand: Stand, labels_V: Floats, timing: Timing | None = None) -> Floats:
    """Labels that a clamp does not reach: from `AWAY_V` it moves a node farther away.

    Args:
        session: A simulator.
        stand: The cell.
        labels_V: (n,), volts.
        timing: Of a presentation; None for what cells of the architecture usually have.

    Returns:
        Those of them, volts.

    Raises:
        SpiceError: When the simulator cannot do it.
    """
    timing = timing or (IN_TURN if stand.architecture.in_turn else TWIN)
    below_V = np.maximum(labels_V - AWAY_V, 0.0)
    free_V = np.concatenate([labels_V + AWAY_V, below_V])
    pairs = list(zip(free_V.tolist(), np.tile(labels_V, 2).tolist(), strict=True))
    found = nudge(session, stand, pairs, timing, _COARSE)
    down, up = np.split(found.clamped_V - found.free_V, 2)
    away = (down >= 0.0) | ((up <= 0.0) & (below_V < labels_V))
    return np.asarray(labels_V[away])


def share_of(stand: Stand) -> float:
    """η of one node by the cell's contract: a pair's cells share the nudge of the difference."""
    return 0.5 * stand.nudge if stand.cell.uses("other") else stand.nudge


def _figures(
    stand: Stand, at: Floats, etas: tuple[Floats, Floats], found: Nudged
) -> tuple[Figure, ...]:
    eta, wanted = np.concatenate(etas), share_of(stand)
    middle = float(np.median(eta))
    worst = float(at[np.argmax(np.abs(at))])
    return (
        Figure("eta", middle, "", f"median over node voltages, where {wanted:g} is meant"),
        Figure("eta_low", float(eta.min()), "", "smallest, either direction"),
        Figure("eta_high", float(eta.max()), "", "largest, either direction"),
        Figure("offset_V", float(np.median(at)), "V", "label at the node, median"),
        Figure("offset_worst_V", worst, "V", "the same at the worst node voltage"),
        Figure("error_V", float(np.max(np.abs(at)) / middle), "V", "where learning then stops"),
        Figure("energy_J", float(found.energy_J.mean()), "J", "of one presentation, its rail"),
    )
