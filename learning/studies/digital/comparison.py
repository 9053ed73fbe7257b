"""A finished run held against processors: the same task, as well done, everything counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from learning.design.read import load_design
from learning.errors import LearningError
from learning.experiment.prepare import prepare
from learning.report.published import PUBLISHED, Published, Unit
from learning.result.read import read_result
from learning.result.result import Result
from learning.running.folder import RunFolder
from learning.studies.digital.assumptions import Assumptions, load_assumptions
from learning.studies.digital.baselines import Baseline, Map, baselines
from learning.studies.digital.goal import Goal, goal_of
from learning.studies.digital.line import Crossing, Line, crossing
from learning.studies.digital.lms import epochs_to, widths_reaching
from learning.studies.digital.ours import Ours, our_query, our_training
from learning.tasks.examples import Examples

DECIDING = 3
"""How many terms are named."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The task of a run, as far as a processor sees it.

    Attributes:
        sources: Inputs of an example, constant ones included.
        targets: Outputs.
        weights: Of the linear map between them.
        examples: Learned from.
        error_V2: The circuit's at the end, which a processor has to reach.
        right: Share of answers that were right, which it has to reach instead; None without
            classes.
        right_of: Examples this was asked of: those held out, or else those taught; None likewise.
        held_out: Whether they were held out.
        presentations: The circuit's, while learning.
    """

    sources: int
    targets: int
    weights: int
    examples: int
    error_V2: float
    presentations: int
    right: float | None = None
    right_of: int | None = None
    held_out: bool = False


@dataclass(frozen=True, slots=True)
class Rival:
    """One digital machine beside the circuit.

    Attributes:
        name: What it is.
        query_J: Of the task's linear map, joules; None where that does not do as well, and for
            a chip of which only updates are told.
        training_J: Until it does as well as the circuit; None where it does not.
        of_edges: The laws with one weight for each edge, query and training, where there are any.
    """

    name: str
    query_J: float | None
    training_J: float | None
    of_edges: tuple[Line | None, Line | None] = (None, None)


@dataclass(frozen=True, slots=True)
class BreakEven:
    """Where the circuit takes less than a rival of as many weights.

    Attributes:
        rival: Its name.
        what: "query" or "training".
        simulated: For which sizes, simulated blocks alone.
        whole: For which sizes, declared costs included.
        ours_J: At the claimed number of edges, declared costs included, joules.
        ours_grown_J: The same if every block and cost grew with the edges, joules.
        theirs_J: The rival's there, joules.
    """

    rival: str
    what: str
    simulated: Crossing
    whole: Crossing
    ours_J: float
    ours_grown_J: float
    theirs_J: float

    @property
    def claim_holds(self) -> bool:
        """Whether the circuit takes less there."""
        return self.ours_J < self.theirs_J

    @property
    def claim_is_safe(self) -> bool:
        """Whether it does even if everything grew with the edges."""
        return self.ours_grown_J < self.theirs_J


@dataclass(frozen=True, slots=True)
class Term:
    """A part of a bill.

    Attributes:
        of: Whose.
        name: Which.
        energy_J: Joules.
    """

    of: str
    name: str
    energy_J: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A run beside processors.

    Attributes:
        run: Its folder.
        result: Its figures.
        asked: Its task.
        query: What a query costs the circuit.
        training: What the training cost it.
        bits: With which the accelerator does as well for the least energy.
        epochs: What the fixed-point learner needed; None when it does not get there.
        float_epochs: The same in floating point.
        rivals: The digital machines.
        even: Where they break even.
        deciding: The largest terms of query and training with one weight for each edge, ours and
            the accelerator's, largest first.
        assumed: What all this rests on.
    """

    run: Path
    result: Result
    asked: Asked
    query: Ours
    training: Ours
    bits: int
    epochs: int | None
    float_epochs: int | None
    rivals: tuple[Rival, ...]
    even: tuple[BreakEven, ...]
    deciding: tuple[tuple[Term, ...], tuple[Term, ...]]
    assumed: Assumptions


def compare(
    *runs: str | Path, against: str = "digital", assumptions: str | Path | None = None
) -> tuple[Comparison, ...]:
    """Hold finished runs against processors that do the same task as well.

    Args:
        runs: Folders of finished runs.
        against: What they are held against; only "digital" yet.
        assumptions: A file laid over ``circuits/baselines/digital.toml``.

    Returns:
        A comparison for each run.

    Raises:
        LearningError: For a folder without a finished run, a run that does not say enough, or a
            table of assumptions that cannot be used.
    """
    if against != "digital":
        raise LearningError(f"there is nothing called {against}", "--against", "digital")
    assumed = load_assumptions(assumptions)
    return tuple(_compared(Path(run), assumed) for run in runs)


