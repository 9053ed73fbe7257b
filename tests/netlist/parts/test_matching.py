"""What a process file says of mismatch, and where its foundry's own figures come in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from netlist.errors import NetlistError
from netlist.parts.matching import PASSIVES, Passives, Pelgrom, read_matching, read_passives
from netlist.parts.model_cards import Library
from netlist.parts.process import load_process

PATH = Path("mine.toml")
KIND = {"threshold_Vm": 3.5e-9, "gain_m": 1e-8}
TEXT = """\
.param other__vth0_slope = 9
.param vth0_slope=3.356e-03 toxe_slope = '3.443e-3'
.subckt nfet_03v3 d g s b w=1u l=1u par_vth=0.1
.param par_vth=0.007148
+ par_k = 0.007008
.ends nfet_03v3
.subckt pfet_03v3 d g s b
+ par_vth=0.009 par_k='w*2'
.ends pfet_03v3
"""


@pytest.mark.parametrize(
    ("name", "subcircuit", "value"),
    [
        ("vth0_slope", "", 3.356e-3),
        ("TOXE_SLOPE", "", 3.443e-3),
        ("par_vth", "pfet_03v3", 9e-3),
        ("par_k", "nfet_03v3", 7.008e-3),
        ("par_vth", "nowhere", None),
        ("par_k", "pfet_03v3", None),
        ("nothing", "", None),
    ],
)
def test_a_parameter_of_a_foundrys_library(name: str, subcircuit: str, value: float | None) -> None:
    assert Library(TEXT, "lib", {}).parameter(name, subcircuit) == value


def test_the_foundrys_figure_takes_the_place_of_the_files_own() -> None:
    wanted = {"parameter": "vth0_slope", "times": 1e-6, "otherwise": 5e-9}
    table = {kind: {**KIND, "threshold_Vm": wanted} for kind in ("nmos", "pmos")}
    found = read_matching(table, Library(TEXT, "lib", {}), PATH)
    assert found["nmos"] == Pelgrom(pytest.approx(3.356e-9), 1e-8)
    assert read_matching(table, Library("", "lib", {}), PATH)["nmos"].threshold_Vm == 5e-9
    assert read_matching(table, None, PATH)["pmos"].threshold_Vm == 5e-9


def test_a_process_that_says_nothing() -> None:
    assert read_matching(None, None, PATH) == {}
    assert read_passives(None, PATH) == PASSIVES


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"nmos": KIND}, r"\[mismatch\] lacks pmos"),
        ({"nmos": KIND, "pmos": KIND, "npn": KIND}, r"\[mismatch\] has no key npn"),
        ({"nmos": {"gain_m": 1e-8}, "pmos": KIND}, r"\[mismatch.nmos\] lacks threshold_Vm"),
        ({"nmos": KIND, "pmos": {**KIND, "gain_m": -1}}, "pmos.gain_m = -1 is not a positive"),
        ({"nmos": KIND, "pmos": {**KIND, "gain_m": "1"}}, "pmos.gain_m = '1' is not a positive"),
        ({"nmos": KIND, "pmos": {**KIND, "gain_m": {"times": 2.0}}}, "gain_m.otherwise = None"),
        ({"nmos": KIND, "pmos": {**KIND, "gain_m": {"of": 2}}}, r"pmos.gain_m\] has no key of"),
        (3, r"\[mismatch\] lacks nmos, pmos"),
    ],
)
def test_a_section_that_cannot_be_used(table: Any, message: str) -> None:
    with pytest.raises(NetlistError, match=message) as error:
        read_matching(table, None, PATH)
    assert error.value.where == str(PATH)


def test_passives_have_areas() -> None:
    found = read_passives({"capacitor_F_per_m2": 2e-3, "sheet_ohm": 2e3}, PATH)
    assert found == Passives(capacitor_F_per_m2=2e-3, sheet_ohm=2e3)
    assert found.capacitor_area_m2(1e-12) == pytest.approx(500e-12)
    assert found.resistor_area_m2(1e5) == pytest.approx(50e-12)
    with pytest.raises(NetlistError, match=r"\[passives\] has no key ohm"):
        read_passives({"ohm": 1}, PATH)
    with pytest.raises(NetlistError, match=r"passives.sheet_ohm = inf is not a positive number"):
        read_passives({"sheet_ohm": float("inf")}, PATH)


def test_the_shipped_process_says_how_far_its_devices_differ() -> None:
    found = load_process("generic180")
    assert found.matching == {kind: Pelgrom(3.5e-9, 1e-8) for kind in ("nmos", "pmos")}
    board = load_process("ald1106")
    assert board.offsets == {"amplifier": 3e-3, "multiplier": 5e-3, "comparator": 2e-3, "pot": 2e-3}
    assert (
        board.passives.resistor_deviation(1.0) == board.passives.resistor_deviation(1e6) == 3.3e-3
    )
    assert (board.discrete, found.discrete, found.offsets) == (True, False, {})
