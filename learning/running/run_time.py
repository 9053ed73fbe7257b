"""How long a run will take, from rates measured once.

A rate is seconds of one core for an edge and a presentation. Both are of ``regression_twin`` as it
is shipped (32 edges, 160 presentations, audit included) on the machine the README's figures are
from; other machines, cells and tolerances differ by factors.
"""

from __future__ import annotations

from learning.experiment.experiment import Experiment

_RATES_S = {"spice": 1e-2, "accelerated": 5e-4}
_START_S = {"spice": 0.5, "accelerated": 10.0}
"""Before the first presentation; ngspice plays anchor and audit of both."""


def rough_s(experiment: Experiment) -> float:
    """Estimate the wall time of a run.

    Args:
        experiment: The experiment.

    Returns:
        Seconds, right within a few times.
    """
    design = experiment.design
    plant, before = design.simulator.fidelity, design.damage.after_epochs
    # a machine that breaks has run before it breaks
    shown = len(experiment.schedule.presentations) * (1.0 + before / design.schedule.epochs)
    return _START_S[plant] + _RATES_S[plant] * len(experiment.network.edges) * shown


def spoken(seconds: float) -> str:
    """A time as one says it: seconds below two minutes, hours above two of them."""
    minutes, hours, two = seconds / 60.0, seconds / 3600.0, 2.0
    if minutes < two:
        return f"{seconds:.0f} s"
    return f"{minutes:.0f} min" if hours < two else f"{hours:.1f} h"
