"""The deck a run leaves behind, run by plain ``ngspice -b``: same gates, same joules.

The energy is added up here from the raw file, rail voltage times rail current and for a control
line the rail's voltage times what leaves it, with no word from the ledger. 1 mV and 0.5 % are the
contract.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np
import pytest

from netlist.circuit import Source, Statement
from netlist.text.parser import parse

Run = Callable[..., dict[str, np.ndarray]]


def _grounded(statement: Statement) -> TypeGuard[Source]:
    return isinstance(statement, Source) and statement.nodes[1] == "0"


def supplied_J(deck: str, waves: dict[str, np.ndarray]) -> float:
    """Energy of every independent source that is connected to ground, ammeters being 0 V.

    A control line's source moves, and a driver of the rail in its place takes nothing back.
    """
    rail_V = max(source.dc or 0.0 for source in parse(deck, "deck.cir").body if _grounded(source))
    joules = 0.0
    for source in (s for s in parse(deck, "deck.cir").body if _grounded(s)):
        current_A = waves[f"i({source.name.lower()})"]
        if source.waveform is None:
            watts = -waves[f"v({source.nodes[0].lower()})"] * current_A
            joules += float(np.trapezoid(watts, waves["time"]))
        else:
            left_C = -0.5 * (current_A[1:] + current_A[:-1]) * np.diff(waves["time"])
            joules += rail_V * float(np.maximum(left_C, 0.0).sum())
    return joules


@pytest.fixture(scope="module")
def replayed(ngspice: Run, short_run: tuple[Path, dict[str, Any]]) -> dict[str, np.ndarray]:
    return ngspice(short_run[0] / "deck.cir")


def test_gates_agree_within_a_millivolt(
    replayed: dict[str, np.ndarray], short_run: tuple[Path, dict[str, Any]]
) -> None:
    final = short_run[1]["gates_V"]["final"]
    assert len(final) == 32
    for gate, volts in final.items():
        assert replayed[f"v({gate})"][-1] == pytest.approx(volts, abs=1e-3), gate
    moved = [abs(volts - short_run[1]["gates_V"]["initial"][gate]) for gate, volts in final.items()]
    assert max(moved) > 5e-3


def test_total_energy_agrees_within_half_a_percent(
    replayed: dict[str, np.ndarray], short_run: tuple[Path, dict[str, Any]]
) -> None:
    deck = (short_run[0] / "deck.cir").read_text(encoding="utf-8")
    total_J = short_run[1]["energy_J"]["total"]
    assert supplied_J(deck, replayed) == pytest.approx(total_J, rel=5e-3)
    assert replayed["time"][-1] == pytest.approx(short_run[1]["simulated_time_s"], rel=1e-9)


def test_deck_stands_alone(short_run: tuple[Path, dict[str, Any]]) -> None:
    text = (short_run[0] / "deck.cir").read_text(encoding="utf-8")
    for word in (".include", ".inc ", ".lib", ".control", ".csparam", str(short_run[0])):
        assert word not in text, word
    assert text.endswith(".end\n")
