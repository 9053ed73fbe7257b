"""The main transient of a run, under way.

It adds up errors and energies presentation by presentation, writes a checkpoint every epoch, and
stops the plant when the error is low enough or no longer falls. A plant that fails and knows
another way plays again from the last whole epoch.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace

from learning.experiment.experiment import deck
from learning.experiment.schedule import Schedule, remaining
from learning.fidelity.plant import Ending, Part, Plant
from learning.measure.ledger import Ledger
from learning.measure.probes import main_probes
from learning.running.audit_beside import AuditBeside
from learning.running.folder import RunFolder
from learning.running.learned import Learned, Progress
from learning.running.log import Log
from learning.running.recorder import Recorder, within
from learning.running.steering import PowerWeight, chooser
from learning.running.tally import Tally
from learning.writing import stage, write_text
from netlist.machine.assembly import Assembly
from spice_backend.session.outcome import Outcome


class Runner:
    """Plays what is left of a schedule, however many attempts that takes."""

    def __init__(
        self,
        plant: Plant,
        whole: Assembly,
        folder: RunFolder,
        tally: Tally,
        log: Log,
        watch: Callable[[Progress], None],
        audit: AuditBeside,
        began: float,
    ) -> None:
        """Take up a run where its tally stands.

        Args:
            plant: Who plays it.
            whole: The deck of the whole run.
            folder: Where it leaves its files.
            tally: What has been played.
            log: Of the run.
            watch: Called after every presentation.
            audit: Begun once λ is known.
            began: When the run was asked for, on the monotonic clock, seconds.
        """
        self._plant, self._experiment, self._whole = plant, plant.experiment, whole
        self._folder, self._tally, self._log, self._watch = folder, tally, log, watch
        self._audit = audit
        self._began, self._wall_before_s = began, tally.wall_s
        self._safe = deepcopy(tally)
        self._done_here, self._shown_s = 0, began

    def run(self, rule: PowerWeight | None) -> Learned:
        """Play until the run is over.

        Args:
            rule: Chooses λ at the start of every epoch; None keeps the design's.

        Returns:
            The run.

        Raises:
            SpiceError: When the plant failed and knows no other way.
        """
        experiment, played = self._experiment, self._tally.power_weights
        self._write_deck(experiment.schedule.stop_s)
        self._log.line(f"{experiment.design.name}: {self._left()} presentations to go")
        self._start()
        if rule is None or played:
            self._begin_audit((*played, experiment.design.learning.power_weight)[0])
        while True:
            rest = self._remaining()
            recorder = self._recorder(rest)
            if recorder.verdict or not rest.presentations:
                return self._learned(recorder)
            ending = self._play(rest, recorder, rule)
            if ending.outcome.ok:
                return self._learned(recorder)
            if not ending.again:
                ending.outcome.check()
            self._go_back(ending)

    def _start(self) -> None:
        """Where the machine rests before anything is shown, for the run, its audit and its deck."""
        tally, left = self._tally, self._left()
        if tally.presentations or tally.start_V or not left or not self._states:
            return
        stage("finding where the machine rests")
        rest = self._plant.rest(self._part(self._remaining()))
        self._note(rest.outcome)
        rest.outcome.check()
        tally.start_V = tally.state_V = dict(rest.state_V)
        self._safe = deepcopy(tally)
        self._write_deck(self._experiment.schedule.stop_s)

    def _begin_audit(self, power_weight: float) -> None:
        self._audit.begin(power_weight, self._tally.start_V)

    @property
    def _states(self) -> bool:
        return self._plant.capabilities.states

    def _remaining(self) -> Schedule:
        tally = self._tally
        return remaining(self._experiment.schedule, tally.epochs, tally.evaluated)

    def _left(self) -> int:
        return len(self._remaining().presentations)

    def _part(self, rest: Schedule) -> Part:
        tally, examples = self._tally, self._experiment.task.train
        state_V = tally.state_V if self._states else {}
        return Part(rest, examples, tally.gates_V[-1], state_V, states=self._states)

    def _recorder(self, rest: Schedule) -> Recorder:
        def report(here_s: float) -> None:
            self._report(here_s, rest.stop_s)

        return Recorder(self._experiment, self._tally, self._keep, report)

    def _go_back(self, ending: Ending) -> None:
        """Forget what came after the last safe state, and say why."""
        solver_s = self._tally.solver_s
        self._tally = deepcopy(self._safe)
        self._tally.solver_s = solver_s
        what = f"{ending.outcome.status.value}: {ending.outcome.message}"
        how = f" with {ending.how}" if ending.how else ""
        note = f"{what}; went on from epoch {self._tally.epochs}{how}"
        self._tally.warnings.append(note)
        self._log.line(note)

    def _play(self, rest: Schedule, recorder: Recorder, rule: PowerWeight | None) -> Ending:
        tally, part = self._tally, self._part(rest)
        if rule is not None:
            part = replace(part, power_weight=chooser(rule, tally, self._begin_audit))
        stage("learning")
        if not self._done_here:
            self._shown_s = time.monotonic()
        try:
            ending = self._plant.play(part, recorder.take)
        except KeyboardInterrupt:
            self._log.line(f"interrupted after {tally.epochs} epochs")
            raise
        self._note(ending.outcome)
        return ending

    def _note(self, outcome: Outcome) -> None:
        tally = self._tally
        tally.solver_s += outcome.solver_time_s
        tally.engine = outcome.engine or tally.engine
        tally.solver = outcome.solver or tally.solver
        tally.peak_memory_bytes = outcome.peak_memory_bytes or tally.peak_memory_bytes
        who = outcome.engine.partition(" ")[0] or self._plant.name
        for line in outcome.log:
            self._log.line(f"{who}: {line}")
        if not outcome.ok:
            self._log.line(f"{outcome.status.value}: {outcome.message}")

    def _learned(self, recorder: Recorder) -> Learned:
        tally, stopped = self._tally, recorder.verdict
        stop_s = tally.simulated_s if stopped else self._experiment.schedule.stop_s
        if stopped or tally.power_weights:
            self._write_deck(stop_s)
        recorder.settle()
        self._save()
        status = stopped or (
            "tolerance reached" if within(tally, self._experiment) else "completed"
        )
        self._log.line(f"{status}: error {tally.history[-1].error_V2:.4g} V²")
        return Learned(self._experiment, self._folder, tally, status, tuple(tally.warnings))

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
        probes = main_probes(whole, Ledger(whole))
        transient = experiment.transient(schedule, probes, initial_V=self._tally.start_V)
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

    def _report(self, here_s: float, rest_s: float) -> None:
        tally = self._tally
        self._done_here += 1
        # Since playing began: what a simulator takes to be ready is no part of a presentation.
        elapsed_s = max(time.monotonic() - self._shown_s, 1e-6)
        self._watch(
            Progress(
                presentations=tally.presentations,
                total=len(self._experiment.schedule.presentations),
                epochs=tally.epochs,
                rate_per_s=self._done_here / elapsed_s,
                left_s=elapsed_s * max(rest_s - here_s, 0.0) / here_s,
                error_V2=tally.history[-1].error_V2 if tally.history else None,
            )
        )
