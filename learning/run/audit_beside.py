"""The energy audit beside a run: a simulator of its own over the first epoch of learning."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager

from learning.experiment.experiment import Experiment, deck
from learning.experiment.schedule import first_epoch
from learning.measure.audit import Audit, Balance
from learning.run.tally import Tally
from spice_backend.session.session import Session


@contextmanager
def audit_beside(
    experiment: Experiment, tally: Tally, power_weight: Future[float]
) -> Iterator[Future[Balance | None] | None]:
    """The audit, running beside what happens in this context.

    Args:
        experiment: The experiment.
        tally: The run; one that has its balance is not audited again.
        power_weight: λ of the first epoch, known once the run has chosen it; cancelled when no
            epoch is learned at all.

    Yields:
        The balance to come, None in it when there was nothing to audit; or None without an audit.
    """
    if tally.balance or not experiment.design.measure.audit:
        yield None
        return
    design = experiment.design
    with Session(timeout_s=design.simulator.timeout_s) as session, ThreadPoolExecutor(1) as pool:
        future = pool.submit(_audited, experiment, session, power_weight)
        try:
            yield future
        except BaseException:
            power_weight.cancel()
            session.cancel()
            raise


def _audited(
    experiment: Experiment, session: Session, power_weight: Future[float]
) -> Balance | None:
    try:
        weight = power_weight.result()
    except CancelledError:
        return None
    window = first_epoch(experiment.schedule)
    assembly = experiment.assembly(window, experiment.task.train, experiment.gates_V, weight)
    audit = Audit(assembly.circuit)
    transient = experiment.transient(window, audit.probes)
    text = deck(assembly, transient)
    session.run(text, audit.probes, audit.take).check()
    return audit.balance()
