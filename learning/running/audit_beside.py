"""The energy audit beside a run: a plant of its own over the first epoch of learning.

It plays the run's own deck and stops after the epoch, so that its simulator takes the very steps of
the run and what the two differ by is not that of two simulations. Where another plant plays the
run, the balance of a deck that has been audited before is kept with the tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from types import TracebackType
from typing import Self

import numpy as np

from learning.experiment.experiment import Experiment
from learning.experiment.schedule import first_epoch
from learning.fidelity.kept import digest, kept, text_of
from learning.fidelity.plant import Part, Plant
from learning.fidelity.plants import open_plant
from learning.measure.audit import Balance


class AuditBeside:
    """Audits while something else runs, within a context.

    Args:
        experiment: The experiment.
        plant: Name of the plant that audits; empty when nothing is to be audited.
        keep: Whether a balance of the same deck that is kept will do, and this one is kept.
    """

    def __init__(self, experiment: Experiment, plant: str, *, keep: bool = False) -> None:
        self._experiment, self._name, self._keep = experiment, plant, keep
        self._stack = ExitStack()
        self._plant: Plant | None = None
        self._balance: Future[Balance] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None and self._plant is not None:
            self._plant.cancel()
        self._stack.close()

    def begin(self, power_weight: float, state_V: Mapping[str, float]) -> None:
        """Start, unless it has been started or there is nothing to audit.

        Args:
            power_weight: λ of the first epoch.
            state_V: Every node's voltage where the run started, volts; empty when nobody knows.
        """
        if not self._name or self._balance is not None:
            return
        self._plant = self._stack.enter_context(open_plant(self._name, self._experiment))
        pool = self._stack.enter_context(ThreadPoolExecutor(1))
        part = self._part(power_weight, state_V)
        name = self._named(part) if self._keep else ""
        self._balance = pool.submit(self._audited, part, name)

    def result(self) -> Balance | None:
        """Wait for the balance.

        Returns:
            The balance; None when none was begun.

        Raises:
            SpiceError: When the audit's simulator failed.
        """
        return None if self._balance is None else self._balance.result()

    def _audited(self, part: Part, name: str) -> Balance:
        """The balance of a part, or what is kept under its name, unless that is empty."""
        plant, until_s = self._plant, self._until_s
        assert plant is not None
        if not name:
            return plant.audit(part, until_s)
        return kept(name, lambda: plant.audit(part, until_s), (Balance,))

    def _named(self, part: Part) -> str:
        """The hash of what a balance depends on."""
        return digest(
            "audit", self._name, text_of("learning.measure.audit"), self._until_s,
            part.deck(self._experiment), sorted(part.state_V.items()),
        )  # fmt: skip

    def _part(self, power_weight: float, state_V: Mapping[str, float]) -> Part:
        experiment = self._experiment
        gates_V, examples = np.array(experiment.gates_V), experiment.task.train
        return Part(experiment.schedule, examples, gates_V, state_V, power_weight=power_weight)

    @property
    def _until_s(self) -> float:
        return first_epoch(self._experiment.schedule).stop_s
