"""A machine's own cell on a bench: its sizes, its supply and its chip, beside its own lines."""

from __future__ import annotations

from learning.benches.stand import GIVERS, Stand
from learning.benches.timing import IN_TURN, TWIN, Timing
from learning.experiment.experiment import Experiment


def stand_of(
    experiment: Experiment, slot: str, place: str = "0", extra: tuple[str, ...] = ()
) -> Stand:
    """Take a cell out of a machine.

    Args:
        experiment: The machine.
        slot: Which cell.
        place: The node or edge it serves, for a chip's devices are told apart by it.
        extra: Slots whose cells stand beside it as well.

    Returns:
        The cell, beside the machine's own bias and sequencer where it takes lines from them.
    """
    givers = {s: experiment.cells[s] for s in GIVERS if s in experiment.cells and s != slot}
    cell = experiment.cells[slot]
    needed, beside = set(cell.pins), {other: experiment.cells[other] for other in extra}
    for name, giver in givers.items():
        if needed & set(giver.offers):
            beside[name] = giver
            needed |= set(giver.pins)
    sizes = experiment.sizes
    return Stand(
        cell=cell,
        architecture=experiment.architecture,
        process=experiment.process,
        beside=beside,
        parameters=sizes[slot],
        chip=experiment.chip,
        nudge=experiment.design.learning.nudge,
        supply_V=experiment.rail_V,
        place=place,
        others={name: sizes[name] for name in beside},
    )


def timing_of(experiment: Experiment) -> Timing:
    """When a machine's own cells do what, where they are slower than a bench usually waits.

    Args:
        experiment: The machine.

    Returns:
        Of one presentation: as a bench has it, or longer by as much as the machine takes longer
        until its free state stands.
    """
    usual = IN_TURN if experiment.architecture.in_turn else TWIN
    slower = max(experiment.design.schedule.settle_s / usual.settle_s, 1.0)
    times_s = (usual.settle_s, usual.window_s, usual.warm_up_s, usual.rise_s, usual.gap_s)
    return Timing(*(slower * time_s for time_s in times_s))
