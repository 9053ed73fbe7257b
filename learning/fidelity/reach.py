"""Labels that a machine's clamp does not reach, measured once for a machine."""

from __future__ import annotations

from learning.benches.labels import unreached
from learning.experiment.experiment import Experiment
from learning.fidelity.kept import code, digest, kept
from netlist.text.emitter import emit
from spice_backend.errors import SpiceError


def out_of_reach(experiment: Experiment) -> tuple[str, ...]:
    """Say which labels of a design lie where its clamp does not reach.

    Args:
        experiment: The design made concrete.

    Returns:
        As `learning.benches.labels.unreached`, or a sentence that says why there is no telling.
    """
    machine = (emit(experiment.whole.circuit), experiment.design)
    name = digest("labels", code("learning.benches"), machine)
    try:
        return kept(name, lambda: unreached(experiment), ())
    except SpiceError as error:
        return (f"which labels the clamp reaches could not be measured: {error.message}",)
