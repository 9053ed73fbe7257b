"""The current of the actual edge cell, measured in the simulator and interpolated.

The law is a table, not a formula: one sweep of one deck measures the cell at every combination of
its two ends' and its gate's voltage, and cubic splines go through the points. Any cell that obeys
the edge contract is characterised the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import NdBSpline, make_interp_spline

from learning.arrays import Floats
from learning.errors import LearningError
from learning.twin.edge_bench import Bench
from netlist.parts.cell import Cell
from netlist.parts.process import Process
from spice_backend.session.session import Session

_DEGREE = 3


_HALVINGS = 40
"""Of the gate's range: to a picovolt."""


@dataclass(frozen=True, slots=True, eq=False)
class EdgeLaw:
    """The current into one end of an edge as a smooth function of three voltages.

    Attributes:
        ends_V: Grid of either end's voltage: (n_end,), volts.
        gates_V: Grid of the gate's voltage: (n_gate,), volts.
        currents_A: Measured: (n_end, n_end, n_gate), amperes into the first end.
        spline: Through the measured points.
    """

    ends_V: Floats
    gates_V: Floats
    currents_A: Floats
    spline: NdBSpline

    def current(self, first_V: Floats, second_V: Floats, gate_V: Floats) -> Floats:
        """Current into the first end.

        Args:
            first_V: Voltage of the first end, volts.
            second_V: Voltage of the second end, same shape.
            gate_V: Gate voltage, same shape.

        Returns:
            Amperes, same shape. Voltages outside the grid are extrapolated.
        """
        points = np.stack([first_V, second_V, gate_V], axis=-1)
        return np.asarray(self.spline(points, extrapolate=True))

    def slopes(self, first_V: Floats, second_V: Floats, gate_V: Floats) -> tuple[Floats, Floats]:
        """Change of the current with either end's voltage, siemens; arguments as in `current`."""
        points = np.stack([first_V, second_V, gate_V], axis=-1)
        return (
            np.asarray(self.spline(points, nu=(1, 0, 0), extrapolate=True)),
            np.asarray(self.spline(points, nu=(0, 1, 0), extrapolate=True)),
        )

    def conductance(self, gate_V: Floats, middle_V: Floats | float) -> Floats:
        """Small-signal conductance with both ends at one voltage.

        Args:
            gate_V: (n,), volts.
            middle_V: Of both ends, (n,) or one for all, volts.

        Returns:
            (n,), siemens.
        """
        gates = np.asarray(gate_V, dtype=float)
        middle = np.broadcast_to(middle_V, gates.shape)
        first, second = self.slopes(middle, middle, gates)
        return np.asarray(0.5 * (first - second))

    def gate_for(self, conductance: Floats, middle_V: Floats | float) -> Floats:
        """The gate voltage that gives a conductance, the nearest there is within the grid.

        Args:
            conductance: (n,), siemens.
            middle_V: Of both ends, (n,) or one for all, volts.

        Returns:
            (n,), volts; found by halving, for the conductance rises with the gate.
        """
        low = np.full(np.shape(conductance), self.gates_V[0])
        high = np.full(np.shape(conductance), self.gates_V[-1])
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            more = self.conductance(middle, middle_V) < conductance
            low, high = np.where(more, middle, low), np.where(more, high, middle)
        return np.asarray(0.5 * (low + high))


def characterise(
    session: Session,
    process: Process,
    cell: Cell,
    parameters: Mapping[str, float],
    *,
    rail_V: float,
    top_V: float,
    n_end: int = 19,
    n_gate: int = 61,
) -> EdgeLaw:
    """Measure an edge cell's free side in one sweep.

    Args:
        session: A simulator.
        process: Device models.
        cell: The edge cell.
        parameters: Its parameters that differ from its defaults, SI units.
        rail_V: Supply, and highest gate voltage, volts.
        top_V: Highest voltage of either end, volts.
        n_end: Grid points of either end.
        n_gate: Grid points of the gate.

    Returns:
        The law, for ends from a tenth below zero to a tenth above `top_V`.

    Raises:
        LearningError: When the cell does not conduct symmetrically.
        SpiceError: When the simulator cannot do it.
    """
    ends = np.linspace(-0.1 * top_V, 1.1 * top_V, n_end)
    gates = np.linspace(0.0, rail_V, n_gate)
    bench = _bench(process, cell, parameters, ends, gates)
    swept = bench.currents(session, "first", _sweep(ends))
    measured = swept[:n_end].reshape(n_end, n_end, n_gate)
    _check_symmetry(measured, cell)
    return EdgeLaw(ends, gates, measured, _through(ends, gates, measured))


def _bench(
    process: Process, cell: Cell, parameters: Mapping[str, float], ends_V: Floats, gates_V: Floats
) -> Bench:
    """An edge per second end and gate, the first end common to all."""
    sources = {"rail": float(gates_V[-1]), "first": 0.0}
    sources |= {f"second_{j}": float(v) for j, v in enumerate(ends_V)}
    sources |= {f"gate_{g}": float(v) for g, v in enumerate(gates_V)}
    edges = {
        f"{j}_{g}": ("first", f"second_{j}", f"gate_{g}")
        for j in range(len(ends_V))
        for g in range(len(gates_V))
    }
    return Bench(process, cell, parameters, sources, edges, ("gmin=1e-15",))


def _sweep(ends: Floats) -> tuple[float, float, float]:
    step = float(ends[1] - ends[0])
    return float(ends[0]), float(ends[-1]) + 0.25 * step, step


def _check_symmetry(measured: Floats, cell: Cell) -> None:
    """An edge's two ends are alike: turning it round turns its current round."""
    turned = measured + measured.transpose(1, 0, 2)
    if np.max(np.abs(turned)) > 1e-2 * np.max(np.abs(measured)):
        raise LearningError(
            f"cell {cell.name} carries another current when it is turned round",
            "cells.edge",
            "the twin needs a two-ended edge whose ends are alike",
        )


def _through(ends: Floats, gates: Floats, measured: Floats) -> NdBSpline:
    coefficients, knots = measured, []
    for axis, grid in enumerate((ends, ends, gates)):
        spline = make_interp_spline(grid, coefficients, k=_DEGREE, axis=axis)
        # a spline along an axis hands its coefficients out with that axis first
        coefficients = np.moveaxis(spline.c, 0, axis)
        knots.append(spline.t)
    return NdBSpline(tuple(knots), np.ascontiguousarray(coefficients), _DEGREE)
