"""Topologies and roles: counts known on paper, orders that repeat, and every refusal."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlist.errors import NetlistError
from netlist.machine.largest import MOST_EDGES
from netlist.machine.roles import with_roles
from netlist.machine.topology import (
    Network,
    Port,
    layered,
    random_regular,
    read_network,
    square_lattice,
)
from netlist.span import Span

GRAPHML = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="r" for="node" attr.name="role" attr.type="string"/>
  <key id="x" for="node" attr.name="x" attr.type="double"/>
  <key id="y" for="node" attr.name="y" attr.type="double"/>
  <graph edgedefault="directed">
    <node id="in"><data key="r">source</data><data key="x">0</data><data key="y">1</data></node>
    <node id="mid"><data key="x">1.5</data><data key="y">2</data></node>
    <node id="out"><data key="r">target</data><data key="x">3</data><data key="y">1</data></node>
    <node id="gnd"><data key="r">Ground</data><data key="x">1.5</data><data key="y">0</data></node>
    <edge source="in" target="mid"/>
    <edge source="mid" target="in"/>
    <edge source="mid" target="out"/>
    <edge source="gnd" target="mid"/>
  </graph>
</graphml>
"""


def generator() -> np.random.Generator:
    return np.random.default_rng(7)


def file_with(folder: Path, text: str, name: str = "net.txt") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def refusal(error: pytest.ExceptionInfo[NetlistError]) -> tuple[str, str]:
    assert error.value.hint
    return str(error.value.where), error.value.message


# --- builders -----------------------------------------------------------------------------------


def test_periodic_lattice_has_four_neighbours_everywhere() -> None:
    network = square_lattice(4, 4, periodic=True)
    degrees = Counter(node for edge in network.edges for node in edge)
    assert network.nodes == tuple(str(number) for number in range(16))
    assert len(network.edges) == len(set(map(frozenset, network.edges))) == 32
    assert set(degrees.values()) == {4}
    assert network.positions[6] == (2.0, -1.0)


def test_lattice_neighbours_are_one_step_away() -> None:
    rows, columns = 3, 5
    expected = {
        frozenset((str(r * columns + c), str((r + dr) % rows * columns + (c + dc) % columns)))
        for r in range(rows)
        for c in range(columns)
        for dr, dc in ((0, 1), (1, 0))
    }
    assert set(map(frozenset, square_lattice(rows, columns, periodic=True).edges)) == expected


def test_open_lattice_has_borders() -> None:
    assert square_lattice(2, 2, periodic=False).edges == (
        ("0", "2"),
        ("0", "1"),
        ("1", "3"),
        ("2", "3"),
    )
    assert len(square_lattice(3, 5, periodic=False).edges) == 3 * 4 + 2 * 5


def test_graph_keeps_parallel_edges_and_their_order() -> None:
    network = Network(("a", "b"), (("a", "b"), ("b", "a")), ((0.0, 0.0), (1.0, 0.0)))
    graph = network.graph()
    assert sorted(key for *_, key in graph.edges(keys=True)) == [0, 1]
    assert graph.nodes["b"]["position"] == (1.0, 0.0)


def test_effective_resistance_of_the_periodic_lattice() -> None:
    # By symmetry: sum over edges of the resistance between their ends is nodes - 1 (Foster).
    network = square_lattice(4, 4, periodic=True)
    inverse = np.linalg.pinv(nx.laplacian_matrix(network.graph()).toarray().astype(float))
    ends = [(int(first), int(second)) for first, second in network.edges]
    total = sum(inverse[a, a] + inverse[b, b] - 2 * inverse[a, b] for a, b in ends)
    assert total == pytest.approx(15, abs=1e-9)


def test_random_regular_repeats_with_its_seed() -> None:
    network = random_regular(12, 3, generator())
    assert network == random_regular(12, 3, generator())
    assert set(dict(network.graph().degree()).values()) == {3}
    assert nx.is_connected(network.graph())
    assert network.edges == tuple(sorted(network.edges, key=lambda e: (int(e[0]), int(e[1]))))


def test_a_large_graph_is_drawn_reproducibly() -> None:
    network = random_regular(120, 3, generator())
    assert network.positions == random_regular(120, 3, generator()).positions
    assert len(set(network.positions)) == 120


