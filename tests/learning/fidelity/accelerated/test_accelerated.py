"""Tables against ngspice: single cells at points between those measured, whole machines."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from learning.design.read import find_design, load_design
from learning.errors import LearningError
from learning.experiment.experiment import Experiment
from learning.experiment.prepare import prepare
from learning.fidelity import anchor
from learning.fidelity.accelerated.bench import Bench
from learning.fidelity.accelerated.edge_table import measure_edge
from learning.fidelity.accelerated.kernel import KCL, device_currents, gate_charges
from learning.fidelity.accelerated.plant import Accelerated
from learning.fidelity.accelerated.tabulated import slopes, value
from learning.fidelity.plant import Accuracy, Part, Plant, play_all
from learning.fidelity.plants import open_plant
from learning.measure.deviation import Anchor, deviation
from learning.running.controller import learn
from netlist.circuit import Circuit, Directive
from netlist.text.emitter import emit
from spice_backend.session.session import Session
from tests.learning.fidelity.plant_suite import IDEAL

TIGHT = (
    *("simulator.options.bypass=0", "simulator.options.trtol=1", "simulator.options.reltol=1e-5"),
    *("simulator.options.chgtol=1e-16", "simulator.max_step_s=5e-8"),
)
SHUNTED = """\
* an edge that only this test knows: a transistor beside a resistor, a gate of two capacitances
.subckt shunted fa fb ca cb gate vss r=4e5
Rf fa fb {r}
Rc ca cb {r}
Xf fa gate fb vss nfet w=5e-7 l=1.2e-5
Xc ca gate cb vss nfet w=5e-7 l=1.2e-5
Cg gate vss 8e-12
.ends shunted
"""


def regression(*changes: str) -> Experiment:
    return prepare(load_design(find_design("regression_twin"), changes))


@pytest.mark.parametrize("name", ["edge", "shunted"])
def test_edges_carry_what_ngspice_says(
    name: str, ngspice: Callable[..., dict[str, np.ndarray]], tmp_path: Path
) -> None:
    """Both sides at random voltages, and the capacitance of the gate, from plain ngspice."""
    (tmp_path / "shunted.cir").write_text(SHUNTED, encoding="utf-8")
    cell = "edge" if name == "edge" else str(tmp_path / "shunted.cir")
    experiment = regression(f"cells.edge={cell}")
    with Session() as session:
        tables = measure_edge(session, experiment, -0.1, 0.6)
    rng = np.random.default_rng(1)
    points = rng.uniform((0.0, 0.0, 0.8), (0.5, 0.5, 1.5), (8, 3))
    bench = Bench(experiment)
    for index, (first, second, gate) in enumerate(points):
        nets = [
            bench.hold(f"{n}{index}", v) for n, v in zip("abg", (first, second, gate), strict=True)
        ]
        fa, ca = (bench.meter(nets[0], f"{side}{index}") for side in ("f", "c"))
        pins = {"fa": fa, "fb": nets[1], "ca": ca, "cb": nets[1], "gate": nets[2]}
        bench.place("edge", f"edge{index}", pins)
    body = (*experiment.process.statements, *experiment.cells["edge"].statements, *bench.body)
    deck = emit(experiment.process.complete(Circuit("edges", (*body, Directive("op")))))
    waves = ngspice(deck)
    for index, at in enumerate(points):
        for side, table in (("f", tables.free), ("c", tables.clamped)):
            current_A = waves[f"i(vm_{side}{index})"][0]
            assert value(table, *at) == pytest.approx(current_A, rel=1e-3, abs=2e-11)
    # 10 pF or 8 pF, and up to 48 fF of channel for each of two transistors, by size and oxide
    written_F = 1e-11 if name == "edge" else 8e-12
    capacitance_F = slopes(tables.charge, 0.2, 0.2, 1.3)[2]
    assert written_F < capacitance_F < written_F + 1.5e-13


def test_a_cell_that_only_a_test_knows_learns_alike(tmp_path: Path) -> None:
    path = tmp_path / "shunted.cir"
    path.write_text(SHUNTED, encoding="utf-8")
    experiment = prepare(load_design(IDEAL, (f"cells.edge={path}", *TIGHT)))
    part = Part(experiment.schedule, experiment.task.train, np.array(experiment.gates_V))
    with (
        open_plant("accelerated", experiment) as ours,
        open_plant("spice", experiment) as spice,
    ):
        found = deviation(play_all(ours, part), play_all(spice, part), part.examples.labels)
    assert found.gates_V < 1e-3
    assert abs(found.root_error_V) < 2e-4
    assert abs(found.energy["network_free"]) < 1e-2
    assert abs(found.energy["network_clamped"]) < 1e-2


@pytest.fixture(scope="module")
def ideal_plant() -> Plant:
    with open_plant("accelerated", prepare(load_design(IDEAL, TIGHT))) as plant:
        yield plant


def test_what_it_plays_again_is_the_same_to_the_last_bit(ideal_plant: Plant) -> None:
    """A player is kept between parts, and nothing that it found in the one before."""
    experiment = ideal_plant.experiment
    gates_V = np.array(experiment.gates_V)
    part, other = (
        Part(experiment.schedule, experiment.task.train, v) for v in (gates_V, gates_V + 0.1)
    )
    first = play_all(ideal_plant, part)
    elsewhere = play_all(ideal_plant, other)
    again = play_all(ideal_plant, part)
    assert not np.array_equal(first[-1].gates_V, elsewhere[-1].gates_V)
    for one, two in zip(first, again, strict=True):
        for name in ("time_s", "power_W", "energy_J", "outputs_V", "gates_V", "signals_V"):
            assert np.array_equal(getattr(one, name), getattr(two, name)), name


def test_where_it_settles_gates_hold_their_charge_and_currents_balance(ideal_plant: Plant) -> None:
    experiment = ideal_plant.experiment
    play_all(
        ideal_plant,
        Part(experiment.schedule, experiment.task.train, np.array(experiment.gates_V)),
    )
    player = ideal_plant._idle[False]
    net, (edge, _, charge, *_) = player.layout.arrays, player._kernel
    held, capacity = np.zeros((2, len(player._gates)))
    gate_charges(net, charge, player._x, player._gates, held, capacity)
    # what the last step of a node, below a microvolt, does to a gate
    assert np.abs((player._charge - held) / capacity).max() < 1e-6
    current, leaving = np.zeros(len(net[0])), np.zeros(player.layout.size + 1)
    device_currents(net, edge, player._x, player._gates, current)
    np.add.at(leaving, net[0], current)
    np.add.at(leaving, net[1], -current)
    balanced = np.flatnonzero(net[8] == KCL)
    conducted_S = np.abs(current).max() / np.ptp(player._x)
    assert np.abs(leaving[balanced]).max() < 2e-6 * conducted_S  # volts times siemens


def test_it_is_held_against_ngspice_once(
    ideal_plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    # an ideal clamp takes current from its rail one way only: a kink that no smooth table has
    monkeypatch.setattr(type(ideal_plant), "accuracy", Accuracy(7e-3, energy=0.5, error=0.1))
    found = anchor.anchored(ideal_plant)
    assert isinstance(found, Anchor)
    assert found.tight is None  # nobody had a reason to ask
    assert found.own.presentations == 4 + 4 + 4
    assert 0.0 < found.own.gates_V <= found.own.worst_gate_V < 2e-3

    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(anchor, "open_plant", never)
    assert anchor.anchored(ideal_plant) == found


@pytest.mark.parametrize(
    ("accuracy", "words"),
    [
        (Accuracy(gates_V=1e-9, energy=1.0, error=1.0), "gates by .* mV rms"),
        (Accuracy(gates_V=1.0, energy=1e-9, error=1.0), "the energy of .* by .*%"),
    ],
)
def test_what_is_too_far_off_is_stopped(
    ideal_plant: Plant, monkeypatch: pytest.MonkeyPatch, accuracy: Accuracy, words: str
) -> None:
    monkeypatch.setattr(type(ideal_plant), "accuracy", accuracy)
    found = anchor.anchored(ideal_plant)
    assert found is not None
    assert re.search(words, anchor.missing(ideal_plant, found.own))


def _off_by_design(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Accelerated, "accuracy", Accuracy(1e-9, energy=1e-9, error=1e-9))


def test_what_misses_is_judged_by_tight_tolerances(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plant too far from ngspice as the run has it is held against ngspice at tight ones."""
    _off_by_design(monkeypatch)
    loose = ("simulator.options.bypass=0", "simulator.options.trtol=7")
    with open_plant("accelerated", prepare(load_design(IDEAL, loose))) as plant:
        found = anchor.anchored(plant)
    assert found is not None
    assert found.tight is not None
    assert found.reference is not None
    assert found.judged is found.tight
    # what the plant is off ngspice as it runs, is what both are off ngspice at its best
    furthest_V = found.tight.gates_V + found.reference.gates_V
    assert found.own.gates_V <= furthest_V


def test_a_plant_that_misses_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    _off_by_design(monkeypatch)
    experiment = prepare(load_design(IDEAL, (*TIGHT, "simulator.fidelity=accelerated")))
    with (
        pytest.raises(LearningError, match=r"misses gates by .* against ngspice over") as no,
        anchor.open_anchored(experiment),
    ):
        pass
    assert "simulator.fallback" in str(no.value)


def test_a_plant_that_misses_is_replaced_where_the_design_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _off_by_design(monkeypatch)
    sets = (*TIGHT, "simulator.fidelity=accelerated", "simulator.fallback=spice")
    learned = learn(load_design(IDEAL, sets), tmp_path / "run")
    assert learned.plant == "spice"
    assert learned.anchor is None
    told = [line for line in learned.warnings if "simulator.fallback" in line]
    assert len(told) == 1
    assert told[0].startswith("played by ngspice instead")
