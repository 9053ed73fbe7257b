"""The reproduction: its setting, its sentences, and its page."""

import json
import re
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

from learning.cli import main
from learning.errors import LearningError
from learning.papers.stern2024.data import (
    Cost,
    Memory,
    Mode,
    NetworkCost,
    Reproduction,
    RunRow,
    SeedCost,
    Switched,
    Tradeoff,
    dump_part,
    read_part,
)
from learning.papers.stern2024.payback import ALL_SUPPLIED, CLAMP_OFF, IDEAL, PUSH_PULL, UPDATE_OFF
from learning.papers.stern2024.payback import summary as payback
from learning.papers.stern2024.reproduction import CIRCUIT, PARTS, page, read, reproduce, told
from learning.papers.stern2024.scale import FULL, SHORT
from learning.papers.stern2024.setting import COEFFICIENTS, drawn_setting, paper_setting
from learning.papers.stern2024.tradeoff import SLOPE_WINDOW, sweep
from learning.running.least_power import LeastPower
from learning.studies.single.kept_run import run_circuit


@pytest.mark.parametrize("draw", [paper_setting, drawn_setting])
@pytest.mark.parametrize("trial", [0, 4])
def test_a_trial_has_the_paper_s_sizes(draw, trial):
    setting = draw(trial)
    assert (setting.graph.number_of_nodes(), setting.graph.number_of_edges()) == (64, 143)
    assert nx.is_connected(setting.graph)
    assert min(degree for _, degree in setting.graph.degree) >= 3
    assert all(setting.graph.has_edge(*edge) for edge in (*setting.sources, *setting.targets))
    assert len({*setting.sources, *setting.targets}) == 4
    assert setting.inputs.shape == (20, 2)
    again = draw(trial)
    assert list(again.graph.edges()) == list(setting.graph.edges())
    np.testing.assert_array_equal(again.inputs, setting.inputs)


def test_the_first_trial_is_the_notebook_s():
    # What numpy gives after the notebook's own `rand.seed(0)`, drawn here as the notebook does.
    rng = np.random.RandomState(0)
    numbers = rng.choice(range(143), size=4, replace=False)
    assert numbers.tolist() == [45, 118, 16, 56]
    setting = paper_setting(0)
    edges = list(setting.graph.edges())
    assert [{*edges[n]} for n in numbers] == [{*e} for e in (*setting.sources, *setting.targets)]
    np.testing.assert_array_equal(setting.inputs, rng.rand(2, 20).T)
    np.testing.assert_allclose(setting.labels, setting.inputs @ np.transpose(COEFFICIENTS))
    later = paper_setting(1)
    found, *_ = np.linalg.lstsq(later.inputs, later.labels, rcond=None)
    assert 0.0 < np.max(np.abs(found.T - COEFFICIENTS)) < 0.4


def test_the_error_grows_as_the_square_of_a_small_power_weight():
    # One trial that learns quickly; the full sweep and its slope stand behind the evidence mark.
    found = sweep(1, (0.0, 1e-9, 1e-8), steps=40_000, draw=lambda _: drawn_setting(8))
    assert found.slope() == pytest.approx(2.0, abs=0.1)
    assert found.slopes()[0] == found.slope()
    assert found.error[0, 0] < 1e-3 * found.error[0, 1]


def test_edges_across_a_source_burn_power_that_only_the_power_term_removes():
    weights = (0.0, 1e-5)
    sweeps = {
        kind: sweep(1, weights, 4_000, kind, learned=0.5, draw=lambda _: drawn_setting(8))
        for kind in ("included", "frozen", "removed")
    }
    inputs = drawn_setting(8).inputs
    kept = 0.5 * np.mean(np.sum(inputs**2, axis=1))
    assert sweeps["included"].source_power[0, 0] == pytest.approx(kept)
    assert sweeps["frozen"].source_power[0].tolist() == pytest.approx([kept, kept])
    assert sweeps["removed"].source_power[0].tolist() == [0.0, 0.0]
    assert sweeps["included"].source_power[0, 1] < 1e-3 * kept
    # They carry no signal: without them the network learns the same.
    apart = sweeps["included"].power[0, 0] - sweeps["removed"].power[0, 0]
    assert apart == pytest.approx(kept, rel=1e-6)


def test_trials_that_do_not_learn_are_left_out_and_none_at_all_is_an_error():
    with pytest.raises(LearningError, match="none of 1 trials learns its task in 10 steps"):
        sweep(1, (0.0, 1e-9), steps=10)


