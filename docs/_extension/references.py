"""Tables made from the code: the keys of a design, the commands, the checks of a deck.

Directives `design-keys`, `commands` and `slots`; each writes Markdown that is then read as the
page's own. Classes that are data are shown by the names of their fields: types stand in the list
below them, once.
"""

from __future__ import annotations

import argparse
import inspect
from collections.abc import Iterator
from dataclasses import is_dataclass
from itertools import groupby
from typing import Any, ClassVar

from docutils import nodes
from pydantic import BaseModel
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from learning.cli import make_parser
from learning.commands.table import COMMANDS
from learning.design.keys import Key, design_keys
from netlist.parts.architectures import ARCHITECTURES
from netlist.parts.slots import SLOTS


class _Written(SphinxDirective):
    """A directive without content that stands for Markdown made from the code."""

    has_content: ClassVar[bool] = False

    def run(self) -> list[nodes.Node]:
        return self.parse_text_to_nodes("\n".join(self.lines()), allow_section_headings=True)

    def lines(self) -> Iterator[str]:
        raise NotImplementedError


class _DesignKeys(_Written):
    """Every key, a table for each section."""

    def lines(self) -> Iterator[str]:
        for section, keys in groupby(design_keys(), key=lambda key: key.name.rpartition(".")[0]):
            yield f"## `[{section}]`" if section else "## At the top"
            yield from ("", "{.design-keys}", "| key | holds | unit | default | range | meaning |")
            yield "|---|---|---|---|---|---|"
            yield from (_row(key) for key in keys)
            yield ""


def _row(key: Key) -> str:
    default = key.default if key.default in ("required", "-") else f"`{key.default}`"
    name, meaning = key.name.rpartition(".")[2], key.meaning.replace("``", "`")
    return f"| `{name}` | {key.kind} | {key.unit} | {default} | {key.range} | {meaning} |"


class _Commands(_Written):
    """Every command, as its own help tells it."""

    def lines(self) -> Iterator[str]:
        for command in COMMANDS:
            yield from (f"## joulearn {command.name}", "", f"{command.help.capitalize()}.", "")
            yield from ("```text", command.example, "```", "")
            yield from _arguments(make_parser([command.name]), command.name)
            yield ""


def _arguments(parser: argparse.ArgumentParser, name: str) -> Iterator[str]:
    yield from ("| argument | meaning |", "|---|---|")
    for action in _below(parser)[name]._actions:  # noqa: SLF001  argparse has no other way
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for choice in action._choices_actions:  # noqa: SLF001
                yield f"| `{choice.dest}` | {choice.help} |"
        elif action.dest != "help":
            yield f"| `{_spelt(action)}` | {_escaped(action.help or '')} |"


def _below(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    actions = parser._actions  # noqa: SLF001
    found = next(a for a in actions if isinstance(a, argparse._SubParsersAction))  # noqa: SLF001
    return dict(found.choices)


def _spelt(action: argparse.Action) -> str:
    metavar = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    if not action.option_strings:
        return metavar.replace("|", "\\|")
    return action.option_strings[-1] + ("" if action.nargs == 0 else f" {metavar}")


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("%%", "%")


class _SlotTable(_Written):
    """The slots and the pins their cells may have."""

    def lines(self) -> Iterator[str]:
        for name, architecture in ARCHITECTURES.items():
            yield from (f'## architecture = "{name}"', "")
            yield from ("| slot | one per | pins | optional | lines it may ask for | billed to |",)
            yield "|---|---|---|---|---|---|"
            for slot in SLOTS:
                contract = architecture.contracts[slot.name]
                pins = (contract.required, contract.optional, contract.controls)
                told = " | ".join(f"`{' '.join(some)}`" if some else "" for some in pins)
                yield f"| `{slot.name}` | {slot.placed_per} | {told} | {slot.billed_to} |"
            yield ""


def _signature(*told: object) -> tuple[str, str | None] | None:
    """Names alone for data, none for what is written as a design file."""
    _, what, _, held, *_ = told
    if what != "class" or not isinstance(held, type):
        return None
    if issubclass(held, BaseModel):
        return "", None
    names = ", ".join(inspect.signature(held).parameters)
    return (f"({names})", None) if is_dataclass(held) else None


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("autodoc-process-signature", _signature)
    app.add_directive("design-keys", _DesignKeys)
    app.add_directive("commands", _Commands)
    app.add_directive("slots", _SlotTable)
    return {"parallel_read_safe": True}
