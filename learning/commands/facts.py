"""What a design amounts to, before anything is simulated: sizes for a person or a script."""

from __future__ import annotations

from dataclasses import dataclass

from learning.experiment.experiment import Experiment, ideal_slots, transistors


@dataclass(frozen=True, slots=True)
class DesignFacts:
    """What a design is made of.

    Attributes:
        design: Its name.
        process: Name of the process.
        nodes: Of the network.
        edges: Of the network.
        transistors: That a simulator will see.
        examples: To learn from.
        presentations: Of the whole run, evaluations included.
        simulated_time_s: Circuit time of the whole run, seconds.
        ideal_cells: Slots whose cell is no circuit of real devices.
    """

    design: str
    process: str
    nodes: int
    edges: int
    transistors: int
    examples: int
    presentations: int
    simulated_time_s: float
    ideal_cells: tuple[str, ...]


def design_facts(experiment: Experiment) -> DesignFacts:
    """Count what a design is made of.

    Args:
        experiment: The design made concrete.

    Returns:
        Names and numbers.
    """
    task = experiment.task.train
    return DesignFacts(
        design=experiment.design.name,
        process=experiment.process.name,
        nodes=len(experiment.network.nodes),
        edges=len(experiment.network.edges),
        transistors=transistors(experiment.whole.circuit),
        examples=len(task),
        presentations=len(experiment.schedule.presentations),
        simulated_time_s=experiment.schedule.stop_s,
        ideal_cells=ideal_slots(experiment),
    )


def sentence(facts: DesignFacts) -> str:
    """Put the facts into a sentence.

    Args:
        facts: From `design_facts`.

    Returns:
        One line.
    """
    ideal = f", ideal cells: {', '.join(facts.ideal_cells)}" if facts.ideal_cells else ""
    return (
        f"{facts.edges} edges, {facts.transistors} transistors in {facts.process}, "
        f"{facts.presentations} presentations in {facts.simulated_time_s:.4g} s{ideal}"
    )
