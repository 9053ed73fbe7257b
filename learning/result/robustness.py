"""What a run says of wear: the machine before it broke, and the trained one after a wait."""

from __future__ import annotations

from dataclasses import replace

from learning.arrays import Floats
from learning.experiment.damage import broken_edges
from learning.experiment.experiment import Experiment
from learning.experiment.schedule import longest_s
from learning.fidelity.query import ask
from learning.fidelity.spice import Spice
from learning.measure.disagreement import Disagreement
from learning.measure.ledger import by_block
from learning.result.result import Broken, Held
from learning.running.folder import RunFolder
from learning.running.learned import disagreements
from learning.running.tally import load_tally
from learning.tasks.score import mean_squared_error_V2
from spice_backend.session.session import Session

_GMIN_S = 1e-16
"""ngspice's own 1e-12 S across every junction would empty a gate long before its devices do."""

_STEPS = 50.0
"""Of a wait, at least: nothing happens in it but what leaks."""


def hold(session: Session, experiment: Experiment, gates_V: Floats) -> Held | None:
    """Let a trained network wait, rails on and another example shown, and ask it again.

    Args:
        session: A simulator.
        experiment: What was trained.
        gates_V: (n_gate,), volts.

    Returns:
        Its error then; None where the design asks for no wait.

    Raises:
        SpiceError: When the simulator failed.
    """
    design = experiment.design
    wait_s, spec = design.retention.hold_s, design.simulator
    if not wait_s:
        return None
    step_s = max(spec.max_step_s or longest_s(design.schedule) / 4.0, wait_s / _STEPS)
    options = {"gmin": _GMIN_S, **spec.options}
    waiting = replace(design, simulator=replace(spec, max_step_s=step_s, options=options))
    plant = Spice(replace(experiment, design=waiting), session)
    train = experiment.task.train
    answers = ask(plant, gates_V, train, wait_s)
    return Held(wait_s, mean_squared_error_V2(answers.outputs_V, train.labels))


def broken(experiment: Experiment, folder: RunFolder) -> tuple[Broken | None, list[Disagreement]]:
    """What broke, and what the sound machine came to before.

    Args:
        experiment: What was run.
        folder: Its folder, with that of the run before in it.

    Returns:
        Both; and what that run measured twice and found different.
    """
    spec = experiment.design.damage
    if spec.kind == "none" and not spec.after_epochs:
        return None, []
    edges = broken_edges(spec, len(experiment.network.edges))
    if not spec.after_epochs:
        return Broken(spec.kind, edges), []
    before = load_tally(folder.before.checkpoint)
    told = Broken(spec.kind, edges, before.history[-1].error_V2, by_block(before.energy_J))
    return told, list(disagreements(before))