def test_a_run_is_read_again_and_made_again_when_its_design_or_rule_changes(tmp_path, monkeypatch):
    ideal = ("cells.update=update_ideal", "cells.clamp=clamp_ideal", "cells.driver=driver_ideal")
    design = replace(SHORT, epochs=1).design(1, *ideal)
    first = run_circuit(design, tmp_path / "run")
    assert first.history[0][1] == first.initial_error_V2
    monkeypatch.setattr("learning.studies.single.kept_run.played_out", _forbidden)
    assert run_circuit(design, tmp_path / "run").error_V2 == first.error_V2
    with pytest.raises(AssertionError, match="learned again"):
        run_circuit(replace(design, seed=2), tmp_path / "run")
    with pytest.raises(AssertionError, match="learned again"):
        run_circuit(design, tmp_path / "run", LeastPower(1e-3, 1))
    with monkeypatch.context() as changed:
        changed.setattr("learning.studies.single.kept_run.emit", lambda _: "a cell was edited")
        with pytest.raises(AssertionError, match="learned again"):
            run_circuit(design, tmp_path / "run")
    (tmp_path / "run" / "design.toml").write_text("made_by = 'an older version'\n")
    with pytest.raises(AssertionError, match="learned again"):
        run_circuit(design, tmp_path / "run")


def _forbidden(*_, **__):
    raise AssertionError("learned again")


def test_the_short_sweep_makes_a_page_that_names_its_commands(tmp_path, capsys):
    code = main(
        ["reproduce", "stern2024", "--out", str(tmp_path), "--short", "--only", "tradeoff",
         "--only", "procedure"]
    )  # fmt: skip
    assert code == 0
    printed = capsys.readouterr()
    assert "2 of 2 trials learn their task" in printed.out
    assert "seeds end under 0.001 V²" in printed.out
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    for part in ("tradeoff", "procedure"):
        assert f"joulearn reproduce stern2024 --out DIR --only {part} --short" in text
    assert text.count("<svg") == 2
    assert "mathdefault" not in text  # logarithmic axes are labelled in words
    assert not re.search(r'(?:src|href)="(?!#)', text)
    assert page(read(tmp_path)) == text


def test_an_unknown_part_is_refused(tmp_path, capsys):
    assert main(["reproduce", "stern2024", "--out", str(tmp_path), "--only", "all"]) == 2
    assert "there is no part 'all'" in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LearningError, match="cannot write here"):
        reproduce(tmp_path / "file" / "below", short=True)


BLOCK_W = {
    "network_free": 1e-6, "network_clamped": 1e-6, "update": 1e-8, "clamp": 1e-5, "bias": 2e-6,
    "control": 0.0, "drivers": 4e-5,
}  # fmt: skip


def canned(saving_W):
    """A network's measurements in round numbers, less some power in the free network."""
    power = {**BLOCK_W, "network_free": 1e-6 - saving_W}
    power["total"] = sum(power.values())
    names = (ALL_SUPPLIED, CLAMP_OFF, UPDATE_OFF, PUSH_PULL, IDEAL)
    run = RunRow(
        weight=0.0,
        seed=1,
        initial_error_V2=1e-2,
        error_V2=1e-4,
        network_W=power["network_free"],
        query_W=power,
        query_J=1e-10,
        settling_s=2e-6,
        training_W=power,
        training_J={"total": 7e-7},
        simulated_s=1e-2,
    )
    return NetworkCost(
        run=run,
        modes=dict.fromkeys(names, Mode(power, error_V2=1e-4, gate_change_V=0.5)),
        switched=Switched(power, slowest_s=4e-6, error_V2=1e-4),
        memory=Memory(watched_s=1e-3, drift_V_per_s=(0.0,), lasts_s=0.2),
    )


@pytest.mark.parametrize(
    ("saving_W", "network", "words"),
    [(5e-7, 6e5, "after 6e+05 queries; counted on everything, after 6e+05"), (0.0, None, "never")],
)
def test_break_even_is_what_was_spent_over_what_a_query_saves(saving_W, network, words):
    both = SeedCost(1, 32, 1e-7, plain=canned(0.0), saving=canned(saving_W))
    data = Cost("full", 1e-3, (both,))
    found = payback(data)
    counted = found.break_even
    assert counted.push_pull == counted.ideal == counted.total
    assert counted.network == (None if network is None else pytest.approx(network))
    assert found.queries_remembered == pytest.approx(1e5)
    assert found.update_per_edge_idle_W == pytest.approx(1e-8 / 32)
    sentences = " ".join(told(Reproduction(cost=data))["cost"])
    assert words in sentences
    assert "destroys the weights" in sentences
    assert "<svg" in page(Reproduction(cost=data))


def test_a_part_s_file_reads_back_as_it_was_written(tmp_path):
    data = Cost("full", 1e-3, (SeedCost(1, 32, 1e-7, plain=canned(0.0), saving=canned(1e-7)),))
    (tmp_path / "cost.json").write_text(dump_part(data), encoding="utf-8")
    assert read(tmp_path) == Reproduction(cost=data)


@pytest.mark.parametrize("content", ["{", '{"scale": "full"}', "[]"])
def test_a_part_s_file_of_another_kind_is_refused(tmp_path, content):
    (tmp_path / "tradeoff.json").write_text(content, encoding="utf-8")
    with pytest.raises(LearningError, match="data of another version or damaged"):
        read_part(tmp_path / "tradeoff.json", Tradeoff)


