"""How a command ends: its exit code, and what a person reads when it was refused or failed."""

from __future__ import annotations

import argparse
import contextlib
import shlex
import signal
import sys
import threading
from types import FrameType

from learning.commands.alive import Alive
from learning.commands.command import BAD_INPUT, FAILED
from learning.commands.exhausted import exhausted
from learning.commands.foreign import told
from learning.errors import LearningError, StorageError
from learning.writing import show
from netlist.errors import NetlistError
from spice_backend.errors import DeckError, SpiceError


def carried_out(options: argparse.Namespace) -> int:  # noqa: PLR0911 - one per ending
    """Carry a command out.

    Args:
        options: The parsed arguments; ``run`` is what does it.

    Returns:
        The exit code.
    """
    _heed_endings()
    try:
        with Alive(sys.stderr, as_json=options.json) as options.alive:
            code: int = options.run(options)
    except (LearningError, NetlistError, DeckError) as error:
        return _refuse(
            told(error, options), FAILED if isinstance(error, StorageError) else BAD_INPUT
        )
    except SpiceError as error:
        said = told(error, options).removeprefix("failed: ")
        return _refuse(f"the simulation failed: {said}", FAILED)
    except KeyboardInterrupt:
        return _refuse(_interrupted(options), FAILED)
    except RecursionError:
        return _refuse("the input nests too deeply\n  try: a flatter one", BAD_INPUT)
    except BrokenPipeError:
        if sys.stderr is not None:
            sys.stderr.close()
        return FAILED
    except (OSError, MemoryError, RuntimeError, ImportError, SystemError) as error:
        message = exhausted(error)
        if not message and not isinstance(error, OSError):
            raise
        return _refuse(message, FAILED) if message else _refuse(*_storage(error))
    return code


_WRONG_PATHS = (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError)
"""What a mistyped path brings about; any other failure of a file is the machine's."""


def _storage(error: BaseException) -> tuple[str, int]:
    wrong = isinstance(error, _WRONG_PATHS)
    hint = (
        "a path that is there, in a folder of yours" if wrong else "free space, or another folder"
    )
    name, reason = getattr(error, "filename", ""), getattr(error, "strerror", "")
    message = f"{name or 'file'}: {reason or error}\n  try: {hint}"
    return message, BAD_INPUT if wrong else FAILED


def _heed_endings() -> None:
    """A closed terminal and a polite kill end a run as Ctrl-C does, with its checkpoint named."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGHUP, signal.SIGTERM):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _interrupt)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _refuse(message: str, code: int) -> int:
    # The terminal may be gone; the exit code still says it.
    with contextlib.suppress(OSError):
        show(f"joulearn: {message}\n", error=True)
    return code


def _interrupted(options: argparse.Namespace) -> str:
    # Imported when asked for, as every command is.
    from learning.running.checkpoint import CheckpointFile  # noqa: PLC0415
    from learning.running.folder import RunFolder  # noqa: PLC0415

    if options.command != "learn":
        return "interrupted"
    run = RunFolder(options.out)
    again = CheckpointFile(run.checkpoint).empty and run.design.exists()
    if not again and not run.checkpoint.exists():
        return "interrupted"
    # The folder's own design has every override in it, and names the files the folder carries.
    words = ["joulearn", "learn", str(run.design), "--out", str(options.out)]
    if options.least_power is not None:
        words += ["--least-power", repr(options.least_power)]
    if again:
        how = shlex.join([*words, "--overwrite"])
        return f"interrupted before the first epoch was over; begin again with: {how}"
    return f"interrupted; go on with: {shlex.join([*words, '--resume'])}"
