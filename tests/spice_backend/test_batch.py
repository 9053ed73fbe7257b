"""Plain ngspice: limits, endings, and nobody left behind."""

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from spice_backend.batch import LIMITS, run_batch
from spice_backend.errors import SpiceError
from spice_backend.session.outcome import Status
from spice_backend.waveforms.waveform import read_raw

LONG = "long\nv1 a 0 sin(0 1 1e6)\nr1 a b 1e3\nc1 b 0 1e-9\n.tran 1e-9 {stop} 0 1e-9\n.end\n"


def run(tmp_path, text, *rest, **limits):
    (tmp_path / "deck.cir").write_text(text)
    changed = replace(LIMITS, **limits)
    return run_batch(tmp_path / "deck.cir", tmp_path / "deck.raw", *rest, limits=changed)


def alive(process_id):
    try:
        state = Path("/proc", str(process_id), "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def wait_until(condition, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def test_a_run_completes_and_starts_no_init_file(tmp_path):
    (tmp_path / ".spiceinit").write_text(f"shell touch {tmp_path / 'mark'}\n")
    outcome = run(tmp_path, LONG.format(stop=1e-6), 600)
    assert outcome.status is Status.COMPLETED
    assert outcome.solver_time_s > 0
    assert not (tmp_path / "mark").exists()
    assert read_raw(tmp_path / "deck.raw")["scale"].values[-1] == pytest.approx(1e-6)


def test_a_run_is_limited_in_memory_files_and_processor_time(tmp_path):
    wrote = run(tmp_path, LONG.format(stop=1e-3), 600, file_bytes=1 << 16)
    assert (wrote.status, wrote.message) == (
        Status.DIED, "SIGXFSZ: it wrote a larger file than it may"
    )  # fmt: skip
    assert (tmp_path / "deck.raw").stat().st_size <= 1 << 16
    spun = run(tmp_path, LONG.format(stop=1e3), 600, cpu_s=1)
    assert spun.message in (
        "SIGXCPU: it used more processor time than it may",
        "SIGKILL: its last words are in the log",
    )
    assert not run(tmp_path, LONG.format(stop=1e-6), 600, memory_bytes=1 << 22).ok


def test_a_late_run_is_ended_with_what_its_deck_started(tmp_path):
    child = tmp_path / "child"
    script = tmp_path / "start.sh"
    script.write_text(f"echo $$ > {child}\nexec sleep 300\n")
    shell = f"t\n.control\nshell sh {script}\n.endc\n.end\n"
    outcome = run(tmp_path, shell, 2)
    assert (outcome.status, outcome.message) == (Status.TIMED_OUT, "no end after 2 s")
    started = int(child.read_text())
    assert wait_until(lambda: not alive(started))


LADDER = LONG.replace(
    ".tran",
    "rx b b0 1e3\n"
    + "".join(f"rl{i} b{i} b{i + 1} 1e3\nc{i}x b{i} 0 1e-9\n" for i in range(500))
    + ".tran",
).format(stop=1e-4)
PLAIN = """
from pathlib import Path
from spice_backend.batch import run_batch
run_batch(Path("deck.cir"), Path("deck.raw"))
"""
SESSION = """
from pathlib import Path
from spice_backend.session.session import Session
Session(engine="{engine}").run(Path("deck.cir").read_text(), ["v(b)"], lambda _: True)
"""


@pytest.mark.parametrize(
    "program",
    [PLAIN, SESSION.format(engine="ngspice"), SESSION.format(engine="neospice")],
    ids=["ngspice -b", "ngspice", "neospice"],
)
def test_no_simulator_outlives_a_killed_owner(tmp_path, program):
    (tmp_path / "deck.cir").write_text(LADDER)
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, cwd=tmp_path, env=environment) as owner:
        assert wait_until(lambda: owner.poll() is not None or busy(owner.pid), 60)
        assert owner.poll() is None
        simulators = [child for one in children(owner.pid) for child in (one, *children(one))]
        owner.kill()
    assert wait_until(lambda: not any(map(alive, simulators)))


def children(process_id):
    path = Path(f"/proc/{process_id}/task/{process_id}/children")
    return [int(word) for word in path.read_text().split()]


def busy(process_id):
    """Whether its child has computed for a while: it is past its start."""
    for child in children(process_id):
        words = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
        if int(words[11]) / os.sysconf("SC_CLK_TCK") > 2.0:
            return True
    return False


def test_an_asker_that_is_gone_gets_nothing(tmp_path):
    from spice_backend.safety import launch

    mark = tmp_path / "mark"
    words = [sys.executable, "-I", "-S", launch.__file__, *"10000", "/usr/bin/touch"]
    done = subprocess.run([*words, str(mark)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "whoever asked for this is gone\n")
    assert not mark.exists()


def test_a_machine_without_ngspice_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("spice_backend.setup.plain_ngspice.find_ngspice", lambda: None)
    with pytest.raises(SpiceError, match=r"no ngspice executable\n  try: make setup"):
        run(tmp_path, "t\n.end\n")
