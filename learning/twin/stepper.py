"""One update of coupled learning, by the compiled kernel or, for large networks, in numpy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.linalg.lapack import dposv

from learning.arrays import Floats
from learning.errors import LearningError
from learning.tasks.score import mean_squared_error_V2
from learning.twin.constraint import Ints
from learning.twin.kernel import REDUNDANT, SINGULAR, advance, lay_out
from learning.twin.linear_network import LinearNetwork, Response
from learning.twin.response import DENSE_LIMIT, singular


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What is taught, and how strongly.

    Attributes:
        inputs: (n_example, n_source), volts.
        labels: (n_example, n_target), volts.
        squares: Mean outer product of the inputs: (n_source, n_source), V².
        eta: Nudge.
        rate: α/η.
    """

    inputs: Floats
    labels: Floats
    squares: Floats
    eta: float
    rate: float

    def judge(self, response: Response, k: Floats) -> tuple[float, float]:
        """Error and power of the free state, as `Training` defines them."""
        error_V2 = mean_squared_error_V2(self.inputs @ response.outputs.T, self.labels)
        drops = response.drops[:, : self.inputs.shape[1]]
        power = 0.5 * np.dot(k, np.einsum("ij,ij->i", drops @ self.squares, drops))
        return error_V2, float(power)


class Stepper(Protocol):
    """Takes steps."""

    def advance(self, k: Floats, weights: Floats, shown: Ints) -> None:
        """Take steps in place.

        Args:
            k: (n_edge,), siemens; changed in place.
            weights: λ of every step: (n_step,).
            shown: Example of every step, -1 for all: (n_step,).

        Raises:
            LearningError: When the equations are singular.
        """


def stepper_for(network: LinearNetwork, lesson: Lesson, bounds: tuple[Floats, Floats]) -> Stepper:
    """The faster stepper for a network of this size."""
    if network.wiring.size <= DENSE_LIMIT:
        return _Compiled(network, lesson, bounds)
    return _Plain(network, lesson, bounds)


class _Compiled:
    def __init__(
        self, network: LinearNetwork, lesson: Lesson, bounds: tuple[Floats, Floats]
    ) -> None:
        self._plan, self._lesson, self._bounds = lay_out(network.wiring), lesson, bounds

    def advance(self, k: Floats, weights: Floats, shown: Ints) -> None:
        """See `Stepper`."""
        lesson = self._lesson
        taught, nudge = (lesson.inputs, lesson.labels, lesson.squares), (lesson.rate, lesson.eta)
        status = advance(self._plan, k, self._bounds, taught, nudge, weights, shown)
        if status == SINGULAR:
            raise singular()
        if status == REDUNDANT:
            raise _redundant()


class _Plain:
    def __init__(
        self, network: LinearNetwork, lesson: Lesson, bounds: tuple[Floats, Floats]
    ) -> None:
        self._network, self._lesson, self._bounds = network, lesson, bounds

    def advance(self, k: Floats, weights: Floats, shown: Ints) -> None:
        """See `Stepper`."""
        low, high = self._bounds
        for weight, example in zip(weights.tolist(), shown.tolist(), strict=True):
            rows = slice(None) if example < 0 else slice(example, example + 1)
            k -= self._lesson.rate * self._contrast(self._network.respond(k), weight, rows)
            np.clip(k, low, high, out=k)

    def _contrast(self, response: Response, weight: float, rows: slice) -> Floats:
        """⟨ΔV_clamped² - (1-λ)·ΔV_free²⟩ over some examples: (n_edge,), V²."""
        inputs, n = self._lesson.inputs[rows], self._network.n_source
        rest = self._lesson.labels[rows] - inputs @ response.outputs.T
        _, push, info = dposv(response.compliance, rest.T, lower=1)
        if info:
            raise _redundant()
        push *= self._lesson.eta
        mixed = np.empty((n + len(push), n + len(push)))
        mixed[:n, :n] = weight * (inputs.T @ inputs)
        mixed[n:, :n] = push @ inputs
        mixed[:n, n:] = mixed[n:, :n].T
        mixed[n:, n:] = push @ push.T
        mixed /= len(inputs)
        contrast: Floats = np.einsum("ij,ij->i", response.drops @ mixed, response.drops)
        return contrast


def _redundant() -> LearningError:
    return LearningError(
        "the targets cannot be moved one by one",
        "targets",
        "do not read the same voltage twice",
    )
