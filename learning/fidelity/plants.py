"""The plants there are, by name."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeAlias

from learning.errors import LearningError
from learning.experiment.experiment import Experiment
from learning.fidelity.plant import Plant
from learning.fidelity.spice import open_spice

Open: TypeAlias = Callable[[Experiment], AbstractContextManager[Plant]]
"""Makes a plant ready for an experiment, for as long as a context lasts."""

SPICE = "spice"
"""The plant that every other one is measured by."""

ACCELERATED = "accelerated"
"""The plant that solves the machine on tables measured from its cells."""


def _open_accelerated(experiment: Experiment) -> AbstractContextManager[Plant]:
    # Imported when asked for: it brings a compiler along.
    from learning.fidelity.accelerated.plant import open_accelerated  # noqa: PLC0415

    return open_accelerated(experiment)


PLANTS: dict[str, Open] = {SPICE: open_spice, ACCELERATED: _open_accelerated}
"""How to open each plant."""


def open_plant(name: str, experiment: Experiment) -> AbstractContextManager[Plant]:
    """A plant by its name.

    Args:
        name: A key of `PLANTS`.
        experiment: What it is to play.

    Returns:
        The plant, for as long as the context lasts.

    Raises:
        LearningError: When no plant has that name.
    """
    if name not in PLANTS:
        raise LearningError(
            f"no plant is called {name!r}", "fidelity", f"one of {', '.join(sorted(PLANTS))}"
        )
    return PLANTS[name](experiment)
