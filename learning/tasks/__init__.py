"""The kinds of task by the name a design gives them; a new kind is a file and a row here."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from learning.design.sections import TaskSpec
from learning.tasks.allostery import allostery
from learning.tasks.examples import Examples, Task
from learning.tasks.iris import iris
from learning.tasks.regression import regression
from learning.tasks.table import table
from learning.tasks.xor import xor

KINDS: dict[str, Callable[[TaskSpec, int, int, np.random.Generator], Task]] = {
    "regression": regression,
    "allostery": allostery,
    "xor": xor,
    "iris": iris,
    "csv": table,
}

__all__ = ["KINDS", "Examples", "Task", "allostery", "iris", "regression", "table", "xor"]
