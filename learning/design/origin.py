"""Where each value of a design was written, so that an error can send the reader there.

TOML parsers give values without lines. A statement of TOML ends with its line unless it is inside
brackets or triple quotes, therefore the shortest run of lines that parses on its own is one
statement, and a real parser tells its keys: no second, home-made reading of the syntax.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

KeyPath: TypeAlias = tuple[str, ...]
"""A key with the tables it is in: ("schedule", "rise_s")."""


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
    start, statement = 1, ""
    for number, line in enumerate(text.split("\n"), start=1):
        statement += line + "\n"
        try:
            table = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        paths = _paths(table)
        if statement.lstrip().startswith("["):
            section = paths[-1]
        else:
            paths = [section + path for path in paths]
        for path in paths:
            found.setdefault(path, start)
        start, statement = number + 1, ""
    return found


def _paths(value: object) -> list[KeyPath]:
    if not isinstance(value, dict):
        return []
    return [path for key in value for path in ((key,), *((key, *p) for p in _paths(value[key])))]
