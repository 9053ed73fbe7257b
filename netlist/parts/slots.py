"""The slots of a machine and the blocks of its bill: one table each, from which the rest derives.

A slot is a place a design fills with a cell. Its row says which pins such a cell may have, what it
is placed for, whose rail feeds it and on whose bill that rail's energy goes; the design's keys
under ``[cells]``, the rails of a deck, the ledger and the names and colours in reports follow. So
a new kind of cell is a row here and a rule in the assembler that places it.
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


@dataclass(frozen=True, slots=True)
class Contract:
    """The pins a slot offers: those a cell must declare, and those it may."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def pins(self) -> tuple[str, ...]:
        """All pins, required ones first."""
        return self.required + self.optional


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
        contract: The pins of its cells.
        placed_per: What one such cell serves: each edge, or each node of a target or source.
        rail: The slot whose rail its ``vdd`` is on: its own, or a neighbour's.
        billed_to: The block that pays for that rail.
        cell: The cell a design has unless it says otherwise.
    """

    name: str
    contract: Contract
    placed_per: Per
    rail: str
    billed_to: str
    cell: str


SLOTS = (
    Slot(
        "edge",
        Contract(("fa", "fb", "ca", "cb", "gate"), ("vss", "vdd")),
        placed_per=Per.EDGE,
        rail="update",
        billed_to="update",
        cell="edge",
    ),
    Slot(
        "update",
        Contract(("fa", "fb", "ca", "cb", "gate"), ("vdd", "vss", "vbias", "vlambda", "enable")),
        placed_per=Per.EDGE,
        rail="update",
        billed_to="update",
        cell="update",
    ),
    Slot(
        "clamp",
        Contract(
            ("free", "label", "clamped"), ("other", "reference", "vdd", "vss", "vbias", "eta")
        ),
        placed_per=Per.TARGET,
        rail="clamp",
        billed_to="clamp",
        cell="clamp",
    ),
    Slot(
        "driver",
        Contract(("in", "out"), ("vdd", "vss", "vbias")),
        placed_per=Per.SOURCE,
        rail="driver",
        billed_to="drivers",
        cell="driver",
    ),
    Slot(
        "bias",
        Contract(("vbias",), ("vdd", "vss")),
        placed_per=Per.MACHINE,
        rail="bias",
        billed_to="bias",
        cell="bias",
    ),
)
"""All slots, in the order of a design's keys.

Every pin is a node of the assembled deck; ``vss`` is node 0. A clamp cell with ``other`` and
``reference`` nudges one node of a differential target: they are the free voltage and the label of
the other node.
"""

BY_NAME: Mapping[str, Slot] = {slot.name: slot for slot in SLOTS}
"""Every slot by its name."""

CONTRACTS: Mapping[str, Contract] = {slot.name: slot.contract for slot in SLOTS}
"""Slot to pins."""


def _billing_order(slot: Slot) -> int:
    return [block.name for block in BLOCKS].index(slot.billed_to)


RAILS = tuple(slot.name for slot in sorted(SLOTS, key=_billing_order) if slot.rail == slot.name)
"""Slots with a rail of their own, in the order of the bill."""
