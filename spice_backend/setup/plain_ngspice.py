"""The one way plain ``ngspice -b`` is started here: by whom, with what, and how it is ended.

``-n`` keeps ngspice from running a ``.spiceinit``, of which it would otherwise look for one in the
working folder and in the home; its environment is our own, with a home that is the folder it runs
in, so that none of the variables ngspice looks at come from outside. From its first instruction
limits hold, and it writes nowhere but in folders of its own, and opens no connection; it does not
outlive this process (`spice_backend.safety.launch`).
"""

from __future__ import annotations

import contextlib
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import IO

from spice_backend.errors import SpiceError
from spice_backend.safety import launch
from spice_backend.safety.confinement import Limits
from spice_backend.setup.find_ngspice import HINT, environment, find_ngspice

LIMITS = Limits(memory_bytes=8 << 30, file_bytes=8 << 30, cpu_s=7 * 86400, confined=False)
"""Far above what a run needs and far below what takes a machine down."""

_GRACE_SECONDS = 60
_LOOK_SECONDS = 1.0


def need_ngspice() -> Path:
    """The plain program.

    Returns:
        Its path.

    Raises:
        SpiceError: When there is none.
    """
    program = find_ngspice()
    if program is None:
        raise SpiceError("no ngspice executable", hint=HINT)
    if not os.access(program, os.X_OK):
        raise SpiceError("ngspice does not answer: Permission denied", str(program), HINT)
    return program


def run_plain(
    arguments: Sequence[str],
    folder: Path,
    *,
    output: IO[bytes],
    errors: IO[bytes] | None = None,
    timeout_s: float | None = None,
    limits: Limits = LIMITS,
    home: Path | None = None,
    writes: Sequence[Path] = (),
    started: Callable[[subprocess.Popen[bytes]], None] = lambda _: None,
    go_on: Callable[[subprocess.Popen[bytes]], bool] = lambda _: True,
) -> int | None:
    """Run ``ngspice -b`` to its end.

    Args:
        arguments: What follows ``-b -n``.
        folder: Where it runs.
        output: Gets its standard output.
        errors: Gets its standard error; None sends it to `output`.
        timeout_s: Wall time after which it is killed, with all that it started, seconds.
        limits: What it may use.
        home: What it takes for its user's home; None is `folder`.
        writes: Folders in which it may write, besides these two.
        started: Called with the process once it runs, for whoever may want to end it.
        go_on: Called with the process every second; returning False has it killed.

    Returns:
        Its exit code, below zero for a signal; None when it had to be killed.

    Raises:
        SpiceError: When there is no ngspice.
    """
    home = home or folder
    launcher = _launcher(limits, timeout_s, dict.fromkeys((folder, home, *writes)))
    command = [*launcher, str(need_ngspice()), "-b", "-n", *arguments]
    with subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if errors is None else errors,
        env=environment(home),
        start_new_session=True,
    ) as process:
        try:
            started(process)
            return _waited(process, timeout_s, go_on)
        finally:
            # With what a trusted deck's shell lines have started, also on Ctrl-C.
            end_group(process)


def _waited(
    process: subprocess.Popen[bytes],
    timeout_s: float | None,
    go_on: Callable[[subprocess.Popen[bytes]], bool],
) -> int | None:
    ends = math.inf if timeout_s is None else time.monotonic() + timeout_s
    while (left_s := ends - time.monotonic()) > 0:
        try:
            return process.wait(min(left_s, _LOOK_SECONDS))
        except subprocess.TimeoutExpired:
            if not go_on(process):
                return None
    return None


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a process that was started here, and all that it started.

    Args:
        process: The process.
    """
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _launcher(limits: Limits, timeout_s: float | None, writes: Collection[Path]) -> list[str]:
    cpu_s = limits.cpu_s
    if timeout_s is not None:
        allowed_s = math.ceil(timeout_s) + _GRACE_SECONDS
        cpu_s = min(cpu_s, allowed_s) if cpu_s else allowed_s
    amounts = (os.getpid(), limits.memory_bytes, limits.file_bytes, cpu_s, len(writes))
    folders = (str(folder.resolve()) for folder in writes)
    return [sys.executable, "-I", "-S", str(launch.__file__), *map(str, amounts), *folders]
