"""Linear regression: each target is to be a weighted sum of the sources.

The first task every physical learner was shown (Dillavou et al., PR Applied 18, 014040, 2022). A
resistor network is linear in its sources, hence coefficients that are positive and sum to at most
one per target are reachable whatever the inputs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from learning.design.sections import TaskSpec
from learning.tasks.examples import Examples, Task
from learning.tasks.reach import require_reachable
from learning.tasks.sources import count_inputs, with_constants
from learning.tasks.weighted import weighted_labels, weighted_ports


@dataclass(frozen=True, slots=True)
class Regression:
    """Inputs drawn uniformly, and their weighted sums.

    Attributes:
        spec: Uses `examples`, `coefficients`, `input_low_V`, `input_high_V`, `constants_V` and
            `noise_V` (standard deviation of a normal error on the labels).
    """

    spec: TaskSpec

    def ports(self) -> tuple[int, int]:
        """Sources and targets: as many as the coefficients have columns and rows."""
        return weighted_ports(self.spec)

    def task(self, n_source: int, n_target: int, rng: np.random.Generator) -> Task:
        """Draw inputs uniformly and compute their labels.

        The reach of the network is checked before the noise is added: noise stands for a teacher's
        error, which no network ought to follow.

        Args:
            n_source: Number of sources of the network.
            n_target: Number of targets of the network.
            rng: Draws the inputs first, then the noise.

        Returns:
            The task; it has no test set.

        Raises:
            LearningError: When counts do not match or a label is out of reach.
        """
        spec = self.spec
        n_input = count_inputs(spec.constants_V, n_source)
        drawn = rng.uniform(spec.input_low_V, spec.input_high_V, (spec.examples, n_input))
        sources = with_constants(drawn, spec.constants_V)
        labels = weighted_labels(spec.coefficients, sources, n_target)
        require_reachable(
            sources,
            labels,
            lambda row: f"task.coefficients (example {row})",
            "make each row of coefficients positive with a sum of at most 1, or add a source to "
            "task.constants_V",
        )
        if spec.noise_V > 0.0:
            labels = labels + rng.normal(0.0, spec.noise_V, labels.shape)
        return Task("regression", Examples(sources, labels))
