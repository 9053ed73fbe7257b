"""Questions to a network that does not learn: all examples of a set, once each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from learning.arrays import Floats
from learning.experiment.experiment import Experiment, deck
from learning.experiment.schedule import showing
from learning.measure.ledger import Ledger
from learning.measure.probes import target_voltages
from learning.measure.query_cost import Inference, measure_inference
from learning.measure.segment import Segment, Segmenter
from learning.tasks.examples import Examples
from spice_backend.protocol.samples import Samples
from spice_backend.session.session import Session


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What a network answered, and what that cost.

    Attributes:
        outputs_V: Target voltages at the end of each query, (n_example, n_target), volts.
        inference: The cost of a query.
    """

    outputs_V: Floats
    inference: Inference


def ask(experiment: Experiment, session: Session, gates_V: Floats, examples: Examples) -> Answers:
    """Show every example once for the design's evaluation time, learning off.

    Args:
        experiment: The experiment.
        session: A simulator.
        gates_V: (n_gate,), volts.
        examples: What to show.

    Returns:
        The answers.

    Raises:
        SpiceError: When the simulator failed.
    """
    shown = showing(len(examples), experiment.design.schedule.evaluation_s)
    assembly = experiment.assembly(shown, examples, tuple(gates_V.tolist()))
    ledger = Ledger(assembly)
    nodes = (f"v({node})" for target in assembly.targets for node in target.free if node != "0")
    probes = tuple(dict.fromkeys([*ledger.probes, *nodes]))
    segmenter, segments = Segmenter(shown), list[Segment]()

    def keep(samples: Samples) -> bool:
        segments.extend(segmenter.cut(samples))
        return True

    text = deck(assembly, experiment.transient(shown, probes))
    session.run(text, probes, keep).check()
    outputs = [target_voltages(probes, assembly.targets, s.values) for s in segments]
    return Answers(
        outputs_V=np.array([values[-1] for values in outputs]),
        inference=measure_inference(segments, outputs, probes, ledger),
    )