def test_layers_are_fully_connected_to_the_next() -> None:
    network = layered((2, 3, 1))
    assert network.nodes == ("0", "1", "2", "3", "4", "5")
    assert network.edges == (
        *(("0", "2"), ("0", "3"), ("0", "4"), ("1", "2"), ("1", "3"), ("1", "4")),
        *(("2", "5"), ("3", "5"), ("4", "5")),
    )
    assert [x for x, _ in network.positions] == [0.0, 0.0, 1.0, 1.0, 1.0, 2.0]
    assert network.positions[5] == (2.0, 0.0)


@pytest.mark.parametrize(
    ("build", "where", "message"),
    [
        (
            lambda: square_lattice(2, 4, periodic=True),
            "network.rows",
            "a periodic lattice needs at least 3 rows, not 2",
        ),
        (
            lambda: square_lattice(3, 0, periodic=False),
            "network.columns",
            "a lattice needs at least 1 columns, not 0",
        ),
        (
            lambda: square_lattice(1, 1, periodic=False),
            "network.rows",
            "a lattice of one node has no edges",
        ),
        (
            lambda: random_regular(5, 3, generator()),
            "network.degree",
            "no graph of 5 nodes has 3 neighbours at every node",
        ),
        (
            lambda: random_regular(4, 4, generator()),
            "network.degree",
            "no graph of 4 nodes has 4 neighbours at every node",
        ),
        (
            lambda: random_regular(6, 1, generator()),
            "network.degree",
            "100 random graphs of 6 nodes and degree 1 all fell apart",
        ),
        (
            lambda: layered((4,)),
            "network.layers",
            "layers of [4] nodes leave nothing to connect",
        ),
        (
            lambda: layered((4, 0, 2)),
            "network.layers",
            "layers of [4, 0, 2] nodes leave nothing to connect",
        ),
        (
            lambda: Network((), (), ()),
            "network.nodes",
            "the network has no nodes",
        ),
        (
            lambda: Network(("a b",), (), ((0.0, 0.0),)),
            "network.nodes",
            "'a b' cannot be a node name",
        ),
        (
            lambda: Network(("a\n.shell",), (), ((0.0, 0.0),)),
            "network.nodes",
            "'a\\n.shell' cannot be a node name",
        ),
        (
            lambda: Network(("a", "b"), (), ((0.0, 0.0),)),
            "network.positions",
            "2 nodes but 1 positions",
        ),
        (
            lambda: Network(("out", "b", "OUT"), (), ((0.0, 0.0),) * 3),
            "network.nodes",
            "node names out, OUT are one and the same to a simulator",
        ),
        (
            lambda: Network(("a", "b"), (("a", "c"),), ((0.0, 0.0),) * 2),
            "network.edges",
            "edge a-c names unknown node c",
        ),
        (
            lambda: Network(("a", "b"), (("a", "a"),), ((0.0, 0.0),) * 2),
            "network.edges",
            "edge a-a is a self-loop and would carry no current",
        ),
    ],
)
def test_what_is_no_network(build: object, where: str, message: str) -> None:
    assert callable(build)
    with pytest.raises(NetlistError) as error:
        build()
    assert refusal(error) == (where, message)


# --- files --------------------------------------------------------------------------------------


def test_edge_list(tmp_path: Path) -> None:
    path = file_with(tmp_path, "# wheel\na, b\nb c  # a comment\n\nc\ta\na b\n")
    network = read_network(path)
    assert network.nodes == ("a", "b", "c")
    assert network.edges == (("a", "b"), ("b", "c"), ("c", "a"), ("a", "b"))
    assert network == read_network(path)
    assert len(set(network.positions)) == 3


def test_graphml_with_roles_and_places(tmp_path: Path) -> None:
    network = read_network(file_with(tmp_path, GRAPHML, "net.graphml"))
    assert network.nodes == ("in", "mid", "out", "gnd")
    assert network.edges == (("in", "mid"), ("mid", "out"), ("gnd", "mid"))
    assert network.positions == ((0.0, 1.0), (1.5, 2.0), (3.0, 1.0), (1.5, 0.0))
    assert (network.sources, network.targets) == ((Port("in"),), (Port("out"),))
    assert network.ground == ("gnd",)


