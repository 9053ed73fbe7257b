"""Who played a run, and what a reader should know of figures that are not ngspice's."""

from __future__ import annotations

from learning.fidelity.plants import SPICE
from learning.measure.deviation import Deviation
from learning.result.result import Fidelity
from learning.running.learned import Learned


def fidelity_of(learned: Learned) -> Fidelity:
    """Who played, and how far that was from ngspice.

    Args:
        learned: A run.

    Returns:
        As the result has it.
    """
    found = learned.anchor
    if found is None:
        return Fidelity(learned.plant)
    return Fidelity(learned.plant, found.own, found.tight, found.reference)


def played_by(learned: Learned) -> list[str]:
    """What a reader should know of figures that are not ngspice's.

    Args:
        learned: A run.

    Returns:
        Sentences; none for ngspice.
    """
    if learned.plant == SPICE:
        return []
    what, found = "played on tables measured from the cells (simulator.fidelity)", learned.anchor
    if found is None:
        return [f"{what}, and not held against ngspice (simulator.anchor)"]
    over = f"over {found.own.presentations} presentations"
    if found.tight is None or found.reference is None:
        return [f"{what}; against ngspice {over}: {_off(found.own)}"]
    beside = f"{_off(found.own)}; these are themselves off the tight ones by: "
    return [
        f"{what}; against ngspice at tight tolerances {over}: {_off(found.tight)}",
        f"against ngspice at the run's own tolerances {over}: {beside}{_off(found.reference)}",
    ]


def _off(found: Deviation) -> str:
    energy = ", ".join(f"{block} {share:+.2%}" for block, share in found.energy.items())
    gates = f"gates {found.gates_V * 1e3:.2g} mV rms, {found.worst_gate_V * 1e3:.2g} mV at most"
    return f"{gates}, root of the error {found.root_error_V * 1e3:+.2g} mV, energy {energy}"
