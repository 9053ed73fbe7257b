"""A machine with nothing left is told in one line, and Ctrl-C before anything began in none."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from learning.commands.exhausted import be_frugal, exhausted

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (MemoryError(), "there is not enough memory for this\n  try: ulimit -a shows"),
        (ImportError("x.so: failed to map segment from shared object"), "there is not enough mem"),
        (OSError(12, "Cannot allocate memory"), "there is not enough memory"),
        (RuntimeError("can't start new thread"), "no thread is available on this machine\n  try:"),
    ],
)
def test_what_ran_out_is_named(error, message):
    assert exhausted(error).startswith(message)


@pytest.mark.parametrize("error", [ValueError("x"), RuntimeError("x"), OSError(2, "No such file")])
def test_other_errors_are_of_another_kind(error):
    assert exhausted(error) == ""


def joulearn(*words, before="", **options):
    """The command line in a process of its own; `before` runs in it first."""
    program = f"{before}\nimport sys\nfrom learning.cli import main\nsys.exit(main())"
    return subprocess.Popen(
        [sys.executable, "-P", "-c", program, *words],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options,
    )  # fmt: skip


def limited(megabytes):
    return f"import resource\nresource.setrlimit(resource.RLIMIT_AS, ({megabytes} << 20,) * 2)"


@pytest.mark.parametrize("megabytes", [60, 110])
def test_too_little_memory_is_named(tmp_path, megabytes):
    words = ("show", "regression")
    out, err = joulearn(*words, before=limited(megabytes), cwd=tmp_path).communicate(timeout=300)
    assert "Traceback" not in err
    assert "emory" in err or "32 edges" in out


NO_THREAD = """
import _thread
def none(*_, **__): raise RuntimeError("can't start new thread")
import threading
threading._start_new_thread = none
if hasattr(threading, "_start_joinable_thread"): threading._start_joinable_thread = none
"""


def test_a_machine_without_a_thread_is_named(tmp_path):
    words = ("learn", "regression", "--set", "schedule.epochs=1", "--out", str(tmp_path / "out"))
    out, err = joulearn(*words, before=NO_THREAD).communicate(timeout=300)
    assert out == ""
    assert err.endswith("-u threads); or end other programs\n")
    assert "joulearn: no thread is available on this machine" in err
    assert "Traceback" not in err


def test_an_interrupt_while_modules_are_imported_is_silent():
    slow = """
import importlib.abc, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
class Slow(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == "numpy":
            sys.stdout.write("importing\\n")
            sys.stdout.flush()
            time.sleep(60)
sys.meta_path.insert(0, Slow())
"""
    with joulearn("show", "regression", before=slow) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "importing\n"
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == -signal.SIGINT
        assert process.stderr.read() == ""


def test_libraries_are_told_to_be_frugal_only_where_memory_is_limited(monkeypatch):
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    monkeypatch.setattr("resource.getrlimit", lambda _: (-1, -1))
    be_frugal()
    assert "OPENBLAS_NUM_THREADS" not in os.environ
    monkeypatch.setattr("resource.getrlimit", lambda _: (340 << 20, -1))
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    be_frugal()
    assert os.environ["OPENBLAS_NUM_THREADS"] == "3"
