"""Waveforms as labelled arrays: read ngspice's raw files, keep them as netCDF.

Vectors are kept as one (step, signal) array with the names as a coordinate, because simulators use
characters in names (``#``, ``@``, ``[``) that netCDF variables cannot have.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import xarray as xr

from spice_backend.errors import SpiceError

_COUNT = re.compile(rb"No\. (Variables|Points):\s*(\d+)")


def read_raw(path: Path) -> xr.Dataset:
    """Read a real-valued binary raw file as ``ngspice -b -r FILE`` writes it.

    Args:
        path: The raw file.

    Returns:
        ``values`` (step, signal) with coordinates ``signal`` (lower-case vector names), ``unit``
        (V, A, s …) and ``scale`` (step), seconds in a transient.

    Raises:
        SpiceError: When the file is not such a file, or is cut short.
    """
    data = path.read_bytes()
    header, mark, body = data.partition(b"Binary:\n")
    if not mark or b"Flags: real" not in header:
        raise SpiceError("not a binary raw file of real values", str(path), "ngspice -b -r FILE")
    counts = {key: int(value) for key, value in _COUNT.findall(header)}
    n_signal, n_step = counts[b"Variables"], counts[b"Points"]
    if len(body) < 8 * n_signal * n_step:
        raise SpiceError("the raw file is cut short", str(path), "run the simulation again")
    values = np.frombuffer(body, dtype=np.float64, count=n_signal * n_step)
    values = values.reshape(n_step, n_signal)
    rows = header.partition(b"Variables:\n")[2].decode().splitlines()[:n_signal]
    names = [row.split()[1].lower() for row in rows]
    units = [_UNITS.get(row.split()[2].lower(), "") for row in rows]
    return xr.Dataset(
        {"values": (("step", "signal"), values[:, 1:])},
        coords={
            "signal": names[1:],
            "unit": ("signal", units[1:]),
            "scale": ("step", values[:, 0], {"unit": units[0]}),
        },
    )


_UNITS = {"time": "s", "voltage": "V", "current": "A", "frequency": "Hz", "power": "W"}


def write_netcdf(dataset: xr.Dataset, path: Path) -> None:
    """Write labelled arrays as a netCDF 3 file, atomically.

    Args:
        dataset: What to write.
        path: The file; replaced only when the new one is complete.
    """
    partial = path.with_suffix(".part")
    dataset.to_netcdf(partial, engine="scipy")
    partial.replace(path)
