"""``joulearn keys``: every key of a design, with its kind, unit, default and range."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator

from learning.commands.command import DONE, say
from learning.design.keys import Key, design_keys
from learning.errors import LearningError


def add(parser: argparse.ArgumentParser) -> None:
    """Add its arguments to a parser."""
    parser.add_argument("word", nargs="?", default="", metavar="WORD", help="a section, or a part")


def run(options: argparse.Namespace) -> int:
    """Do it, and return the exit code."""
    found = [key for key in design_keys() if options.word in key.name]
    if not found:
        raise LearningError(
            "no key of a design contains this word", options.word, "joulearn keys lists them all"
        )
    facts = [{name: getattr(key, name) for name in Key.__slots__} for key in found]
    say(options, facts, "".join(_lines(found)))
    return DONE


_DEFAULTS = {"required": "required", "-": "may be left out"}


def _lines(keys: Iterable[Key]) -> Iterator[str]:
    for key in keys:
        unit = f", {key.unit}" if key.unit else ""
        limits = f": {key.range}" if key.range else ""
        default = _DEFAULTS.get(key.default, f"default {key.default}")
        yield f"{key.name}  ({key.kind}{limits}{unit}; {default})\n"
        yield f"    {key.meaning.replace('``', '')}\n"
