"""A store holds a result or nothing, under a name that says what it is made of."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from learning import LearningError, study
from learning.studies.kept.index import read_records
from learning.studies.kept.record import Record, Status
from learning.studies.kept.store import Store
from learning.studies.planned.plan import Plan, make_plan
from learning.studies.planned.read_study import load_study
from learning.studies.planned.selection import only, shard
from learning.studies.planned.study import Limits
from learning.studies.played.conduct import missing
from tests.learning.studies.trial import IDEAL, put

Planned = Callable[..., tuple[Plan, Store]]
Write = Callable[..., Path]


def _keys(path: Path) -> list[str]:
    return [point.place.key for point in make_plan(load_study(path)).points]


def test_a_name_says_what_a_point_is_made_of(write: Write, tmp_path: Path) -> None:
    keys = _keys(write())
    assert len(set(keys)) == 6
    assert _keys(write({"name = ": "name = "})) == keys
    assert not set(_keys(write({"epochs = 1": "epochs = 2"}))) & set(keys)
    longer = _keys(write({'"1..3"': '"1..4"'}))
    assert set(keys) < set(longer)
    more_time = _keys(write({"[axes]": "simulator.timeout_s = 7.0\n[axes]"}))
    assert more_time == keys


def test_a_cell_is_known_by_its_bytes(write: Write, tmp_path: Path) -> None:
    shipped = IDEAL.parents[2] / "circuits" / "cells" / "update_ideal.cir"
    text = shipped.read_text(encoding="utf-8").replace("update_ideal", "mine")
    own, change = tmp_path / "mine.cir", {"[axes]": '[axes]\ncells.update = ["mine.cir"]'}
    own.write_text(text, encoding="utf-8")
    first = _keys(write(change))
    assert _keys(write(change)) == first
    own.write_text(f"{text}* a remark\n", encoding="utf-8")
    assert not set(_keys(write(change))) & set(first)


def test_the_same_point_twice_is_refused(write: Write) -> None:
    with pytest.raises(
        LearningError, match=r"two points are the same: ideal, .*seed = 1; and ideal"
    ):
        _keys(write({"[0.5, 0.4]": "[0.5]", "seed =": "learning.tolerance_V2 = [0, 0.0]\nseed ="}))


def test_a_result_is_there_or_not(planned: Planned) -> None:
    _, store = planned()
    folder = store.begin("a" * 20)
    (folder / "deck.cir").write_text("*", encoding="utf-8")
    assert store.read("a" * 20) is None
    assert read_records(store) == {}
    record = Record("a" * 20, Status.DONE, figures={"error_V2": 1e-3, "area_m2": None})
    assert store.commit(folder, record) == record == store.read("a" * 20)
    assert (store.point("a" * 20) / "deck.cir").read_text(encoding="utf-8") == "*"
    assert not folder.exists()


def test_the_first_result_stays_and_a_failure_gives_way(planned: Planned) -> None:
    _, store = planned()
    failed = put(store, "b", Status.NO_CONVERGENCE)
    assert store.read("b") == failed
    done = put(store, "b", error_V2=1.0)
    assert store.read("b") == done
    assert put(store, "b", error_V2=2.0) == done
    assert put(store, "b", Status.TIMED_OUT) == done
    assert [entry.name for entry in store.points.iterdir()] == ["b"]


def test_what_the_dead_left_is_swept(planned: Planned, monkeypatch: pytest.MonkeyPatch) -> None:
    _, store = planned()
    mine = store.begin("c")
    monkeypatch.setattr("os.getpid", lambda: 2**22 - 3)
    dead = store.begin("c")
    store.make()
    assert mine.is_dir()
    assert not dead.exists()


@pytest.mark.parametrize("damage", ["", "{", '{"key": "d"}', '{"key":"other","status":"done"}'])
def test_a_damaged_record_is_no_result(planned: Planned, damage: str) -> None:
    _, store = planned()
    put(store, "d")
    (store.point("d") / "point.json").write_text(damage, encoding="utf-8")
    with pytest.raises(LearningError, match="record"):
        store.read("d")
    assert read_records(store) == {}


def test_the_index_follows_the_folders(planned: Planned) -> None:
    _, store = planned()
    put(store, "e", error_V2=1.0)
    put(store, "f", Status.TIMED_OUT)
    assert read_records(store).keys() == {"e", "f"}
    put(store, "f", error_V2=3.0)
    store.remove("e")
    assert {key: r.figures["error_V2"] for key, r in read_records(store).items()} == {"f": 3.0}
    store.index.write_bytes(b"no database" * 1000)
    assert read_records(store).keys() == {"f"}
    assert read_records(store).keys() == {"f"}


def test_what_is_missing(planned: Planned) -> None:
    plan, store = planned()
    first, second, third, *rest = plan.points
    put(store, first.place.key, error_V2=1.0)
    put(store, second.place.key, Status.TIMED_OUT)
    put(store, third.place.key, Status.NO_CONVERGENCE)
    assert missing(plan.points, store, Limits(point_s=60.0), retry=False) == rest
    more = missing(plan.points, store, Limits(point_s=61.0), retry=False)
    assert more == [second, *rest]
    assert missing(plan.points, store, Limits(), retry=True) == [second, third, *rest]
    put(store, rest[0].place.key, Status.WORKER_LOST)
    assert rest[0] in missing(plan.points, store, Limits(), retry=False)


def test_every_planned_point_is_a_row(planned: Planned) -> None:
    plan, store = planned()
    put(store, plan.points[0].place.key, error_V2=1e-3)
    put(store, plan.points[1].place.key, Status.DISAGREES, error_V2=1e-9)
    opened = study(store.path)
    table = opened.table
    assert len(table) == 6
    assert table["status"].tolist() == ["done", "figures disagree", *["not run"] * 4]
    assert table["error_V2"].notna().tolist() == [True, *[False] * 5]
    assert table["seed"].tolist() == [1, 1, 2, 2, 3, 3]
    dataset = opened.dataset
    assert dict(dataset.sizes) == {"design": 1, "seed": 3, "learning.nudge": 2}
    found = dataset["error_V2"].sel(design="ideal", seed=1, **{"learning.nudge": 0.5})
    assert float(found) == 1e-3
    assert dataset["error_V2"].attrs["units"] == "V²"


def test_a_folder_without_a_study(tmp_path: Path, planned: Planned) -> None:
    with pytest.raises(LearningError, match="cannot read this plan"):
        study(tmp_path / "nowhere")
    _, store = planned()
    content = json.loads(store.plan.read_text(encoding="utf-8"))
    store.plan.write_text(json.dumps(content | {"places": 3}), encoding="utf-8")
    with pytest.raises(LearningError, match="damaged plan"):
        study(store.path)
    store.plan.write_text(json.dumps(content | {"study": {"nam": 3}}), encoding="utf-8")
    with pytest.raises(LearningError, match="unknown key nam"):
        study(store.path)


def test_parts_of_a_study(planned: Planned) -> None:
    plan, _ = planned()
    assert only(plan, []) == plan.points
    assert len(only(plan, ["seed=1,3", "learning.nudge=0.4", "design=ideal"])) == 2
    parts = [shard(plan.points, f"{i}/4") for i in (1, 2, 3, 4)]
    assert sorted(id(p) for part in parts for p in part) == sorted(map(id, plan.points))
    for wish, message in (
        ("seed", "chooses nothing"),
        ("sed=1", "did you mean seed"),
        ("seed=4", "seed is never 4"),
    ):
        with pytest.raises(LearningError, match=message):
            only(plan, [wish])
    for part in ("0/4", "5/4", "1", "a/b", "1/0"):
        with pytest.raises(LearningError, match="no part of a study"):
            shard(plan.points, part)
