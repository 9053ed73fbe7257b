"""Which vectors of a deck are recorded, and where they stand among the columns of a recording."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from learning.arrays import Floats
from learning.measure.ledger import Ledger
from netlist.machine import names
from netlist.machine.assembly import Assembly, Target
from spice_backend.protocol.probe_names import voltage


def main_probes(assembly: Assembly, ledger: Ledger) -> tuple[str, ...]:
    """What the main run records: the ledger's probes, targets and gates."""
    found = [*ledger.probes]
    nodes = [*shown_signals(assembly), *(n for pair in _ends(assembly.targets) for n in pair)]
    found += [voltage(node) for node in (*nodes, *assembly.gates) if node != names.GROUND]
    return tuple(dict.fromkeys(found))


def shown_signals(assembly: Assembly) -> tuple[str, ...]:
    """Nodes whose waveforms are kept: inputs, labels, targets, enable and a few gates."""
    targets = [node for pair in _ends(assembly.targets) for node in pair if node != names.GROUND]
    lines = [line.node for line in assembly.controls if line.node != names.ETA]
    return tuple(dict.fromkeys([*targets, *lines, *assembly.gates[:4]]))


def _ends(targets: tuple[Target, ...]) -> Iterator[tuple[str, str]]:
    for target in targets:
        yield target.free[0], target.clamped[0]
        yield target.free[1], target.clamped[1]


def columns(probes: tuple[str, ...], nodes: tuple[str, ...]) -> list[int]:
    """Columns of node voltages.

    Args:
        probes: Names of the columns.
        nodes: Node names.

    Returns:
        One column per node.
    """
    place = {name: index for index, name in enumerate(probes)}
    return [place[voltage(node)] for node in nodes]


def target_voltages(probes: tuple[str, ...], targets: tuple[Target, ...], values: Floats) -> Floats:
    """Free-state target voltages: a node's voltage, or the drop of a pair.

    Args:
        probes: Names of the columns.
        targets: The deck's targets.
        values: (n_step, n_probe), volts.

    Returns:
        (n_step, n_target), volts.
    """
    outputs = np.empty((len(values), len(targets)))
    for index, target in enumerate(targets):
        positive, negative = target.free
        outputs[:, index] = values[:, columns(probes, (positive,))[0]]
        if negative != names.GROUND:
            outputs[:, index] -= values[:, columns(probes, (negative,))[0]]
    return outputs
