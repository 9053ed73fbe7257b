"""Every plot of an ngspice raw file, binary or text, real or complex."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from netlist.errors import NetlistError
from netlist.reading import WAVEFORMS, read_bytes
from spice_backend.errors import SpiceError

_HEADER = re.compile(
    rb"Flags:[ \t]*(?P<flags>[^\n]*)\n"
    rb"No\. Variables:[ \t]*(?P<variables>\d+)\s*\n"
    rb"No\. Points:[ \t]*(?P<points>\d+)[^\n]*\n"
    rb"(?P<between>.*?)^(?P<form>Binary|Values):[ \t]*\n",
    re.DOTALL | re.MULTILINE,
)
_PLOT = re.compile(rb"^Plotname:[ \t]*(?P<name>[^\n]*)$", re.MULTILINE)


Values: TypeAlias = NDArray[np.inexact[Any]]
"""Real or complex numbers."""
_ROW = 3
"""Words of a vector's line: number, name, type."""


@dataclass(frozen=True, slots=True)
class Plot:
    """One analysis of a raw file.

    Attributes:
        name: Such as ``Transient Analysis``.
        vectors: Lower-case names, the scale first.
        values: (n_point, n_vector), SI units; complex in a frequency analysis.
    """

    name: str
    vectors: tuple[str, ...]
    values: Values


def read_plots(path: Path) -> tuple[Plot, ...]:
    """Read every plot of a raw file.

    Args:
        path: The raw file.

    Returns:
        Its plots in order.

    Raises:
        SpiceError: When it is no raw file, or is cut short.
    """
    return tuple(_plots(raw_bytes(path), path))


def raw_bytes(path: Path) -> bytes:
    """A raw file's content.

    Args:
        path: The raw file.

    Returns:
        Its bytes.

    Raises:
        SpiceError: When it cannot be read.
    """
    try:
        return read_bytes(path, WAVEFORMS)
    except NetlistError as error:
        raise SpiceError(error.message, str(path), error.hint) from error


def _plots(data: bytes, path: Path) -> Iterator[Plot]:
    place = 0
    while header := _HEADER.search(data, place):
        names = list(_PLOT.finditer(data, place, header.start()))
        count, points = int(header["variables"]), int(header["points"])
        rows = header["between"].partition(b"Variables:")[2].decode(errors="replace")
        words = [row.split() for row in rows.split("\n")]
        vectors = tuple(row[1].lower() for row in words if len(row) >= _ROW)
        complex_values = b"complex" in header["flags"]
        read = _binary if header["form"] == b"Binary" else _text
        values, place = read(data, header.end(), count * points, complex_values)
        if values.size < count * points:
            raise SpiceError("the raw file is cut short", str(path), "run the simulation again")
        name = names[-1]["name"].decode(errors="replace").strip() if names else ""
        yield Plot(name, vectors[:count], values.reshape(points, count))
    if not place:
        raise SpiceError("not a raw file", str(path), "ngspice -b -r FILE")


def _binary(data: bytes, start: int, count: int, complex_values: bool) -> tuple[Values, int]:
    kind = np.dtype(np.complex128 if complex_values else np.float64)
    end = start + count * kind.itemsize
    whole = (len(data[start:end]) // kind.itemsize) * kind.itemsize
    return np.frombuffer(data[start : start + whole], dtype=kind), end


def _text(data: bytes, start: int, count: int, complex_values: bool) -> tuple[Values, int]:
    """A text file numbers each point before its first value."""
    stop = _PLOT.search(data, start)
    end = stop.start() if stop else len(data)
    lines = data[start:end].split(b"\n")
    words = [line.split()[-1] for line in lines if re.match(rb"\s*(\d+\s+)?[-+\d.]", line)]
    kind = np.complex128 if complex_values else np.float64
    try:
        numbers = [complex(*map(float, w.split(b","))) for w in words[:count]]
    except ValueError:
        # Cut in the middle of a number: fewer values than announced, which the caller sees.
        return np.array([], dtype=kind), end
    values = np.array(numbers, dtype=np.complex128)
    return (values if complex_values else values.real), end
