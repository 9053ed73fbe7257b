"""Which linear solver a circuit gets: KLU for large ones, where the simulator has it.

Sparse, the only one before ngspice 42, fills in as networks grow: one presentation to 128 edges of
transistors (6,323 devices) took 30 s with it and 9.4 s with KLU in one ngspice; to 32 edges
(1,619 devices) the two were within start-up time of each other.
"""

from __future__ import annotations

import re
from functools import lru_cache

from netlist.errors import NetlistError
from netlist.passes.inventory import device_count
from netlist.text.parser import survey
from spice_backend.decks.options import with_options
from spice_backend.setup.features import Features

LARGE_DEVICES = 4000
"""From this many devices on a circuit is large."""

_CHOSEN = re.compile(r"^\s*(\.opt\w*|\+).*\b(klu|sparse)\b", re.IGNORECASE | re.MULTILINE)


@lru_cache(maxsize=4)
def is_large(deck: str) -> bool:
    """Whether a circuit is large enough for KLU to pay.

    Args:
        deck: Its text.

    Returns:
        Whether it has as many devices, subcircuits taken apart, and has not chosen by itself.
    """
    if _CHOSEN.search(deck):
        return False
    circuit, _ = survey(deck)
    try:
        return device_count(circuit) >= LARGE_DEVICES
    except NetlistError:
        return False


def with_solver(deck: str, features: Features | None) -> str:
    """A deck with the solver that suits it.

    Args:
        deck: Its text.
        features: What the simulator can do; None when it is not ngspice.

    Returns:
        The deck, asking for KLU if that is there and pays.
    """
    if features is None or not features.klu or not is_large(deck):
        return deck
    return with_options(deck, {"klu": 1})


def solver_name(deck: str, features: Features) -> str:
    """Which linear solver a session solves a deck with.

    Args:
        deck: Its text.
        features: What the simulator can do.

    Returns:
        "KLU" or "Sparse".
    """
    chosen = _CHOSEN.search(with_solver(deck, features))
    asked = chosen is not None and chosen[2].lower() == "klu"
    return "KLU" if asked and features.klu else "Sparse"
