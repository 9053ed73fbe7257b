"""Noise of the update cells and leakage of the gates, as devices beside each gate.

What noise does to a weight is a charge per presentation. White noise of one-sided density S,
integrated over a window T, is a charge of variance S*T/2, independent from window to window; what a
memory sampled is off by, kT/C, is a constant current through the window. Both together are exactly
a current that is constant in each window and drawn anew for the next, of variance S/(2*T) + I²: so
they stand in the deck as one PWL source per gate. ngspice's own ``trnoise`` draws other numbers in
every run, seed or not, and costs four or five time points for each of its steps (measured on
ngspice 39); a deck with it would be the same design and another result. It serves to measure what
the two figures are for a cell (``benchmarks/update_noise.py``).

Left out: noise of drivers, clamps and edges themselves.
"""

from __future__ import annotations

from dataclasses import replace
from math import sqrt

import numpy as np

from learning.arrays import Floats
from learning.design.sections import NoiseSpec, ScheduleSpec
from learning.experiment.schedule import Presentation, Schedule, enabled_window
from netlist.circuit import Primitive, Source, Waveform
from netlist.machine import names
from netlist.machine.assembly import Assembly


def with_leaks(assembly: Assembly, leak_S: float) -> Assembly:
    """The deck with a conductance from every gate to ground.

    Args:
        assembly: The deck.
        leak_S: Siemens; none adds nothing.

    Returns:
        The deck.
    """
    if not leak_S:
        return assembly
    leaks = (
        Primitive(f"Rleak_{index}", (gate, names.GROUND), value=1.0 / leak_S)
        for index, gate in enumerate(assembly.gates)
    )
    body = (*assembly.circuit.body, *leaks)
    return replace(assembly, circuit=replace(assembly.circuit, body=body))


def with_noise(
    assembly: Assembly, spec: NoiseSpec, schedule: Schedule, when: ScheduleSpec
) -> Assembly:
    """The deck with a noise current into every gate while its cell acts.

    Every presentation draws from a stream of its own, so that a run that is gone on with meets the
    noise it would have met.

    Args:
        assembly: The deck.
        spec: How much.
        schedule: What the deck plays.
        when: The ``[schedule]`` of its design.

    Returns:
        The deck; the same one without noise, or when nothing is learned.
    """
    shown = [one for one in schedule.presentations if one.learning]
    if not spec.scale or not shown:
        return assembly
    drawn_A = np.array([_drawn_A(spec, one, when, len(assembly.gates)) for one in shown])
    sources = (
        Source(
            f"Inoise_{index}",
            (names.GROUND, gate),
            dc=0.0,
            waveform=_course(shown, drawn_A[:, index], when),
        )
        for index, gate in enumerate(assembly.gates)
    )
    body = (*assembly.circuit.body, *sources)
    return replace(assembly, circuit=replace(assembly.circuit, body=body))


def deviation_A(spec: NoiseSpec, window_s: float) -> float:
    """Deviation of a gate's current, constant through a window, amperes.

    Args:
        spec: How much.
        window_s: How long a cell acts, seconds.

    Returns:
        The root of scale² * (density / (2 * window) + sampled²).
    """
    return spec.scale * sqrt(spec.density_A2s / (2.0 * window_s) + spec.sampled_A**2)


def _drawn_A(
    spec: NoiseSpec, presentation: Presentation, when: ScheduleSpec, n_gate: int
) -> Floats:
    begin_s, end_s = enabled_window(presentation, when)
    entropy = np.random.SeedSequence([spec.seed, presentation.index])
    return deviation_A(spec, end_s - begin_s) * np.random.default_rng(entropy).standard_normal(
        n_gate
    )


def _course(shown: list[Presentation], drawn_A: Floats, when: ScheduleSpec) -> Waveform:
    """Zero but for each window; its area there is current times window."""
    corners = [(0.0, 0.0)]
    for one, current_A in zip(shown, drawn_A.tolist(), strict=True):
        up_s, end_s = one.acts_s(when), one.end_s
        rise_s = when.rise_s
        corners += [(up_s, 0.0)] if up_s > corners[-1][0] else []
        corners += [(up_s + rise_s, current_A), (end_s - 2.0 * rise_s, current_A)]
        corners += [(end_s - rise_s, 0.0)]
    return Waveform.through(corners)
