"""Where a machine rests: the operating point of its circuit, found by a deck of its own.

A transient that finds its own operating point does so with its own options, and those that make it
fast make the operating point wrong: with ``bypass`` ngspice keeps the currents of transistors whose
voltages did not move, so that what its gmin stepping takes away stays in them (measured on ngspice
39: 2.46 A from the update rail of 128 edges instead of 10 nA). Here gates are held by sources,
nothing is bypassed, and ngspice's last resort, which lets go of the gates, is not believed. The
transient then begins from every node's voltage and needs no operating point at all. That is faster
as well: nodes held by ``.ic`` cost a search through the whole matrix in every iteration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from learning.arrays import Floats
from netlist.machine.assembly import Assembly, with_operating_point
from netlist.text.emitter import emit
from spice_backend.protocol.probe_names import is_node
from spice_backend.protocol.samples import Samples, Vectors
from spice_backend.session.ladder import Ladder
from spice_backend.session.outcome import Outcome, Status
from spice_backend.session.session import Session

_LAST_RESORT = "transient op"
"""What ngspice says when it hands over the end of a short transient as an operating point."""


@dataclass(frozen=True, slots=True)
class Rest:
    """A machine at rest.

    Attributes:
        state_V: Every node's voltage, volts; empty when none was found.
        outcome: What became of the search.
    """

    state_V: Mapping[str, float]
    outcome: Outcome


def find_rest(
    session: Session,
    assembly: Assembly,
    gates_V: Floats,
    options: Mapping[str, float | str | bool],
) -> Rest:
    """Find the operating point of a deck, its gates held, at the time zero of its lines.

    Args:
        session: A simulator.
        assembly: The deck, nobody driving it.
        gates_V: (n_gate,), volts.
        options: Simulator options.

    Returns:
        The operating point, or why there is none.
    """
    ladder, again = Ladder(), True
    while again:
        # Whatever a design or a rung asks for: an operating point is found without.
        chosen = {**options, **ladder.rung.options, "bypass": 0.0}
        rest = _attempt(session, emit(with_operating_point(assembly, gates_V.tolist(), chosen)))
        again = ladder.take(rest.outcome)
    return replace(rest, outcome=ladder.told)


def _attempt(session: Session, text: str) -> Rest:
    names: list[str] = []
    rows: list[Samples] = []

    def begin(vectors: Vectors) -> None:
        names.extend(vectors.names)

    def keep(samples: Samples) -> bool:
        rows.append(samples)
        return True

    outcome = session.run(text, None, keep, begin=begin)
    if outcome.ok and any(_LAST_RESORT in line.lower() for line in outcome.log):
        outcome = replace(
            outcome,
            status=Status.NO_CONVERGENCE,
            message="the operating point was found by a transient that lets go of the gates",
            hint="check the cells for nodes that nothing holds",
        )
    if not outcome.ok:
        return Rest({}, outcome)
    values = np.concatenate([rows[0].scale[:1], rows[0].values[0]]).tolist()
    found = {name: value for name, value in zip(names, values, strict=True) if is_node(name)}
    return Rest(found, outcome)