@pytest.mark.evidence
def test_the_whole_reproduction(tmp_path):
    folder = tmp_path  # resumable by hand: joulearn reproduce stern2024 --out runs/stern2024
    reproduce(folder, watch=print)
    data = read(folder)
    sentences = told(data)
    for name, found in sentences.items():
        print(name, *found, sep="\n  ")
    assert list(sentences) == [part.name for part in PARTS]
    assert data.tradeoff is not None
    assert data.procedure is not None
    included = data.tradeoff.sweeps["included"]
    assert SLOPE_WINDOW == (1e-9, 1e-7)
    assert included.slope == pytest.approx(2.0, abs=0.1)
    low, high = included.jump
    assert 0.99e-6 < low < high < 1.01e-5
    found = dict(zip(included.weights, included.mean_error, strict=True))
    power = dict(zip(included.weights, included.mean_power, strict=True))
    # The curves of the authors' own notebook, as far as its pictures can be read.
    for weight, error in {1e-10: 4.5e-14, 1e-7: 5e-8, 1e-6: 1.8e-6, 1e-5: 6e-3}.items():
        assert found[weight] == pytest.approx(error, rel=0.3)
    for weight, watts in {0.0: 0.59, 1e-7: 0.19, 1e-5: 0.023}.items():
        assert power[weight] == pytest.approx(watts, rel=0.1)
    plain = {run.seed: run.network_W for run in data.procedure.without}
    for run in data.procedure.runs:
        assert run.error_V2 <= 1e-3
        assert plain[run.seed] >= 2.0 * run.network_W


@pytest.mark.evidence
def test_the_short_reproduction_has_every_part(tmp_path):
    reproduce(tmp_path, short=True)
    assert list(told(read(tmp_path))) == [part.name for part in PARTS]
    assert json.loads((tmp_path / "cost.json").read_text())["scale"] == "short"


@pytest.mark.evidence
def test_the_short_reproduction_on_one_network_has_every_part_with_a_circuit(tmp_path):
    reproduce(tmp_path, short=True, machine="regression")
    found = read(tmp_path)
    assert list(told(found)) == list(CIRCUIT)
    assert all(run.reached for run in found.starts.circuit if run.start != "uniform high")
    modes = found.cost.networks[0].plain.modes
    assert modes[IDEAL].power_W["total"] < modes[CLAMP_OFF].power_W["total"]
    assert modes[CLAMP_OFF].power_W["total"] < modes[ALL_SUPPLIED].power_W["total"]


def test_another_machine_plays_the_parts_that_any_can(tmp_path, capsys, monkeypatch):
    """A machine of one network: its runs, its name in the commands of the page."""
    small = replace(SHORT, epochs=1, circuit_weights=(0.0, 0.05))
    monkeypatch.setattr("learning.papers.stern2024.reproduction.SHORT", small)
    arguments = ["reproduce", "stern2024", "--out", str(tmp_path), "--design", "regression"]
    assert main([*arguments, "--short", "--only", "circuit", "--only", "procedure"]) == 0
    printed = capsys.readouterr().out
    assert "circuit\n" in printed
    assert "tradeoff" not in printed
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    for part in ("circuit", "procedure"):
        command = f"reproduce stern2024 --out DIR --only {part} --design regression --short"
        assert command in text
    runs = read(tmp_path).circuit.runs
    # half a window's worth of learning cannot do much, but the pin is wired: gates end lower
    assert runs[1].network_W < runs[0].network_W


def test_a_part_without_a_circuit_is_refused_a_design(tmp_path, capsys):
    arguments = ["reproduce", "stern2024", "--out", str(tmp_path), "--design", "regression"]
    assert main([*arguments, "--only", "tradeoff"]) == 2
    assert "the part tradeoff plays no circuit" in capsys.readouterr().err


def test_a_machine_without_class_a_drivers_is_asked_through_its_own():
    """Its queries with the clamps off stand where other drivers would."""
    both = SeedCost(1, 32, 1e-7, plain=canned(0.0), saving=canned(5e-7))
    own = {
        part: replace(at, modes={mode: was for mode, was in at.modes.items() if mode != PUSH_PULL})
        for part, at in (("plain", both.plain), ("saving", both.saving))
    }
    data = Cost("full, regression", 1e-3, (replace(both, **own),))
    assert payback(data).break_even.push_pull == pytest.approx(payback(data).break_even.total)
    sentences = " ".join(told(Reproduction(cost=data))["cost"])
    assert "With its own drivers and the nudge amplifiers off" in sentences
    assert "class A" not in sentences
    assert "class-A" not in sentences
    assert "--only cost --design regression" in page(Reproduction(cost=data))


def test_a_machine_of_one_network_gets_the_epochs_it_needs():
    assert FULL.of("regression").epochs > FULL.epochs
    assert FULL.of("regression_twin") is FULL
    assert SHORT.of("regression").epochs == SHORT.epochs
