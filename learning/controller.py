"""The learning controller: one transient in which the network teaches itself, watched as it runs.

Everything the network is shown is laid out in the deck before the simulation starts; the controller
only watches. It measures errors and energies segment by segment, writes a checkpoint every epoch,
and stops the simulator when the error is low enough or no longer falls. The energy audit runs
beside it in a simulator of its own, over the first evaluation and the first epoch.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from learning.audit import Audit, Balance
from learning.design import Design, dump_design
from learning.errors import LearningError
from learning.experiment import Experiment, deck, first_epoch, prepare, remaining
from learning.folder import RunFolder, write_text
from learning.ledger import Floats, Ledger
from learning.log import Log
from learning.probe import columns, main_probes, shown_signals, target_voltages
from learning.segment import Segment, Segmenter
from learning.tally import ErrorPoint, Tally, load_tally
from netlist.assemble import Assembly
from spice_backend.outcome import Outcome
from spice_backend.samples import Samples
from spice_backend.session import Session


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is.

    Attributes:
        presentations: Simulated so far, evaluations included.
        total: Of the whole schedule.
        epochs: Whole epochs learned.
        rate_per_s: Presentations per second of wall time in this process.
        left_s: Estimated wall time left, seconds.
        error_V2: Latest error, square volts; None before the first evaluation is over.
    """

    presentations: int
    total: int
    epochs: int
    rate_per_s: float
    left_s: float
    error_V2: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """A run that came to its end.

    Attributes:
        experiment: What was run.
        tally: What was measured along the way.
        status: "completed", "tolerance reached" or "no progress".
        warnings: What a reader should know.
    """

    experiment: Experiment
    tally: Tally
    status: str
    warnings: tuple[str, ...]


def learn(
    design: Design,
    folder: Path,
    *,
    resume: bool = False,
    overwrite: bool = False,
    watch: Callable[[Progress], None] = lambda _: None,
) -> Learned:
    """Run a design until it ends or has learned enough.

    Leaves ``design.toml``, ``deck.cir``, ``log.txt`` and a checkpoint in the folder.

    Args:
        design: The design.
        folder: Where the run leaves its files.
        resume: Go on from the folder's checkpoint.
        overwrite: Replace a run that is in the folder.
        watch: Called after every presentation.

    Returns:
        The run.

    Raises:
        LearningError: For a design that cannot be run or a folder that cannot be used; nothing has
            been written then.
        NetlistError: For a network, cell or process that cannot be used.
        SpiceError: When the simulator failed; the last checkpoint is usable.
    """
    began = time.monotonic()
    experiment = prepare(design)
    run = RunFolder(folder)
    tally = _resumed(run, design) if resume else _fresh(experiment)
    assembly = experiment.assembly(experiment.schedule, experiment.task.train, experiment.gates_V)
    if not resume:
        run.claim(overwrite=overwrite)
    write_text(run.design, dump_design(design))
    with Log(run.log) as log, _audit(experiment, tally) as audit:
        runner = _Runner(experiment, assembly, run, tally, log, watch, began)
        learned = runner.run()
        return _with_balance(learned, audit, run)


def _fresh(experiment: Experiment) -> Tally:
    gates = tuple(f"g_{index}" for index in range(len(experiment.network.edges)))
    tally = Tally(dump_design(experiment.design), gates)
    tally.mark(0, np.array(experiment.gates_V))
    return tally


def _resumed(run: RunFolder, design: Design) -> Tally:
    tally = load_tally(run.checkpoint)
    if tally.design != dump_design(design):
        old, new = tally.design.splitlines(), dump_design(design).splitlines()
        changed = next((line for line in new if line not in old), "a key was removed")
        raise LearningError(
            f"the run there was made from another design: {changed}",
            where=str(run.path),
            hint=f"learn {run.design} --resume, with the design of that run",
        )
    return tally