def test_graphml_without_places_is_laid_out(tmp_path: Path) -> None:
    path = file_with(tmp_path, GRAPHML.replace('<data key="x">1.5</data>', ""), "net.graphml")
    network = read_network(path)
    assert len(set(network.positions)) == 4
    assert network.positions != ((0.0, 1.0), (1.5, 2.0), (3.0, 1.0), (1.5, 0.0))


@pytest.mark.parametrize("suffix", ["graphml", "txt"])
def test_what_networkx_writes_reads_back(tmp_path: Path, suffix: str) -> None:
    wanted = random_regular(10, 3, generator())
    path = tmp_path / f"net.{suffix}"
    if suffix == "graphml":
        nx.write_graphml(nx.Graph(wanted.edges), path)
    else:
        nx.write_edgelist(nx.Graph(wanted.edges), path, data=False)
    assert set(map(frozenset, read_network(path).edges)) == set(map(frozenset, wanted.edges))


@pytest.mark.parametrize(
    ("name", "text", "place", "message"),
    [
        ("net.txt", "a b\nb c d\n", ":2:1", "expected two node names, found 3"),
        ("net.txt", "# title\na\n", ":2:1", "expected two node names, found 1"),
        ("net.txt", "a b\nb c$\n", ":2:1", "'c$' cannot be a node name"),
        ("net.txt", "a b\n\nb b\n", ":3:1", "edge b-b is a self-loop and would carry no current"),
        (
            "net.txt",
            "a b\nb c\nb,a\n",
            ":3:1",
            "edge b a is edge a b of line 1 the other way",
        ),
        ("net.txt", "# nothing\n", "", "this file holds no edges"),
        (
            "net.graphml",
            '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><graph/></graphml>',
            "",
            "this file holds no edges",
        ),
        ("net.graphml", "a b\n", ":1:1", "this is not well-formed XML: syntax error"),
        ("net.graphml", GRAPHML.replace("</graphml>", ""), ":17:1", "no element found"),
        (
            "net.graphml",
            GRAPHML.replace("<edge ", "<hyperedge/><edge ", 1),
            "",
            "this GraphML cannot be read: GraphML reader doesn't support hyperedges",
        ),
        (
            "net.graphml",
            GRAPHML.replace('for="node" attr.name="x" attr.type="double"', 'attr.type="odd"'),
            "",
            "this GraphML cannot be read: Unknown key for id x",
        ),
        (
            "net.graphml",
            GRAPHML.replace('"x" attr.type="double"', '"x" attr.type="odd"'),
            "",
            "this GraphML cannot be read: 'odd'",
        ),
        ("net.graphml", GRAPHML.replace('"mid"', '"m&amp;d"'), ":8:1", "'m&d' cannot be"),
        (
            "net.graphml",
            GRAPHML.replace('target="out"', 'target="uot"'),
            "",
            "an edge names node uot, which the file does not declare",
        ),
        (
            "net.graphml",
            GRAPHML.replace('target="out"', 'target="mid"'),
            ":8:1",
            "edge mid-mid is a self-loop",
        ),
        ("net.graphml", GRAPHML.replace("Ground", "earth"), ":10:1", "unknown node role 'earth'"),
        (
            "net.graphml",
            GRAPHML.replace('"x" attr.type="double"', '"x" attr.type="string"').replace(
                '1.5</data><data key="y">2<', 'left</data><data key="y">2<'
            ),
            ":8:1",
            "a node's place (left, 2.0) is not two numbers",
        ),
        (
            "net.graphml",
            GRAPHML.replace(">1.5<", ">inf<", 1),
            ":8:1",
            "a node's place (inf, 2.0) is not two numbers",
        ),
    ],
)
def test_what_is_no_network_file(
    tmp_path: Path, name: str, text: str, place: str, message: str
) -> None:
    path = file_with(tmp_path, text, name)
    with pytest.raises(NetlistError, match=re.escape(message)) as error:
        read_network(path)
    assert str(error.value.where) == f"{path}{place}"
    assert error.value.hint


