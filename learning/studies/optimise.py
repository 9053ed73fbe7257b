"""Sizes searched for: which values of a design's keys are best under a study's specs.

A study file's ``[search]`` gives ranges in place of values. Every trial is the study itself at one
choice of them, on the same chips and conditions as every other, in the same store: what was once
evaluated is never evaluated again. Optuna chooses what to try next, keeps its own book in
``search.log`` and goes on from it. A spec that fails is a constraint; what is sought is the mean of
each objective, and the answer is the front of what nothing beats. With ``[ladder]`` a trial is a
bench and a few chips, and only the best are judged on the whole study (`learning.studies.ladder`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from learning.design.written import dump_design
from learning.errors import LearningError
from learning.running.lock import held
from learning.studies.judged.findings import Findings, find, quantity
from learning.studies.judged.verdict import Judged, Verdict
from learning.studies.kept.opened import study
from learning.studies.kept.store import Store
from learning.studies.ladder import lowered, on_the_bench, write_cells
from learning.studies.planned.axes import flat
from learning.studies.planned.figures import FIGURES
from learning.studies.planned.plan import Plan, make_plan
from learning.studies.planned.read_study import (
    StudyFile,
    chip_axes,
    condition_axes,
    load_study,
)
from learning.studies.planned.statistic import read_statistic
from learning.studies.played.conduct import conduct, missing
from learning.studies.played.engines import Engine, open_engine
from learning.writing import write_text

_SEED = 0
"""Of the sampler: the same search takes the same way."""

_SHORTFALL, _NOTE = "shortfall", "note"
_HINT = "learning.nudge = {low = 0.1, high = 1.0} under [search], with log = true for decades"


@dataclass(frozen=True, slots=True)
class Range:
    """What a key may be.

    Attributes:
        key: Of the design.
        low: The least.
        high: The most.
        log: Whether decades count alike.
        whole: Whether only whole numbers will do, as both ends are.
    """

    key: str
    low: float
    high: float
    log: bool
    whole: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """One choice of the searched keys.

    Attributes:
        number: Which, from 0.
        values: By key.
        figures: Mean of each objective, in the order of the study; empty without figures.
        shortfall: How far each spec is from holding: what is missing from the share of chips it
            asks for, or a mean's distance beyond its limit as a share of it; none above 0 when all
            hold.
        note: What its bench found wrong; empty without a bench or when all is well.
    """

    number: int
    values: Mapping[str, float]
    figures: tuple[float, ...]
    shortfall: tuple[float, ...]
    note: str = ""

    @property
    def holds(self) -> bool:
        """Whether every spec holds."""
        return bool(self.figures) and max(self.shortfall, default=0.0) <= 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """What a search found.

    Attributes:
        objectives: Names of the figures.
        trials: Every trial, those of earlier commands included.
        front: Of those that hold every spec, the ones that nothing beats; the best by the first
            objective first.
        design: The winner's design file; None when no trial holds every spec.
        finalists: Of a ladder, the best trials as the whole study judges them.
        cells: The winner's cells as files, their parameters the defaults.
    """

    objectives: tuple[str, ...]
    trials: tuple[Trial, ...]
    front: tuple[Trial, ...]
    design: Path | None
    finalists: tuple[Trial, ...] = ()
    cells: tuple[Path, ...] = ()


def optimise(
    name_or_path: str | Path,
    out: str | Path,
    count: int,
    workers: int = 1,
    watch: Callable[[Trial], None] = lambda _: None,
) -> Search:
    """Search for the best values.

    Args:
        name_or_path: A study with ``[search]`` and ``objectives``.
        out: The search's folder.
        count: Trials in this command.
        workers: Points at a time.
        watch: Called after every trial.

    Returns:
        The search, earlier commands on the same folder included.

    Raises:
        LearningError: When the study says nothing of what to search, or Optuna is not installed.
    """
    file, store = load_study(name_or_path), Store(Path(out))
    ranges = _ranges(file)
    store.make()
    with ExitStack() as stack:
        stack.enter_context(held(store.path))
        book = _book(file, store)
        engine = stack.enter_context(open_engine(workers, None, store.path))
        for _ in range(count):
            asked = book.ask()
            values = {one.key: _chosen(asked, one) for one in ranges}
            trial = _climbed(file, store, engine, (asked.number, values))
            asked.set_user_attr(_SHORTFALL, list(trial.shortfall))
            asked.set_user_attr(_NOTE, trial.note)
            for name, short in zip(file.study.specs, trial.shortfall, strict=True):
                asked.set_constraint(name, short)
            if trial.figures:
                book.tell(asked, list(trial.figures))
            else:
                book.tell(asked, state=_failed())
            watch(trial)
        return _result(file, store, engine, book)


def _climbed(
    file: StudyFile, store: Store, engine: Engine, choice: tuple[int, Mapping[str, float]]
) -> Trial:
    """A trial from the first rung on, as far as it gets."""
    ladder = file.study.ladder
    if ladder is not None and ladder.bench:
        number, values = choice
        wrong = on_the_bench(_plan(lowered(file), values).points[0].design, ladder.bench)
        if wrong:
            return Trial(number, values, (), (1.0,) * len(file.study.specs), wrong)
    return _tried(lowered(file), store, engine, choice)


def _ranges(file: StudyFile) -> tuple[Range, ...]:
    study_ = file.study
    if not study_.search or not study_.objectives:
        what = "search" if not study_.search else "objectives"
        hint = _HINT if not study_.search else 'objectives = ["energy_J"]'
        raise LearningError(f"this study has no {what}", str(file.path), hint)
    others = {*chip_axes(study_), *condition_axes(study_)}
    choices = [axis.key for group in file.groups for axis in group if axis.key not in others]
    if len(study_.designs) > 1 or choices:
        told = ", ".join(choices) or "several designs"
        hint = "one design, and axes of chips and conditions"
        raise LearningError(f"a search varies one design, not {told}", file.where("search"), hint)
    return tuple(_range(key, value, file) for key, value in flat(study_.search))


def _range(key: str, value: object, file: StudyFile) -> Range:
    where = file.where_key(("search",), key) or file.where("search")
    table = value if isinstance(value, dict) else {}
    low, high, log = table.get("low"), table.get("high"), table.get("log", False)
    known = set(table) <= {"low", "high", "log"} and isinstance(log, bool)
    if not (known and type(low) in (int, float) and type(high) in (int, float)):
        raise LearningError(f"{value!r} is no range", where, _HINT)
    assert isinstance(low, int | float)
    assert isinstance(high, int | float)
    if low >= high or (log and low <= 0):
        raise LearningError("a range from low to high is empty or crosses zero", where, _HINT)
    whole = type(low) is int and type(high) is int
    return Range(key, low, high, log, whole)


def _book(file: StudyFile, store: Store) -> Any:
    try:
        import optuna  # noqa: PLC0415
        from optuna.storages.journal import JournalFileBackend  # noqa: PLC0415
    except ImportError as error:
        raise LearningError(
            "the library optuna is not installed", "optimise", "pip install 'joulearn[optuna]'"
        ) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    directions = ["minimize" if FIGURES[n].low else "maximize" for n in file.study.objectives]
    book = optuna.create_study(
        study_name=file.study.name,
        storage=optuna.storages.JournalStorage(JournalFileBackend(str(store.path / "search.log"))),
        sampler=optuna.samplers.TPESampler(seed=_SEED),
        directions=directions,
        load_if_exists=True,
    )
    # Drawn from its seed alone, a second command would ask for what the first one has tried.
    if book.trials:
        book.sampler.reseed_rng()
    return book


def _failed() -> Any:
    from optuna.trial import TrialState  # noqa: PLC0415

    return TrialState.FAIL


def _chosen(asked: Any, one: Range) -> float:
    if one.whole:
        return int(asked.suggest_int(one.key, int(one.low), int(one.high), log=one.log))
    # Four digits: a size is what somebody could draw.
    return float(f"{asked.suggest_float(one.key, one.low, one.high, log=one.log):.4g}")


def _tried(
    file: StudyFile, store: Store, engine: Engine, choice: tuple[int, Mapping[str, float]]
) -> Trial:
    number, values = choice
    plan = _plan(file, values)
    store.write_plan(plan)
    limits = file.study.limits
    conduct(missing(plan.points, store, limits, retry=False), store, engine, limits)
    found = find(study(store.path))
    table = found.opened.table[list(file.study.objectives)].dropna()
    means = tuple(float(table[name].mean()) for name in file.study.objectives)
    shortfall = tuple(_shortfall(one, found) for one in found.judged)
    return Trial(number, values, means if len(table) else (), shortfall)


def _plan(file: StudyFile, values: Mapping[str, float]) -> Plan:
    chosen = dict(flat(file.study.set)) | dict(values)
    return make_plan(replace(file, study=replace(file.study, set=chosen)))


def _shortfall(one: Judged, found: Findings) -> float:
    """How far a spec is from holding; 0 or less when it does."""
    spec = found.opened.planned.study.specs[one.spec]
    statistic = read_statistic(spec.holds_for, "")
    if statistic.kind == "share":
        return statistic.share - one.bounds.low - 1e-9
    if one.verdict is Verdict.PASS:
        return 0.0
    return 1.0 if one.margin is None else max(-one.margin, 1e-9)


def _result(file: StudyFile, store: Store, engine: Engine, book: Any) -> Search:
    names = file.study.objectives
    trials = tuple(
        Trial(
            t.number,
            dict(t.params),
            tuple(t.values or ()),
            tuple(t.user_attrs.get(_SHORTFALL, ())),
            t.user_attrs.get(_NOTE, ""),
        )
        for t in book.trials
        if t.state.is_finished()
    )
    signs = [1.0 if FIGURES[name].low else -1.0 for name in names]

    def cost(trial: Trial) -> tuple[float, ...]:
        return tuple(s * v for s, v in zip(signs, trial.figures, strict=True))

    def best(of: Iterable[Trial]) -> tuple[Trial, ...]:
        """Those that hold: what nothing beats first, then by the first objective."""
        holding = sorted((t for t in of if t.holds), key=cost)
        beaten = [any(_beats(cost(o), cost(t)) for o in holding) for t in holding]
        front = [t for t, lost in zip(holding, beaten, strict=True) if not lost]
        return (*front, *(t for t, lost in zip(holding, beaten, strict=True) if lost))

    ladder, finalists = file.study.ladder, tuple[Trial, ...]()
    if ladder is not None:
        finalists = tuple(
            _tried(file, store, engine, (t.number, _rounded(t.values)))
            for t in best(trials)[: ladder.finalists]
        )
    judged = finalists if ladder is not None else trials
    ranked = best(judged)
    front = tuple(t for t in ranked if not any(_beats(cost(o), cost(t)) for o in ranked))
    if not front:
        return Search(names, trials, front, None, finalists)
    design, cells = _write_best(file, store, front[0])
    return Search(names, trials, front, design, finalists, cells)


def _beats(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one != other and all(a <= b for a, b in zip(one, other, strict=True))


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    """As they were tried: Optuna keeps more digits than were used."""
    return {k: v if isinstance(v, int) else float(f"{v:.4g}") for k, v in values.items()}


def _write_best(file: StudyFile, store: Store, best: Trial) -> tuple[Path, tuple[Path, ...]]:
    """The winner's design and its cells, with the numbers that chose them."""
    rounded = _rounded(best.values)
    plan = _plan(file, rounded)
    told = [
        f"Trial {best.number} of the search {file.study.name!r}, over {len(plan.points)} points.",
        *(f"{key} = {value:g}" for key, value in rounded.items()),
        *(
            f"mean {name}: {quantity(value, FIGURES[name].unit)}"
            for name, value in zip(file.study.objectives, best.figures, strict=True)
        ),
        "Every spec of the study holds on these points.",
    ]
    path = store.path / "best.toml"
    head = "".join(f"# {line}\n" for line in told)
    design = plan.points[0].design
    write_text(path, head + dump_design(design))
    return path, write_cells(design, store.path, told)
