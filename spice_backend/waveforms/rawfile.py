"""Every plot of a raw file: binary or text, real or complex, as ngspice and Xyce write them.

The layout is checked, not assumed: programs that write other things under the same first words
(LTspice, QSPICE) are refused by name, and so is whatever else does not fit, since a number in the
wrong column looks like any other number.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from spice_backend.errors import SpiceError
from spice_backend.protocol.messages import printable

_HEADER = re.compile(
    rb"Flags:[ \t]*(?P<flags>[^\n]*)\n"
    rb"No\. Variables:[ \t]*(?P<variables>\d{1,9})[ \t]*\r?\n"
    rb"No\. Points:[ \t]*(?P<points>\d{1,15})[ \t]*\r?\n"
    rb"(?P<between>.*?)^(?P<form>Binary|Values):[ \t]*\r?\n",
    re.DOTALL | re.MULTILINE,
)
_PLOT = re.compile(rb"^Plotname:[ \t]*(?P<name>[^\n]*)$", re.MULTILINE)
_FOREIGN = (
    (re.compile(rb"^(\xff\xfe)?T\0i\0t\0l\0e\0"), "LTspice"),
    (re.compile(rb"^Command:.*(Linear Technology|LTspice)", re.MULTILINE), "LTspice"),
    (re.compile(rb"^Command:.*QSPICE", re.MULTILINE), "QSPICE"),
    (re.compile(rb"^Flags:.*\b(forward|fastaccess|stepped|log)\b", re.MULTILINE), "LTspice"),
)
_HEAD_BYTES = 1 << 16
_ROW = 3
"""Words of a vector's line: number, name, type."""

Values: TypeAlias = NDArray[np.inexact[Any]]
"""Real or complex numbers."""


@dataclass(frozen=True, slots=True)
class Plot:
    """One analysis of a raw file.

    Attributes:
        name: Such as ``Transient Analysis``.
        vectors: Lower-case names, the scale first.
        values: (n_point, n_vector), SI units; complex in a frequency analysis.
        kinds: What each vector is in lower case, such as ``voltage``; empty when not known.
    """

    name: str
    vectors: tuple[str, ...]
    values: Values
    kinds: tuple[str, ...] = ()


def read_plots(path: Path) -> tuple[Plot, ...]:
    """Read every plot of a raw file.

    Args:
        path: The raw file; a binary one is not read before its numbers are used.

    Returns:
        Its plots in order.

    Raises:
        SpiceError: When it is no raw file, is cut short, or is laid out in another way than
            ngspice's and Xyce's.
    """
    if not path.is_file():
        raise SpiceError("not a raw file", str(path), "ngspice -b -r FILE")
    with path.open("rb") as stream:
        # A mapping cannot be empty.
        head = stream.read(_HEAD_BYTES)
        data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) if head else b""
    for sign, name in _FOREIGN:
        if sign.search(head):
            hint = f"export it from {name} as text, or simulate the deck with ngspice"
            raise SpiceError(f"this raw file is laid out as {name} does it", str(path), hint)
    return tuple(_plots(data, str(path)))


def _plots(data: bytes | mmap.mmap, where: str) -> Iterator[Plot]:
    place = 0
    while header := _HEADER.search(data, place):
        names = list(_PLOT.finditer(data, place, header.start()))
        count, points = int(header["variables"]), int(header["points"])
        flags = header["flags"].lower().split()
        if b"unpadded" in flags or not {b"real", b"complex"} & set(flags) or not count:
            raise _strange(where, f"flags {header['flags'].decode(errors='replace').strip()!r}")
        vectors, kinds = _vectors(header["between"], count, where)
        read = _binary if header["form"] == b"Binary" else _text
        values, place = read(data, header.end(), (points, count), b"complex" in flags, where)
        name = names[-1]["name"].decode(errors="replace").strip() if names else ""
        yield Plot(name, vectors, values, kinds)
    if not place or data[place:].strip():
        raise SpiceError("not a raw file", where, "ngspice -b -r FILE")


def _vectors(between: bytes, count: int, where: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names and kinds of the vectors, in lower case."""
    rows = between.partition(b"Variables:")[2].decode(errors="replace").split("\n")
    words = [row.split() for row in rows if row.strip()]
    numbers = [row[0] for row in words]
    if any(len(row) < _ROW for row in words) or numbers != [str(index) for index in range(count)]:
        raise _strange(where, "a list of variables that does not number them from 0 on")
    names = tuple(printable(row[1].lower()) for row in words)
    return names, tuple(row[2].lower() for row in words)


def _binary(
    data: bytes | mmap.mmap, start: int, shape: tuple[int, int], complex_values: bool, where: str
) -> tuple[Values, int]:
    kind = np.dtype(np.complex128 if complex_values else np.float64)
    end = start + shape[0] * shape[1] * kind.itemsize
    if end > len(data):
        raise _cut(where)
    numbers: Values = np.frombuffer(data, dtype=kind, count=shape[0] * shape[1], offset=start)
    return numbers.reshape(shape), end


def _text(
    data: bytes | mmap.mmap, start: int, shape: tuple[int, int], complex_values: bool, where: str
) -> tuple[Values, int]:
    """Every point by its number, then its values; Xyce puts a blank after the comma."""
    stop = re.compile(rb"^Title:", re.MULTILINE).search(data, start)
    end = stop.start() if stop else len(data)
    words = re.sub(rb",[ \t]+", b",", data[start:end]).split()
    points, count = shape
    if len(words) < points * (count + 1):
        raise _cut(where)
    numbered = [str(index).encode() for index in range(points)]
    if len(words) > points * (count + 1) or words[:: count + 1] != numbered:
        raise _strange(where, "points that are not numbered from 0 on")
    values = [word for index, word in enumerate(words) if index % (count + 1)]
    try:
        numbers = [_number(word, complex_values) for word in values]
    except (ValueError, TypeError) as error:
        # Cut in the middle of the last number, or numbers of another shape than announced.
        if stop is None and not data[end - 1 : end].isspace():
            raise _cut(where) from error
        raise _strange(where, "numbers that are not those announced") from error
    kind = np.complex128 if complex_values else np.float64
    return np.array(numbers, dtype=kind).reshape(shape), end


def _number(word: bytes, complex_values: bool) -> complex:
    parts = word.split(b",")
    if len(parts) != 1 + complex_values:
        raise ValueError(word)
    return complex(*map(float, parts)) if complex_values else float(word)


def _cut(where: str) -> SpiceError:
    return SpiceError("the raw file is cut short", where, "run the simulation again")


def _strange(where: str, what: str) -> SpiceError:
    message = f"a raw file laid out as neither ngspice nor Xyce does it: {what}"
    return SpiceError(message, where, "ngspice -b -r FILE")
