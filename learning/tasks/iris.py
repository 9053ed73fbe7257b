"""Anderson's irises, the data set Fisher (1936) introduced linear discriminants with.

150 flowers, four measurements, three species; the file ships with the circuits, and its README
says which of the circulating versions it is. The task is a table like any other from there on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.resources import files

import numpy as np

from learning.design.sections import TaskSpec
from learning.tasks.examples import Task
from learning.tasks.records import read_records
from learning.tasks.sources import require_inputs, require_targets
from learning.tasks.table import classification

_FEATURES = ("sepal_length_cm", "sepal_width_cm", "petal_length_cm", "petal_width_cm")
_N_SPECIES = 3


@dataclass(frozen=True, slots=True)
class Iris:
    """Four measurements scaled to the input range, and a target for each species.

    Attributes:
        spec: Uses `input_low_V`, `input_high_V`, `constants_V`, `label_low_V`, `label_high_V` and
            `test_fraction`.
    """

    spec: TaskSpec

    def ports(self) -> tuple[int, int]:
        """Sources and targets: four measurements and the constants, and three species."""
        return len(_FEATURES) + len(self.spec.constants_V), _N_SPECIES

    def task(self, n_source: int, n_target: int, rng: np.random.Generator) -> Task:
        """Scale the four measurements to the input range and give each species a target.

        Args:
            n_source: Number of sources of the network: four and the constants.
            n_target: Number of targets of the network: three.
            rng: Draws the split.

        Returns:
            The task, the same fraction of each species kept for testing.

        Raises:
            LearningError: When counts do not match.
        """
        spec = self.spec
        require_inputs(len(_FEATURES), spec.constants_V, n_source)
        require_targets(_N_SPECIES, n_target)
        records = read_records(files("circuits") / "data" / "iris.csv", "iris.csv")
        columns = tuple(records.column(name, "the iris task") for name in _FEATURES)
        species = records.column("species", "the iris task")
        return replace(classification(spec, records, columns, species, rng), name="iris")
