"""Raw files: every plot, binary and text, real and complex, against numbers worked out by hand."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest

from spice_backend.errors import SpiceError
from spice_backend.waveforms.rawfile import read_plots

DECK = """\
divider and low pass
V1 a 0 dc 2 ac 1 PULSE(0 2 0 1n 1n 1 2)
R1 a b 1k
R2 b 0 1k
C1 b 0 1u
.op
.ac lin 1 159.15494309189535 160
.tran 10u 100u
.end
"""


def _run(folder: Path, setting: str = "") -> Path:
    deck, raw = folder / "deck.cir", folder / "out.raw"
    deck.write_text(DECK, encoding="utf-8")
    (folder / ".spiceinit").write_text(setting, encoding="utf-8")
    command = ["ngspice", "-b", "-r", str(raw), str(deck)]
    subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=60)
    return raw


@pytest.mark.parametrize("setting", ["", "set filetype=ascii\n"])
def test_every_plot_is_read(tmp_path: Path, setting: str) -> None:
    plots = {plot.name: plot for plot in read_plots(_run(tmp_path, setting))}
    assert set(plots) == {"Operating Point", "AC Analysis", "Transient Analysis"}
    point = plots["Operating Point"]
    b = point.vectors.index("v(b)" if "v(b)" in point.vectors else "b")
    # Two equal resistors halve 2 V.
    assert point.values[0, b] == pytest.approx(1.0, rel=1e-9)
    ac = plots["AC Analysis"]
    assert np.iscomplexobj(ac.values)
    b = ac.vectors.index("v(b)" if "v(b)" in ac.vectors else "b")
    # Half of the source behind 500 ohms and 1 uF at 1000 rad/s.
    assert ac.values[0, b] == pytest.approx(0.5 / (1 + 0.5j), rel=1e-6)
    transient = plots["Transient Analysis"]
    assert transient.vectors[0] == "time"
    assert transient.values[-1, 0] == pytest.approx(100e-6, rel=1e-9)


def test_what_is_no_raw_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.raw"
    path.write_bytes(b"Title: t\n")
    with pytest.raises(SpiceError, match="not a raw file"):
        read_plots(path)


def test_a_short_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.raw"
    head = b"Title: t\nPlotname: P\nFlags: real\nNo. Variables: 1\nNo. Points: 3\n"
    path.write_bytes(head + b"Variables:\n\t0\ttime\ttime\nBinary:\n" + struct.pack("<2d", 1, 2))
    with pytest.raises(SpiceError, match="cut short"):
        read_plots(path)


def test_a_text_file_cut_in_a_number_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.raw"
    head = b"Title: t\nPlotname: P\nFlags: real\nNo. Variables: 1\nNo. Points: 2\n"
    path.write_bytes(head + b"Variables:\n\t0\ttime\ttime\nValues:\n 0\t1.0e+00\n 1\t2.0e")
    with pytest.raises(SpiceError, match="cut short"):
        read_plots(path)
