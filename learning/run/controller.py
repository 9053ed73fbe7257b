"""The learning controller: one transient in which the network teaches itself, watched as it runs.

What the network is shown is laid out before the simulation starts; the one thing decided on the way
is the power weight, and only when somebody steers it (`learning.run.steering`). The controller
measures errors and energies segment by segment, writes a checkpoint every epoch, and stops the
simulator when the error is low enough or no longer falls. A simulator that dies is replaced, one
that does not converge is given the next rung of the ladder, each time from the last whole epoch.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np

from learning.design.read import dump_design
from learning.design.sections import Design
from learning.errors import LearningError
from learning.experiment.experiment import Experiment, deck
from learning.experiment.prepare import prepare
from learning.experiment.schedule import Schedule, remaining
from learning.measure.audit import Balance
from learning.run.audit_beside import audit_beside
from learning.run.folder import RunFolder
from learning.run.learned import Learned, Progress
from learning.run.log import Log
from learning.run.recorder import Recorder
from learning.run.steering import PowerWeight, Steering, source_name, steered
from learning.run.tally import Tally, load_tally
from learning.writing import write_text
from netlist.machine.assemble import Assembly
from spice_backend.protocol.drive import Drive
from spice_backend.session.ladder import CLIMBED, RUNGS, Rung
from spice_backend.session.outcome import Outcome, Status
from spice_backend.session.session import Session

_REVIVALS = 3
"""How often a simulator that died without finishing an epoch is replaced before giving up."""


def learn(
    design: Design,
    folder: Path,
    *,
    power_weight: PowerWeight | None = None,
    resume: bool = False,
    overwrite: bool = False,
    watch: Callable[[Progress], None] = lambda _: None,
) -> Learned:
    """Run a design until it ends or has learned enough.

    Leaves ``design.toml``, ``deck.cir``, ``log.txt`` and a checkpoint in the folder. The deck plays
    the whole run again under plain ngspice, with the power weights that were in fact chosen.

    Args:
        design: The design.
        folder: Where the run leaves its files.
        power_weight: Chooses λ at the start of every epoch, within the one transient; None keeps
            the design's.
        resume: Go on from the folder's checkpoint.
        overwrite: Replace a run that is in the folder.
        watch: Called after every presentation.

    Returns:
        The run.

    Raises:
        LearningError: For a design that cannot be run or a folder that cannot be used (nothing has
            been written then), or a power weight out of range.
        NetlistError: For a network, cell or process that cannot be used.
        SpiceError: When the simulator failed; the last checkpoint is usable.
    """
    began = time.monotonic()
    experiment = prepare(design)
    run = RunFolder(folder)
    tally = _resumed(run, design) if resume else _fresh(experiment)
    assembly = experiment.assembly(experiment.schedule, experiment.task.train, experiment.gates_V)
    if power_weight is not None:
        steered(assembly)
    if not resume:
        run.claim(overwrite=overwrite)
    write_text(run.design, dump_design(design))
    first: Future[float] = Future()
    with Log(run.log) as log, audit_beside(experiment, tally, first) as audit:
        runner = _Runner(experiment, assembly, run, tally, log, watch, began)
        learned = runner.run(power_weight, first)
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


def _with_balance(
    learned: Learned, audit: Future[Balance | None] | None, run: RunFolder
) -> Learned:
    balance, tally = audit.result() if audit is not None else None, learned.tally
    if balance is None:
        return learned
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
        self._safe = deepcopy(tally)
        self._done_here = 0
        self._rest_s = 0.0
        self._recorder = Recorder(experiment, whole, self._keep, self._report)

    def run(self, choose: PowerWeight | None, first: Future[float]) -> Learned:
        """Simulate until the run is over, however many simulators that takes."""
        experiment, spec = self._experiment, self._experiment.design.simulator
        self._write_deck(experiment.schedule.stop_s)
        self._log.line(f"{experiment.design.name}: {self._left()} presentations to go")
        if choose is None or self._tally.power_weights:
            first.set_result((*self._tally.power_weights, self._constant)[0])
        with Session(threads=spec.threads, timeout_s=spec.timeout_s) as session:
            self._attempts(session, choose, first)
        first.cancel()
        return self._learned()

    @property
    def _constant(self) -> float:
        return self._experiment.design.learning.power_weight

    def _left(self) -> int:
        rest = remaining(self._experiment.schedule, self._tally.epochs, self._tally.evaluated)
        return len(rest.presentations)

    def _attempts(self, session: Session, choose: PowerWeight | None, first: Future[float]) -> None:
        rung, revivals, epochs = 0, 0, self._tally.epochs
        while True:
            tally = self._tally
            rest = remaining(self._experiment.schedule, tally.epochs, tally.evaluated)
            self._recorder.begin(tally, rest)
            if self._recorder.verdict or not rest.presentations:
                return
            outcome = self._simulate(session, rest, RUNGS[rung], choose, first)
            if outcome.ok:
                return
            if self._safe.epochs > epochs:
                revivals, epochs = 0, self._safe.epochs
            revivals += outcome.status is Status.DIED
            rung += outcome.status in CLIMBED
            last = rung == len(RUNGS) or revivals > _REVIVALS
            if last or outcome.status not in (*CLIMBED, Status.DIED):
                tried = tuple(r.name for r in RUNGS[: rung + 1]) if rung else ()
                replace(outcome, tried=tried).check()
            self._go_back(outcome, RUNGS[rung])

    def _go_back(self, outcome: Outcome, rung: Rung) -> None:
        """Forget what came after the last safe state, and say why."""
        solver_s = self._tally.solver_s
        self._tally = deepcopy(self._safe)
        self._tally.solver_s = solver_s
        what = f"{outcome.status.value}: {outcome.message}"
        how = "" if outcome.status is Status.DIED else f" with {rung.name}"
        note = f"{what}; went on from epoch {self._tally.epochs}{how}"
        self._tally.warnings.append(note)
        self._log.line(note)

    def _simulate(
        self,
        session: Session,
        rest: Schedule,
        rung: Rung,
        choose: PowerWeight | None,
        first: Future[float],
    ) -> Outcome:
        tally, experiment = self._tally, self._experiment
        self._rest_s = rest.stop_s
        gates_V = tuple(tally.gates_V[-1].tolist())
        assembly = experiment.assembly(rest, experiment.task.train, gates_V)
        drive: Drive | None = None
        if choose is not None:
            source = source_name(assembly)
            drive = Steering(choose, experiment, tally, rest, source, first).drive
            assembly = steered(assembly)
        probes = self._recorder.probes
        everything = ("all", *(name for name in probes if name.startswith("@")))
        transient = experiment.transient(rest, everything, rung.options, tally.state_V)
        try:
            outcome = session.run(
                deck(assembly, transient),
                probes,
                self._recorder.consume,
                drive=drive,
                snapshots_s=rest.boundaries_s(),
                keep=self._recorder.take,
            )
        except KeyboardInterrupt:
            self._log.line(f"interrupted after {tally.epochs} epochs")
            raise
        tally.solver_s += outcome.solver_time_s
        tally.engine = outcome.engine or tally.engine
        tally.peak_memory_bytes = outcome.peak_memory_bytes or tally.peak_memory_bytes
        for line in outcome.log:
            self._log.line(f"ngspice: {line}")
        if not outcome.ok:
            self._log.line(f"{outcome.status.value}: {outcome.message}")
        return outcome

    def _learned(self) -> Learned:
        tally, stopped = self._tally, self._recorder.verdict
        stop_s = tally.simulated_s if stopped else self._experiment.schedule.stop_s
        if stopped or tally.power_weights:
            self._write_deck(stop_s)
        self._recorder.settle()
        self._save()
        status = stopped or "completed"
        self._log.line(f"{status}: error {tally.history[-1].error_V2:.4g} V²")
        return Learned(self._experiment, tally, status, tuple(tally.warnings))

    def _write_deck(self, stop_s: float) -> None:
        """The whole run as a deck, with the power weights played so far and the last one on."""
        experiment, played = self._experiment, self._tally.power_weights
        whole = self._whole
        if played:
            held = [played[-1]] * experiment.design.schedule.epochs
            weights = (*played, *held)[: len(held)]
            examples, gates_V = experiment.task.train, experiment.gates_V
            whole = experiment.assembly(experiment.schedule, examples, gates_V, weights)
        schedule = replace(experiment.schedule, stop_s=stop_s)
        transient = experiment.transient(schedule, self._recorder.probes)
        write_text(self._folder.deck, deck(whole, transient))

    def _keep(self) -> None:
        """Make the present state one that a run can go on from, here and on the disk."""
        tally = self._tally
        self._save()
        point = tally.history[-1] if tally.history else None
        if tally.evaluated and point is not None:
            self._log.line(f"epoch {point.epoch}: error {point.error_V2:.4g} V²")

    def _save(self) -> None:
        tally = self._tally
        tally.wall_s = self._wall_before_s + time.monotonic() - self._began
        self._safe = deepcopy(tally)
        tally.save(self._folder.checkpoint)

    def _report(self, here_s: float) -> None:
        tally = self._tally
        self._done_here += 1
        elapsed_s = max(time.monotonic() - self._began, 1e-6)
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
