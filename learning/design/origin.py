"""Where each value of a design was written, so that an error can send the reader there.

TOML parsers give values without lines. A statement of TOML ends with its line unless it is inside
brackets or triple quotes; once the text is cut there, a real parser tells the keys of each piece:
no second, home-made reading of keys and values. Each line is looked at once, however long the
statement.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

KeyPath: TypeAlias = tuple[str, ...]
"""A key with the tables it is in: ("schedule", "rise_s")."""

_MARK = re.compile(
    r'"""(?:[^"\\]|\\[\s\S]|"(?!""))*"""+|'
    r"'''(?:[^']|'(?!''))*'''+|"
    r'"(?:[^"\\\n]|\\.)*"|'
    r"'[^'\n]*'|#[^\n]*|[\[\]{}\n]"
)
"""What decides whether a line goes on: texts, comments and brackets, and the ends of lines."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The text of a design file, and the command-line options laid over it.

    Attributes:
        file: Name of the file.
        text: Its text, which parses.
        options: The option that set a key (and everything under it), in order.
    """

    file: str
    text: str
    options: Mapping[KeyPath, str]

    def where(self, path: KeyPath) -> str:
        """The option or the ``file:line: key`` to change for another value at `path`."""
        lines = key_lines(self.text)
        for option, label in self.options.items():
            above = path[: len(option)] == option
            below = option[: len(path)] == path and path not in lines
            if above or below:
                return label
        prefixes = (path[:length] for length in range(len(path), 0, -1))
        line = next((lines[prefix] for prefix in prefixes if prefix in lines), 1)
        return f"{self.file}:{line}: {'.'.join(path)}"

    def touched(self, paths: Sequence[KeyPath]) -> KeyPath:
        """Of several keys at odds, the one set last: by an option, in the file, or the first."""
        by_option = [p for p in paths if any(p[: len(o)] == o for o in self.options)]
        lines = key_lines(self.text)
        return [*by_option, *(p for p in paths if p in lines), *paths][0]


def key_lines(text: str) -> dict[KeyPath, int]:
    """Find the line of every key and table.

    Args:
        text: TOML that parses.

    Returns:
        The 1-based line on which each key's statement starts, keys of inline tables included.
    """
    found: dict[KeyPath, int] = {}
    section: KeyPath = ()
    for start, statement in _statements(text):
        paths = _paths(tomllib.loads(statement))
        if statement.lstrip().startswith("["):
            section = paths[-1]
        else:
            paths = [section + path for path in paths]
        for path in paths:
            found.setdefault(path, start)
    return found


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """The statements of a text, comments and empty lines among them, with their first lines."""
    depth, begin, first, line = 0, 0, 1, 1
    for mark in _MARK.finditer(text):
        what = mark[0]
        line += what.count("\n")
        if what == "\n":
            if not depth:
                yield first, text[begin : mark.end()]
                begin, first = mark.end(), line
        elif what in "[{":
            depth += 1
        elif what in "]}":
            depth -= 1
    yield first, text[begin:]


def _paths(value: object) -> list[KeyPath]:
    if not isinstance(value, dict):
        return []
    return [path for key in value for path in ((key,), *((key, *p) for p in _paths(value[key])))]
