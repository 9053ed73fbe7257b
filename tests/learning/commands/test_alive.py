"""No silence: what is being done is shown, with the time it has taken, on every kind of stream."""

from __future__ import annotations

import io
import json
import os
import pty
import select
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from learning.commands import alive as module
from learning.commands.alive import PATIENCE_S, Alive
from learning.commands.progress_line import show_progress
from learning.running.learned import Progress
from learning.writing import stage

ROOT = Path(__file__).parents[3]
LONGEST_S = 5.0

_WAIT = """
import time
from learning.commands.alive import Alive
from learning.writing import stage
import sys
with Alive(sys.stderr) as alive:
    stage("waiting for the energy audit")
    time.sleep(6.5)
    alive.note("one of two", {})
"""


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same in a tenth of the time."""
    monkeypatch.setattr(module, "PATIENCE_S", 0.1)
    monkeypatch.setattr(module, "_REDRAWN_S", 0.02)
    monkeypatch.setattr(module, "_BEAT_S", {"terminal": 0.2, "file": 0.3, "program": 0.2})


def _until(stream: io.StringIO, words: str) -> str:
    end = time.monotonic() + 5.0
    while words not in stream.getvalue() and time.monotonic() < end:
        time.sleep(0.01)
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["xterm", "dumb"])
def test_a_terminal_is_never_silent(kind: str) -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": kind}
    with subprocess.Popen(
        [sys.executable, "-c", _WAIT], stdout=theirs, stderr=theirs, env=environment
    ) as process:
        os.close(theirs)
        text, gaps, last = b"", [0.0], 0.0
        while True:
            select.select([ours], [], [], 20.0)
            try:
                text += os.read(ours, 4096)
            except OSError:
                break
            now = time.monotonic()
            gaps.append(now - (last or now))
            last = now
    os.close(ours)
    assert process.returncode == 0
    assert max(gaps) < LONGEST_S
    said = text.decode()
    told = "4 s  waiting for the energy audit" if kind == "xterm" else "audit, 4 s"
    assert told in said
    assert said.replace("\x1b[?25h", "").rstrip().endswith("one of two")


@pytest.mark.usefixtures("hurried")
def test_a_file_gets_a_line_now_and_then() -> None:
    log = io.StringIO()
    with Alive(log):
        stage("finding where the machine rests")
        said = _until(log, "rests, 0 s")
    assert said == "finding where the machine rests, 0 s\n"


@pytest.mark.usefixtures("hurried")
def test_a_program_gets_what_was_last_known_once_more() -> None:
    log = io.StringIO()
    with Alive(log, as_json=True) as alive:
        stage("learning")
        show_progress(alive, Progress(3, 9, 0, 1.0, 6.0, None))
        while log.getvalue().count("\n") < 3:
            time.sleep(0.01)
    named, first, again = [json.loads(line) for line in log.getvalue().splitlines()[:3]]
    assert named["stage"] == "learning"
    assert (first["presentations"], first["total"], first["left_s"]) == (3, 9, 6.0)
    assert again.pop("elapsed_s") > first.pop("elapsed_s")
    assert again == first


def test_a_command_that_is_over_in_a_moment_shows_nothing() -> None:
    log = io.StringIO()
    with Alive(log):
        stage("reading the design")
        time.sleep(0.3)
    assert PATIENCE_S > 0.3
    assert log.getvalue() == ""


def test_every_thread_names_its_stages_and_nobody_listens_afterwards() -> None:
    log = io.StringIO()
    with Alive(log, as_json=True):
        worker = threading.Thread(target=stage, args=("measuring the cells: edge",))
        worker.start()
        worker.join()
    stage("unheard")
    (line,) = log.getvalue().splitlines()
    assert json.loads(line)["stage"] == "measuring the cells: edge"


class _Full(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(28, f"no space left for {text}")


@pytest.mark.usefixtures("hurried")
def test_a_stream_that_fails_ends_no_work() -> None:
    with Alive(_Full()) as alive:
        alive.note("one", {})
        stage("two")
        time.sleep(0.5)
        alive.note("three", {})


@pytest.mark.usefixtures("hurried")
def test_letters_a_stream_has_not_and_signs_that_command_it_are_escaped() -> None:
    log = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    with Alive(log) as alive:
        alive.note("1 V²\x1b[2J", {})
    log.seek(0)
    assert log.read() == "1 V\\xb2\\u001b[2J\n"


@pytest.mark.usefixtures("hurried")
def test_without_a_thread_to_spare_the_work_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", none)
    log = io.StringIO()
    with Alive(log) as alive:
        alive.note("done", {})
    assert log.getvalue() == "done\n"
