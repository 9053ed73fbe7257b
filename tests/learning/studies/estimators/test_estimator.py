"""Estimators: scikit-learn's own judgement, and what a network in ngspice answers through them."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from learning import LearningError, SelfLearningClassifier, SelfLearningRegressor, open_run
from learning.studies.estimators.encoding import fitted

WIDE = {"network.rows": 6, "network.columns": 6, "schedule.epochs": 10}
"""Room for the ten columns, mirrored, of scikit-learn's widest table."""

IDEAL = {
    **{f"cells.{slot}": f"{slot}_ideal" for slot in ("edge", "update", "clamp", "driver")},
    "network.rows": 3,
    "network.columns": 3,
    "measure.audit": False,
    "initial.spread_V": 0.2,
    "schedule.presentation_s": 40e-6,
    "schedule.epochs": 2,
    "schedule.evaluate_every": 2,
}


@parametrize_with_checks(
    [
        SelfLearningRegressor(fidelity="twin", settings=WIDE),
        SelfLearningClassifier(fidelity="twin", settings=WIDE),
    ]
)
def test_scikit_learn_finds_nothing_wrong(estimator, check):
    """Played by the twin: what is judged is the estimator, some hundred fits of it."""
    check(estimator)


def _plane(n_row: int = 12):
    X = np.random.default_rng(0).uniform(-3.0, 5.0, (n_row, 2))
    return X, X @ [2.0, -1.0] + 4.0


def test_estimators_work_in_pipelines_and_searches():
    X, y = load_iris(return_X_y=True)
    chain = make_pipeline(StandardScaler(), SelfLearningClassifier(fidelity="twin"))
    peer = make_pipeline(StandardScaler(), RidgeClassifier())
    ours, theirs = (cross_val_score(one, X, y, cv=3).mean() for one in (chain, peer))
    assert ours >= theirs - 0.02  # linear, as a network of resistors is; a flower of fifty
    X, y = _plane(40)
    epochs = [{"schedule.epochs": 1}, {"schedule.epochs": 200}]
    search = GridSearchCV(SelfLearningRegressor(fidelity="twin"), {"settings": epochs}, cv=3)
    search.fit(X, y)
    assert search.best_params_ == {"settings": epochs[1]}
    assert search.best_score_ > 0.9


def test_a_network_in_ngspice_answers_new_rows(tmp_path: Path):
    X, y = _plane(6)
    network = SelfLearningRegressor(fidelity="spice", settings=IDEAL, out=tmp_path, random_state=4)
    network.fit(X, y)
    run = open_run(tmp_path / "fit-001" / "run")
    assert network.result_.folder == run.folder
    assert network.result_.seed == 4
    assert network.energy_J_ == run.energy_J
    assert network.energy_J_["total"] > 0.0 < network.energy_per_query_J_
    again = pickle.loads(pickle.dumps(network))
    # the run's own last evaluation has shown the same rows to the same network
    shown = run.predictions.train.predicted_V
    levels = network._labels
    np.testing.assert_allclose(again.predict(X), levels.units(np.array(shown))[:, 0], atol=0.02)
    between = again.predict(X[[0]] * 0.5 + X[[1]] * 0.5)
    ends = again.predict(X[:2])
    assert between == pytest.approx(ends.mean(), abs=0.02)  # a network of resistors is linear


def test_the_twin_has_no_bill():
    network = SelfLearningRegressor(fidelity="twin").fit(*_plane())
    assert (network.result_, network.energy_J_, network.energy_per_query_J_) == (None, {}, None)
    assert network.error_V2_ > 0.0


def test_classes_keep_their_names_and_order():
    X = np.arange(24.0).reshape(12, 2)
    y = np.repeat(["zebra", "a, b", "ox"], 4)
    network = SelfLearningClassifier(fidelity="twin", settings={"schedule.epochs": 400}).fit(X, y)
    assert network.classes_.tolist() == ["a, b", "ox", "zebra"]
    assert network.decision_function(X).shape == (12, 3)
    assert set(network.predict(X)) <= set(y)


