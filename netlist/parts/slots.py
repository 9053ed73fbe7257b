"""The slots of a machine and the blocks of its bill: one table each, from which the rest derives.

A slot is a place a design fills with a cell. Its row says what it is placed for, whose rail feeds
it and on whose bill that rail's energy goes; the design's keys under ``[cells]``, the rails of a
deck, the ledger and the names and colours in reports follow. So a new kind of cell is a row here,
its pins in `netlist.parts.architectures` and a rule in the assembler that places it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Block:
    """Who is billed.

    Attributes:
        name: Its key in results.
        title: Its name for readers.
        colour: Its colour in charts, ``#rrggbb``.
        computes: Whether it is a network; everything else is overhead.
    """

    name: str
    title: str
    colour: str
    computes: bool = False


BLOCKS = (
    Block("network_free", "network, free", "#2b6cb0", computes=True),
    Block("network_clamped", "network, clamped", "#63a4d8", computes=True),
    Block("update", "update cells", "#dd8a3c"),
    Block("clamp", "clamp (nudge)", "#c2410c"),
    Block("bias", "bias", "#a16207"),
    Block("control", "control", "#7b8794"),
    Block("drivers", "input drivers", "#7c3aed"),
)
"""All blocks, in the order of every table."""


class Per(StrEnum):
    """What a slot's cell is placed once for."""

    EDGE = "edge"
    TARGET = "target"
    SOURCE = "source"
    MACHINE = "machine"


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a cell.

    Attributes:
        name: Its key under ``[cells]`` of a design, and what instances are named after.
        placed_per: What one such cell serves: each edge, each node of a target or source, or all.
        rail: The slot whose rail its ``vdd`` is on: its own, or a neighbour's.
        billed_to: The block that pays for that rail.
        cell: The cell a design has unless it says otherwise; None leaves the slot empty.
    """

    name: str
    placed_per: Per
    rail: str
    billed_to: str
    cell: str | None


SLOTS = (
    Slot("edge", Per.EDGE, rail="update", billed_to="update", cell="edge"),
    Slot("update", Per.EDGE, rail="update", billed_to="update", cell="update"),
    Slot("clamp", Per.TARGET, rail="clamp", billed_to="clamp", cell="clamp"),
    Slot("driver", Per.SOURCE, rail="driver", billed_to="drivers", cell="driver"),
    Slot("bias", Per.MACHINE, rail="bias", billed_to="bias", cell="bias"),
    Slot("sequencer", Per.MACHINE, rail="sequencer", billed_to="control", cell=None),
)
"""All slots, in the order of a design's keys; `netlist.parts.architectures` has their pins."""

BY_NAME: Mapping[str, Slot] = {slot.name: slot for slot in SLOTS}
"""Every slot by its name."""


def _billing_order(slot: Slot) -> int:
    return [block.name for block in BLOCKS].index(slot.billed_to)


RAILS = tuple(slot.name for slot in sorted(SLOTS, key=_billing_order) if slot.rail == slot.name)
"""Slots with a rail of their own, in the order of the bill."""


def slot_of(instance: str) -> str:
    """The slot of a cell's instance: what its name begins with (`netlist.machine.names.cell`).

    Args:
        instance: Its name in a deck.

    Returns:
        The slot's name.

    Example:
        >>> slot_of("Xupdate_12")
        'update'
    """
    return instance.lower().removeprefix("x").partition("_")[0]
