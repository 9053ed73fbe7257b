"""Whether two runs printed the same: words alike, numbers within a tolerance, no clocks or memory.

What a run prints besides results (dates, times, memory, iteration statistics that follow the
machine) says nothing about the circuit and is left out; so is a complaint about empty brackets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from netlist.circuit import Raw
from netlist.errors import NetlistError
from netlist.number import parse_number
from netlist.text.parser import parse_library
from spice_backend.waveforms.rawfile import Plot

RELATIVE = 1e-6
"""Numbers may differ by this share of themselves: a thousandth of ngspice's own ``reltol``."""
ABSOLUTE = 1e-12
"""... or by this, ngspice's ``abstol`` in amperes: below it the solver itself promises nothing."""
OF_LARGEST = 1e-9
"""... or, in raw data, by this share of the largest value of their vector."""

_MACHINE = re.compile(
    r"(^|\b)(total analysis time|total elapsed time|total dram|dram currently|maximum ngspice"
    r"|current ngspice|shared ngspice|text \(code\)|stack =|library pages|elapsed|cpu time"
    r"|seconds|real time|date:|\$date|batch mode|background|\bms\b"
    r"|(mon|tue|wed|thu|fri|sat|sun) (jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec) .*\d\d:\d\d"
    r"|threads|pid|%|unrecognized parameter \(\) - ignored|^[A-Z][\w ,&-]* time =? ?[\d.]"
    r"|(load|loading|parsing|reading|expansion|sol\w+|order|reorder\w*|factor\w*|lu|setup|sync|matrix|misc|lte|trunc\w*|eval\w*"
    r"|check|update|extraction|decomp\w*|iter\w*|bias|transient|state|pred\w*) time\b)",
    re.IGNORECASE,
)
_CONTINUED = re.compile(r"\+(?![\d.])")
_BETWEEN = re.compile(r"[\s(),;]+")
_LISTED = re.compile(r"^\d+ ?: ")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?", re.IGNORECASE)
_WORD = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|[^\s\d]+|\d+", re.IGNORECASE)


def results(text: str, scratch: str = "") -> Iterator[str]:
    """The lines of a run's output that tell its result.

    Args:
        text: What it printed.
        scratch: Folder it ran in, which is taken out of the lines.

    Yields:
        Lines, blanks made single, those of a listing joined; empty ones left out.
    """
    before = ""
    for line in text.split("\n"):
        words = " ".join(line.replace(scratch, ".").split()) if scratch else " ".join(line.split())
        if _CONTINUED.match(words):
            before = f"{before} {words[1:].lstrip()}"
        elif words and not _MACHINE.search(words):
            if before:
                yield before
            before = words
    if before:
        yield before


def difference(first: list[str], second: list[str]) -> str:
    """Where two outputs differ.

    Args:
        first: Lines of `results`.
        second: The other's.

    Returns:
        The first pair of lines that differ; empty when none do.
    """
    for a, b in zip(first, second, strict=False):
        if a != b and not _alike(a, b):
            return f"{a[:80]!r} became {b[:80]!r}"
    if len(first) != len(second):
        longer = max(first, second, key=len)
        extra = longer[min(len(first), len(second))][:80]
        return f"{len(first)} lines became {len(second)}, from {extra!r} on"
    return ""


def _alike(a: str, b: str) -> bool:
    left, right = _WORD.findall(a), _WORD.findall(b)
    same = len(left) == len(right) and all(map(_word_alike, left, right))
    return same or _same_statement(a, b) or _same_quoted(a, b)


def _same_quoted(a: str, b: str) -> bool:
    """A complaint quotes the deck: ``(1u)`` and ``(1e-6)`` are the same number."""
    left, right = _BETWEEN.split(a), _BETWEEN.split(b)
    return len(left) == len(right) and all(map(_quoted_alike, left, right))


def _quoted_alike(a: str, b: str) -> bool:
    try:
        return a == b or parse_number(a) == parse_number(b)
    except NetlistError:
        return False


def _same_statement(a: str, b: str) -> bool:
    """Lines of a listing show the deck itself: they are alike when they say the same circuit."""
    one, other = (_LISTED.sub("", line) for line in (a, b))
    if one.split(maxsplit=1)[0] != other.split(maxsplit=1)[0]:
        return False
    try:
        read = parse_library(one)
        return read == parse_library(other) and not any(isinstance(s, Raw) for s in read)
    except NetlistError:
        return False


def _word_alike(a: str, b: str) -> bool:
    if a == b:
        return True
    if not (_NUMBER.fullmatch(a) and _NUMBER.fullmatch(b)):
        return False
    x, y = float(a), float(b)
    return abs(x - y) <= RELATIVE * max(abs(x), abs(y)) + ABSOLUTE


def plots_difference(first: tuple[Plot, ...], second: tuple[Plot, ...]) -> str:
    """Where the raw data of two runs differ.

    Args:
        first: Plots of one run.
        second: The other's.

    Returns:
        What differs first; empty when nothing does.
    """
    if len(first) != len(second):
        return f"{len(first)} plots became {len(second)}"
    for a, b in zip(first, second, strict=True):
        found = _plot_difference(a, b)
        if found:
            return f"{a.name}: {found}"
    return ""


def _plot_difference(a: Plot, b: Plot) -> str:
    if a.vectors != b.vectors:
        only = sorted(set(a.vectors) ^ set(b.vectors))
        return f"vectors differ: {', '.join(only[:4]) or 'in their order'}"
    if a.values.shape != b.values.shape:
        return f"{len(a.values)} points became {len(b.values)}"
    for index, name in enumerate(a.vectors):
        x, y = a.values[:, index], b.values[:, index]
        if index == 0:
            # ngspice leaves the imaginary part of a frequency unset.
            x, y = x.real, y.real
        # not-a-number on both sides is the same result
        x, y = np.nan_to_num(x, nan=1e300), np.nan_to_num(y, nan=1e300)
        largest = float(np.max(np.abs(x), initial=0.0))
        room = RELATIVE * np.maximum(np.abs(x), np.abs(y)) + ABSOLUTE + OF_LARGEST * largest
        off = np.abs(x - y) > room
        if np.any(off):
            row = int(np.argmax(off))
            return f"{name} at point {row}: {x[row]:.9g} became {y[row]:.9g}"
    return ""