def test_what_cannot_be_learned_is_refused():
    X, y = _plane()
    with pytest.raises(ValueError, match="a column of y never changes"):
        SelfLearningRegressor(fidelity="twin").fit(X, np.ones(12))
    with pytest.raises(LearningError, match="nobody called 'magic' can play"):
        SelfLearningRegressor(fidelity="magic").fit(X, y)
    with pytest.raises(LearningError, match="sources"):
        SelfLearningRegressor("regression", fidelity="twin").fit(X, y)


def test_columns_fill_the_range_and_mirrors_fall():
    values = np.array([[0.0, 7.0], [4.0, 7.0]])
    encoding = fitted(values, (0.1, 0.5), mirrored=True)
    expected = [[0.1, 0.3, 0.5, 0.3], [0.5, 0.3, 0.1, 0.3], [0.5, 0.3, 0.1, 0.3]]
    np.testing.assert_allclose(encoding.volts(np.array([[0.0, 7.0], [4.0, 9.0], [9, 7]])), expected)
    labels = fitted(np.array([[-2.0], [3.0]]), (0.15, 0.3))
    np.testing.assert_allclose(labels.units(labels.volts(np.array([[1.5]]))), [[1.5]])


def test_without_scikit_learn_it_is_said_what_to_install():
    code = (
        "import sys; sys.modules['sklearn'] = None\n"
        "try:\n    from learning import SelfLearningRegressor\n"
        "except Exception as error:\n    print(type(error).__name__, error)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert told.stdout.startswith("LearningError")
    assert "pip install 'joulearn[sklearn]'" in told.stdout


@pytest.mark.parametrize(
    "settings",
    [
        {"damage.kind": "open", "damage.count": 1},
        {"noise.scale": 1.0, "noise.sampled_A": 1e-11},
        {"retention.leak_S": 1e-12},
    ],
)
def test_numbers_refuse_what_they_know_nothing_of(settings: dict[str, object]) -> None:
    inputs = np.array([[0.0, 1.0], [1.0, 0.0], [0.5, 0.5]])
    with pytest.raises(LearningError, match="neither breaks nor leaks nor makes noise"):
        SelfLearningRegressor(fidelity="twin", settings=settings).fit(inputs, inputs[:, 0])


@pytest.mark.parametrize("wide", [1e308, 1e-320])
def test_columns_that_no_scale_brings_to_volts_are_refused(wide: float) -> None:
    rows, labels = np.array([[0.0, wide], [1.0, -wide], [2.0, 0.0]]), np.arange(3.0)
    with pytest.raises(ValueError, match=r"column 1 goes from -.* write it in another unit"):
        SelfLearningRegressor(fidelity="twin").fit(rows, labels)
    with pytest.raises(ValueError, match=r"column 0 goes from -.* write it in another unit"):
        SelfLearningRegressor(fidelity="twin").fit(labels[:, None], rows[:, 1])


def test_a_row_infinitely_far_out_is_at_the_end_of_the_range() -> None:
    encoding = fitted(np.array([[-0.5], [0.5]]), (0.0, 0.4))
    assert encoding.volts(np.array([[1.7e308], [-1.7e308]])).tolist() == [[0.4], [0.0]]


def test_a_folder_that_cannot_hold_runs_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    (tmp_path / "dangling").symlink_to("nowhere")
    for name in ("file", "dangling"):
        network = SelfLearningRegressor(fidelity="twin", out=tmp_path / name)
        with pytest.raises(LearningError, match=f"{name}: cannot write here"):
            network.fit([[0.0], [1.0]], [0.0, 1.0])


@pytest.mark.parametrize("settings", [["schedule.epochs"], {1: 2}])
def test_settings_that_name_no_keys_are_refused(settings: object) -> None:
    network = SelfLearningRegressor(fidelity="twin", settings=settings)
    with pytest.raises(LearningError, match=r"settings: .* names no keys and values"):
        network.fit([[0.0], [1.0]], [0.0, 1.0])
