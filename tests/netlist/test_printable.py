"""What is shown obeys nobody: control characters and marks of direction are escaped."""

from __future__ import annotations

import doctest

import pytest

from netlist import printable as module
from netlist.circuit import Circuit
from netlist.errors import NetlistError
from netlist.passes.connectivity import connectivity, write_graphml
from netlist.passes.flattened import flattened
from netlist.printable import printable
from netlist.text.parser import parse


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain µΩ\n\tnext", "plain µΩ\n\tnext"),
        ("\x1b[2J", "\\u001b[2J"),
        ("a\rb\x08\x7f", "a\\u000db\\u0008\\u007f"),
        ("\x9b31m", "\\u009b31m"),
        ("\u202eabc\u2028", "\\u202eabc\\u2028"),
        ("\ud800", "\\ud800"),
    ],
)
def test_what_would_not_show(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert printable(text).encode()


def test_example() -> None:
    assert doctest.testmod(module).failed == 0


def test_a_graph_with_control_characters(tmp_path) -> None:
    graph = connectivity(parse("t\x1b\nR1 a\x01 0 1\nD1 a\x01 0 m\x02\n"))
    write_graphml(graph, tmp_path / "deck.graphml")
    assert "a\\u0001" in (tmp_path / "deck.graphml").read_text()


def doubling(levels: int) -> Circuit:
    body = "".join(f".subckt l{i} a\nX1 a l{i + 1}\nX2 a l{i + 1}\n.ends\n" for i in range(levels))
    return parse(f"t\nX1 a l0\n{body}.subckt l{levels} a\nR1 a 0 1\n.ends\n")


def test_more_devices_than_can_be_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NetlistError, match=f"this deck has {2**40} devices, more than 1000000"):
        connectivity(doubling(40))
    monkeypatch.setattr("netlist.passes.flattened.MOST_DEVICES", 1000)
    with pytest.raises(NetlistError, match="this deck has more than 1000 lines"):
        flattened(doubling(40))
    assert len(flattened(doubling(4)).body) == 16
