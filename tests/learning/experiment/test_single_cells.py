"""The cells of a machine of one network, each on a bench of plain ngspice.

Bounds are what the machine needs of a cell: a driver and a clamp follow within millivolts, the
phases never overlap, and the update cell's current is the difference of two squares.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from netlist.parts.architectures import SINGLE
from netlist.parts.cell import library_path, load_cells
from netlist.parts.process import process_files

Waves = dict[str, NDArray[np.float64]]
Bench = Callable[..., Waves]
WINDOW_US = 40.0


def deck(cells: tuple[str, ...], *lines: str) -> str:
    process = process_files()["generic180"].with_suffix(".cir").read_text(encoding="utf-8")
    files = [(library_path() / f"{c}.cir").read_text(encoding="utf-8") for c in cells]
    return "\n".join(("bench", process, *files, "Vdd vdd 0 1.8", *lines, ".end", ""))


def placed(slot: str, cell: str, **nets: str) -> str:
    """The X line of a cell, its lines under their own names."""
    read = load_cells({**SINGLE.cells, slot: cell}, SINGLE)[slot]
    return f"X{slot} {' '.join({'vss': '0', **nets}.get(p, p) for p in read.pins)} {cell}"


LINES = ("bias_lines", "sequencer")
SHARED = (
    placed("bias", "bias_lines"), placed("sequencer", "sequencer"),
    # free for 60 us, clamped for 40 us, then at rest
    "Vrun run 0 pwl(0 0 1u 1.8 101u 1.8 102u 0)",
    "Vclk clk 0 pwl(0 0 60u 0 61u 1.8 99u 1.8 100u 0)",
    ".options trtol=1", ".tran 0.2u 120u 0 0.2u",
)  # fmt: skip


def at(waves: Waves, name: str, time_us: float) -> float:
    return float(np.interp(time_us * 1e-6, waves["time"], waves[name]))


def test_edge_single_is_a_resistor_that_its_gate_adjusts(ngspice: Bench) -> None:
    lines = ("Va a 0 0.05", "Vg g 0 0", placed("edge", "edge_single", b="0", gate="g"))
    waves = ngspice(deck(("edge_single",), *lines, ".save i(va)", ".dc Vg 0.8 1.4 0.1"))
    conductance = -waves["i(va)"] / 0.05
    assert np.all(np.diff(conductance) > 0)
    assert 2e-7 < conductance[0] < conductance[-1] < 1e-5


def test_bias_lines_give_the_unit_current(ngspice: Bench) -> None:
    """65 nA, within what a machine tolerates of all its currents together."""
    unit = "Xunit out vtail vdd vdd pfet w=5e-7 l=5e-6"
    lines = (placed("bias", "bias_lines"), unit, "Vout out 0 0.9", ".tran 1u 400u")
    waves = ngspice(deck(("bias_lines",), *lines))
    assert waves["i(vout)"][-1] == pytest.approx(65e-9, rel=0.15)


@pytest.mark.parametrize("volts", [0.0, 0.05, 0.25, 0.45])
def test_driver_lines_follows_down_to_ground(ngspice: Bench, volts: float) -> None:
    lines = (
        placed("bias", "bias_lines"),
        placed("driver", "driver_lines", **{"in": "wanted", "out": "y"}),
        f"Vin wanted 0 {volts}", "Rload y 0 1e6", ".tran 1u 400u",
    )  # fmt: skip
    waves = ngspice(deck(("bias_lines", "driver_lines"), *lines))
    assert waves["v(y)"][-1] == pytest.approx(volts, abs=0.015)


def test_phases_of_the_sequencer_never_overlap(ngspice: Bench) -> None:
    waves = ngspice(deck(LINES, *SHARED))
    sw, join = waves["v(sw)"] > 0.9, waves["v(join)"] > 0.9
    assert not np.any(sw & join)
    states = [(at(waves, "v(sw)", t) > 0.9, at(waves, "v(join)", t) > 0.9) for t in (30, 80, 115)]
    assert states == [(True, False), (False, True), (False, False)]
    assert [at(waves, "v(runb)", t) > 0.9 for t in (30, 80, 115)] == [False, False, True]
    for time_us in (30, 80, 115):
        for line in ("sw", "join"):
            both = at(waves, f"v({line})", time_us) + at(waves, f"v({line}b)", time_us)
            assert both == pytest.approx(1.8, abs=0.05)


def test_clamp_single_holds_the_label_and_then_lets_go(ngspice: Bench) -> None:
    lines = (
        placed("clamp", "clamp_single", label="wanted", node="y"), "Vl wanted 0 0.1",
        "Vfree source 0 0.2", "Rnet source y 1e6",
    )  # fmt: skip
    waves = ngspice(deck((*LINES, "clamp_single"), *SHARED, *lines))
    assert at(waves, "v(y)", 55) == pytest.approx(0.2, abs=5e-3)
    # a nudge of 1.07: the capacitor that holds the offset shares its charge with the input
    assert at(waves, "v(y)", 95) == pytest.approx(0.1, abs=0.01)
    assert at(waves, "v(y)", 118) == pytest.approx(0.2, abs=5e-3)


def test_clamp_single_pair_nudges_the_difference_and_keeps_the_mean(ngspice: Bench) -> None:
    nets = (
        {"label": "lp", "reference": "ln", "node": "p", "other": "n"},
        {"label": "ln", "reference": "lp", "node": "n", "other": "p"},
    )
    lines_of = (placed("clamp", "clamp_single_pair", **net) for net in nets)
    cells = [line.replace("Xclamp", f"Xclamp{i}") for i, line in enumerate(lines_of)]
    lines = (
        "Vlp lp 0 0.3", "Vln ln 0 0.2", "Vp sp 0 0.24", "Vn sn 0 0.26",
        "Rp sp p 1e6", "Rn sn n 1e6",
    )  # fmt: skip
    waves = ngspice(deck((*LINES, "clamp_single_pair"), *SHARED, *cells, *lines))
    difference = {t: at(waves, "v(p)", t) - at(waves, "v(n)", t) for t in (55, 95)}
    assert difference[55] == pytest.approx(-0.02, abs=4e-3)
    # from -20 mV toward 100 mV by a share of 0.3 at the least, and not beyond
    assert 0.016 < difference[95] < 0.11
    mean = 0.5 * (at(waves, "v(p)", 95) + at(waves, "v(n)", 95))
    assert mean == pytest.approx(0.25, abs=0.02)


def moved(ngspice: Bench, free_V: float, clamped_V: float) -> float:
    """Mean current into the gate while joined, amperes."""
    # the nodes move after the memory has closed
    ends = {end: (0.2 + s * free_V, 0.2 + s * clamped_V) for end, s in (("a", 0.5), ("b", -0.5))}
    lines = [f"V{e} {e} 0 pwl(0 {x} 60.9u {x} 62u {y})" for e, (x, y) in ends.items()]
    lines += [placed("update", "update_memory", gate="g"), "Cg g 0 2e-12", ".ic v(g)=1"]
    waves = ngspice(deck((*LINES, "update_memory"), *SHARED, *lines))
    return (at(waves, "v(g)", 110) - at(waves, "v(g)", 50)) * 2e-12 / (WINDOW_US * 1e-6)


def test_update_memory_compares_two_squares(ngspice: Bench) -> None:
    """a of 0.35 uA/V2; without a difference the gate rises a little, if it moves at all.

    A gate that sags makes its edge nonlinear, therefore the switch is trimmed to rest above it.
    """
    assert -5e-11 < moved(ngspice, 0.1, 0.1) < 4e-10
    for free_V, clamped_V in ((0.1, 0.2), (0.2, 0.1), (0.0, 0.15)):
        current = moved(ngspice, free_V, clamped_V)
        gain = current / (free_V**2 - clamped_V**2)
        assert 2.5e-7 < gain < 5e-7


def test_every_cell_of_the_architecture_is_on_a_bench_here() -> None:
    assert set(SINGLE.cells.values()) == {
        "edge_single", "update_memory", "clamp_single", "driver_lines", "bias_lines", "sequencer",
    }  # fmt: skip
