"""Comparing outputs: what counts as the same, and what must not."""

from __future__ import annotations

import numpy as np
import pytest

from spice_backend.conformance.printed import difference, plots_difference, results
from spice_backend.waveforms.rawfile import Plot


def test_clocks_memory_and_folders_are_left_out() -> None:
    text = """
Circuit: a title
Total analysis time (seconds) = 0.001
Transient analysis time = 0.2
Date: Tue Nov 24 22:25:39  2026
   Transient Analysis  Tue Nov 24 22:25:39  2026
Total DRAM available = 24105.559 MB.
$date November 24, 2026 22:47:43 $end
written   to /tmp/x/out.raw
.model m nmos level=1
+ vto=1
+1.5
"""
    assert list(results(text, "/tmp/x")) == [
        "Circuit: a title",
        "written to ./out.raw",
        ".model m nmos level=1 vto=1",
        "+1.5",
    ]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("v(a) = 1.000000e+00", "v(a) = 1.0000001e+00"),
        ("0 1e-15 2", "0 2e-15 2"),
        ("vcc 6 0 5", "vcc 6 0 dc 5"),
        ("unrecognized parameter (1u) - ignored", "unrecognized parameter (1e-6) - ignored"),
        ("3 : r1 a b 1k", "3 : r1 a b 1000"),
        ("v1 1 0 dc 0 ac 1 sin 0 1 1k", "v1 1 0 dc 0 ac 1 sin(0 1 1000)"),
    ],
)
def test_the_same(a: str, b: str) -> None:
    assert difference([a], [b]) == ""


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("v(a) = 1.0", "v(a) = 1.0001"),
        ("v(a) = 1.0", "v(b) = 1.0"),
        ("r1 a b 1k", "r1 a b 1001"),
        ("#1 a b", "#1 a c"),
        ("unrecognized parameter (1u)", "unrecognized parameter (2e-6)"),
        ("r1 a", "r1 b"),
    ],
)
def test_not_the_same(a: str, b: str) -> None:
    assert "became" in difference([a], [b])


def test_missing_lines_are_told() -> None:
    assert difference(["a"], ["a", "b"]) == "1 lines became 2, from 'b' on"


def _plot(values: list[list[float]], vectors: tuple[str, ...] = ("time", "v(a)")) -> Plot:
    return Plot("Transient Analysis", vectors, np.array(values))


def test_plots() -> None:
    plot = _plot([[0, 1], [1, 2]])
    assert plots_difference((plot,), (_plot([[0, 1], [1, 2 + 1e-7]]),)) == ""
    # A billionth of the vector's largest is noise of the solver, a thousandth is not.
    assert plots_difference((_plot([[0, 1e3], [1, 0]]),), (_plot([[0, 1e3], [1, 5e-7]]),)) == ""
    found = plots_difference((plot,), (_plot([[0, 1], [1, 2.002]]),))
    assert found == "Transient Analysis: v(a) at point 1: 2 became 2.002"
    assert plots_difference((plot,), ()) == "1 plots became 0"
    assert "2 points became 1" in plots_difference((plot,), (_plot([[0, 1]]),))
    other = _plot([[0, 1], [1, 2]], ("time", "v(b)"))
    assert "vectors differ: v(a), v(b)" in plots_difference((plot,), (other,))
