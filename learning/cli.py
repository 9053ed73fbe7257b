"""The command line: one parser over the table of commands, and the exit codes.

Only the command that is named is imported, so that asking for help or a version is quick.

Exit codes: 0 done, 1 the run failed or was interrupted, 2 bad input. No traceback reaches a user;
every message says where, what and what to try.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import NoReturn

from learning.commands.command import Command
from learning.commands.exhausted import be_frugal, exhausted
from learning.commands.table import COMMANDS
from learning.version import __version__

_DESCRIPTION = """\
Circuits that teach themselves, simulated transistor by transistor, and a bill for every joule.
"""

_EPILOG = """\
examples:
  joulearn learn regression --out runs/first
  joulearn learn csv --set task.csv=mine.csv --out runs/mine
  joulearn show iris

DESIGN is the name of a shipped design or the path of a .toml file.
exit codes: 0 done, 1 the run failed or its figures disagree, 2 bad input
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: Words after the command's name; None takes them from the shell.

    Returns:
        The exit code.
    """
    words = sys.argv[1:] if arguments is None else arguments
    be_frugal()
    try:
        with _silent_interrupts():
            options = make_parser(words).parse_args(words)
            # Imported when there is something to do: help and version need none of it.
            from learning.commands.ending import carried_out  # noqa: PLC0415
    except (MemoryError, ImportError, OSError, SystemError) as error:
        message = exhausted(error)
        if not message:
            raise
        sys.stderr.write(f"joulearn: {message}\n")
        return 1
    return carried_out(options)


@contextmanager
def _silent_interrupts() -> Iterator[None]:
    """Ctrl-C ends this process at once and without a word while nothing has begun.

    An exception in the middle of an import would come out as whatever that import makes of it.
    """
    main_thread = threading.current_thread() is threading.main_thread()
    ours = main_thread and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if ours:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        if ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with words of the command line without obeying what stands in them."""

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """End the process.

        Args:
            status: The exit code.
            message: What to say first.
        """
        if message:
            from learning.writing import show  # noqa: PLC0415 - only those who err need it

            with suppress(OSError):  # the terminal may be gone
                show(message, error=True)
        sys.exit(status)


def make_parser(words: Sequence[str] | None) -> argparse.ArgumentParser:
    """The parser for these words: of the commands, only the one they name has its arguments.

    Args:
        words: The command line; None is for all commands.

    Returns:
        The parser.
    """
    parser = _Parser(
        prog="joulearn",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"joulearn {__version__}")
    parsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    named = next((word for word in words or () if not word.startswith("-")), None)
    for command in COMMANDS:
        below = parsers.add_parser(
            command.name,
            help=command.help,
            description=command.help,
            epilog=f"example:\n  {command.example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if words is None or command.name == named:
            _fill(below, command)
    return parser


def _fill(parser: argparse.ArgumentParser, command: Command) -> None:
    doer = command.doer()
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON")
    doer.add(parser)
    # A command that tells of all of them cannot import this module, which imports it.
    parser.set_defaults(run=doer.run, whole=make_parser)


if __name__ == "__main__":
    sys.exit(main())