def test_missing_and_binary_files(tmp_path: Path) -> None:
    with pytest.raises(NetlistError, match=r"cannot read this network: .*No such file"):
        read_network(tmp_path / "none.txt")
    (tmp_path / "net.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(NetlistError, match=r"cannot read this network: it is UTF-16 text"):
        read_network(tmp_path / "net.txt")


def test_the_place_of_a_bad_line_is_a_span(tmp_path: Path) -> None:
    path = file_with(tmp_path, "a b c\n")
    with pytest.raises(NetlistError) as error:
        read_network(path)
    assert error.value.where == Span(str(path), 1)


# --- roles --------------------------------------------------------------------------------------


def test_named_roles_and_pairs() -> None:
    network = with_roles(square_lattice(4, 4), ("0", "5"), ("10", "2-3"), ("15",), generator())
    assert network.sources == (Port("0"), Port("5"))
    assert network.targets == (Port("10"), Port("2", "3"))
    assert network.ground == ("15",)
    assert [str(port) for port in network.targets] == ["10", "2-3"]
    assert network.targets[1].nodes == ("2", "3")


@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_random_roles_never_overlap(n_source: int, n_target: int, seed: int) -> None:
    network = with_roles(
        square_lattice(3, 3), n_source, n_target, ("4",), np.random.default_rng(seed)
    )
    used = [n for port in network.sources + network.targets for n in port.nodes] + ["4"]
    assert (len(network.sources), len(network.targets)) == (n_source, n_target)
    assert len(set(used)) == len(used) == n_source + n_target + 1


def test_random_roles_avoid_named_ones_and_repeat() -> None:
    lattice = square_lattice(3, 3)
    named = ("0", "1", "2", "3-4")
    network = with_roles(lattice, 3, named, ("8",), generator())
    assert {port.positive for port in network.sources} == {"5", "6", "7"}
    assert network == with_roles(lattice, 3, named, ("8",), generator())


def test_roles_of_the_file_stay_unless_replaced(tmp_path: Path) -> None:
    network = read_network(file_with(tmp_path, GRAPHML, "net.graphml"))
    assert with_roles(network, (), (), (), generator()) == network
    assert with_roles(network, (), ("mid",), (), generator()).targets == (Port("mid"),)


TWO_PIECES = Network(
    ("a", "b", "c", "d", "e", "f"),
    (("a", "b"), ("c", "d"), ("d", "e")),
    ((0.0, 0.0),) * 6,
)


@pytest.mark.parametrize(
    ("sources", "targets", "ground", "where", "message", "hint"),
    [
        (("0",), ("zz",), ("1",), "targets", "the network has no node 'zz'", "7, ..."),
        (("0",), ("1",), ("1 5",), "ground", "the network has no node '1 5'", "node 15"),
        (("0",), ("1-2-3",), ("4",), "targets", "'1-2-3' is neither a node nor a pair", "3-7"),
        (("-0",), ("1",), ("4",), "sources", "'-0' is neither a node nor a pair", "3-7"),
        (("0", "1"), ("1",), ("4",), "targets", "node 1 is used in both sources and targets", ""),
        (("0",), ("1", "4"), ("4",), "targets", "node 4 is used in both ground and targets", ""),
        (("0", "1-0"), ("2",), ("4",), "sources", "node 0 is used twice in sources", ""),
        (("0",), ("2-2",), ("4",), "targets", "node 2 is used twice in targets", ""),
        (("0",), ("2",), (), "ground", "the network has no ground", "ground = "),
        (("0",), (), ("2",), "targets", "the network has no target", "targets = "),
        ((), ("0",), ("2",), "sources", "the network has no source", "sources = "),
        (0, ("0",), ("2",), "sources", "cannot place 0 sources at random among 14 free", "from 1"),
        (-1, ("0",), ("2",), "sources", "cannot place -1 sources at random", "from 1"),
        (("0",), 15, ("2",), "targets", "cannot place 15 targets at random among 14", "larger"),
    ],
)
def test_roles_that_make_no_sense(
    sources: tuple[str, ...] | int,
    targets: tuple[str, ...] | int,
    ground: tuple[str, ...],
    where: str,
    message: str,
    hint: str,
) -> None:
    with pytest.raises(NetlistError, match=re.escape(message)) as error:
        with_roles(square_lattice(4, 4), sources, targets, ground, generator())
    assert error.value.where == f"network.roles.{where}"
    assert hint in error.value.hint
    assert error.value.hint


def test_smallest_unreachable_piece_is_named() -> None:
    with pytest.raises(NetlistError, match=r"(?m)no path from ground c to node\(s\) f$") as error:
        with_roles(TWO_PIECES, ("d",), ("e",), ("c",), generator())
    assert error.value.where == "network"
    edges = (*TWO_PIECES.edges, ("f", "c"))
    fewer = Network(TWO_PIECES.nodes, edges, TWO_PIECES.positions)
    with pytest.raises(NetlistError, match=r"(?m)no path from ground c to node\(s\) a, b$"):
        with_roles(fewer, ("d",), ("e",), ("c",), generator())


INNER = '<graph edgedefault="undirected"><node id="p"/><node id="q"/></graph>'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("</graph>", f"</graph>{INNER}"),
        ("</graph>", f"<node id='group'>{INNER}</node></graph>"),
        ("<graph ", f"<!-- <graph> -->{INNER}<graph "),
    ],
)
def test_several_graphs_in_a_file_are_refused(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(NetlistError, match="this file holds 2 graphs"):
        read_network(file_with(tmp_path, GRAPHML.replace(old, new, 1), "net.graphml"))


def test_a_graph_in_a_comment_is_none(tmp_path: Path) -> None:
    text = GRAPHML.replace("</graphml>", "<!-- <graph> \n<graph/> --></graphml>")
    assert len(read_network(file_with(tmp_path, text, "net.graphml")).nodes) == 4


def test_a_directed_graph_does_not_double_its_edges(tmp_path: Path) -> None:
    ring = nx.cycle_graph(5)
    both_ways, plain = tmp_path / "both.graphml", tmp_path / "plain.graphml"
    nx.write_graphml(ring.to_directed(), both_ways)
    nx.write_graphml(ring, plain)
    found, wanted = (read_network(path).graph() for path in (both_ways, plain))
    assert found.number_of_edges() == 5
    assert {frozenset(e) for e in found.edges()} == {frozenset(e) for e in wanted.edges()}


def test_a_directed_graph_s_edge_list_is_asked_about(tmp_path: Path) -> None:
    """An edge list does not say whether its edges have a direction; GraphML does."""
    nx.write_edgelist(nx.cycle_graph(5).to_directed(), tmp_path / "net.edges")
    with pytest.raises(NetlistError, match="the other way round, and edges have no") as error:
        read_network(tmp_path / "net.edges")
    assert "twice, for two resistors side by side" in error.value.hint
    nx.write_edgelist(nx.MultiGraph([("a", "b"), ("b", "a")]), tmp_path / "net.edges")
    assert read_network(tmp_path / "net.edges").edges == (("a", "b"), ("a", "b"))


def test_edges_in_one_direction_are_all_kept(tmp_path: Path) -> None:
    graph = nx.MultiDiGraph([("a", "b"), ("a", "b"), ("b", "a"), ("b", "c")])
    nx.write_graphml(graph, tmp_path / "net.graphml")
    edges = read_network(tmp_path / "net.graphml").edges
    assert sorted(map(sorted, edges)) == [["a", "b"], ["a", "b"], ["b", "c"]]


def test_parallel_edges_of_an_undirected_graph_are_kept(tmp_path: Path) -> None:
    graph = nx.MultiGraph([("a", "b"), ("b", "a"), ("b", "c")])
    nx.write_graphml(graph, tmp_path / "net.graphml")
    assert len(read_network(tmp_path / "net.graphml").edges) == 3


@pytest.mark.parametrize("data", [{}, {"weight": 2.5}, {"colour": "#ff0000", "note": "a {b}"}])
def test_networkx_s_own_edge_list_is_read(tmp_path: Path, data: dict[str, object]) -> None:
    graph = nx.Graph()
    graph.add_edge("a", "b", **data)
    graph.add_edge("b", "c", **data)
    nx.write_edgelist(graph, tmp_path / "net.edges")
    assert read_network(tmp_path / "net.edges").edges == (("a", "b"), ("b", "c"))


@pytest.mark.parametrize("line", ["a b {", "a b { weight", "a b c {}", "a b # {}\nc"])
def test_an_edge_with_something_else_behind_it_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(NetlistError, match="expected two node names"):
        read_network(file_with(tmp_path, line + "\n"))


def test_a_file_of_too_many_edges_is_refused_before_it_is_drawn(tmp_path: Path) -> None:
    text = "".join(f"a{i} a{i + 1}\n" for i in range(MOST_EDGES + 1))
    with pytest.raises(NetlistError, match="10001 edges are more than the 10000"):
        read_network(file_with(tmp_path, text))
