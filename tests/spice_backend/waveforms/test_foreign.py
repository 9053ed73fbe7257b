"""Text raw files in both layouts, and those of other programs refused by name."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from spice_backend.errors import SpiceError
from spice_backend.waveforms.rawfile import read_plots
from spice_backend.waveforms.waveform import read_raw, read_raws

HEAD = """Title: low pass
Date: Wed Nov 25 23:05:17  2026
Plotname: AC Analysis
Flags: complex
No. Variables: 3
No. Points: 2
Variables:
\t0\tfrequency\tfrequency\tgrid=3
\t1\tv(IN)\tvoltage
\t2\ti(v1)\tcurrent
Values:
"""
NGSPICE = HEAD + (
    "0\t\t1.0e+02,-5.5e+138\n\t1.0e+00,0.0e+00\n\t-9.9e-06,-9.9e-05\n\n"
    "1\t\t1.0e+03,-5.5e+138\n\t1.0e+00,0.0e+00\n\t-4.9e-04,-5.0e-04\n\n"
)
XYCE = NGSPICE.replace(",", ", ")
REAL = HEAD.replace("complex", "real").replace("frequency", "time").replace("\tgrid=3", "")
RIGHT = [[1, -9.9e-6 - 9.9e-5j], [1, -4.9e-4 - 5e-4j]]


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "x.raw"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize("text", [NGSPICE, XYCE, NGSPICE.replace("\n", "\r\n")])
def test_complex_text_is_right_in_both_layouts(tmp_path: Path, text: str) -> None:
    (plot,) = read_plots(written(tmp_path, text))
    assert plot.vectors == ("frequency", "v(in)", "i(v1)")
    assert plot.values[:, 1:].tolist() == RIGHT
    dataset = read_raw(tmp_path / "x.raw")
    assert dataset["scale"].values.tolist() == [100.0, 1000.0]
    assert dataset["values"].values.tolist() == RIGHT
    assert list(dataset["unit"].values) == ["V", "A"]


def test_plots_follow_each_other_in_text_and_in_bytes(tmp_path: Path) -> None:
    numbers = np.arange(6.0)
    binary = REAL.replace("Values:", "Binary:").encode() + numbers.tobytes()
    text = REAL + "0\t0\n\t1\n\t2\n1\t3\n\t4\n\t5\n"
    for content in (XYCE.encode() + binary + text.encode(), text.encode() + XYCE.encode() + binary):
        datasets = read_raws(written(tmp_path, content))
        assert sorted(np.iscomplexobj(d["values"].values) for d in datasets) == [False, False, True]
        for dataset in datasets:
            if not np.iscomplexobj(dataset["values"].values):
                assert dataset["values"].values.tolist() == [[1.0, 2.0], [4.0, 5.0]]


STRANGE = {
    "LTspice's UTF-16": (
        "Title: x\nCommand: Linear Technology LTspice".encode("utf-16-le"),
        "laid out as LTspice does it\n  try: export",
    ),
    "LTspice's text": (
        HEAD.replace("Flags: complex", "Flags: complex forward log"),
        "laid out as LTspice does it",
    ),
    "QSPICE": ("Title: x\nCommand: QSPICE64 1.0\n" + HEAD, "laid out as QSPICE does it"),
    "vectors of several lengths": (
        NGSPICE.replace("Flags: complex", "Flags: complex unpadded"),
        "as neither ngspice nor Xyce does it: flags 'complex unpadded'",
    ),
    "no flags": (NGSPICE.replace("Flags: complex", "Flags: none"), "flags 'none'"),
    "no variables": (NGSPICE.replace("Variables: 3", "Variables: 0"), "flags"),
    "more variables than told": (
        NGSPICE.replace("Variables: 3", "Variables: 2"),
        "a list of variables that does not number them",
    ),
    "variables out of order": (NGSPICE.replace("\t2\ti(v1)", "\t1\ti(v1)"), "does not number"),
    "more values than told": (NGSPICE + "2\t\t1,2\n", "points that are not numbered from 0 on"),
    "points without numbers": (
        NGSPICE.replace("\n1\t\t", "\n7\t\t"),
        "points that are not numbered",
    ),
    "real numbers where complex are told": (
        NGSPICE.replace(",-5.5e+138", ""),
        "numbers that are not those announced",
    ),
    "complex numbers where real are told": (
        NGSPICE.replace("Flags: complex", "Flags: real"),
        "numbers that are not those announced",
    ),
    "words": (NGSPICE.replace("1.0e+00,0.0e+00", "one,two"), "numbers that are not those"),
    "more points than there are": (NGSPICE.replace("Points: 2", "Points: 3"), "cut short"),
    "points without end": (
        (REAL.replace("Points: 2", "Points: 999999999999999").replace("Values", "Binary")).encode(),
        "cut short",
    ),
    "a count of 5000 digits": (NGSPICE.replace("Points: 2", "Points: " + "9" * 5000), "not a raw"),
    "something after the last plot": (
        REAL.replace("Values", "Binary").encode() + struct.pack("<6d", *range(6)) + b"more",
        "not a raw file",
    ),
}


@pytest.mark.parametrize("way", STRANGE)
def test_other_layouts_are_refused_by_name(tmp_path: Path, way: str) -> None:
    content, message = STRANGE[way]
    with pytest.raises(SpiceError, match=message):
        read_plots(written(tmp_path, content))


def test_what_is_no_file_is_no_raw_file(tmp_path: Path) -> None:
    with pytest.raises(SpiceError, match="not a raw file"):
        read_plots(tmp_path)
    with pytest.raises(SpiceError, match="not a raw file"):
        read_plots(Path("/dev/null"))
