"""What a machine's amplifiers are asked for, node by node: ends of a pair stand about a middle.

A task has a number per source and target. A single node's line stands at it; the lines of a pair
stand half of it above and below the common mode, as the assembler has them. A clamp that nudges
one node of a pair is asked for the difference of its line from its partner's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from learning.arrays import Floats
from learning.experiment.experiment import Experiment
from netlist.machine.topology import Port


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """How numbers of a task become voltages of amplifiers.

    Attributes:
        shares: (n_port, n_amplifier), sources before targets; None where every port is one node.
        middle_V: (n_amplifier,), volts.
    """

    shares: Floats | None
    middle_V: Floats

    def of(self, shown: Floats) -> Floats:
        """What amplifiers are asked for.

        Args:
            shown: (n, n_port), inputs before labels, volts.

        Returns:
            (n, n_amplifier), drivers before clamps, volts.
        """
        return shown if self.shares is None else np.asarray(shown @ self.shares + self.middle_V)


def nudges_pairs(experiment: Experiment) -> bool:
    """Whether a machine's clamp nudges one node of a pair, and looks at the other.

    Args:
        experiment: The machine.
    """
    cell = experiment.cells["clamp"]
    return cell.uses("other") or cell.uses("reference")


def asked(experiment: Experiment, *, lines: bool = False) -> Asked:
    """How numbers of a machine's task become what its amplifiers are asked for.

    Args:
        experiment: The machine.
        lines: Whether clamps that nudge pairs are to have their own line's voltage, too.

    Returns:
        The rule.
    """
    network = experiment.network
    ports = (*network.sources, *network.targets)
    if all(port.negative is None for port in ports):
        return Asked(None, np.zeros(len(ports)))
    differ = nudges_pairs(experiment) and not lines
    shares, middles = list[Floats](), list[float]()
    for place, port in enumerate(ports):
        apart = differ and place >= len(network.sources)
        for share in _shares(port, apart=apart):
            shares.append(share * np.eye(len(ports))[place])
            middles.append(0.0 if apart or port.negative is None else experiment.middle_V)
    return Asked(np.stack(shares, axis=1), np.array(middles))


def _shares(port: Port, *, apart: bool) -> tuple[float, ...]:
    """How much of a port's number each of its nodes is moved by."""
    if port.negative is None:
        return (1.0,)
    return (1.0, -1.0) if apart else (0.5, -0.5)
