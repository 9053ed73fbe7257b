"""``joulearn completion``: a script with which a shell completes commands, options and designs."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from importlib.resources import files

from learning.commands.command import DONE, say

_KINDS = {"DESIGN": "_joulearn_designs", "KEY=VALUE": "_joulearn_keys"}
"""What completes an argument, by what its help calls it; files complete all others."""

_BASH = """\
_joulearn_files() {{ compgen -f -- "$1"; }}
_joulearn_designs() {{ compgen -W "{designs}" -- "$1"; compgen -f -X "!*.toml" -- "$1"; }}
_joulearn_keys() {{ compgen -W "{keys}" -- "$1"; }}
"""
_ZSH = """\
_joulearn_files() {{ _files }}
_joulearn_designs() {{ _alternative "designs:design:({designs})" "files:file:_files -g '*.toml'" }}
_joulearn_keys() {{ _values -w key {keys} }}
"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add its arguments to a parser."""
    parser.add_argument("shell", choices=("bash", "zsh"), help="the shell")


def run(options: argparse.Namespace) -> int:
    """Do it, and return the exit code."""
    import shtab  # noqa: PLC0415

    from learning.design.keys import design_keys  # noqa: PLC0415

    parser = options.whole(None)
    for action in _actions(parser):
        if not action.choices and action.metavar is not None:
            kind = _KINDS.get(str(action.metavar), "_joulearn_files")
            action.complete = {"bash": kind, "zsh": kind}  # type: ignore[attr-defined]
    names = sorted(path.name[:-5] for path in (files("circuits") / "designs").iterdir())
    keys = " ".join(f"{key.name}=" for key in design_keys())
    text = _PREAMBLES[options.shell].format(designs=" ".join(names), keys=keys)
    script = shtab.complete(parser, options.shell, preamble={options.shell: text})  # type: ignore[arg-type]  # a dict it is
    say(options, {"shell": options.shell, "script": script}, script)
    return DONE


_PREAMBLES = {"bash": _BASH, "zsh": _ZSH}


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:  # noqa: SLF001  argparse has no other way
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for below in action.choices.values():
                yield from _actions(below)
        else:
            yield action
