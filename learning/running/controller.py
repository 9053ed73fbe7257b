"""The learning controller: one transient in which the network teaches itself, watched as it runs.

What the network is shown is laid out before the simulation starts; the one thing decided on the way
is the power weight, and only when somebody steers it (`learning.running.steering`). The controller
makes a design concrete, claims the run's folder, opens the plant that plays it and what runs beside
it, the audit and the clamp's bench; the transient itself is `learning.running.runner`'s.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

from learning.arrays import Floats
from learning.design.sections import DamageSpec
from learning.design.whole import Design
from learning.experiment.experiment import Experiment
from learning.experiment.prepare import prepare
from learning.experiment.sound import look
from learning.fidelity.anchor import open_anchored
from learning.fidelity.plant import Plant
from learning.fidelity.plants import SPICE
from learning.fidelity.reach import out_of_reach
from learning.fidelity.steered import require_listener
from learning.running.audit_beside import AuditBeside
from learning.running.carried import carry
from learning.running.folder import RunFolder
from learning.running.learned import Learned, Progress
from learning.running.lock import held
from learning.running.log import Log
from learning.running.runner import Runner
from learning.running.steering import PowerWeight
from learning.running.tally import Tally, begun, load_tally
from learning.writing import stage
from netlist.machine.assembly import Assembly
from netlist.printable import counted


def learn(
    design: Design,
    folder: str | Path,
    *,
    power_weight: PowerWeight | None = None,
    resume: bool = False,
    overwrite: bool = False,
    before: Callable[[Experiment], None] = lambda _: None,
    watch: Callable[[Progress], None] = lambda _: None,
    plant: str = "",
    meanwhile: Callable[[Learned], None] = lambda _: None,
) -> Learned:
    """Run a design until it ends or has learned enough.

    Leaves ``design.toml``, ``deck.cir``, ``log.txt`` and a checkpoint in the folder. The deck plays
    the whole run again under plain ngspice, with the power weights that were in fact chosen.

    Args:
        design: The design.
        folder: Where the run leaves its files.
        power_weight: Chooses λ as each epoch starts, in the one transient; None keeps the design's.
        resume: Go on from the folder's checkpoint.
        overwrite: Replace a run that is in the folder.
        before: Called with what will be run before anything is written; what it raises ends it.
        watch: Called after every presentation.
        plant: Who plays it, a key of `learning.fidelity.plants.PLANTS`, unless the design says;
            the audit is always ngspice's.
        meanwhile: Called with the run when it has ended, its audit may be still at work.

    Returns:
        The run.

    Raises:
        LearningError: For a design that cannot be run or a folder that cannot be used (nothing has
            been written then), or a power weight out of range.
        NetlistError: For a network, cell or process that cannot be used.
        SpiceError: When the simulator failed; the last checkpoint is usable.
    """
    began = time.monotonic()
    experiment, assembly, told = _laid_out(design, steered=power_weight is not None)
    run = RunFolder(Path(folder))
    before(experiment)
    if not resume:
        run.make()
    with held(run.path):
        kept = _taken_up(run, resume=resume, overwrite=overwrite)
        there = carry(experiment, run, kept.design if kept else "")
        experiment = replace(experiment, design=there.design)
        if design.damage.after_epochs:
            gates_V = kept.gates_V[0] if kept else _sound_gates_V(design, run, watch, plant)
            experiment = experiment.from_gates(tuple(gates_V.tolist()))
            assembly = experiment.whole
        tally = kept or begun(there.text, experiment.gates_V)
        _warn(tally, told)
        with Log(run.log) as log, _audited(experiment, tally, plant) as audit:
            runner = partial(Runner, whole=assembly, folder=run, tally=tally, log=log)
            runner = partial(runner, watch=watch, audit=audit, began=began)
            learned = _play(experiment, plant, tally, lambda by: runner(by).run(power_weight))
            meanwhile(learned)
            return _with_balance(learned, audit)


def _laid_out(design: Design, *, steered: bool) -> tuple[Experiment, Assembly, tuple[str, ...]]:
    """A design made concrete, its whole deck, and what looks odd about it."""
    stage("laying out the machine")
    experiment = prepare(design)
    assembly = experiment.whole
    sound = look(experiment, assembly).check()
    if steered:
        require_listener(assembly)
    return experiment, assembly, sound.warnings


def _taken_up(run: RunFolder, *, resume: bool, overwrite: bool) -> Tally | None:
    """Where a run goes on from; None when it begins anew, in a folder that is its own then."""
    kept = load_tally(run.checkpoint) if resume else None
    if kept is None:
        run.claim(overwrite=overwrite)
    return kept


def _audited(experiment: Experiment, tally: Tally, plant: str) -> AuditBeside:
    """The audit of a run that asks for one and has none yet."""
    auditor = SPICE if experiment.design.measure.audit and not tally.balance else ""
    elsewhere = (plant or experiment.design.simulator.fidelity) != SPICE
    return AuditBeside(experiment, auditor, keep=elsewhere)


def _play(
    experiment: Experiment, plant: str, tally: Tally, play: Callable[[Plant], Learned]
) -> Learned:
    """Have a run played by who may play it, and learn beside it which labels are out of reach."""
    with ThreadPoolExecutor(1) as beside:
        labels = beside.submit(out_of_reach, experiment)
        with open_anchored(experiment, plant) as (player, anchor, instead):
            _warn(tally, [instead] if instead else [])
            learned = replace(play(player), plant=player.name, anchor=anchor)
        _warn(learned.tally, labels.result())
        return replace(learned, warnings=tuple(learned.tally.warnings))


def _warn(tally: Tally, told: Iterable[str]) -> None:
    """Note what a reader should know, once."""
    tally.warnings += [line for line in told if line not in tally.warnings]


def _sound_gates_V(
    design: Design, run: RunFolder, watch: Callable[[Progress], None], plant: str
) -> Floats:
    """Of the machine before it breaks, volts: a run of its own, in a folder of its own."""
    whole = replace(
        design,
        damage=DamageSpec(),
        schedule=replace(design.schedule, epochs=design.damage.after_epochs),
    )
    return learn(whole, run.before.path, overwrite=True, watch=watch, plant=plant).tally.gates_V[-1]


def _with_balance(learned: Learned, audit: AuditBeside) -> Learned:
    stage("waiting for the energy audit")
    balance, tally = audit.result(), learned.tally
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
    tally.save(learned.folder.checkpoint)
    warnings = list(learned.warnings)
    if balance.blind:
        unseen = counted(len(balance.blind), "device")
        warnings.append(f"the audit cannot see {unseen}: {balance.blind[0]} …")
    return replace(learned, warnings=tuple(warnings))