@contextmanager
def _audit(experiment: Experiment, tally: Tally) -> Iterator[Future[Balance] | None]:
    """The audit, running beside what happens in this context."""
    if tally.balance or not experiment.design.measure.audit:
        yield None
        return
    design = experiment.design
    with Session(timeout_s=design.simulator.timeout_s) as session, ThreadPoolExecutor(1) as pool:
        future = pool.submit(_audited, experiment, session)
        try:
            yield future
        except BaseException:
            session.close()
            raise


def _audited(experiment: Experiment, session: Session) -> Balance:
    window = first_epoch(experiment.schedule)
    assembly = experiment.assembly(window, experiment.task.train, experiment.gates_V)
    audit = Audit(assembly.circuit)
    transient = experiment.transient(window, audit.probes)
    text = deck(assembly, transient)
    session.run(text, audit.probes, audit.take).check()
    return audit.balance()


def _with_balance(learned: Learned, audit: Future[Balance] | None, run: RunFolder) -> Learned:
    if audit is None:
        return learned
    balance, tally = audit.result(), learned.tally
    tally.balance = {
        "supplied_J": balance.supplied_J,
        "dissipated_J": balance.dissipated_J,
        "stored_J": balance.stored_J,
        "residual": balance.residual,
        "begin_s": balance.begin_s,
        "end_s": balance.end_s,
    }
    tally.save(run.checkpoint)
    warnings = list(learned.warnings)
    if balance.blind:
        warnings.append(f"the audit cannot see {len(balance.blind)} devices: {balance.blind[0]} …")
    return replace(learned, warnings=tuple(warnings))


