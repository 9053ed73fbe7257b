"""How far a deck's hierarchy may go, and how an instance that leads nowhere is refused."""

from __future__ import annotations

from netlist.circuit import Instance
from netlist.errors import NetlistError

DEEPEST = 64
"""Levels of instances; no cell library nests a tenth of this, a subcircuit using itself does."""

DEEPEST_DEFINITIONS = 100
"""Definitions inside definitions; every walk through a deck goes down one by one."""

MOST_DEVICES = 1_000_000
"""Devices of a flat deck; more would take minutes and gigabytes."""


def undefined(line: Instance) -> NetlistError:
    """The refusal of an instance whose subcircuit nobody defines, to be raised by the caller."""
    return NetlistError(
        f"{line.name} uses subcircuit {line.subcircuit}, which is not there",
        where=line.span or line.name,
        hint="define it, or include the file that does",
    )


def too_deep(line: Instance, subcircuit: str) -> NetlistError:
    """The refusal of an instance below more levels than any deck has, for the caller to raise."""
    return NetlistError(
        f"{line.name} is more than {DEEPEST} instances deep",
        where=line.span or line.name,
        hint=f"subcircuit {subcircuit} uses itself, directly or through another",
    )
