"""Initial conditions for an engine that lets go of them.

``.ic v(a)=0.2`` means, without ``uic``: hold the node there while the operating point of everything
else is found, then let it go. neospice 0.2 finds the operating point with nothing held and then
overwrites the node alone, so that all nodes that follow it begin at voltages of another circuit
(`PROBE` is the smallest deck that shows it: v(b) begins at 0.333 V instead of 0.1 V); a node that
only capacitors hold has no operating point at all. Here a switch to a source holds the node instead
and opens in the first millionth of the run: the same circuit, said with devices.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from netlist.circuit import Circuit, Directive
from netlist.errors import NetlistError
from netlist.number import parse_number
from netlist.text.parser import survey

PREFIX = "joulearn_held"
"""Begins the name of every node and device added here."""

PROBE = """a node that is held, and one that follows it
v1 in 0 1
r1 in a 1000
c1 a 0 1e-6
r2 a b 1000
r3 b 0 1000
.ic v(a)=0.2
.tran 1e-6 1e-5
.end
"""
PROBED_V = 0.1
"""v(b) of `PROBE` at time 0 in an engine that holds v(a)."""

_CONDITION = re.compile(r"v\s*\(\s*([^(),\s]+)\s*\)\s*=\s*(.+)", re.IGNORECASE | re.DOTALL)
_OF_THE_RUN = 1e-6
_SHORT_SECONDS = 1e-12
_ON_OHM, _OFF_OHM = 1e-3, 1e15
"""On: a milliampere moves the node by a microvolt. Off: a volt leaks a femtoampere."""


def held(deck: str) -> str:
    """A deck whose initial conditions are held by switches instead of ``.ic``.

    Args:
        deck: Its text.

    Returns:
        The deck with a source and a switch per condition and its ``.ic`` lines kept; unchanged
        when it has none, or when its transient starts from them with ``uic``.
    """
    circuit, _ = survey(deck)
    conditions = dict(_conditions(circuit))
    until_s = _release_s(circuit)
    if not conditions or until_s is None:
        return deck
    lines = [
        f"V{PREFIX} {PREFIX} 0 PWL(0 1 {until_s!r} 0)",
        f".model {PREFIX} sw vt=0.5 vh=0 ron={_ON_OHM} roff={_OFF_OHM}",
    ]
    for index, (node, value) in enumerate(conditions.items()):
        lines.append(f"V{PREFIX}_{index} {PREFIX}_{index} 0 {value}")
        lines.append(f"S{PREFIX}_{index} {PREFIX}_{index} {node} {PREFIX} 0 {PREFIX}")
    # Straight after the title, where no subcircuit or branch is open.
    title, _, rest = deck.partition("\n")
    return "\n".join([title, *lines, rest])


def _conditions(circuit: Circuit) -> Iterator[tuple[str, str]]:
    """Nodes in lower case with their voltages as a deck writes them; the last word on each."""
    for line in circuit.body:
        if isinstance(line, Directive) and line.keyword == "ic":
            for argument in line.arguments:
                found = _CONDITION.fullmatch(argument.strip())
                if found:
                    yield found[1].lower(), found[2]


def _release_s(circuit: Circuit) -> float | None:
    """When the switches open; None when nothing is to be held."""
    for line in circuit.body:
        if isinstance(line, Directive) and line.keyword == "tran":
            words = [word.lower() for word in line.arguments]
            if "uic" in words:
                return None
            stop_s = _number(words[1]) if len(words) > 1 else None
            return _OF_THE_RUN * stop_s if stop_s else _SHORT_SECONDS
    return None


def _number(word: str) -> float | None:
    try:
        return parse_number(word)
    except (NetlistError, ValueError):
        return None
