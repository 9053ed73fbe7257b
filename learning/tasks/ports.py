"""How many sources and targets a task asks for, so that a network can be given its roles.

A design whose roles say "task" fits itself to whatever table it is handed.
"""

from __future__ import annotations

from learning.design.sections import TaskSpec
from learning.errors import LearningError
from learning.tasks.table import column_roles, read_table


def task_ports(spec: TaskSpec) -> tuple[int, int]:
    """Count the sources and targets of a task.

    Args:
        spec: The ``[task]`` of the design.

    Returns:
        Sources, constant ones included, and targets.

    Raises:
        LearningError: When the task's table cannot be read, or the task does not say.
    """
    if spec.kind == "csv":
        inputs, targets = column_roles(spec, read_table(spec))
        return inputs + len(spec.constants_V), targets
    if spec.kind == "iris":
        return 4 + len(spec.constants_V), 3
    if spec.kind == "xor":
        return 2 + len(spec.constants_V), 2
    if not spec.coefficients:
        raise LearningError(
            f"a {spec.kind} without coefficients does not say how many nodes it needs",
            "task.coefficients",
            "one row per target, each with one number per source",
        )
    return len(spec.coefficients[0]), len(spec.coefficients)
