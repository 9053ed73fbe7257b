"""How long a run will take, said before it begins, and a question when that is long."""

from __future__ import annotations

import sys
from collections.abc import Callable

from learning.errors import LearningError
from learning.experiment.experiment import Experiment
from learning.running.run_time import rough_s, slowness, spoken
from learning.writing import is_terminal, show
from netlist.printable import counted

_SAID_S, _ASKED_S = 60.0, 600.0
"""A run that takes longer is announced, or asked for."""


def consent(*, asked: bool) -> Callable[[Experiment], None]:
    """What is to happen before a run.

    Args:
        asked: Whether somebody may be asked; nobody is where no terminal is.

    Returns:
        Says how long a run will take, and raises `LearningError` when it is not wanted.
    """

    def before(experiment: Experiment) -> None:
        if not asked:
            return
        seconds, shown = rough_s(experiment) * slowness(), len(experiment.schedule.presentations)
        if seconds < _SAID_S:
            return
        size = f"{counted(len(experiment.network.edges), 'edge')}, {counted(shown, 'presentation')}"
        learning = experiment.design.learning
        sooner = learning.tolerance_V2 or learning.patience
        less = ", less if it stops by itself before" if sooner else ""
        show(f"{size}: roughly {spoken(seconds)}{less}\n", error=True)
        if seconds < _ASKED_S or not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
            return
        show("start? [y/N] ", error=True)
        if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
            raise LearningError(
                "the run was not started",
                hint="--yes starts it without a question; fewer schedule.epochs, or --fidelity "
                "accelerated, take less time",
            )

    return before
