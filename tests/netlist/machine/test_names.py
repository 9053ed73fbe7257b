"""Every name says what it is, and says it back."""

from __future__ import annotations

import pytest

from netlist.machine import names
from netlist.machine.names import Role, Signal, signal


@pytest.mark.parametrize(
    ("name", "role", "of"),
    [
        (names.input_line(3), Role.INPUT, "3"),
        (names.input_line(0, "p"), Role.INPUT, "0p"),
        (names.label_line(1, "n"), Role.LABEL, "1n"),
        (names.free("Mixed_7"), Role.FREE, "Mixed_7"),
        (names.clamped("g_1"), Role.CLAMPED, "g_1"),
        (names.gate(12), Role.GATE, "12"),
        (names.ENABLE, Role.ENABLE, "enable"),
        (names.VLAMBDA, Role.CONTROL, "vlambda"),
        (names.driven("4"), Role.CONTROL, "drive_4"),
    ],
)
def test_a_name_says_its_role(name: str, role: Role, of: str) -> None:
    assert signal(name) == Signal(name, role)
    assert signal(name).of == of
    assert names.role(name.upper()) == role


def test_no_two_things_of_one_machine_share_a_name() -> None:
    """Whatever a network's nodes are called, as long as they differ when case is ignored."""
    nodes = ("0", "A", "b_1", "in_0", "f_0", "g_0", "0p", "enable", "update", "meter_0")
    made = [
        *(make(node) for node in nodes for make in (names.free, names.clamped)),
        *(make(node) for node in nodes for make in (names.driven, names.nudged)),
        *(names.gate(i) for i in range(12)),
        *(make(i, e) for i in range(12) for e in ("", "p", "n")
          for make in (names.input_line, names.label_line)),
        *(names.rail(block) for block in ("update", "clamp", "bias", "driver")),
        *(names.ENABLE, names.VLAMBDA, names.ETA, names.VBIAS, names.GROUND),
    ]  # fmt: skip
    assert len({name.lower() for name in made}) == len(made)
    sources = [
        *(names.line_source(names.input_line(i)) for i in range(3)),
        *(names.ammeter(names.free(node)) for node in nodes),
        *(names.ammeter(names.clamped(node)) for node in nodes),
        *(names.rail_source(block) for block in ("update", "clamp", "bias", "driver")),
        *(names.line_source(line) for line in (names.ENABLE, names.VLAMBDA, names.ETA)),
    ]
    assert len({source.lower() for source in sources}) == len(sources)
