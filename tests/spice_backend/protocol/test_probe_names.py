"""A probe and a vector are two spellings of one thing, in lower case."""

from __future__ import annotations

import pytest

from spice_backend.protocol.probe_names import (
    current,
    is_node,
    is_of_device,
    of_device,
    probe_of,
    vector_name,
    voltage,
)


@pytest.mark.parametrize(
    ("probe", "vector", "unit"),
    [
        (voltage("f_B"), "f_b", "V"),
        (current("Vmeter_f_B"), "vmeter_f_b#branch", "A"),
        (of_device("M.XEDGE_0.M1", "ID"), "@m.xedge_0.m1[id]", "A"),
    ],
)
def test_probe_and_vector(probe: str, vector: str, unit: str) -> None:
    assert probe == probe.lower()
    assert vector_name(probe) == vector
    assert vector_name(probe.upper()) == vector
    assert probe_of(vector, unit) == probe


@pytest.mark.parametrize(
    ("vector", "unit"),
    [("v-sweep", "V"), ("time", "s"), ("@m1[vgs]", "V"), ("v(a)", "V")],
)
def test_what_is_no_plain_node_keeps_its_name(vector: str, unit: str) -> None:
    assert probe_of(vector, unit) == vector


def test_nodes_are_told_from_the_rest() -> None:
    vectors = ("time", "f_b", "v1#branch", "@m1[id]", "x1.out")
    assert [v for v in vectors if is_node(v)] == ["f_b", "x1.out"]
    assert [v for v in vectors if is_of_device(v)] == ["@m1[id]"]
