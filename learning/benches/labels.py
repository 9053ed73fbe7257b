"""Labels that a machine's clamp does not reach: there it moves a target away from what is wanted.

An amplifier that ends above ground lifts low nodes whatever their label. A target 10 mV above such
a label, which is where learning brings it, is nudged up, and the network learns to stay away.
"""

from __future__ import annotations

import numpy as np

from learning.arrays import Floats
from learning.benches.clamp import AWAY_V, nudge
from learning.benches.machine import stand_of
from learning.benches.timing import IN_TURN, TWIN
from learning.experiment.experiment import Experiment, behavioural_slots
from spice_backend.errors import SpiceError
from spice_backend.session.session import Session

_MOST = 4
"""Labels tried, spread over those there are."""

_OPTIONS = ("trtol=3",)
"""A warning needs millivolts, and no charges."""


def unreached(experiment: Experiment) -> tuple[str, ...]:
    """Say which labels of a design lie where its clamp does not reach.

    Args:
        experiment: The design made concrete.

    Returns:
        A sentence for each single target with such labels, or one that says why there is no
        telling; none for pairs and ideal clamps.
    """
    if "clamp" in behavioural_slots(experiment):
        return ()
    try:
        return _unreached(experiment)
    except SpiceError as error:
        return (f"which labels the clamp reaches could not be measured: {error.message}",)


def _unreached(experiment: Experiment) -> tuple[str, ...]:
    found = []
    with Session(timeout_s=experiment.design.simulator.timeout_s) as session:
        for column, port in enumerate(experiment.network.targets):
            if port.negative is None:
                labels_V = np.unique(experiment.task.train.labels[:, column])
                tried = labels_V[np.linspace(0, len(labels_V) - 1, _MOST).round().astype(int)]
                lost = _lost(session, experiment, port.positive, np.unique(tried))
                if len(lost):
                    found.append(_told(experiment, port.positive, lost))
    return tuple(found)


def _lost(session: Session, experiment: Experiment, node: str, labels_V: Floats) -> Floats:
    stand = stand_of(experiment, "clamp", node)
    timing = IN_TURN if stand.architecture.in_turn else TWIN
    below_V = np.maximum(labels_V - AWAY_V, 0.0)
    free_V = np.concatenate([labels_V + AWAY_V, below_V])
    pairs = list(zip(free_V.tolist(), np.tile(labels_V, 2).tolist(), strict=True))
    found = nudge(session, stand, pairs, timing, _OPTIONS)
    down, up = np.split(found.clamped_V - found.free_V, 2)
    away = (down >= 0.0) | ((up <= 0.0) & (below_V < labels_V))
    return np.asarray(labels_V[away])


def _told(experiment: Experiment, node: str, lost: Floats) -> str:
    cell = experiment.cells["clamp"].name
    low, high = (f"{1e3 * volts:.3g} mV" for volts in (lost[0], lost[-1]))
    span = low if len(lost) == 1 else f"{low} to {high}"
    return (
        f"target {node} has labels that cell {cell} does not reach, at {span}: it moves a node "
        f"{AWAY_V * 1e3:g} mV from such a label farther away. Other labels, or another clamp; "
        f"joulearn bench {cell} shows the reach"
    )
