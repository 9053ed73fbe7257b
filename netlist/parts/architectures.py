"""Architectures: how many networks a machine has, and which pins each slot's cells then have.

A cell's file says which architecture it serves by the pins it has, and binds by their names. Pins
that a contract does not list are lines: outputs of the bias cell (voltages) or of the sequencer
(phases), which update, clamp and driver cells ask for by name. So a bias cell with four lines
needs no other contract than one with a single line, and a misspelt line is an error at the line of
the cell that asks for it.

A third architecture is a row here and a rule in `netlist.machine.placing`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contract:
    """The pins of a slot's cells.

    Attributes:
        required: Pins that a cell must declare.
        optional: Pins that it may.
        controls: Pins that it may, each on the control line of its own name.
        asks: Whether every further pin is a line it asks of the bias cell or the sequencer.
        offers: Whether every further pin is a line of its own.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    asks: bool = False
    offers: bool = False

    @property
    def pins(self) -> tuple[str, ...]:
        """All pins by name, required ones first."""
        return self.required + self.optional + self.controls


@dataclass(frozen=True, slots=True)
class Architecture:
    """A way to play the free and the clamped state.

    Attributes:
        name: Its value for a design's key ``architecture``.
        contracts: By slot.
        cells: By slot, the cell a design has unless it says otherwise; a slot without one may
            stay empty.
        in_turn: Whether one network plays the two states one after the other.
    """

    name: str
    contracts: Mapping[str, Contract]
    cells: Mapping[str, str]
    in_turn: bool


_SUPPLY = ("vdd", "vss")
_CLOCKS = ("enable", "vlambda", "clk", "run")

_SHARED = {
    "driver": Contract(("in", "out"), _SUPPLY, _CLOCKS, asks=True),
    "bias": Contract((), _SUPPLY, offers=True),
    "sequencer": Contract((), _SUPPLY, _CLOCKS, asks=True, offers=True),
}

TWIN = Architecture(
    "twin",
    {
        "edge": Contract(("fa", "fb", "ca", "cb", "gate"), ("vss", "vdd")),
        "update": Contract(("fa", "fb", "ca", "cb", "gate"), _SUPPLY, _CLOCKS, asks=True),
        "clamp": Contract(
            ("free", "label", "clamped"),
            ("other", "reference", *_SUPPLY),
            ("eta", *_CLOCKS),
            asks=True,
        ),
        **_SHARED,
    },
    {slot: slot for slot in ("edge", "update", "clamp", "driver", "bias")},
    in_turn=False,
)
"""Two networks side by side, each edge a pair of devices with one gate.

A clamp cell with ``other`` and ``reference`` nudges one node of a differential target: they are the
free voltage and the label of the other node.
"""

SINGLE = Architecture(
    "single",
    {
        "edge": Contract(("a", "b", "gate"), ("vss", "vdd")),
        "update": Contract(("a", "b", "gate"), _SUPPLY, _CLOCKS, asks=True),
        "clamp": Contract(
            ("label", "node"), ("other", "reference", *_SUPPLY), ("eta", *_CLOCKS), asks=True
        ),
        **_SHARED,
    },
    {
        "edge": "edge_single",
        "update": "update_memory",
        "clamp": "clamp_single",
        "driver": "driver_lines",
        "bias": "bias_lines",
        "sequencer": "sequencer",
    },
    in_turn=True,
)
"""One network that is free, then clamped, while its update cells remember the free state.

``clk`` is high while it is clamped, ``run`` through every stretch of training.
"""

ARCHITECTURES: Mapping[str, Architecture] = {a.name: a for a in (TWIN, SINGLE)}
"""All architectures by name."""

CONTRACTS = TWIN.contracts
"""Slot to pins, of the architecture a design has unless it says otherwise."""
