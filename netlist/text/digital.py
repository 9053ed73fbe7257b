"""``U`` lines of PSpice's digital kinds, told from the transmission line of the same letter."""

from __future__ import annotations

import re

from netlist.circuit import Digital, Statement
from netlist.text.line import LogicalLine

KINDS = frozenset(
    (
        *("BUF", "INV", "AND", "NAND", "OR", "NOR", "XOR", "NXOR", "AO", "OA", "AOI", "OAI"),
        *("BUFA", "INVA", "ANDA", "NANDA", "ORA", "NORA", "XORA", "NXORA"),
        *("BUF3", "INV3", "AND3", "NAND3", "OR3", "NOR3", "XOR3", "NXOR3"),
        *("BUF3A", "INV3A", "AND3A", "NAND3A", "OR3A", "NOR3A", "XOR3A", "NXOR3A"),
        *("JKFF", "DFF", "SRFF", "DLTCH", "PULLUP", "PULLDN", "DLYLINE", "STIM", "FSTIM"),
        *("LOGICEXP", "PINDLY", "CONSTRAINT", "PLAND", "PLOR", "PLXOR", "PLNAND", "PLNOR"),
        *("ROM", "RAM", "ADC", "DAC"),
    )
)
"""Kinds of digital device."""
_LINE = re.compile(r"(?P<kind>[A-Za-z]\w*)\s*(?:\((?P<sizes>[\d\s,]*)\))?\s*(?P<text>.*)")


def read_digital(text: str) -> tuple[str, tuple[int, ...], str] | None:
    """Take the text after the name of a U line apart.

    Args:
        text: What follows the name.

    Returns:
        Kind, sizes and the rest; None when it is no digital kind.
    """
    found = _LINE.fullmatch(" ".join(text.split()))
    if found is None or found["kind"].upper() not in KINDS or not found["text"]:
        return None
    sizes = tuple(map(int, re.findall(r"\d+", found["sizes"] or "")))
    return found["kind"].upper(), sizes, found["text"]


def digital(line: LogicalLine, text: str) -> Statement | None:
    """Read a U line of a digital kind.

    Args:
        line: Its line.
        text: Its text.

    Returns:
        The device; None when it is a transmission line.
    """
    name, _, rest = text.partition(" ")
    found = read_digital(rest)
    return Digital(name, *found, line.span) if found else None
