"""The figures read back from their SVG: what is drawn must be what the numbers say."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
import pytest

from learning.report.charts import (
    conductance_scale,
    energy_bars,
    gate_history,
    learning_curve,
    network_drawings,
    presentation_waveforms,
)
from learning.report.charts.style import BLUE, LIGHT_BLUE, ORANGE, panel, place, styled, svg
from learning.report.charts.wiring import lay_out
from learning.result.result import Conductances, ErrorCourse, ErrorMark, NetworkShape, Result
from netlist.machine.names import signal
from netlist.machine.topology import Network, layered, random_regular, square_lattice

Make = Callable[..., Result]

_SVG = "{http://www.w3.org/2000/svg}"
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def _texts(svg: str) -> list[str]:
    return ["".join(node.itertext()).strip() for node in ET.fromstring(svg).iter(f"{_SVG}text")]


def _paths(svg: str, style: str) -> list[np.ndarray[Any, np.dtype[np.float64]]]:
    """Points of every path whose style contains the words."""
    return [
        np.array([float(n) for n in _NUMBER.findall(path.get("d", ""))]).reshape(-1, 2)
        for path in ET.fromstring(svg).iter(f"{_SVG}path")
        if style in path.get("style", "")
    ]


def _shape(network: Network) -> NetworkShape:
    return NetworkShape(
        nodes=network.nodes,
        edges=network.edges,
        positions=dict(zip(network.nodes, network.positions, strict=True)),
        sources=network.nodes[:1],
        targets=network.nodes[-2:-1],
        ground=network.nodes[-1:],
    )


def _even(network: Network, first_S: float | None, last_S: float | None) -> Conductances:
    n = len(network.edges)
    return Conductances((first_S,) * n, (last_S,) * n, "made by hand")


def _course(*errors: float) -> ErrorCourse:
    marks = tuple(ErrorMark(5 * index, 0, error) for index, error in enumerate(errors))
    return ErrorCourse(errors[0], errors[-1], marks)


# The learning curve


def test_learning_curve_is_logarithmic_and_marks_both_ends() -> None:
    svg = learning_curve(_course(1e-2, 1e-3, 1e-4))
    curve = next(p for p in _paths(svg, f"stroke: {BLUE}; stroke-width: 2") if len(p) == 3)
    steps = np.diff(curve, axis=0)
    assert steps[0] == pytest.approx(steps[1], abs=0.01)
    assert (steps[0] > 0).all()  # SVG counts downwards
    assert {"1.00×10⁻² V²", "1.00×10⁻⁴ V²", "epoch", "error (V²)"} <= set(_texts(svg))


def test_learning_curve_starts_at_the_initial_error() -> None:
    course = ErrorCourse(3e-2, 1e-3, (ErrorMark(4, 0, 1e-3),))
    assert {"3.00×10⁻² V²", "1.00×10⁻³ V²"} <= set(_texts(learning_curve(course)))


def test_flat_learning_curve_has_ticks_between_the_powers_of_ten() -> None:
    assert "5×10⁻³" in _texts(learning_curve(_course(5e-3, 4.9e-3)))


@pytest.mark.parametrize("errors", [(0.0, 0.0), (1e-3, 0.0), (float("nan"), 1e-3), (1e-3,)])
def test_learning_curve_bears_what_a_logarithm_does_not(errors: tuple[float, ...]) -> None:
    assert "epoch" in _texts(learning_curve(_course(*errors)))


# The energy bars


def test_bars_are_as_long_as_the_energies(result: Make) -> None:
    energy_J = result().energy_J
    svg = energy_bars(energy_J)
    spans = {}
    for colour in (BLUE, LIGHT_BLUE, ORANGE):
        bars = [p for p in _paths(svg, f"fill: {colour}") if len(p) in (4, 5)]
        spans[colour] = [np.ptp(bar[:, 0]) for bar in bars]
    per_J = spans[ORANGE][0] / energy_J["update"]
    assert spans[ORANGE][1] == pytest.approx(per_J * energy_J["clamp"], rel=1e-3)
    assert spans[BLUE][0] == pytest.approx(per_J * energy_J["network_free"], rel=1e-3)
    assert spans[LIGHT_BLUE][0] == pytest.approx(per_J * energy_J["network_clamped"], rel=1e-3)


def test_bars_tell_energy_and_share(result: Make) -> None:
    texts = _texts(energy_bars(result().energy_J))
    assert "60.0 nJ  ·  54.5 %" in texts
    assert "−1.00 pJ  ·  <0.1 %" in texts
    assert {"update cells", "input drivers", "overhead"} <= set(texts)


def test_bars_of_a_run_that_took_nothing() -> None:
    assert "0 J  ·  n/a" in _texts(energy_bars({"update": 0.0, "total": 0.0}))


# The gates


def test_few_gates_are_named_and_many_are_not() -> None:
    epochs = np.array([0.0, 1.0, 2.0])
    rng = np.random.default_rng(0)
    few = gate_history(epochs, rng.uniform(0, 1, (3, 4)), [f"g_{i}" for i in range(4)])
    many = gate_history(epochs, rng.uniform(0, 1, (3, 90)), [f"g_{i}" for i in range(90)])
    assert {"g_0", "g_3", "4 gate voltages, coloured by final rank"} <= set(_texts(few))
    assert "g_0" not in _texts(many)
    assert len([p for p in _paths(many, "fill: none") if len(p) == 3]) == 90


# One presentation


_NAMES = ("f_5", "c_5", "in_0", "in_1", "label_0", "enable", "vlambda", "g_0", "g_1")
_SIGNALS = tuple(signal(name) for name in _NAMES)


def _window(scale: float) -> tuple[Any, Any]:
    time_s = np.linspace(0, 5e-5, 11)
    return time_s, scale * np.outer(np.linspace(0.1, 1, 11), np.arange(1, len(_SIGNALS) + 1))


def test_waveforms_share_their_scales() -> None:
    early, late = presentation_waveforms(_window(0.1), _window(0.05), _SIGNALS)
    numbers = [[t for t in _texts(svg) if _NUMBER.fullmatch(t)] for svg in (early, late)]
    assert numbers[0] == numbers[1]
    assert {"Early in learning", "time in the presentation (µs)"} <= set(_texts(early))
    assert {"Late in learning", "target at node 5", "input 1", "clamped"} <= set(_texts(late))


def test_waveforms_without_enable_say_so() -> None:
    signals = tuple(signal(name if name != "enable" else "other") for name in _NAMES)
    early, _ = presentation_waveforms(_window(0.1), _window(0.1), signals)
    assert "no enable line" in _texts(early)


def test_waveforms_of_nothing_are_empty_axes() -> None:
    nothing = (np.empty(0), np.empty((0, 0)))
    assert "voltage (V)" in _texts(presentation_waveforms(nothing, nothing, ())[0])


# The network


def _edge_styles(svg: str) -> list[tuple[str, float]]:
    """Colour and width of every edge: the collections of the drawing."""
    found = []
    for group in ET.fromstring(svg).iter(f"{_SVG}g"):
        if "LineCollection" in group.get("id", ""):
            style = next(p.get("style", "") for p in group.iter(f"{_SVG}path"))
            width = re.search(r"stroke-width: ([\d.]+)", style)
            colour = re.search(r"stroke: (#\w+)", style)
            found.append((colour[1] if colour else "", float(width[1]) if width else 1.0))
    return found


def test_every_edge_is_drawn_and_border_edges_twice() -> None:
    network = square_lattice(4, 4)
    before, _ = network_drawings(_shape(network), _even(network, 1e-6, 1e-6))
    assert len(_edge_styles(before)) == 24 + 2 * 8
    assert _texts(before).count("12") == 3  # the node, and the stubs of 0 and 15 that lead to it


def test_both_drawings_share_one_scale() -> None:
    network = square_lattice(3, 3, periodic=False)
    before, after = network_drawings(_shape(network), _even(network, 2e-6, 4e-6))
    weak, strong = _edge_styles(before)[0], _edge_styles(after)[0]
    assert weak[0] != strong[0]
    assert weak[1] < strong[1]
    mixed = Conductances((2e-6, 4e-6) * 6, (4e-6,) * 12, "made by hand")
    assert set(_edge_styles(network_drawings(_shape(network), mixed)[0])) == {weak, strong}


def test_unknown_conductance_is_dotted() -> None:
    network = square_lattice(2, 2, periodic=False)
    before, _ = network_drawings(_shape(network), _even(network, None, None))
    assert before.count("stroke-dasharray") == 4


def test_roles_are_named_pairs_with_their_signs(result: Make) -> None:
    told = result()
    before, after = network_drawings(told.network, told.conductances_S)
    assert {"source 0", "target 0 +", "target 0 −", "ground"} <= set(_texts(before))
    assert "Before learning" in _texts(before)
    assert "After learning" in _texts(after)
    key = _texts(conductance_scale(told.network, told.conductances_S))
    assert {"source", "target", "ground", "hidden"} <= set(key)
    assert "conductance of an edge (µS): colour and width" in key
    assert "8" in key  # the largest conductance is 8 µS


def test_letters_that_would_break_xml_are_escaped() -> None:
    network = NetworkShape(
        nodes=("<a&", "$b$"),
        edges=(("<a&", "$b$"),),
        positions={"<a&": (0, 0), "$b$": (1, 0)},
        sources=(),
        targets=(),
        ground=(),
    )
    before, _ = network_drawings(network, Conductances((1.0,), (1.0,), "made by hand"))
    assert {"<a&", "$b$"} <= set(_texts(before))


# The layout


def _inside(wiring: Any) -> bool:
    width, height = wiring.size
    return all(
        -1e-6 <= x <= width + 1e-6 and -1e-6 <= y <= height + 1e-6
        for x, y in wiring.places.values()
    )


@pytest.mark.parametrize(
    "network",
    [
        square_lattice(8, 8),
        square_lattice(1, 5, periodic=False),
        layered([4, 20, 3]),
        random_regular(30, 3, np.random.default_rng(2)),
    ],
)
def test_layout_fills_its_box_and_keeps_nodes_apart(network: Network) -> None:
    shape = _shape(network)
    wiring = lay_out(shape.edges, shape.positions, 300.0)
    places = np.array(list(wiring.places.values()))
    apart = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    assert _inside(wiring)
    assert wiring.node_size < apart[apart > 0].min()
    assert {stroke.edge for stroke in wiring.strokes} == set(range(len(network.edges)))
    assert network_drawings(shape, _even(network, 1e-6, 2e-6))


def test_only_edges_around_the_border_become_stubs() -> None:
    for network, closing in (
        (square_lattice(3, 5), 3 + 5),
        (square_lattice(3, 5, periodic=False), 0),
        (layered([3, 3, 3]), 0),
        (random_regular(16, 4, np.random.default_rng(0)), 0),
    ):
        shape = _shape(network)
        wiring = lay_out(shape.edges, shape.positions, 300.0)
        stubs = [stroke for stroke in wiring.strokes if stroke.leads_to]
        assert len(stubs) == 2 * closing


def test_stubs_point_outwards_and_name_where_they_lead() -> None:
    network = square_lattice(3, 3)
    shape = _shape(network)
    wiring = lay_out(shape.edges, shape.positions, 300.0)
    width, height = wiring.size
    for stroke in wiring.strokes:
        if stroke.leads_to:
            x, y = stroke.points[-1]
            assert x < 0 or x > width or y < 0 or y > height
            assert stroke.leads_to in network.edges[stroke.edge]


def test_parallel_edges_run_beside_each_other_whichever_way_they_are_written() -> None:
    edges = [("a", "b"), ("b", "a"), ("a", "b")]
    wiring = lay_out(edges, {"a": (0, 0), "b": (1, 0)}, 300.0)
    middles = sorted(stroke.points[len(stroke.points) // 2][1] for stroke in wiring.strokes)
    assert np.diff(middles).min() > 0.4 * wiring.node_size


def test_nodes_on_one_spot_are_no_reason_to_fail() -> None:
    wiring = lay_out([("a", "b")], {"a": (1, 1), "b": (1, 1)}, 300.0)
    assert wiring.places["a"] == wiring.places["b"]
    assert lay_out([], {"a": (1, 1)}, 300.0).strokes == ()


# All of them


def test_same_numbers_same_bytes_whatever_the_users_settings(result: Make) -> None:
    told = result()
    drawn = network_drawings(told.network, told.conductances_S)
    with mpl.rc_context({"font.size": 30, "savefig.bbox": "tight", "axes.facecolor": "red"}):
        assert network_drawings(told.network, told.conductances_S) == drawn
        assert mpl.rcParams["font.size"] == 30


def test_identifiers_of_two_figures_do_not_meet(result: Make) -> None:
    told = result()
    figures = (*network_drawings(told.network, told.conductances_S),
               energy_bars(told.energy_J))  # fmt: skip
    names = [re.findall(r' id="([^"]+)"', svg) for svg in figures]
    flat = [name for group in names for name in set(group)]
    assert len(flat) == len(set(flat))
    for drawn, group in zip(figures, names, strict=True):
        assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', drawn)) <= set(group)


@pytest.mark.parametrize(("most", "label"), [(1e3, ">10²<"), (2.0, ">1.5<")])
@styled
def test_decades_are_labelled_in_words(most: float, label: str) -> None:
    figure = panel(2.0)
    place(figure, left=0.5, right=0.2, bottom=0.5, top=0.3).semilogx([1.0, most], [1.0, 2.0])
    drawn = svg(figure, "one", "decades")
    assert "mathdefault" not in drawn
    assert label in drawn
