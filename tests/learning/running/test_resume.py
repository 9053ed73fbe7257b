"""Runs that were disturbed, against one that was not: 1 mV on the gates, 0.5 % of energy."""

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from learning.cli import main
from learning.commands.alive import Alive
from learning.design.read import find_design, load_design
from learning.running.controller import learn
from learning.running.folder import RunFolder
from learning.running.tally import load_tally

IDEAL = Path(__file__).parents[1] / "ideal.toml"
SETS = ("schedule.epochs=3", "task.examples=2", "schedule.evaluate_every=2", "measure.audit=false")


def design():
    return load_design(find_design("regression_long"), SETS, None)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    return learn(design(), tmp_path_factory.mktemp("whole") / "run").tally


def assert_same(tally, whole):
    assert tally.epochs == whole.epochs
    assert tally.presentations == whole.presentations
    assert len(tally.history) == len(whole.history)
    assert tally.gates_V[-1] == pytest.approx(whole.gates_V[-1], abs=1e-3)
    assert tally.energy_J.sum() == pytest.approx(whole.energy_J.sum(), rel=5e-3)
    assert tally.simulated_s == pytest.approx(whole.simulated_s, rel=1e-9)


def workers():
    """Simulators this process has started."""
    listed = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    return [
        int(child)
        for child in listed
        if b"spice_backend.worker.worker" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]


@pytest.mark.parametrize("epochs", [1, 2])
def test_a_resumed_run_ends_like_an_undisturbed_one(undisturbed, tmp_path, epochs):
    def interrupt(progress):
        if progress.epochs == epochs:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        learn(design(), tmp_path / "run", watch=interrupt)
    assert load_tally(RunFolder(tmp_path / "run").checkpoint).epochs == epochs
    assert_same(learn(design(), tmp_path / "run", resume=True).tally, undisturbed)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_simulator_that_dies_is_replaced_within_the_run(undisturbed, tmp_path, number):
    struck = []

    def strike(progress):
        if progress.presentations == 5 and not struck:
            struck.extend(workers())
            for worker in struck:
                os.kill(worker, number)

    learned = learn(design(), tmp_path / "run", watch=strike)
    assert len(struck) == 1
    assert learned.warnings == (
        f"the simulator died: its process ended with {number.name}; went on from epoch 1",
    )
    assert_same(learned.tally, undisturbed)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP])
def test_killed_with_its_whole_group_a_run_goes_on_from_its_last_epoch(
    undisturbed, tmp_path, number
):
    out = tmp_path / "a run"
    words = [f"--set={key}" for key in SETS]
    # a shell that ignores the signal, as nohup's does, hands that down
    heard = ["env", f"--default-signal={number.name}"] if number is signal.SIGHUP else []
    command = [sys.executable, "-m", "learning.cli", "learn", "regression_long", "--out", str(out)]
    with subprocess.Popen(
        [*heard, *command, *words], start_new_session=True, stderr=subprocess.PIPE, text=True
    ) as process:
        checkpoint, deadline = RunFolder(out).checkpoint, time.monotonic() + 300
        while not (checkpoint.exists() and load_tally(checkpoint).epochs):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        os.killpg(process.pid, number)
        _, words_left = process.communicate(timeout=300)
    assert "Traceback" not in words_left
    if number is signal.SIGKILL:
        assert process.returncode == -number
    else:
        assert process.returncode == 1
        printed = words_left.rpartition("go on with: joulearn ")[2]
        assert main(shlex.split(printed)) == 0
        assert_same(load_tally(RunFolder(out).checkpoint), undisturbed)
    if number is signal.SIGKILL:
        assert_same(learn(design(), out, resume=True).tally, undisturbed)


def test_before_the_first_epoch_there_is_nothing_to_go_on_from(tmp_path, monkeypatch, capsys):
    out = tmp_path / "a run"
    words = ["learn", str(IDEAL), "--set", "schedule.epochs=1", "--out", str(out)]

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Alive, "step", interrupt)
        assert main(words) == 1
    said = capsys.readouterr().err
    assert "interrupted before the first epoch was over" in said
    assert main([*words, "--resume"]) == 2
    assert "nothing has been kept yet" in capsys.readouterr().err
    printed = said.rpartition("begin again with: joulearn ")[2]
    assert main(shlex.split(printed)) == 0