class _Runner:
    """The main transient of a run, under way."""

    def __init__(
        self,
        experiment: Experiment,
        whole: Assembly,
        folder: RunFolder,
        tally: Tally,
        log: Log,
        watch: Callable[[Progress], None],
        began: float,
    ) -> None:
        self._experiment, self._whole = experiment, whole
        self._folder, self._tally, self._log, self._watch = folder, tally, log, watch
        self._began, self._wall_before_s = began, tally.wall_s
        self._status = _verdict(tally, experiment)
        ledger = Ledger(whole)
        self._ledger = ledger
        self.probes = main_probes(whole, ledger)
        self._gate_columns = columns(self.probes, whole.gates)
        self._passing: list[Floats] = []
        self._late: Segment | None = None
        self._done_here = 0

    def run(self) -> Learned:
        experiment, tally = self._experiment, self._tally
        self._write_deck(experiment.schedule.stop_s)
        rest = remaining(experiment.schedule, tally.epochs, tally.evaluated)
        if self._status or not rest.presentations:
            return self._learned()
        self._log.line(f"{experiment.design.name}: {len(rest.presentations)} presentations to go")
        self._segmenter = Segmenter(rest)
        self._rest_s = rest.stop_s
        assembly = experiment.assembly(rest, experiment.task.train, tuple(tally.gates_V[-1]))
        text = deck(assembly, experiment.transient(rest, self.probes))
        spec = experiment.design.simulator
        with Session(threads=spec.threads, timeout_s=spec.timeout_s) as session:
            outcome = self._simulate(session, text)
            for line in outcome.log:
                self._log.line(f"ngspice: {line}")
            if not outcome.ok:
                self._log.line(f"{outcome.status.value}: {outcome.message}")
                outcome.check()
        return self._learned()

    def _simulate(self, session: Session, text: str) -> Outcome:
        try:
            outcome = session.run(text, self.probes, self._consume)
        except KeyboardInterrupt:
            self._log.line(f"interrupted after {self._tally.epochs} epochs")
            raise
        self._tally.solver_s += outcome.solver_time_s
        self._tally.engine = outcome.engine or self._tally.engine
        self._tally.peak_memory_bytes = outcome.peak_memory_bytes or self._tally.peak_memory_bytes
        return outcome

    def _learned(self) -> Learned:
        tally = self._tally
        status = self._status or "completed"
        if self._status:
            self._write_deck(tally.simulated_s)
        self._checkpoint()
        self._log.line(f"{status}: error {tally.history[-1].error_V2:.4g} V²")
        return Learned(
            experiment=self._experiment,
            tally=tally,
            status=status,
            warnings=(),
        )

    def _write_deck(self, stop_s: float) -> None:
        schedule = replace(self._experiment.schedule, stop_s=stop_s)
        transient = self._experiment.transient(schedule, self.probes)
        write_text(self._folder.deck, deck(self._whole, transient))

    def _consume(self, samples: Samples) -> bool:
        for segment in self._segmenter.cut(samples):
            self._add(segment)
            self._report(segment)
            if self._status:
                return False
        return True

    def _add(self, segment: Segment) -> None:
        tally, shown = self._tally, segment.presentation
        tally.energy_J = tally.energy_J + self._ledger.energy(
            self.probes, segment.time_s, segment.values
        )
        tally.presentations += 1
        tally.simulated_s += segment.duration_s
        self._done_here += 1
        if shown.learning:
            self._trained(segment)
        else:
            self._evaluated(segment)

    def _trained(self, segment: Segment) -> None:
        tally, experiment = self._tally, self._experiment
        spec = experiment.design.measure
        if tally.trained == spec.early_presentation:
            self._keep_window("early", segment)
        total = len(experiment.task.train) * experiment.design.schedule.epochs
        late = spec.late_presentation
        if tally.trained <= (late if late >= 0 else total + late):
            self._late = segment
        tally.trained += 1
        if tally.trained % len(experiment.task.train) == 0:
            tally.epochs += 1
            tally.evaluated = False
            tally.mark(tally.epochs, segment.last[self._gate_columns])
            if tally.epochs == 1:
                tally.first_epoch_J = float(tally.energy_J.sum())
            self._checkpoint()

    def _evaluated(self, segment: Segment) -> None:
        tally, train = self._tally, self._experiment.task.train
        shown = target_voltages(self.probes, self._whole.targets, segment.values[-1:])[0]
        self._passing.append(shown)
        if len(self._passing) < len(train):
            return
        tally.outputs_V, self._passing = np.array(self._passing), []
        squares = np.sum((tally.outputs_V - train.labels) ** 2, axis=1)
        point = ErrorPoint(tally.epochs, tally.trained, float(squares.mean()))
        tally.history.append(point)
        tally.evaluated = True
        # The gates have moved only by leakage meanwhile: go on from where they are.
        tally.gates_V[-1] = np.array(segment.last[self._gate_columns])
        self._status = _verdict(tally, self._experiment)
        self._log.line(f"epoch {point.epoch}: error {point.error_V2:.4g} V²")
        self._checkpoint()

    def _checkpoint(self) -> None:
        if self._late is not None:
            self._keep_window("late", self._late)
        self._tally.wall_s = self._wall_before_s + time.monotonic() - self._began
        self._tally.save(self._folder.checkpoint)

    def _keep_window(self, end: str, segment: Segment) -> None:
        chosen = columns(self.probes, shown_signals(self._whole))
        time_s = segment.time_s - segment.time_s[0]
        self._tally.windows[end] = (time_s, segment.values[:, chosen])

    def _report(self, segment: Segment) -> None:
        tally = self._tally
        elapsed_s = max(time.monotonic() - self._began, 1e-6)
        here_s = float(segment.time_s[-1])
        self._watch(
            Progress(
                presentations=tally.presentations,
                total=len(self._experiment.schedule.presentations),
                epochs=tally.epochs,
                rate_per_s=self._done_here / elapsed_s,
                left_s=elapsed_s * max(self._rest_s - here_s, 0.0) / here_s,
                error_V2=tally.history[-1].error_V2 if tally.history else None,
            )
        )


def _verdict(tally: Tally, experiment: Experiment) -> str:
    """Why to stop now; empty to go on."""
    spec, history = experiment.design.learning, tally.history
    if not history or not tally.evaluated or tally.epochs >= experiment.design.schedule.epochs:
        return ""
    if history[-1].error_V2 <= spec.tolerance_V2:
        return "tolerance reached"
    best = min(range(len(history)), key=lambda i: history[i].error_V2)
    if spec.patience and len(history) - 1 - best >= spec.patience:
        return "no progress"
    return ""
