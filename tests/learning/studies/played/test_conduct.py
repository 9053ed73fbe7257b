"""Studies run for real: processes, shards, other executors make one table; kills lose nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from learning import OpenStudy, Wish, run_study, study
from learning.studies.kept.record import Status
from learning.studies.kept.store import Store
from learning.studies.planned.identity import tools
from learning.studies.planned.plan import Plan, make_plan
from learning.studies.planned.read_study import load_study
from learning.studies.planned.study import Limits
from learning.studies.played.conduct import Progress, conduct, missing
from learning.studies.played.engines import LocalEngine
from learning.studies.played.evaluate import Job, evaluate
from learning.studies.played.seat import Seat
from tests.learning.studies.trial import IDEAL, TRIAL

Planned = Callable[..., tuple[Plan, Store]]
Write = Callable[..., Path]
SMALL = {'"1..3"': '"1..2"', "[0.5, 0.4]": "[0.5]"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> OpenStudy:
    """The trial, run by two processes."""
    return run_study(_trial(tmp_path_factory.mktemp("whole")), _folder(tmp_path_factory), Wish())


def _folder(factory: pytest.TempPathFactory) -> Path:
    return factory.mktemp("whole") / "out"


def _trial(folder: Path, changes: Mapping[str, str] | None = None) -> Path:
    text = TRIAL
    for old, new in (SMALL | dict(changes or {})).items():
        text = text.replace(old, new)
    (folder / "trial.toml").write_text(text, encoding="utf-8")
    return folder / "trial.toml"


def _same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(one.drop(columns="wall_s"), other.drop(columns="wall_s"))


def test_every_point_has_its_own_run(whole: OpenStudy) -> None:
    table = whole.table
    assert table["status"].tolist() == ["done"] * 2
    assert table["error_V2"].nunique() == 2
    assert np.isfinite(table["energy_J"]).all()
    for key in table["key"]:
        files = {file.name for file in (whole.folder / "points" / key).iterdir()}
        assert files >= {"point.json", "design.toml", "deck.cir", "result.json", "waveforms.nc"}
        assert not any(name.startswith("checkpoint") for name in files)


def test_shards_and_any_executor_make_the_same_table(whole: OpenStudy, tmp_path: Path) -> None:
    path, out, seen = _trial(tmp_path), tmp_path / "parts", list[str]()

    def watch(progress: Progress) -> None:
        assert progress.last is not None
        seen.append(progress.last.key)

    first = run_study(path, out, Wish(shard="1/2", workers=1), watch=watch)
    assert Counter(first.table["status"]) == {"done": 1, "not run": 1}
    with ThreadPoolExecutor(1) as executor:
        second = run_study(path, out, executor=executor, watch=watch)
    _same(second.table, whole.table)
    run_study(path, out, watch=watch)
    assert sorted(seen) == sorted(whole.table["key"])  # each of them once


def test_a_cell_that_only_a_study_knows_and_a_design_that_is_none(tmp_path: Path) -> None:
    shipped = IDEAL.parents[2] / "circuits" / "cells" / "update_ideal.cir"
    text = shipped.read_text(encoding="utf-8")
    (tmp_path / "cells").mkdir()
    for name, changed in (("mine", text), ("wrong", text.replace("gate", "gaet"))):
        cell = tmp_path / "cells" / f"{name}.cir"
        cell.write_text(changed.replace("update_ideal", name), encoding="utf-8")
    cells = '["update_ideal", "cells/mine.cir", "cells/wrong.cir"]'
    axis = {"[0.5]": f"[0.5]\ncells.update = {cells}", '"1..2"': "[1]"}
    opened = run_study(_trial(tmp_path, axis), tmp_path / "out", Wish(workers=1))
    table = opened.table
    assert table["status"].tolist() == ["done", "done", "refused"]
    assert table["error_V2"][0] == table["error_V2"][1]  # the same circuit under another name
    assert np.isnan(table["error_V2"][2])
    assert "gaet" in table["message"][2]


def test_a_study_stops_once_its_specs_are_decided(tmp_path: Path) -> None:
    """One chip over a limit that every chip must hold decides it; what has begun is finished."""
    limits = '"every chip"\n\n[limits]\nwhen_decided = true'
    changes = {'"1..2"': '"1..5"', "max = 3e-3": "max = 1e-12", '"95 % of chips"': limits}
    opened = run_study(_trial(tmp_path, changes), tmp_path / "out", Wish(workers=1))
    found = opened.table["status"].tolist()
    assert found[0] == "done"
    assert found[-1] == "not run"


def test_a_point_that_hangs_is_ended(planned: Planned) -> None:
    plan, store = planned({'"1..3"': "[1]", "[0.5, 0.4]": "[0.5]"})
    engine = LocalEngine(1)
    conduct(plan.points, store, engine, Limits(point_s=0.2))
    engine.close()
    (record,) = (store.read(point.place.key) for point in plan.points)
    assert record is not None
    assert record.status is Status.TIMED_OUT
    assert "limits.point_s" in record.message
    assert [entry.name for entry in store.points.iterdir() if entry.name.startswith(".")] == []


def test_a_stop_rule_begins_nothing_more(planned: Planned) -> None:
    plan, store = planned()
    engine = LocalEngine(1)
    limits = Limits(point_s=0.01, failures=1)
    stopped = conduct(plan.points, store, engine, limits)
    engine.close()
    assert "limits.failures" in stopped
    assert 4 <= len(missing(plan.points, store, limits, retry=False)) <= 5


def _job(plan: Plan, store: Store) -> Job:
    point = plan.points[0]
    return Job(point.place.key, point.design, store.path, 60.0, tools())


def test_a_machine_of_other_versions_plays_nothing(planned: Planned) -> None:
    job = replace(_job(*planned()), tools=("ngspice 1", "0.0"))
    record = evaluate(job)
    assert record.status is Status.OTHER_VERSION
    assert "ngspice 1, 0.0 where it was planned" in record.message


def test_a_lost_process_is_replaced_once(planned: Planned) -> None:
    plan, store = planned()
    seat, deaths = Seat(), list[int]()
    with ThreadPoolExecutor(1) as threads:
        future = threads.submit(seat.evaluate, _job(plan, store))
        while len(deaths) < 2 and not future.done():
            process = seat._process
            if process is not None and process.pid not in deaths and process.poll() is None:
                os.kill(process.pid, signal.SIGKILL)
                deaths.append(process.pid)
            time.sleep(0.01)
        record = future.result(timeout=60)
    seat.close()
    assert record.status is Status.WORKER_LOST
    assert "SIGKILL" in record.message
    assert len(set(deaths)) == 2


_OWNER = """
import sys
from learning import Wish, run_study
wish = Wish(workers=int(sys.argv[3]))
run_study(sys.argv[1], sys.argv[2], wish, watch=lambda p: print(p.last.key, flush=True))
"""


def kill_at_random(
    path: Path, out: Path, kills: int, seed: int, *, longest_s: float, seats: int
) -> tuple[Counter[str], int]:
    """Run a study, killing its owner or one of its workers at random; evaluations by point."""
    rng, told, killed = np.random.default_rng(seed), Counter[str](), 0
    while True:
        with subprocess.Popen(
            [sys.executable, "-c", _OWNER, str(path), str(out), str(seats)],
            stdout=subprocess.PIPE,
            text=True,
        ) as owner:
            if killed < kills:
                time.sleep(rng.uniform(0.5, longest_s))
                workers = _workers(owner.pid)
                victim = owner.pid if not workers or rng.random() < 0.5 else rng.choice(workers)
                os.kill(int(victim), signal.SIGKILL)
                killed += 1
            assert owner.stdout is not None
            told.update(owner.stdout.read().split())
            assert owner.wait() in (0, -signal.SIGKILL)
            if owner.returncode == 0 and killed >= kills:
                return told, killed


def _workers(owner: int) -> list[int]:
    """Its processes that evaluate points; not the ngspice that is asked for its version."""
    try:
        threads = list(Path(f"/proc/{owner}/task").iterdir())
        words = [word for thread in threads for word in (thread / "children").read_text().split()]
        return [int(word) for word in words if _is_seated(int(word))]
    except OSError:
        return []


def _is_seated(process: int) -> bool:
    return b"played.seated" in Path(f"/proc/{process}/cmdline").read_bytes()


def finished(out: Path) -> dict[str, int]:
    """Every finished point with the moment its record was written."""
    store = Store(out)
    return {
        folder.name: (folder / "point.json").stat().st_mtime_ns
        for folder in store.points.glob("[!.]*")
    }


def test_three_kills_lose_and_repeat_nothing(whole: OpenStudy, tmp_path: Path) -> None:
    path, out = _trial(tmp_path), tmp_path / "out"
    told, killed = kill_at_random(path, out, 3, 5, longest_s=2.0, seats=1)
    assert killed == 3
    assert max(told.values()) == 1
    table = study(out).table
    assert table["status"].tolist() == ["done"] * 2
    _same(table, whole.table)
    plan = make_plan(load_study(path))
    assert set(finished(out)) == {point.place.key for point in plan.points}


@pytest.mark.evidence
def test_twenty_kills_lose_and_repeat_nothing(tmp_path: Path) -> None:
    path, out = _trial(tmp_path, {'"1..2"': '"1..120"'}), tmp_path / "out"
    before: dict[str, int] = {}
    told, killed = kill_at_random(path, out, 20, 11, longest_s=6.0, seats=2)
    assert killed == 20
    assert max(told.values()) == 1
    table = study(out).table
    assert (table["status"] == "done").all()
    assert len(table) == len(finished(out)) == 120
    assert before.items() <= finished(out).items()
    print(f"{killed} kills, {len(table)} points, evaluated more than once: 0")


@pytest.mark.evidence
def test_dask_makes_the_same_table(whole: OpenStudy, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed", reason="pip install 'joulearn[dask]'")
    path, out = _trial(tmp_path), tmp_path / "dask"
    with distributed.LocalCluster(2, threads_per_worker=1, dashboard_address=None) as cluster:
        opened = run_study(path, out, Wish(scheduler=cluster.scheduler_address))
    _same(opened.table, whole.table)


@pytest.mark.evidence
def test_slurm_s_library_makes_the_same_table(
    whole: OpenStudy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Submitit's own stand-in for SLURM: the same submission, on this machine."""
    submitit = pytest.importorskip("submitit", reason="pip install 'joulearn[slurm]'")
    local = partial(submitit.AutoExecutor, cluster="local")
    monkeypatch.setattr(submitit, "AutoExecutor", local)
    opened = run_study(_trial(tmp_path), tmp_path / "slurm", Wish(scheduler="slurm"))
    _same(opened.table, whole.table)
