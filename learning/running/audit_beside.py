"""The energy audit beside a run: a plant of its own over the first epoch of learning."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from types import TracebackType
from typing import Self

import numpy as np

from learning.experiment.experiment import Experiment
from learning.experiment.schedule import first_epoch
from learning.fidelity.plant import Part, Plant
from learning.fidelity.plants import open_plant
from learning.measure.audit import Balance


class AuditBeside:
    """Audits while something else runs, within a context.

    Args:
        experiment: The experiment.
        plant: Name of the plant that audits; empty when nothing is to be audited.
    """

    def __init__(self, experiment: Experiment, plant: str) -> None:
        self._experiment, self._name = experiment, plant
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
        self._balance = pool.submit(self._plant.audit, self._part(power_weight, state_V))

    def result(self) -> Balance | None:
        """Wait for the balance.

        Returns:
            The balance; None when none was begun.

        Raises:
            SpiceError: When the audit's simulator failed.
        """
        return None if self._balance is None else self._balance.result()

    def _part(self, power_weight: float, state_V: Mapping[str, float]) -> Part:
        experiment = self._experiment
        window, examples = first_epoch(experiment.schedule), experiment.task.train
        gates_V = np.array(experiment.gates_V)
        return Part(window, examples, gates_V, state_V, power_weight=power_weight)
