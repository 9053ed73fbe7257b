"""Self-learning networks as scikit-learn's estimators: fit teaches, predict asks what has learned.

Inputs are scaled to the design's range of source voltages and labels to its label levels, by what
`fit` was given; nothing else is known of the data. Every call of `fit` is a whole run with its bill
(but for the twin, which is numbers alone), every call of `predict` shows the rows to the trained
network, played by whoever played the training.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import fields
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from learning.arrays import Floats
from learning.design.whole import Design
from learning.errors import LearningError
from learning.result.result import Result
from learning.running.folder import RunFolder, unusable
from learning.studies.estimators.encoding import Encoding, fitted
from learning.studies.estimators.taught import teach
from learning.studies.single.one_run import Run, chosen_design
from learning.tasks.levels import label_levels_V

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, check_random_state, validate_data
except ImportError as error:
    raise LearningError(
        "scikit-learn is not installed", "learning.SelfLearning…", "pip install 'joulearn[sklearn]'"
    ) from error

_LARGEST_SEED = 2**31


class SelfLearningNetwork(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """What the two forms have in common.

    Args:
        design: Name of a shipped design, path of a design file, or a design; its own task gives
            way to the data. Sources and targets placed by "task" fit any number of columns.
        fidelity: Who plays: "spice", every transistor in ngspice; "accelerated", tables measured
            from the cells; "twin", linear resistors and the rule alone, without a bill.
        settings: Other values of keys, such as ``{"schedule.epochs": 5}``.
        mirrored: Give each column a second source that falls where it rises, so that answers may
            fall, too; False takes half the sources.
        out: Folder that keeps the run of every fit in a numbered folder of its own; None keeps
            none.
        random_state: A number is the design's seed, a generator draws it; None keeps the design's.

    Attributes:
        n_features_in_: Columns of the data.
        design_: The design, before the data took its task's place.
        result_: The run's result, with its folder when there is one; None of the twin.
        energy_J_: Energy of the training by block and "total", joules; empty of the twin.
        energy_per_query_J_: Energy of one answer, joules; None of the twin.
        error_V2_: Mean squared error on the data it learned from, square volts.
    """

    def __init__(
        self,
        design: str | Path | Design = "csv",
        *,
        fidelity: str = "accelerated",
        settings: Mapping[str, object] | None = None,
        mirrored: bool = True,
        out: str | Path | None = None,
        random_state: Any = None,
    ) -> None:
        self.design = design
        self.fidelity = fidelity
        self.settings = settings
        self.mirrored = mirrored
        self.out = out
        self.random_state = random_state

    @abstractmethod
    def fit(self, X: Any, y: Any) -> Self:
        """Teach the network."""

    def _begin(self) -> tuple[float, float]:
        """Choose the design; gives the label levels, volts."""
        seed = self.random_state
        if seed is not None and not isinstance(seed, int):
            seed = int(check_random_state(seed).randint(_LARGEST_SEED))
        self.design_ = chosen_design(self.design, seed, self.settings or {})
        return label_levels_V(self.design_.task)

    def _teach(self, X: Floats, labels: Floats | list[str]) -> None:
        task = self.design_.task
        range_V = (task.input_low_V, task.input_high_V)
        self._inputs: Encoding = fitted(X, range_V, mirrored=self.mirrored)
        with TemporaryDirectory(prefix="joulearn-") as passing:
            folder = Path(passing) if self.out is None else _next_folder(Path(self.out))
            volts = self._inputs.volts(X)
            self._taught = teach(self.design_, volts, labels, self.fidelity, folder)
        run = self._taught.run
        self.result_: Result | None = run
        if run is not None and self.out is None:
            self.result_ = _without_folder(run)
        self.energy_J_ = {} if run is None else dict(run.energy_J)
        self.energy_per_query_J_ = None if run is None else run.inference.energy_per_query_J
        self.error_V2_ = self._taught.error_V2

    def _outputs_V(self, X: Any) -> Floats:
        """Target voltages, (n_row, n_target), volts."""
        check_is_fitted(self)
        rows = validate_data(self, X, reset=False, dtype=np.float64)
        return self._taught.outputs_V(self._inputs.volts(rows))


class SelfLearningRegressor(RegressorMixin, SelfLearningNetwork):  # type: ignore[misc]
    """A network that learns numbers: a target for each column of labels.

    Arguments and attributes are those of `SelfLearningNetwork`.
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Teach the network.

        Args:
            X: (n_row, n_column), any unit.
            y: (n_row,) or (n_row, n_target), any unit.

        Returns:
            Itself.

        Raises:
            ValueError: For data that are no numbers, too few, or labels that never change.
            LearningError: For data that do not fit the design's network.
            SpiceError: When the simulator failed.
        """
        X, y = validate_data(
            self, X, y, dtype=np.float64, ensure_min_samples=2, multi_output=True, y_numeric=True
        )
        wanted = np.asarray(y, dtype=np.float64)
        self._flat = wanted.ndim == 1
        wanted = wanted.reshape(len(wanted), -1)
        if np.any(wanted.max(axis=0) <= wanted.min(axis=0)):
            raise ValueError("a column of y never changes: there is nothing to learn")
        self._labels = fitted(wanted, self._begin())
        self._teach(X, self._labels.volts(wanted))
        return self

    def predict(self, X: Any) -> Floats:
        """Ask the trained network.

        Args:
            X: (n_row, n_column), as in `fit`; beyond its range a source stays at the range's end.

        Returns:
            (n_row,) or (n_row, n_target), in the labels' units.

        Raises:
            SpiceError: When the simulator failed.
        """
        outputs_V = self._outputs_V(X)
        answers = self._labels.units(outputs_V)
        return answers[:, 0] if self._flat else answers

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


class SelfLearningClassifier(ClassifierMixin, SelfLearningNetwork):  # type: ignore[misc]
    """A network that learns classes: a target for each, and the highest one is the answer.

    Arguments and attributes are those of `SelfLearningNetwork`, and:

    Attributes:
        classes_: The classes, in order.
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Teach the network.

        Args:
            X: (n_row, n_column), any unit.
            y: (n_row,), the class of each.

        Returns:
            Itself.

        Raises:
            ValueError: For data that are no numbers, or fewer than two classes.
            LearningError: For data that do not fit the design's network.
            SpiceError: When the simulator failed.
        """
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, numbers = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:  # noqa: PLR2004  one class leaves nothing to tell apart
            raise ValueError(
                f"all of y is one class, {self.classes_.tolist()[0]!r}; it takes two at least"
            )
        self._begin()
        names = _class_names(self.classes_)
        self._teach(X, [names[number] for number in numbers])
        return self

    def decision_function(self, X: Any) -> Floats:
        """The voltages that answer.

        Args:
            X: (n_row, n_column), as in `fit`.

        Returns:
            Of two classes how far the second's target is above the first's, (n_row,); of more each
            target's voltage, (n_row, n_class), volts.

        Raises:
            SpiceError: When the simulator failed.
        """
        outputs_V = self._outputs_V(X)
        pair = len(self.classes_) == 2  # noqa: PLR2004
        return outputs_V[:, 1] - outputs_V[:, 0] if pair else outputs_V

    def predict(self, X: Any) -> NDArray[Any]:
        """Ask the trained network.

        Args:
            X: (n_row, n_column), as in `fit`; beyond its range a source stays at the range's end.

        Returns:
            (n_row,), the class whose target is highest; of a tie the first.

        Raises:
            SpiceError: When the simulator failed.
        """
        outputs_V = self._outputs_V(X)
        return np.asarray(self.classes_[outputs_V.argmax(axis=1)])


def _next_folder(parent: Path) -> Path:
    """A new folder, numbered; fits that run side by side get one each."""
    RunFolder(parent).make()
    for number in count(1):
        folder = parent / f"fit-{number:03d}"
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        except OSError as error:
            raise unusable(parent, error) from error
        return folder
    raise AssertionError  # counting has no end


def _class_names(classes: NDArray[Any]) -> list[str]:
    """Names that keep the classes' order in the alphabet, with the classes' own where they fit."""
    width = len(str(len(classes) - 1))
    own = [str(one) if str(one).isalnum() else "class" for one in classes]
    return [f"{number:0{width}d} {name}" for number, name in enumerate(own)]


def _without_folder(run: Run) -> Result:
    return Result(**{field.name: getattr(run, field.name) for field in fields(Result)})