def _compared(run: Path, assumed: Assumptions) -> Comparison:
    result = read_result(RunFolder(run).result)
    design = load_design(RunFolder(run).design)
    task = prepare(design).task
    _check_same(task.train, result, run)
    goal = goal_of(task, result.error_V2.final, result.accuracy)
    asked = _asked(task.train, goal, result.presentations)
    most = int(assumed.learner.most_epochs.value)
    bits, epochs = _best_width((task.train, goal), asked, assumed, result.process)
    query = our_query(result, design.declared, str(run))
    training = our_training(result, design.declared)
    machines = baselines(assumed, result.process, Map(asked.sources, asked.targets, bits))
    rivals = [_rival(one, asked, epochs) for one in machines]
    n_edge = len(result.network.edges)
    return Comparison(
        run,
        result,
        asked,
        query,
        training,
        bits,
        epochs,
        epochs_to(task.train, goal, most),
        (*rivals, *_chips(asked, epochs)),
        tuple(_even(query, training, rivals, (n_edge, assumed.claim.edges.value))),
        (_terms(query, rivals[0], 0, n_edge), _terms(training, rivals[0], 1, n_edge)),
        assumed,
    )


def _asked(taught: Examples, goal: Goal, presentations: int) -> Asked:
    sources, targets = taught.inputs.shape[1], taught.labels.shape[1]
    return Asked(
        sources,
        targets,
        sources * targets,
        len(taught),
        goal.error_V2,
        presentations,
        goal.right,
        None if goal.right is None else len(goal.examples),
        goal.held_out,
    )


def _best_width(
    learned: tuple[Examples, Goal], asked: Asked, assumed: Assumptions, process: str
) -> tuple[int, int | None]:
    """The bits that make the accelerator's training cheapest, and the epochs it then needs.

    Fewer bits make every operation cheaper, and the last one saved may cost epochs.
    """
    most_bits, most = int(assumed.learner.bits.value), int(assumed.learner.most_epochs.value)
    widths = widths_reaching(*learned, most, most_bits)

    def training_J(width: tuple[int, int]) -> float:
        bits, epochs = width
        engine = baselines(assumed, process, Map(asked.sources, asked.targets, bits))[0]
        return _trained(engine, asked, epochs).at(asked.weights)

    return min(widths, key=training_J, default=(most_bits, None))


def _check_same(examples: Examples, result: Result, run: Path) -> None:
    """A design edited since the run was made would compare two tasks."""
    kept = result.predictions
    if kept is None:
        return
    shown = np.array(kept.train.wanted_V)
    if shown.shape != examples.labels.shape or not np.allclose(shown, examples.labels):
        raise LearningError(
            "design.toml does not make the examples that this run learned",
            str(run),
            "the folder as the run left it, or to run the design again",
        )


def _rival(machine: Baseline, asked: Asked, epochs: int | None) -> Rival:
    training = None if epochs is None else _trained(machine, asked, epochs)
    return Rival(
        machine.name,
        None if training is None else machine.query.at(asked.weights),
        None if training is None else training.at(asked.weights),
        (machine.query, training),
    )


def _trained(machine: Baseline, asked: Asked, epochs: int) -> Line:
    """A training, evaluated after every epoch and once before, as the circuit is."""
    learned = machine.example.times(epochs * asked.examples)
    return learned.plus(machine.query.times((epochs + 1) * asked.examples))


def _chips(asked: Asked, epochs: int | None) -> list[Rival]:
    """Chips of which the energy of an update is published: their training, updates alone."""
    updates = None if epochs is None else epochs * asked.examples * asked.weights
    told = [one for one in PUBLISHED if one.unit is Unit.UPDATE]
    return [Rival(one.name, None, _updates_J(one, updates)) for one in told]


def _updates_J(chip: Published, updates: int | None) -> float | None:
    return None if updates is None else max(chip.energy_J) * updates


def _even(
    query: Ours, training: Ours, rivals: Sequence[Rival], sizes: tuple[int, float]
) -> Sequence[BreakEven]:
    found, (n_edge, claimed) = [], sizes
    for rival in rivals:
        pairs = zip(("query", "training"), (query, training), rival.of_edges, strict=True)
        for what, ours, theirs in pairs:
            if theirs is not None:
                found.append(
                    BreakEven(
                        rival.name,
                        what,
                        crossing(ours.simulated, theirs),
                        crossing(ours.whole, theirs),
                        ours.whole.at(claimed),
                        ours.whole.at(n_edge) * claimed / n_edge,
                        theirs.at(claimed),
                    )
                )
    return found


def _terms(ours: Ours, rival: Rival, index: int, n_edge: int) -> tuple[Term, ...]:
    found = [Term("circuit", name, j) for name, j in ours.whole.terms(n_edge).items()]
    theirs = rival.of_edges[index]
    if theirs is not None:
        found += [Term(rival.name, name, j) for name, j in theirs.terms(n_edge).items()]
    return tuple(sorted(found, key=lambda term: -term.energy_J)[:DECIDING])
