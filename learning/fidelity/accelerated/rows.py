"""What a presentation went through, as a player tells it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from learning.arrays import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """What a presentation went through, from where the one before ended.

    Attributes:
        time_s: (n_row,), from its start, seconds.
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
class Played:
    """What a kernel leaves of a presentation: a row before learning, one a step, one after.

    Attributes:
        nodes_V: (n_row, n_unknown), volts.
        gates_V: (n_row, n_gate), volts.
        power_W: (n_row, n_block), watts.
        extra_J: (n_block,), energy that powers do not hold, joules.
    """

    nodes_V: Floats
    gates_V: Floats
    power_W: Floats
    extra_J: Floats


def in_time(
    played: Played, before: tuple[Floats, Floats], window: Window, rise_s: float, lasts_s: float
) -> Rows:
    """Put a kernel's rows in time: powers jump where the state changes, voltages do not.

    Args:
        played: What the kernel left.
        before: Nodes and gates where the presentation before ended, volts.
        window: Where learning acts.
        rise_s: From the start until inputs have changed, seconds.
        lasts_s: The whole presentation, seconds.

    Returns:
        The presentation.
    """
    count, begin_s = len(played.power_W), window.begin_s
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
    nodes, gates = played.nodes_V[order], played.gates_V[order]
    nodes[0], gates[0] = before
    return Rows(
        time_s=np.array(time_s),
        nodes_V=nodes,
        gates_V=gates,
        power_W=played.power_W[order] + played.extra_J / lasts_s,
        energy_J=spans_s @ played.power_W + played.extra_J,
    )
