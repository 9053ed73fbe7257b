"""The command line: one parser over `learning.commands`, and the exit codes.

Exit codes: 0 done, 1 the run failed or was interrupted, 2 bad input. No traceback reaches a user;
every message says where, what and what to try.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import threading
from collections.abc import Sequence
from importlib.metadata import version
from types import FrameType

from learning.commands import BAD_INPUT, COMMANDS, FAILED
from learning.errors import LearningError, StorageError
from learning.run.folder import RunFolder
from netlist.errors import NetlistError
from spice_backend.errors import DeckError, SpiceError

_DESCRIPTION = """\
Circuits that teach themselves, simulated transistor by transistor, and a bill for every joule.
"""

_EPILOG = """\
examples:
  joulearn learn regression --out runs/first
  joulearn learn csv --set task.csv=mine.csv --out runs/mine
  joulearn show iris

DESIGN is the name of a shipped design or the path of a .toml file.
exit codes: 0 done, 1 the run failed, 2 bad input
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: Words after the command's name; None takes them from the shell.

    Returns:
        The exit code.
    """
    options = _parser().parse_args(arguments)
    _heed_endings()
    try:
        code: int = options.run(options)
    except (LearningError, NetlistError, DeckError) as error:
        return _refuse(str(error), FAILED if isinstance(error, StorageError) else BAD_INPUT)
    except SpiceError as error:
        return _refuse(f"the simulation failed: {error}", FAILED)
    except KeyboardInterrupt:
        return _refuse(_interrupted(options), FAILED)
    except BrokenPipeError:
        sys.stderr.close()
        return FAILED
    except OSError as error:
        return _refuse(*_storage(error))
    return code


_WRONG_PATHS = (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError)
"""What a mistyped path brings about; any other failure of a file is the machine's."""


def _storage(error: OSError) -> tuple[str, int]:
    wrong = isinstance(error, _WRONG_PATHS)
    hint = (
        "a path that is there, in a folder of yours" if wrong else "free space, or another folder"
    )
    message = f"{error.filename or 'file'}: {error.strerror or error}\n  try: {hint}"
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
        sys.stderr.write(f"joulearn: {message}\n")
        sys.stderr.flush()
    return code


def _interrupted(options: argparse.Namespace) -> str:
    if options.command != "learn" or not RunFolder(options.out).checkpoint.exists():
        return "interrupted"
    return f"interrupted; go on with: joulearn learn {options.design} --out {options.out} --resume"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="joulearn",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"joulearn {version('joulearn')}")
    parsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        below = parsers.add_parser(
            command.name,
            help=command.help,
            description=command.help,
            epilog=f"example:\n  {command.example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        below.add_argument("--json", action="store_true", help="print the outcome as JSON")
        command.add(below)
        below.set_defaults(run=command.run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
