"""What everything in an assembled deck is called, and what a name stands for.

The one owner of these spellings: whoever needs a node, a source or a line of the deck asks here
(or reads it from the `Assembly`), and whoever holds a name and wants to know what it is asks
`role`. Simulators fold case, so two names never differ in case alone; the network's own node names
keep the case their user gave them (`netlist.machine.topology` refuses two that differ only in it).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from netlist.parts.slots import slot_of

GROUND = "0"
"""The deck's ground, and every grounded node of a network."""

ENABLE = "enable"
"""High while the update cells act."""

VLAMBDA = "vlambda"
"""High for the share λ of the time in which `ENABLE` is: the power weight."""

CLK = "clk"
"""High while one network that plays both states in turn is clamped."""

RUN = "run"
"""High through every stretch of training."""

ETA = "eta"
"""The nudge as a voltage, volts per volt, for an ideal clamp."""

GATE0 = "gate0"
"""The parameter of a cell that holds its state in logic: where its gate begins, volts."""

VBIAS = "vbias"
"""The bias cell's main line."""


class Role(StrEnum):
    """What a signal is to the machine; also the coordinate ``role`` of kept waveforms."""

    INPUT = "input"
    LABEL = "label"
    FREE = "free"
    CLAMPED = "clamped"
    NETWORK = "network"
    ENABLE = "enable"
    GATE = "gate"
    CONTROL = "control"


_PREFIXES = {
    Role.INPUT: "in_",
    Role.LABEL: "label_",
    Role.FREE: "f_",
    Role.CLAMPED: "c_",
    Role.NETWORK: "n_",
    Role.GATE: "g_",
}


@dataclass(frozen=True, slots=True)
class Signal:
    """A node of the deck whose waveform is kept or drawn.

    Attributes:
        name: Its name in the deck.
        role: What it is to the machine.
    """

    name: str
    role: Role

    @property
    def of(self) -> str:
        """What the name says besides the role: a node of the network, or a number."""
        return self.name.removeprefix(_PREFIXES.get(self.role, ""))


def signal(name: str) -> Signal:
    """The signal of this name, its role read from the name."""
    return Signal(name, role(name))


def role(name: str) -> Role:
    """What a node of the deck is to the machine.

    Args:
        name: Its name, in any case.

    Returns:
        Its role; `Role.CONTROL` for every line without a role of its own.
    """
    folded = name.lower()
    if folded in (ENABLE, CLK):
        return Role.ENABLE
    found = (role for role, prefix in _PREFIXES.items() if folded.startswith(prefix))
    return next(found, Role.CONTROL)


def gate(index: int) -> str:
    """Gate of an edge, the edges counted from 0."""
    return f"{_PREFIXES[Role.GATE]}{index}"


def free(node: str) -> str:
    """A network node in the free network."""
    return f"{_PREFIXES[Role.FREE]}{node}"


def clamped(node: str) -> str:
    """A network node in the clamped network."""
    return f"{_PREFIXES[Role.CLAMPED]}{node}"


def node(node: str) -> str:
    """A network node in a network that plays both states."""
    return f"{_PREFIXES[Role.NETWORK]}{node}"


def input_line(index: int, end: str = "") -> str:
    """Control line of a source, counted from 0; `end` is "p" or "n" of a pair."""
    return f"{_PREFIXES[Role.INPUT]}{index}{end}"


def label_line(index: int, end: str = "") -> str:
    """Control line of a target, counted from 0; `end` is "p" or "n" of a pair."""
    return f"{_PREFIXES[Role.LABEL]}{index}{end}"


def driven(node: str) -> str:
    """A driver's output, before the ammeters into network node `node`."""
    return f"drive_{node}"


def nudged(node: str) -> str:
    """A clamp's output, before the ammeter into network node `node`."""
    return f"nudge_{node}"


def rail(block: str) -> str:
    """The rail's node of a block."""
    return f"vdd_{block}"


def rail_source(block: str) -> str:
    """The voltage source of a block's rail."""
    return f"Vdd_{block}"


def line_source(line: str) -> str:
    """The voltage source of a control line."""
    return f"V{line}"


def ammeter(node: str) -> str:
    """The zero-volt source through which current enters deck node `node`."""
    return f"Vmeter_{node}"


def cut(index: int, pin: str) -> str:
    """Where a pin of a broken edge or its update cell hangs in the air."""
    return f"open_{pin}_{index}"


def cell(slot: str, place: str | int) -> str:
    """A cell's instance, without its X: its slot, and the node or edge it serves."""
    return f"{slot}_{place}"


def slot(instance: str) -> str:
    """The slot of a cell's instance: the way back from `cell`."""
    return slot_of(instance)


def is_own(name: str) -> bool:
    """Whether a deck has a name for itself, so that no line of a cell may be called so."""
    folded = name.lower()
    own = ("drive_", "nudge_", "vdd_", "open_")
    return role(folded) is not Role.CONTROL or folded.startswith(own) or folded in _OWN


_OWN = (GROUND, "gnd", VLAMBDA, RUN, ETA)
