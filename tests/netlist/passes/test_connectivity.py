"""Connectivity as a graph, and as GraphML that reads back."""

from __future__ import annotations

from pathlib import Path

import networkx as nx

from netlist.passes.connectivity import connectivity, write_graphml
from netlist.text.parser import parse

DECK = parse(
    "bridge\nV1 in 0 1\nX1 in out load\nM1 out in 0 0 nch\nE1 e 0 POLY(1) in out 0 1\n"
    ".subckt load p q\nR1 p mid 1k\nR2 mid q 1k\n.ends\n.model nch nmos\n.end\n"
)


def test_a_flat_graph() -> None:
    graph = connectivity(DECK)
    devices = {n: d for n, d in graph.nodes(data=True) if d["kind"] == "device"}
    assert set(devices) == {
        "device:v1", "device:r.x1.r1", "device:r.x1.r2", "device:m1", "device:e1",
    }  # fmt: skip
    assert devices["device:m1"] == {"kind": "device", "letter": "m", "model": "nch"}
    pins = {d["pin"]: v for _, v, d in graph.edges("device:m1", data=True)}
    assert pins == {
        "drain": "node:out", "gate": "node:in", "source": "node:0", "bulk": "node:0",
    }  # fmt: skip
    assert graph.degree("device:m1") == 4
    assert graph.degree("device:e1") == 4
    assert nx.has_path(graph, "node:in", "node:x1.mid")


def test_instances_as_devices() -> None:
    graph = connectivity(DECK, flat=False)
    assert graph.nodes["device:x1"] == {"kind": "device", "letter": "x", "model": "load"}
    assert "node:x1.mid" not in graph


def test_graphml_reads_back(tmp_path: Path) -> None:
    graph = connectivity(DECK)
    write_graphml(graph, tmp_path / "bridge.graphml")
    back = nx.read_graphml(tmp_path / "bridge.graphml", force_multigraph=True)
    assert dict(back.nodes(data=True)) == dict(graph.nodes(data=True))
    ends = [sorted((u, v, d["pin"]) for u, v, d in g.edges(data=True)) for g in (back, graph)]
    assert sorted(map(sorted, ends[0])) == sorted(map(sorted, ends[1]))
