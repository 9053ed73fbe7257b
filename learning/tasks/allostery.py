"""Allostery: with the sources held at given voltages, the targets are to show given voltages.

One example, as in the published task (Dillavou et al., PR Applied 18, 014040, 2022; Stern et al.,
APL Mach. Learn. 2, 016114, 2024), named after proteins that answer at one site to a stimulus at
another. Coefficients of one source at 1 V and of none else would be target voltages; in general a
target's voltage is its row of coefficients times the source voltages.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from learning.design.sections import TaskSpec
from learning.tasks.examples import Examples, Task
from learning.tasks.reach import require_reachable
from learning.tasks.sources import with_constants
from learning.tasks.weighted import weighted_labels, weighted_ports


@dataclass(frozen=True, slots=True)
class Allostery:
    """One pattern of sources, and the targets' answer to it.

    Attributes:
        spec: Uses `input_high_V` (the sources), `constants_V` (sources held elsewhere, the last
            ones) and `coefficients`; `examples` is ignored because there is one pattern.
    """

    spec: TaskSpec

    def ports(self) -> tuple[int, int]:
        """Sources and targets: as many as the coefficients have columns and rows."""
        return weighted_ports(self.spec)

    def task(
        self,
        n_source: int,
        n_target: int,
        rng: np.random.Generator,  # noqa: ARG002  every kind of task is called alike
    ) -> Task:
        """Hold every source at its voltage and ask the targets for theirs.

        Args:
            n_source: Number of sources of the network.
            n_target: Number of targets of the network.
            rng: Not drawn from.

        Returns:
            The task: one example, no test set.

        Raises:
            LearningError: When counts do not match or a label is out of reach.
        """
        spec = self.spec
        n_input = max(n_source - len(spec.constants_V), 0)
        sources = with_constants(np.full((1, n_input), spec.input_high_V), spec.constants_V)
        labels = weighted_labels(spec.coefficients, sources, n_target)
        require_reachable(
            sources,
            labels,
            lambda _row: "task.coefficients",
            "make each row of coefficients positive with a sum of at most 1",
        )
        return Task("allostery", Examples(sources, labels))
