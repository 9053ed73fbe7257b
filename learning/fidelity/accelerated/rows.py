"""What a presentation went through, as a player tells it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from learning.arrays import Floats
from learning.fidelity.accelerated.kernel import N_POWER
from learning.measure.ledger import BLOCKS
from learning.twin.constraint import Ints

COLUMNS = [
    BLOCKS.index(name) for name in ("network_free", "network_clamped", "drivers", "clamp", "update")
]
"""Blocks of a kernel's powers, in its order."""


Left = tuple[Floats, Floats, Floats]
"""What a kernel leaves of presentations: nodes and gates, volts, and powers, watts, row by row."""


def room(count: int, rows: int, n_unknown: int, n_gate: int) -> Left:
    """Room for a kernel.

    Args:
        count: Presentations.
        rows: Of each.
        n_unknown: Nodes of the networks.
        n_gate: Gates.

    Returns:
        (n, n_kernel_row, ...), nothing in it.
    """
    nodes, gates, powers = ((count, rows, width) for width in (n_unknown, n_gate, N_POWER))
    return np.empty(nodes), np.empty(gates), np.empty(powers)


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """What a presentation went through, from where the one before ended.

    Attributes:
        time_s: (n_row,), from its start, seconds; it may be others' as well.
        nodes_V: (n_row, n_unknown), volts.
        gates_V: (n_row, n_gate), volts.
        power_W: (n_row, n_block), in the order of `learning.measure.ledger.BLOCKS`, watts.
        energy_J: (n_block,), joules.
    """

    time_s: Floats
    nodes_V: Floats
    gates_V: Floats
    power_W: Floats
    energy_J: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """The time in which learning acts, from a presentation's start.

    Attributes:
        begin_s: When it begins, seconds.
        lengths_s: (n_step,), the steps through it; none in a presentation without learning.
        late_s: From its beginning until gates follow, seconds; part of the first step's energy.
    """

    begin_s: float
    lengths_s: Floats
    late_s: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Constant:
    """What a presentation takes beyond the powers of its states.

    Attributes:
        power_W: (n_block,), all the time, watts.
        energy_J: (n_block,), in all, joules.
    """

    power_W: Floats
    energy_J: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Where a kernel's rows stand in time: the same for all presentations of one kind.

    A kernel leaves a row before learning, one a step, one after. Powers jump where the state
    changes, voltages do not.

    Attributes:
        order: (n_row,), which of a kernel's rows each is.
        time_s: (n_row,), from the presentation's start, seconds.
        spans_s: (n_kernel_row,), how long each of a kernel's rows lasts, seconds.
        blocks: (n_power, n_block), which block a kernel's power belongs to, 1 or 0.
        constant_W: (n_block,), powers that no row holds, those of `extra_J` included, watts.
        constant_J: (n_block,), what they come to, joules.
    """

    order: Ints
    time_s: Floats
    spans_s: Floats
    blocks: Floats
    constant_W: Floats
    constant_J: Floats

    def rows(self, kernel: Left, before: tuple[Floats, Floats]) -> Iterator[Rows]:
        """Put a kernel's rows in time.

        Args:
            kernel: What it left of presentations that follow each other.
            before: Nodes and gates where the presentation before them ended, volts.

        Yields:
            The presentations.
        """
        nodes, gates, power_W = kernel
        ordered = nodes[:, self.order], gates[:, self.order]
        for rows, first in zip(ordered, before, strict=True):
            rows[:1, 0] = first
            rows[1:, 0] = rows[:-1, -1]
        spent_J = (self.spans_s @ power_W[:, : len(self.spans_s)]) @ self.blocks
        told = power_W[:, self.order] @ self.blocks + self.constant_W, spent_J + self.constant_J
        for nodes_V, gates_V, power, energy_J in zip(*ordered, *told, strict=True):
            yield Rows(self.time_s, nodes_V, gates_V, power, energy_J)


def frame(window: Window, rise_s: float, lasts_s: float, constant: Constant) -> Frame:
    """The frame of a kind of presentation.

    Args:
        window: Where learning acts.
        rise_s: From the start until inputs have changed, seconds.
        lasts_s: The whole presentation, seconds.
        constant: What powers do not hold.

    Returns:
        The frame.
    """
    count, begin_s = len(window.lengths_s) + 2, window.begin_s
    order, time_s = [0, 0], [0.0, rise_s]
    spans_s = np.array([lasts_s, 0.0])
    if len(window.lengths_s):
        end_s = begin_s + window.late_s + window.lengths_s.sum()
        spans_s = np.array([begin_s, *window.lengths_s, lasts_s - end_s])
        spans_s[1] += window.late_s
        middles = begin_s + np.cumsum(window.lengths_s) - 0.5 * window.lengths_s
        order += [0, 1, *range(1, count - 1), count - 2, count - 1]
        time_s += [begin_s, begin_s, *middles.tolist(), end_s, end_s]
    order.append(count - 1)
    time_s.append(lasts_s)
    blocks = np.eye(len(BLOCKS))[COLUMNS]
    return Frame(
        np.array(order), np.array(time_s), spans_s, blocks,
        constant.power_W + constant.energy_J / lasts_s,
        constant.power_W * lasts_s + constant.energy_J,
    )  # fmt: skip
