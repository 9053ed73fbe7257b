"""Macromodels of parts on a board: the counter counts as a counter does, and parts are billed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from learning.measure.audit import Audit
from netlist.text.parser import parse

CELLS = Path(__file__).parents[3] / "circuits" / "cells"
Run = Callable[..., dict]

_STEP_S = 1e-4
_LSB_V = 0.04


def _cell(name: str) -> str:
    return (CELLS / f"{name}.cir").read_text(encoding="utf-8")


def _steps(values: list[float]) -> str:
    """A PWL that holds each value for a step and changes in a hundredth of it."""
    points = [(0.0, values[0])]
    for index, value in enumerate(values[1:], start=1):
        points += [(index * _STEP_S, points[-1][1]), (index * _STEP_S + 0.01 * _STEP_S, value)]
    return "pwl(" + " ".join(f"{t:.9g} {v:.9g}" for t, v in points) + ")"


def _counter(drops: list[tuple[float, float]], begin: int) -> str:
    clock = "".join(
        f" {(i + 0.5) * _STEP_S:.9g} 0 {(i + 0.51) * _STEP_S:.9g} 5"
        f" {(i + 0.7) * _STEP_S:.9g} 5 {(i + 0.71) * _STEP_S:.9g} 0"
        for i in range(len(drops))
    )
    free, clamped = zip(*drops, strict=True)
    return (
        f"t\n{_cell('update_counter_macro')}Vdd vdd 0 5\nVe en 0 pwl(0 0{clock})\n"
        f"Vf f 0 {_steps(list(free))}\nVc c 0 {_steps(list(clamped))}\n"
        f"Xupdate_0 f 0 c 0 gate vdd 0 en update_counter_macro gate0={begin * _LSB_V:.9g}\n"
        f".tran 1u {len(drops) * _STEP_S:.9g}\n.end\n"
    )


def _counted(drops: list[tuple[float, float]], begin: int) -> list[int]:
    found, count = [], begin
    for free, clamped in drops:
        count = min(max(count + (1 if free**2 > clamped**2 else -1), 0), 127)
        found.append(count)
    return found


@pytest.mark.parametrize("begin", [0, 1, 63, 64, 126, 127])
def test_the_counter_counts_signs_and_stops_at_its_ends(ngspice: Run, begin: int) -> None:
    rng = np.random.default_rng(begin)
    drops = [(float(f), float(c)) for f, c in rng.uniform(-0.3, 0.3, (14, 2))]
    drops += [(0.2, -0.1)] * 3 + [(-0.1, 0.2)] * 3 + [(0.1, 0.2)] * 2
    waves = ngspice(_counter(drops, begin))
    at = [float(np.interp((i + 0.95) * _STEP_S, waves["time"], waves["v(gate)"]))
          for i in range(len(drops))]  # fmt: skip
    start = float(np.interp(0.2 * _STEP_S, waves["time"], waves["v(gate)"]))
    assert start == pytest.approx(begin * _LSB_V, abs=1e-6)
    np.testing.assert_allclose(at, np.array(_counted(drops, begin)) * _LSB_V, atol=1e-6)


def test_the_comparators_parts_are_billed(ngspice: Run) -> None:
    """Two comparators, two amplifiers, potentiometers and a gate; a pull-up for each low output."""
    waves = ngspice(_counter([(0.2, 0.1), (0.1, 0.2)], 64))
    quiet_A = 2 * 2e-4 + 2 * 2.5e-4 + 4e-5 + 1e-6
    for index, low in ((0, 1), (1, 0)):
        supply_A = -float(np.interp((index + 0.4) * _STEP_S, waves["time"], waves["i(vdd)"]))
        assert supply_A == pytest.approx(quiet_A + low * 5 / 1e4, rel=1e-6)


def test_logic_is_no_device_the_audit_is_blind_to() -> None:
    assert Audit(parse(_counter([(0.1, 0.2)], 64))).blind == ()
    odd = "t\nVa a 0 1\nA1 a b slow\n.model slow gain(gain=2)\nR1 b 0 1k\n.end\n"
    assert Audit(parse(odd)).blind == ("a1",)


@pytest.mark.parametrize("position", [0, 1, 64, 127])
def test_a_potentiometer_s_law(ngspice: Run, position: int) -> None:
    deck = (
        f"t\n{_cell('edge_pot_macro')}Vf f 0 0.2\nVc c 0 0.1\nVg g 0 {position * _LSB_V:.9g}\n"
        "X0 f 0 c 0 g 0 edge_pot_macro\n.op\n.end\n"
    )
    waves = ngspice(deck)
    ohms = 40 + 1e5 * (128 - position) / 128
    assert -waves["i(vf)"][0] == pytest.approx(0.2 / ohms, rel=1e-6)
    assert -waves["i(vc)"][0] == pytest.approx(0.1 / ohms, rel=1e-6)


@pytest.mark.parametrize(("free", "clamped", "gate"), [(0.2, 0.1, 2.5), (-0.1, 0.2, 1.0)])
def test_the_multiplier_s_law_and_its_supplies(
    ngspice: Run, free: float, clamped: float, gate: float
) -> None:
    deck = (
        f"t\n{_cell('update_multiplier_macro')}Vdd vdd 0 15\nVe en 0 15\nVg g 0 {gate}\n"
        f"Vf f 0 {free}\nVc c 0 {clamped}\nX0 f 0 c 0 g vdd 0 en update_multiplier_macro\n"
        ".op\n.end\n"
    )
    waves = ngspice(deck)
    current_A = (free**2 - clamped**2) * 5.5**2 / 10 / 820
    assert waves["i(vg)"][0] == pytest.approx(current_A, rel=1e-6)
    quiet_A = 2 * (4e-3 + 5 * 1.4e-3)
    assert -waves["i(vdd)"][0] == pytest.approx(quiet_A + abs(current_A), rel=1e-6)
    off = ngspice(deck.replace("Ve en 0 15", "Ve en 0 0"))
    assert abs(off["i(vg)"][0]) < 1e-12


_IAMP_A = 1.4e-3


@pytest.mark.parametrize(
    ("cell", "pins", "nodes", "law_V", "amplifiers"),
    [
        ("driver_opamp_macro", "in out vdd 0", {"in": 0.3}, 0.3, 1),
        ("clamp_opamp_macro", "free label out vdd 0", {"free": 0.4, "label": 0.1}, 0.25, 2),
        (
            "clamp_pair_opamp_macro",
            "free other label reference out vdd 0",
            {"free": 0.4, "other": 0.1, "label": 0.2, "reference": 0.15},
            0.4 - 0.25 * (0.3 - 0.05),
            3,
        ),
    ],
)
@pytest.mark.parametrize("load_A", [0.0, 1e-3, -1e-3])
def test_an_amplifier_s_law_and_what_its_supplies_give(
    ngspice: Run,
    cell: str,
    pins: str,
    nodes: dict[str, float],
    law_V: float,
    amplifiers: int,
    load_A: float,
) -> None:
    """Half a nudge is asked for; one supply gives what is pushed, the other what is pulled."""
    sources = "".join(f"V{node} {node} 0 {volts}\n" for node, volts in nodes.items())
    waves = ngspice(
        f"t\n{_cell(cell)}Vdd vdd 0 15\n{sources}Iload out 0 {load_A}\n"
        f"X0 {pins} {cell}\n.op\n.end\n"
    )
    assert waves["v(out)"][0] == pytest.approx(law_V, rel=1e-6)
    supplied_A = 2 * amplifiers * _IAMP_A + abs(load_A)
    assert -waves["i(vdd)"][0] == pytest.approx(supplied_A, rel=1e-6)


@pytest.mark.parametrize("file", sorted(CELLS.glob("*_macro.cir")), ids=lambda file: file.stem)
def test_a_header_says_which_data_sheets_were_read_and_which_were_not(file: Path) -> None:
    header = file.read_text(encoding="utf-8").partition(".subckt")[0]
    assert re.search(r"^\* Data sheets? read: ", header, re.MULTILINE)
    assert "Not read: " in header
