"""Edges that break, gates that leak, cells that make noise: in the deck, and in what a run says."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from learning import LearningError, find_design, finish, learn, load_design, prepare
from learning.design.sections import DamageSpec, NoiseSpec
from learning.design.whole import Design
from learning.experiment.damage import broken_edges, damaged
from learning.experiment.experiment import Experiment
from learning.experiment.noise import deviation_A
from learning.experiment.schedule import enabled_window, remaining
from learning.fidelity.plant import Part
from learning.fidelity.plants import open_plant
from learning.measure.disagreement import Disagreement
from learning.running.run_time import rough_s
from learning.running.tally import load_tally
from learning.studies.planned.figures import figures_of
from netlist.circuit import Instance, Source
from netlist.text.emitter import emit

IDEAL = Path(__file__).parents[1] / "ideal.toml"


LONG = ("schedule.presentation_s=80e-6", "schedule.epochs=8", "schedule.evaluate_every=8")


def design(*sets: str, of: str | Path = IDEAL) -> Design:
    return load_design(of if isinstance(of, Path) else find_design(of), sets)


def body(experiment: Experiment):
    return experiment.whole.circuit.body


def test_a_larger_count_breaks_those_of_a_smaller_one_too() -> None:
    some = [set(broken_edges(DamageSpec(kind="open", count=n), 32)) for n in (0, 1, 3, 32)]
    assert [len(one) for one in some] == [0, 1, 3, 32]
    assert all(a <= b for a, b in pairwise(some))
    other = broken_edges(DamageSpec(kind="open", count=3, seed=1), 32)
    assert set(other) != some[2]
    assert broken_edges(DamageSpec(kind="low", edges=(7, 2)), 32) == (2, 7)


@pytest.mark.parametrize(
    ("sets", "told"),
    [
        (("damage.kind=open", "damage.count=99"), "99 edges cannot break"),
        (("damage.kind=open", "damage.edges=[99]"), "edge 99 cannot break"),
        (("damage.count=1",), "edges are broken in no way"),
        (("damage.kind=open", "damage.count=1", "damage.edges=[0]"), "both named and drawn"),
        (("noise.scale=1",), "noise is asked for, and its amplitudes are 0"),
    ],
)
def test_what_cannot_break_is_refused(sets: tuple[str, ...], told: str) -> None:
    with pytest.raises(LearningError, match=told):
        _ = prepare(design(*sets)).whole


@pytest.mark.parametrize(("of", "ends"), [("regression", 1), ("regression_twin", 2)])
def test_an_open_edge_hangs_by_one_end(of: str, ends: int) -> None:
    sound, broken = (
        prepare(design(*sets, of=of)) for sets in ((), ("damage.kind=open", "damage.edges=[3]"))
    )
    ((before, after),) = [(a, b) for a, b in zip(body(sound), body(broken), strict=True) if a != b]
    assert isinstance(before, Instance)
    assert isinstance(after, Instance)
    assert before.name.lower() == "xedge_3"
    cut = [b for a, b in zip(before.nodes, after.nodes, strict=True) if a != b]
    assert len(cut) == len(set(cut)) == ends
    assert all(emit(broken.whole.circuit).count(f" {node} ") == 1 for node in cut)


def test_a_broken_machine_learns_again_and_says_what_it_was(tmp_path: Path) -> None:
    asked = design("damage.kind=open", "damage.count=3", "damage.after_epochs=8", *LONG)
    asked = asked.replace("measure.audit", True)
    learned = learn(asked, tmp_path)
    result = finish(learned)
    assert result.broken is not None
    assert result.broken.edges == broken_edges(asked.damage, len(result.network.edges))
    figures = figures_of(result, None)
    before, right_after, after = (
        figures[name] for name in ("error_before_V2", "error_broken_V2", "error_V2")
    )
    assert before is not None
    assert right_after is not None
    assert after is not None
    assert before < right_after
    assert after < right_after
    sound = load_tally(learned.folder.before.checkpoint)
    assert sound.epochs == 8
    assert sound.history[-1].error_V2 == before
    # the broken machine goes on from the sound one's gates
    assert learned.tally.gates_V[0] == pytest.approx(sound.gates_V[-1])
    assert result.broken.energy_before_J is not None
    assert result.broken.energy_before_J["total"] == pytest.approx(sound.energy_J.sum())
    assert not result.disagreements
    assert result.energy_balance is not None


def test_a_sound_run_that_is_not_to_be_trusted_spoils_the_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned = learn(
        design("damage.kind=stuck", "damage.count=1", "damage.after_epochs=1"), tmp_path
    )
    wrong = Disagreement("the sound machine's bill", 0.5, 1e-3)
    monkeypatch.setattr("learning.result.robustness.disagreements", lambda _: (wrong,))
    assert wrong in finish(learned).disagreements


@pytest.mark.parametrize(("kind", "held_V"), [("stuck", None), ("low", 0.0), ("high", 1.8)])
def test_a_stuck_gate_stands_and_the_others_move(
    kind: str, held_V: float | None, tmp_path: Path
) -> None:
    learned = learn(_shorted(kind), tmp_path)
    first, last = learned.tally.gates_V[0], learned.tally.gates_V[-1]
    moved = np.abs(last - first)
    assert moved[1] < 1e-5
    assert np.median(np.delete(moved, 1)) > 1e-3
    if held_V is not None:
        assert last[1] == pytest.approx(held_V, abs=1e-3)


def _shorted(kind: str) -> Design:
    """Ideal cells have no rail to be shorted to."""
    sets = (f"damage.kind={kind}", "damage.edges=[1]", "measure.audit=false", "schedule.epochs=1")
    if kind != "high":
        return design(*sets)
    return design(*sets, "task.examples=2", "learning.tolerance_V2=0", of="regression")


def test_without_a_rail_nothing_is_shorted_to_it() -> None:
    experiment = prepare(design())
    without = replace(experiment.whole, rails=())
    with pytest.raises(LearningError, match="no rail to be shorted to"):
        damaged(without, experiment.cells, DamageSpec(kind="high", count=1))


# --- noise ------------------------------------------------------------------------------------

NOISY = ("noise.scale=2", "noise.density_A2s=1e-20", "noise.sampled_A=1e-9")


def _drawn_A(experiment: Experiment, index: int) -> dict[str, float]:
    """By gate, the noise current of a presentation."""
    shown = experiment.schedule.presentations[index]
    begin_s, end_s = enabled_window(shown, experiment.design.schedule)
    found = {}
    for source in body(experiment):
        if isinstance(source, Source) and source.name.startswith("Inoise_"):
            assert source.waveform is not None
            at, values = np.array(source.waveform.arguments).reshape(-1, 2).T
            found[source.nodes[1]] = float(np.interp(0.5 * (begin_s + end_s), at, values))
    return found


def test_noise_has_the_deviation_of_its_law() -> None:
    experiment = prepare(design(*NOISY, "schedule.epochs=40"))
    shown = [p for p in experiment.schedule.presentations if p.learning]
    begin_s, end_s = enabled_window(shown[0], experiment.design.schedule)
    wanted_A = deviation_A(experiment.design.noise, end_s - begin_s)
    law_A2 = 4.0 * (1e-20 / (2.0 * (end_s - begin_s)) + 1e-18)
    assert wanted_A**2 == pytest.approx(law_A2)
    drawn = np.array([list(_drawn_A(experiment, p.index).values()) for p in shown[::4]])
    assert drawn.size > 100
    # the deviation of n numbers is known to one part in root 2n
    assert drawn.std() == pytest.approx(wanted_A, rel=4.0 / np.sqrt(2.0 * drawn.size))
    assert abs(np.corrcoef(drawn[:-1].ravel(), drawn[1:].ravel())[0, 1]) < 4.0 / drawn.size**0.5


def test_noise_is_the_same_for_whoever_plays_a_presentation() -> None:
    one, again, other = (prepare(design(*NOISY, f"noise.seed={seed}")) for seed in (0, 0, 1))
    assert emit(one.whole.circuit) == emit(again.whole.circuit)
    last = next(p for p in reversed(one.schedule.presentations) if p.learning)
    rest = replace(one, schedule=remaining(one.schedule, 1, evaluated=True))
    assert rest.schedule.presentations[0].index > 0
    place = len(rest.schedule.presentations) - len(one.schedule.presentations) + last.index
    assert rest.schedule.presentations[place].index == last.index
    assert _drawn_A(rest, place) == pytest.approx(_drawn_A(one, last.index))
    assert _drawn_A(one, last.index) != pytest.approx(_drawn_A(other, last.index))
    quiet = prepare(design(*NOISY, "noise.scale=0"))
    assert "noise" not in emit(quiet.whole.circuit).lower()


def test_noise_moves_a_gate_by_its_charge() -> None:
    """In ngspice: current times window over the capacitance, on top of what is learned."""
    sets = ("schedule.epochs=1", "measure.audit=false")
    quiet, noisy = prepare(design(*sets)), prepare(design(*sets, *NOISY))
    ends = []
    for experiment in (quiet, noisy):
        with open_plant("spice", experiment) as plant:
            played: list = []
            part = Part(experiment.schedule, experiment.task.train, np.array(experiment.gates_V))
            plant.play(part, lambda one, kept=played: kept.append(one) or True)
        first = next(p for p in played if p.presentation.learning)
        ends.append(first.gates_V[-1] - first.gates_V[0])
    shown = next(p for p in noisy.schedule.presentations if p.learning)
    begin_s, end_s = enabled_window(shown, noisy.design.schedule)
    drawn_A = np.array(list(_drawn_A(noisy, shown.index).values()))
    farads = noisy.parameters("update").get("c", 1e-11)
    wanted_V = drawn_A * (end_s - begin_s) / farads
    assert np.abs(wanted_V).max() > 1e-3
    assert ends[1] - ends[0] == pytest.approx(wanted_V, rel=0.05, abs=5e-5)


def test_noise_spec_of_nothing_is_nothing() -> None:
    assert deviation_A(NoiseSpec(), 1e-5) == 0.0


# --- leakage ----------------------------------------------------------------------------------


def test_a_network_that_waits_forgets_what_leaks(tmp_path: Path) -> None:
    results = []
    for name, leak_S in (("tight", 0.0), ("leaky", 5e-12)):
        sets = (f"retention.leak_S={leak_S}", "retention.hold_s=1.0", "measure.audit=false")
        learned = learn(design(*sets), tmp_path / name)
        results.append(finish(learned))
    tight, leaky = results
    assert tight.held is not None
    assert leaky.held is not None
    # a gate of 10 pF loses 40 % in that second; all lose alike, so that answers change little
    assert tight.held.error_V2 == pytest.approx(tight.error_V2.final, rel=0.01)
    assert abs(leaky.held.error_V2 / leaky.error_V2.final - 1.0) > 0.05


@pytest.mark.parametrize(
    ("told", "sets"),
    [
        ("noise", ("noise.scale=1", "noise.sampled_A=1e-11")),
        ("gates that leak", ("retention.leak_S=1e-12",)),
        ("broken edges", ("damage.kind=open", "damage.count=1")),
    ],
)
def test_tables_refuse_what_they_do_not_describe(told: str, sets: tuple[str, ...]) -> None:
    with (
        pytest.raises(LearningError, match=f"does not play {told}"),
        open_plant("accelerated", prepare(design(*sets, of="regression"))),
    ):
        pass


def test_a_run_before_the_break_takes_its_time_too() -> None:
    plain, broken = (
        rough_s(prepare(design(*sets, of="regression_twin")))
        for sets in ((), ("damage.kind=open", "damage.count=1", "damage.after_epochs=10"))
    )
    assert broken > 1.5 * plain
