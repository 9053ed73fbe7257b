"""The waveforms that a run leaves: two presentations step by step, and its whole course thinly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from learning.measure.ledger import BLOCKS
from learning.measure.probes import shown_signals
from learning.running.tally import Tally
from netlist.machine.assembly import Assembly, Target
from netlist.machine.names import GROUND, signal
from spice_backend.waveforms.waveform import label

if TYPE_CHECKING:
    import xarray as xr


def waveforms_of(tally: Tally, assembly: Assembly) -> xr.Dataset:
    """Everything a run kept of its waveforms.

    Args:
        tally: The run.
        assembly: Its deck.

    Returns:
        "gates" (mark, gate) at every "epoch" that was kept; "early" and "late", one presentation
        each (step, signal) with its time; "course_gates" (course_step, gate), "course_outputs"
        (course_step, target) and "course_power" (course_step, block) at the ends of presentations,
        the power being the mean since the step before; volts, watts and seconds.
    """
    import xarray as xr  # noqa: PLC0415 - with pandas it costs most of a second

    signals = [signal(name) for name in shown_signals(assembly)]
    time_s, gates_V, outputs_V, power_W = tally.course.parts(len(tally.gates), len(BLOCKS))
    step = "course_step"
    data: dict[str, object] = {
        "gates": (("mark", "gate"), np.array(tally.gates_V), {"units": "V"}),
        "epoch": ("mark", np.array(tally.marks, dtype=np.int32)),
    }
    coords: dict[str, object] = {
        "gate": list(tally.gates),
        "signal": [s.name for s in signals],
        "role": ("signal", [s.role.value for s in signals]),
    }
    if len(time_s):
        data |= {
            "course_gates": ((step, "gate"), gates_V, {"units": "V"}),
            "course_outputs": ((step, "target"), outputs_V, {"units": "V"}),
            "course_power": ((step, "block"), power_W, {"units": "W"}),
        }
        coords |= {
            "course_time": (step, time_s, {"units": "s"}),
            "target": [_name(target) for target in assembly.targets],
            "block": list(BLOCKS),
        }
    for end, (window_s, values) in tally.windows.items():
        data[end] = ((f"{end}_step", "signal"), values, {"units": "V"})
        coords[f"{end}_time"] = (f"{end}_step", window_s, {"units": "s"})
    return xr.Dataset(data, coords=coords)


def plots(waveforms: xr.Dataset) -> list[xr.Dataset]:
    """The same as waveform viewers want it, one dataset for each plot.

    Args:
        waveforms: As `waveforms_of` makes them.

    Returns:
        The whole course first, then the two presentations; what was not kept is left out.
    """
    found = [_course(waveforms)] if "course_time" in waveforms else []
    for end in ("early", "late"):
        if end in waveforms:
            names = ["time", *(f"v({name})" for name in waveforms["signal"].values)]
            units = ["s", *("V" for _ in names[1:])]
            found.append(
                label(names, units, waveforms[f"{end}_time"].values, waveforms[end].values)
            )
    return found


def _course(waveforms: xr.Dataset) -> xr.Dataset:
    volts = [
        *(f"v({name})" for name in waveforms["gate"].values),
        *(f"v({name})" for name in waveforms["target"].values),
    ]
    watts = [f"p({name})" for name in waveforms["block"].values]
    parts = (waveforms[f"course_{part}"].values for part in ("gates", "outputs", "power"))
    return label(
        ["time", *volts, *watts],
        ["s", *("V" for _ in volts), *("W" for _ in watts)],
        waveforms["course_time"].values,
        np.column_stack(list(parts)),
    )


def _name(target: Target) -> str:
    """A node, or the two whose difference counts, as SPICE writes them between v's brackets."""
    positive, negative = target.free
    return positive if negative == GROUND else f"{positive},{negative}"
