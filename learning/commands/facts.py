"""What a design amounts to, before anything is simulated: sizes for a person or a script."""

from __future__ import annotations

from typing import Any

from learning.experiment.experiment import Experiment, ideal_slots, transistors


def design_facts(experiment: Experiment) -> dict[str, Any]:
    """Count what a design is made of.

    Args:
        experiment: The design made concrete.

    Returns:
        Names and numbers, SI units in the keys.
    """
    task = experiment.task.train
    assembly = experiment.whole
    return {
        "design": experiment.design.name,
        "process": experiment.process.name,
        "nodes": len(experiment.network.nodes),
        "edges": len(experiment.network.edges),
        "transistors": transistors(assembly.circuit),
        "examples": len(task),
        "presentations": len(experiment.schedule.presentations),
        "simulated_time_s": experiment.schedule.stop_s,
        "ideal_cells": list(ideal_slots(experiment)),
    }


def sentence(facts: dict[str, Any]) -> str:
    """Put the facts into a sentence.

    Args:
        facts: From `design_facts`.

    Returns:
        One line.
    """
    ideal = f", ideal cells: {', '.join(facts['ideal_cells'])}" if facts["ideal_cells"] else ""
    return (
        f"{facts['edges']} edges, {facts['transistors']} transistors in {facts['process']}, "
        f"{facts['presentations']} presentations in {facts['simulated_time_s']:.4g} s{ideal}"
    )
