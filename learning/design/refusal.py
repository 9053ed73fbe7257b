"""Why a design was refused, in the design file's words rather than the validator's.

Pydantic speaks of tuples, dictionaries and dataclasses; the reader wrote lists, tables and
sections, and wants to know which line to change and to what.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from learning.design.origin import KeyPath, Origin
from learning.errors import LearningError
from netlist.naming import nearest

_UNKNOWN_KEY = "unexpected_keyword_argument"
_WORDS = {"tuple": "list", "mapping": "table", "dictionary": "table"}
NAMED = "NAME"
"""Stands for the name that a reader gives to a section."""

_LONGEST_ECHO = 120
"""Characters of a wrong value that a message repeats; a number may have thousands."""

_REMEDIES = {
    "float_type": "a plain number in SI units, such as 2e-6",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "string_type": 'text in "quotes"',
}


def refusal(
    error: ValidationError,
    table: Mapping[str, Any],
    origin: Origin,
    keys: Mapping[KeyPath, object],
) -> LearningError:
    """Put a validator's first complaint into an error that names the place and a way out.

    Args:
        error: What the validator found.
        table: What it was given.
        origin: Where that was written.
        keys: Every key a design may have, with its default (None without one).

    Returns:
        The error, to be raised by the caller.
    """
    # A misspelt key is often a missing one too: say the former, it is the cause.
    detail = min(error.errors(), key=lambda entry: entry["type"] != _UNKNOWN_KEY)
    path = _key_path(detail, table)
    where = origin.where(path)
    if detail["type"] == _UNKNOWN_KEY:
        return LearningError(f"unknown key {path[-1]}", where=where, hint=closest(path, keys))
    if detail["type"] == "missing":
        return LearningError(f"{path[-1]} is missing", where=where, hint=_addition(path, keys))
    message = f"{_shortened(repr(detail['input']))} {_expectation(detail)}"
    return LearningError(message, where=where, hint=_remedy(detail, keys.get(path)))


def _shortened(text: str) -> str:
    """The two ends of a text that would fill the screen."""
    half = _LONGEST_ECHO // 2
    return text if len(text) <= _LONGEST_ECHO else f"{text[:half]} … {text[-half:]}"


def closest(path: KeyPath, keys: Mapping[KeyPath, object]) -> str:
    """Suggest a key for an unknown one: its namesake elsewhere, or a similar one.

    Args:
        path: The unknown key.
        keys: Every valid key.

    Returns:
        The valid key, dotted; or all keys of the section when none is near.
    """
    namesakes = [key for key in keys if key[-1] == path[-1]]
    if namesakes:
        (*section, name) = namesakes[0]
        return ".".join(namesakes[0]) if section else f"{name} by itself: it is in no section"
    siblings = {key[-1]: key for key in keys if key[:-1] == path[:-1]}
    for names in (siblings, {key[-1]: key for key in keys}):
        near = nearest(path[-1], names)
        if near:
            return ".".join(names[near])
    return f"one of {', '.join(siblings)}" if siblings else f"no keys under {'.'.join(path[:-1])}"


def _key_path(detail: ErrorDetails, table: Mapping[str, Any]) -> KeyPath:
    """The keys of an error's place, without list indices and the validator's own marks."""
    path: list[str] = []
    value: Any = table
    for part in detail["loc"]:
        if isinstance(value, dict) and part in value:
            path.append(str(part))
            value = value[part]
        elif detail["type"] == "missing":
            path.append(str(part))
    return tuple(path)


def _addition(path: KeyPath, keys: Mapping[KeyPath, object]) -> str:
    below = [key for key in keys if key[:-1] == path]
    if below:
        return f"a section [{'.'.join(below[0] if below[0][-1] == NAMED else path)}]"
    return f"{path[-1]} = ..." + (f" under [{'.'.join(path[:-1])}]" if path[:-1] else "")


def _expectation(detail: ErrorDetails) -> str:
    if detail["type"] == "dataclass_type":
        return "should be a table of keys"
    message = re.sub(r"^(Input|String) should", "should", detail["msg"])
    return re.sub("|".join(_WORDS), lambda match: _WORDS[match[0]], message)


def _remedy(detail: ErrorDetails, default: object) -> str:
    choices = re.findall(r"'([^']*)'", str(detail.get("ctx", {}).get("expected", "")))
    near = nearest(str(detail["input"]), choices)
    if near:
        return f'"{near}"'
    if default not in (None, (), ""):
        return f"the default, {default!r}"
    if choices:
        return "one of " + ", ".join(f'"{choice}"' for choice in choices)
    return _REMEDIES.get(detail["type"], "correct the value, or leave the key out")
