"""Handwritten digits: 1,797 images of eight by eight pixels, in ten classes.

Optical recognition of handwritten digits, Alpaydin and Kaynak (1998), the test set of the UCI
machine learning repository, as scikit-learn ships it. A pixel, 0 to 16, is a voltage, and so is
what it lacks to 16: a network of positive conductances can then weigh a pixel with either sign.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from learning.design.sections import TaskSpec
from learning.errors import LearningError
from learning.tasks.examples import Examples, Task
from learning.tasks.levels import class_labels
from learning.tasks.sources import require_inputs, require_targets, with_constants
from learning.tasks.split import split_rows

N_PIXEL, N_DIGIT = 64, 10
_WHITE = 16.0
"""What the brightest pixel holds."""


@dataclass(frozen=True, slots=True)
class Digits:
    """Sixty-four pixels and their complements as voltages, and a target for each digit.

    Attributes:
        spec: Uses `input_low_V`, `input_high_V`, `constants_V`, `label_low_V`, `label_high_V`,
            `class_labels_V` and `test_fraction`.
    """

    spec: TaskSpec

    def ports(self) -> tuple[int, int]:
        """Sources and targets: pixels, complements and constants, and ten digits."""
        return 2 * N_PIXEL + len(self.spec.constants_V), N_DIGIT

    def task(self, n_source: int, n_target: int, rng: np.random.Generator) -> Task:
        """Make a voltage of every pixel and of its complement, and a target of every digit.

        Args:
            n_source: Number of sources of the network: 128 and the constants.
            n_target: Number of targets of the network: ten.
            rng: Draws the split.

        Returns:
            The task, the same fraction of each digit kept for testing; an example's line is the
            image's number, from 1.

        Raises:
            LearningError: When counts do not match, or scikit-learn is not there.
        """
        spec = self.spec
        require_inputs(2 * N_PIXEL, spec.constants_V, n_source)
        require_targets(N_DIGIT, n_target)
        names = tuple(str(digit) for digit in range(N_DIGIT))
        shades, classes = _images()
        span_V = spec.input_high_V - spec.input_low_V
        inputs = np.hstack(
            [spec.input_low_V + span_V * shades, spec.input_high_V - span_V * shades]
        )
        sources = with_constants(inputs, spec.constants_V)
        labels = class_labels(spec, classes, names)
        train, test = split_rows(classes, spec.test_fraction, rng)
        taught, tested = (
            Examples(sources[rows], labels[rows], classes[rows], tuple((rows + 1).tolist()))
            for rows in (train, test)
        )
        return Task("digits", taught, tested if len(test) else None, names)


def data_file() -> Path | None:
    """Where scikit-learn keeps the images; None when it is not there."""
    found = find_spec("sklearn")
    if found is None or found.origin is None:
        return None
    return Path(found.origin).parent / "datasets" / "data" / "digits.csv.gz"


def _images() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Shades from 0 to 1, (n_image, 64), and digits, (n_image,)."""
    path = data_file()
    if path is None or not path.is_file():
        raise LearningError(
            "the images of the digits come with scikit-learn, which is not installed",
            "task.kind",
            "pip install 'joulearn[sklearn]'",
        )
    rows = np.loadtxt(path, delimiter=",")
    return rows[:, :N_PIXEL] / _WHITE, rows[:, N_PIXEL].astype(np.int64)
