"""The ledger: every joule the sources supply, billed to one block.

One network that plays both states in turn is billed by state: to ``network_free`` while it is free
and to ``network_clamped`` while it is clamped.

A block's rail pays for the block, less what the block hands on to a network through an ammeter;
that energy is billed to the network it enters. A control line is driven by an ideal source, which
takes back on a falling edge what it gave on the rising one; no circuit does. It is billed as a
CMOS driver on the machine's rail would pay: the rail's voltage times every charge that leaves the
source, C*V^2 a cycle, and nothing for what comes back. But for that the bills add up to what all
sources supplied by construction (`Ledger.supplied` is that sum), and a block that gives energy back
shows a negative bill. Whether the sum is *true* is the audit's question, which asks the devices
instead of the sources.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from learning.arrays import Floats
from netlist.machine.assembly import Assembly
from netlist.machine.placing import CLAMPED, FREE, IN_TURN
from netlist.parts import slots
from netlist.parts.slots import BY_NAME
from spice_backend.protocol.probe_names import current, voltage

BLOCKS = tuple(block.name for block in slots.BLOCKS)
"""Who is billed, in the order of every table."""

NETWORKS = tuple(block.name for block in slots.BLOCKS if block.computes)
"""The blocks that compute; everything else is overhead."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """Power ``sign * v(node) * i(source)`` goes on a block's bill, in one state or always.

    With a rail, what goes on the bill is what a driver on that rail takes for the current that
    leaves the source: ``rail_V * max(-i(source), 0)``.
    """

    block: str
    sign: float
    node: str
    source: str
    clamped: bool | None = None
    rail_V: float | None = None


class Ledger:
    """Reads the power of every block from the probes of a run.

    Args:
        assembly: The deck whose sources and ammeters are read.
    """

    def __init__(self, assembly: Assembly) -> None:
        self._entries = tuple(_entries(assembly))
        self._clamped_while = assembly.clamped_while

    @property
    def probes(self) -> tuple[str, ...]:
        """What a run must record for the ledger: node voltages and source currents."""
        names = ((voltage(e.node), current(e.source)) for e in self._entries)
        state = [voltage(self._clamped_while[0])] if self._clamped_while else []
        return tuple(dict.fromkeys([*(name for pair in names for name in pair), *state]))

    def power(self, probes: Sequence[str], values: Floats) -> Floats:
        """The power of every block at every step.

        Args:
            probes: Names of the columns.
            values: (n_step, n_probe), volts and amperes.

        Returns:
            (n_step, n_block), watts, in the order of `BLOCKS`.
        """
        return self._power(self._entries, probes, values)

    def _power(self, entries: tuple[_Entry, ...], probes: Sequence[str], values: Floats) -> Floats:
        column = {name: index for index, name in enumerate(probes)}
        power = np.zeros((len(values), len(BLOCKS)))
        for entry in entries:
            amperes = values[:, column[current(entry.source)]]
            if entry.rail_V is None:
                watts = entry.sign * values[:, column[voltage(entry.node)]] * amperes
            else:
                watts = entry.rail_V * np.maximum(entry.sign * amperes, 0.0)
            if entry.clamped is not None:
                watts = np.where(self._clamped(column, values) == entry.clamped, watts, 0.0)
            power[:, BLOCKS.index(entry.block)] += watts
        return power

    def _clamped(self, column: Mapping[str, int], values: Floats) -> NDArray[np.bool_]:
        """Whether the one network is clamped, (n_step,)."""
        line, half_V = self._clamped_while or ("", 0.0)
        return np.asarray(values[:, column[voltage(line)]] > half_V)

    def energy(self, probes: Sequence[str], time_s: Floats, values: Floats) -> Floats:
        """The energy of every block over a stretch of time.

        Args:
            probes: Names of the columns.
            time_s: (n_step,), seconds.
            values: (n_step, n_probe), volts and amperes.

        Returns:
            (n_block,), joules, in the order of `BLOCKS`.
        """
        rails = tuple(entry for entry in self._entries if entry.rail_V is None)
        joules = np.asarray(np.trapezoid(self._power(rails, probes, values), time_s, axis=0))
        for entry, charges_C in self._left(probes, time_s, values):
            paid_C = float(np.maximum(charges_C, 0.0).sum())
            joules[BLOCKS.index(entry.block)] += (entry.rail_V or 0.0) * paid_C
        return joules

    def _left(
        self, probes: Sequence[str], time_s: Floats, values: Floats
    ) -> Iterator[tuple[_Entry, Floats]]:
        """What left each control line's source in every step, (n_step - 1,), coulombs.

        Of a step and not of its ends: where steps are coarse a current may change its sign at each
        of them about a mean that is right, and what comes back would be billed as never given.
        """
        column = {name: index for index, name in enumerate(probes)}
        for entry in (e for e in self._entries if e.rail_V is not None):
            amperes = entry.sign * values[:, column[current(entry.source)]]
            yield entry, 0.5 * (amperes[1:] + amperes[:-1]) * np.diff(time_s)

    def supplied(self, probes: Sequence[str], time_s: Floats, values: Floats) -> float:
        """What all sources of the deck supplied over a stretch of time, as they are.

        Args:
            probes: Names of the columns.
            time_s: (n_step,), seconds.
            values: (n_step, n_probe), volts and amperes.

        Returns:
            Joules: the bills, but for what control lines are billed beyond their sources' supply.
        """
        column = {name: index for index, name in enumerate(probes)}
        joules = float(self.energy(probes, time_s, values).sum())
        for entry, charges_C in self._left(probes, time_s, values):
            volts = values[:, column[voltage(entry.node)]]
            watts = entry.sign * volts * values[:, column[current(entry.source)]]
            paid_C = float(np.maximum(charges_C, 0.0).sum())
            joules += float(np.trapezoid(watts, time_s)) - (entry.rail_V or 0.0) * paid_C
        return joules


def _entries(assembly: Assembly) -> Iterator[_Entry]:
    """A source supplies -v*i, for SPICE counts its current from plus to minus inside it."""
    for rail in assembly.rails:
        yield _Entry(BY_NAME[rail.block].billed_to, -1.0, rail.node, rail.source)
    rail_V = max((rail.voltage_V for rail in assembly.rails), default=None)
    for control in assembly.controls:
        yield _Entry("control", -1.0, control.node, control.source, rail_V=rail_V)
    for crossing in assembly.crossings:
        if crossing.network == IN_TURN:
            for network, clamped in ((FREE, False), (CLAMPED, True)):
                block = f"network_{network}"
                yield _Entry(block, 1.0, crossing.node, crossing.ammeter, clamped)
        else:
            block = f"network_{crossing.network}"
            yield _Entry(block, 1.0, crossing.node, crossing.ammeter)
        yield _Entry(BY_NAME[crossing.block].billed_to, -1.0, crossing.node, crossing.ammeter)


def by_block(amounts: Sequence[float] | Floats) -> dict[str, float]:
    """Name the amounts of all blocks, with their total.

    Args:
        amounts: One per block in the order of `BLOCKS`.

    Returns:
        By block, then "total".
    """
    named = {block: float(amount) for block, amount in zip(BLOCKS, amounts, strict=True)}
    return {**named, "total": float(np.sum(amounts))}


def overhead_ratio(energy_J: Mapping[str, float]) -> float | None:
    """How many times the networks' energy everything else burned.

    Args:
        energy_J: By block, with "total", joules.

    Returns:
        The ratio; None when the networks took no energy.
    """
    networks_J = sum(energy_J[block] for block in NETWORKS)
    return (energy_J["total"] - networks_J) / networks_J if networks_J > 0 else None
