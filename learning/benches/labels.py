"""Labels that a machine's clamp does not reach: there it moves a target away from what is wanted.

An amplifier that ends above ground lifts low nodes whatever their label. A target 10 mV above such
a label, which is where learning brings it, is nudged up, and the network learns to stay away.
"""

from __future__ import annotations

import numpy as np

from learning.benches.clamp import AWAY_V, lost
from learning.benches.machine import stand_of, timing_of
from learning.experiment.experiment import Experiment
from spice_backend.session.session import Session

_MOST = 4
"""Labels tried, spread over those there are."""


_SENTENCE = (
    "target {node} has labels that cell {cell} does not reach, at {span}: it moves a node "
    f"{AWAY_V * 1e3:g} mV from such a label farther away. Other labels, or another clamp; "
    "joulearn bench {cell} shows the reach"
)


def unreached(experiment: Experiment) -> tuple[str, ...]:
    """Say which labels of a design lie where its clamp does not reach.

    Args:
        experiment: The design made concrete.

    Returns:
        A sentence for each single target with such labels; none for pairs and ideal clamps.

    Raises:
        SpiceError: When the clamp cannot be measured.
    """
    if experiment.cells["clamp"].is_behavioural:
        return ()
    found, cell = [], experiment.cells["clamp"].name
    with Session(timeout_s=experiment.design.simulator.timeout_s) as session:
        for column, port in enumerate(experiment.network.targets):
            if port.negative is None:
                labels_V = np.unique(experiment.task.train.labels[:, column])
                tried = labels_V[np.linspace(0, len(labels_V) - 1, _MOST).round().astype(int)]
                stand = stand_of(experiment, "clamp", port.positive)
                lost_V = lost(session, stand, np.unique(tried), timing_of(experiment))
                if len(lost_V):
                    span = " to ".join(f"{1e3 * v:.3g} mV" for v in np.unique(lost_V[[0, -1]]))
                    found.append(_SENTENCE.format(node=port.positive, span=span, cell=cell))
    return tuple(found)
