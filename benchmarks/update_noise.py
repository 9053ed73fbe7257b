"""What noise an update cell puts on its gate: `trnoise` at each of its transistors, in ngspice.

Plays the first epoch of a design twice, once with a ``trnoise`` current of density 4kT(2/3)gm from
drain to source of every transistor of every update cell, gm being ngspice's own in the middle of
the two phases, and reads from the difference of the gates what noise adds in a presentation.
Lengths of the window tell white noise, whose charge grows as the window's root, from what a sampled
memory is off by, which grows with the window: ``noise.sampled_A`` where it is the same for all.

    python benchmarks/update_noise.py regression
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace

import numpy as np

from learning import find_design, load_design, prepare
from learning.arrays import Floats
from learning.experiment.experiment import Experiment
from netlist.circuit import Circuit, Primitive, Source, Waveform
from netlist.machine.assembly import Assembly, with_operating_point, with_transient
from netlist.passes.flattened import flattened
from netlist.text.emitter import emit
from spice_backend.protocol.samples import Samples, Vectors
from spice_backend.session.session import Session

STEP_S = 2e-7
"""Of trnoise: a tenth of the memory's time constant."""

LEAST_S = 1e-9
"""Of a transistor that amplifies; what is below is a switch, whose noise is left out."""

BOLTZMANN = 1.380649e-23
EDGES_S = 2e-6
"""What rise and fall of the lines take of a window."""

WINDOWS_S = (5e-6, 20e-6, 80e-6)


def played(session: Session, circuit: Circuit, probes: tuple[str, ...]) -> tuple[Floats, Floats]:
    """Time and probes of a deck."""
    rows: list[Samples] = []

    def take(samples: Samples) -> bool:
        rows.append(samples)
        return True

    session.run(emit(circuit), probes, take).check()
    return np.concatenate([r.scale for r in rows]), np.concatenate([r.values for r in rows])


def rest(session: Session, experiment: Experiment, assembly: Assembly) -> dict[str, float]:
    """Every node's voltage at the start."""
    names: list[str] = []
    rows: list[Samples] = []

    def begin(vectors: Vectors) -> None:
        names.extend(vectors.names)

    def take(samples: Samples) -> bool:
        rows.append(samples)
        return True

    options = experiment.transient(experiment.schedule, ()).options
    deck = with_operating_point(assembly, list(experiment.gates_V), options)
    session.run(emit(deck), None, take, begin=begin).check()
    values = [float(rows[0].scale[0]), *rows[0].values[0].tolist()]
    return {
        n: v for n, v in zip(names, values, strict=True) if "#" not in n and not n.startswith("@")
    }


def at(time_s: Floats, values: Floats, when_s: list[float]) -> Floats:
    """Probes at given times."""
    return np.array([np.interp(when_s, time_s, column) for column in values.T]).T


def increments_V(session: Session, window_s: float, name: str) -> tuple[Floats, float]:
    """Noise added to every gate in every presentation, volts, and the gates' mean capacitance."""
    design = load_design(
        find_design(name),
        [f"schedule.windows_s=[{window_s}]", "schedule.epochs=1", "learning.tolerance_V2=0"],
    )
    experiment = prepare(design)
    whole = experiment.whole
    flat = replace(whole, circuit=flattened(whole.circuit))
    nodes = rest(session, experiment, flat)
    shown = [p for p in experiment.schedule.presentations if p.learning]
    of_cells = [
        s
        for s in flat.circuit.body
        if isinstance(s, Primitive) and s.name.lower().startswith("m.xupdate_")
    ]
    first = [s.name.lower() for s in of_cells if s.name.lower().startswith("m.xupdate_0.")]
    probes = tuple(f"@{n}[gm]" for n in first)
    base = experiment.transient(experiment.schedule, probes, None, nodes)
    short = replace(base, stop_s=shown[1].end_s)
    time_s, gm = played(session, with_transient(flat, short), probes)
    spec = experiment.design.schedule
    middles = [shown[0].acts_s(spec) - 2e-6, 0.5 * (shown[0].acts_s(spec) + shown[0].end_s)]
    found = at(time_s, gm, middles).max(axis=0)
    by_device = {n.partition(".xupdate_0.")[2]: g for n, g in zip(first, found, strict=True)}
    for device, siemens in by_device.items():
        print(f"  {device:16} gm {siemens * 1e6:.3f} uS")
    kelvin = experiment.process.temperature_C + 273.15
    noise = []
    for index, s in enumerate(of_cells):
        siemens = by_device[s.name.lower().split(".", 2)[2]]
        amplitude = float(np.sqrt(4 * BOLTZMANN * kelvin * 2 / 3 * siemens / (2 * STEP_S)))
        if siemens > LEAST_S:
            wave = Waveform("TRNOISE", (amplitude, STEP_S, 0.0, 0.0))
            noise.append(Source(f"Itr_{index}", (s.nodes[0], s.nodes[2]), dc=0.0, waveform=wave))
    gates = tuple(f"v({g})" for g in whole.gates)
    ends_s = [shown[0].start_s, *(p.end_s for p in shown)]
    course = []
    for extra in ((), noise):
        body = (*flat.circuit.body, *extra)
        assembly = replace(flat, circuit=replace(flat.circuit, body=body))
        began = time.monotonic()
        transient = replace(base, save=gates)
        time_s, values = played(session, with_transient(assembly, transient), gates)
        print(f"  {len(extra)} sources: {len(time_s)} points, {time.monotonic() - began:.0f} s")
        course.append(at(time_s, values, ends_s))
    return np.diff(course[1] - course[0], axis=0), 1.2e-12


def main() -> None:
    """Measure and print."""
    name = sys.argv[1] if len(sys.argv) > 1 else "regression"
    for window_s in WINDOWS_S:
        print(f"window {window_s * 1e6:g} us")
        with Session(timeout_s=3600) as session:
            added_V, farads = increments_V(session, window_s, name)
        deviation_C = float(added_V.std()) * farads
        print(f"  added in a presentation: {added_V.std() * 1e6:.1f} uV, {deviation_C:.3g} C")
        held_A = deviation_C / (window_s - EDGES_S)
        print(f"  as a current held through the window (noise.sampled_A): {held_A:.2e} A")
        print(f"  mean {added_V.mean() * 1e6:.1f} uV over {added_V.size} samples")


if __name__ == "__main__":
    main()
