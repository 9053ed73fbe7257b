"""A study from its file to its folder: planned, conducted, opened."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from learning.running.lock import held
from learning.studies.judged.verdict import Verdict, judge
from learning.studies.kept.index import read_records
from learning.studies.kept.opened import OpenStudy, study
from learning.studies.kept.store import Store
from learning.studies.planned.plan import Plan, make_plan
from learning.studies.planned.point import Point
from learning.studies.planned.read_study import load_study
from learning.studies.planned.selection import only, shard
from learning.studies.played.conduct import Decided, Watch, conduct, missing
from learning.studies.played.engines import Engine, ExecutorEngine, open_engine
from learning.studies.played.estimate import Estimate, estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked for beside a study's file.

    Attributes:
        only: "KEY=VALUE,..." of points wanted; empty wants all.
        shard: "i/n", the i-th of n parts; empty wants the whole.
        fidelity: Who plays, whatever the study says; empty leaves it.
        workers: Points at a time on this machine; None for every core.
        scheduler: The address of a Dask scheduler, or "slurm"; None for this machine.
        retry: Evaluate points without figures once more.
    """

    only: Sequence[str] = ()
    shard: str = ""
    fidelity: str = ""
    workers: int | None = None
    scheduler: str | None = None
    retry: bool = False

    @property
    def part(self) -> bool:
        """Whether less than the whole study is asked for."""
        return bool(self.only or self.shard)


@dataclass(frozen=True, slots=True, eq=False)
class Prospect:
    """What a study would do.

    Attributes:
        plan: Every point of the study.
        wanted: Those asked for.
        to_do: Those of them that are not in the store.
        estimate: How long these will take.
        workers: Points at a time.
    """

    plan: Plan
    wanted: tuple[Point, ...]
    to_do: tuple[Point, ...]
    estimate: Estimate
    workers: int


def prospect(name_or_path: str | Path, out: Path | None, wish: Wish) -> Prospect:
    """Plan a study and look at what is there; nothing is written.

    Args:
        name_or_path: The study's file, or a shipped study's name.
        out: The study's folder; None for one that holds nothing yet.
        wish: What is asked for.

    Returns:
        What would be done.

    Raises:
        LearningError: When the study cannot be used.
    """
    plan = make_plan(load_study(name_or_path), wish.fidelity or None)
    wanted = only(plan, wish.only)
    if wish.shard:
        wanted = shard(wanted, wish.shard)
    workers = wish.workers or os.cpu_count() or 1
    if out is None or not out.is_dir():
        return Prospect(plan, wanted, wanted, estimate(wanted, {}, workers), workers)
    store = Store(out)
    to_do = tuple(missing(wanted, store, plan.study.study.limits, retry=wish.retry))
    return Prospect(plan, wanted, to_do, estimate(to_do, read_records(store), workers), workers)


def run_study(
    name_or_path: str | Path,
    out: str | Path,
    wish: Wish | None = None,
    *,
    executor: Executor | None = None,
    watch: Watch = lambda _: None,
    decided: Decided | None = None,
) -> OpenStudy:
    """Evaluate what a study wants and its folder does not hold yet.

    Args:
        name_or_path: The study's file, or a shipped study's name.
        out: The study's folder.
        wish: What is asked for beside the file.
        executor: Evaluates points, in place of processes of this machine; its workers must see the
            study's folder.
        watch: Called after every point.
        decided: Whether no missing point can change a verdict (``limits.when_decided``); None
            judges the points there are.

    Returns:
        The study, as far as it is now.

    Raises:
        LearningError: When the study or its folder cannot be used.
        SpiceError: When there is no simulator.
    """
    wish, store = wish or Wish(), Store(Path(out))
    found = prospect(name_or_path, store.path, wish)
    store.make()
    with contextlib.nullcontext() if wish.shard else held(store.path):
        store.write_plan(found.plan)
        if found.to_do:
            with _engine(found, wish, executor, store) as engine:
                limits = found.plan.study.study.limits
                enough = decided or partial(_decided, store)
                conduct(found.to_do, store, engine, limits, watch=watch, decided=enough)
    return study(store.path)


def _decided(store: Store) -> bool:
    """Whether every spec of a study is judged, whatever its missing points turn out to be."""
    found = judge(study(store.path))
    return bool(found) and all(one.verdict is not Verdict.OPEN for one in found)


def _engine(
    found: Prospect, wish: Wish, executor: Executor | None, store: Store
) -> AbstractContextManager[Engine]:
    if executor is not None:
        return contextlib.nullcontext(ExecutorEngine(executor))
    workers = min(found.workers, len(found.to_do))
    return open_engine(workers, wish.scheduler, store.path / "slurm")
