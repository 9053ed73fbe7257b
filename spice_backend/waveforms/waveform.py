"""Waveforms as labelled arrays: read and write ngspice's raw files, keep them as netCDF.

Vectors are kept as one (step, signal) array with the names as a coordinate, because simulators use
characters in names (``#``, ``@``, ``[``) that netCDF variables cannot have.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spice_backend.arrays import Floats
from spice_backend.safety.writing import replace_file
from spice_backend.waveforms.rawfile import Plot, read_plots

if TYPE_CHECKING:
    import xarray as xr

_UNITS = {"time": "s", "voltage": "V", "current": "A", "frequency": "Hz", "power": "W"}
_KINDS = {unit: kind for kind, unit in _UNITS.items()}
_BINARY = b"Binary:\n"


def read_raw(path: Path) -> xr.Dataset:
    """Read the last analysis of a raw file as ``ngspice -b -r FILE`` writes it.

    Args:
        path: The raw file, binary or text.

    Returns:
        ``values`` (step, signal) with coordinates ``signal`` (lower-case vector names), ``unit``
        (V, A, s …) and ``scale`` (step), seconds in a transient.

    Raises:
        SpiceError: When the file is not such a file, or is cut short.
    """
    return read_raws(path)[-1]


def read_raws(path: Path) -> list[xr.Dataset]:
    """Read every analysis of a raw file.

    Args:
        path: The raw file, binary or text.

    Returns:
        One dataset per analysis, as `read_raw` describes it; complex values where it is complex.

    Raises:
        SpiceError: When the file is not such a file, or is cut short.
    """
    return [_labelled(plot) for plot in read_plots(path)]


def _labelled(plot: Plot) -> xr.Dataset:
    units = [_UNITS.get(kind, "") for kind in plot.kinds]
    return label(plot.vectors, units, plot.values[:, 0].real, plot.values[:, 1:])


def label(
    names: Sequence[str],
    units: Sequence[str],
    scale: Floats,
    values: NDArray[Any],
) -> xr.Dataset:
    """Labelled arrays out of plain ones.

    Args:
        names: Of the scale and of every signal.
        units: Of the same.
        scale: (n_step,).
        values: (n_step, n_signal).

    Returns:
        ``values`` (step, signal) with coordinates ``signal``, ``unit`` and ``scale``.
    """
    import xarray as xr  # noqa: PLC0415 - with pandas it costs a second, which no worker needs

    return xr.Dataset(
        {"values": (("step", "signal"), values)},
        coords={
            "signal": list(names[1:]),
            "unit": ("signal", list(units[1:])),
            "scale": ("step", scale, {"unit": units[0], "name": names[0]}),
        },
    )


def write_raw(datasets: Sequence[xr.Dataset], path: Path, title: str = "joulearn") -> None:
    """Write a raw file that ngspice's ``load`` and waveform viewers open, atomically.

    Args:
        datasets: One per analysis, as `label` makes them.
        path: The file; replaced only when the new one is complete.
        title: Title of every analysis, one line.
    """
    replace_file(
        path, lambda partial: partial.write_bytes(b"".join(_raw(d, title) for d in datasets))
    )


def _raw(dataset: xr.Dataset, title: str) -> bytes:
    scale, values = dataset["scale"], dataset["values"].values
    is_complex = np.iscomplexobj(values)
    kind = _KINDS.get(scale.attrs.get("unit", ""), "notype")
    names = [scale.attrs.get("name", "time"), *(str(name) for name in dataset["signal"].values)]
    kinds = [kind, *(_KINDS.get(str(unit), "notype") for unit in dataset["unit"].values)]
    rows = "".join(f"\t{i}\t{n}\t{k}\n" for i, (n, k) in enumerate(zip(names, kinds, strict=True)))
    # A fixed date: the same waveforms make the same bytes.
    header = (
        f"Title: {title}\nDate: Thu Jan  1 00:00:00  1970\nPlotname: {_analysis(kind)}\n"
        f"Flags: {'complex' if is_complex else 'real'}\n"
        f"No. Variables: {len(names)}\nNo. Points: {len(values)}\nVariables:\n{rows}"
    )
    numbers = np.column_stack([scale.values, values])
    return header.encode() + _BINARY + np.ascontiguousarray(numbers).tobytes()


def _analysis(kind: str) -> str:
    named = {"time": "Transient Analysis", "frequency": "AC Analysis"}
    return named.get(kind, "DC transfer characteristic")


def write_netcdf(dataset: xr.Dataset, path: Path) -> None:
    """Write labelled arrays as a netCDF 3 file, atomically.

    Args:
        dataset: What to write; complex values become "values" and "imaginary", both real.
        path: The file; replaced only when the new one is complete.
    """
    if "values" in dataset and np.iscomplexobj(dataset["values"].values):
        plane = dataset["values"]
        dataset = dataset.assign(values=plane.real, imaginary=plane.imag)
    replace_file(path, lambda partial: dataset.to_netcdf(partial, engine="scipy"))
