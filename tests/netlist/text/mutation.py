"""Decks broken at random, from a seed: what a parser must survive whatever people feed it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

_PIECES = (
    *(".ends", "\n.end\n", "\n.subckt ", "\n+ ", ".if (", "\n.endif", ".control", "\n.endc\n"),
    *("PWL(", "POLY(3)", "TABLE {", "params:", "1e999", "{", "}", "'", '"', "(", ")", "[", "]"),
    *(
        "=",
        "==",
        ",",
        ";",
        "//",
        "$ ",
        "*",
        "\t",
        "\r",
        "\x00",
        "\xa0",
        "\u017f",
        "µ",
        "\U0001f600",
    ),
    *("%vd", "~", "1meg", "-", "..", "@m1[id]", "v(", " ac ", " dc ", "\\", "?", ":", "\n", "\n\n"),
)
"""Text that means something somewhere, put where it does not."""
_MOST = 8
"""Edits in one deck."""


def mutations(texts: Sequence[str], seed: int, count: int) -> Iterator[str]:
    """Decks with a few edits each.

    Args:
        texts: Decks to begin with.
        seed: Of the random numbers; the same seed gives the same decks.
        count: How many to make.

    Yields:
        The text of a broken deck.
    """
    random = np.random.default_rng(seed)
    for _ in range(count):
        text = texts[int(random.integers(len(texts)))]
        for _ in range(int(random.integers(1, _MOST + 1))):
            edit = _EDITS[int(random.integers(len(_EDITS)))]
            text = edit(text, random)
        yield text


def _place(text: str, random: np.random.Generator) -> int:
    return int(random.integers(len(text) + 1))


def _delete(text: str, random: np.random.Generator) -> str:
    start = _place(text, random)
    return text[:start] + text[start + int(random.integers(1, 20)) :]


def _insert(text: str, random: np.random.Generator) -> str:
    start = _place(text, random)
    return text[:start] + _PIECES[int(random.integers(len(_PIECES)))] + text[start:]


def _replace(text: str, random: np.random.Generator) -> str:
    start = _place(text, random)
    character = chr(int(random.integers(32, 127)))
    return text[:start] + character + text[start + 1 :]


def _repeat(text: str, random: np.random.Generator) -> str:
    start = _place(text, random)
    piece = text[start : start + int(random.integers(1, 30))]
    return text[:start] + piece * int(random.integers(2, 60)) + text[start:]


def _move_line(text: str, random: np.random.Generator) -> str:
    lines = text.split("\n")
    line = lines.pop(int(random.integers(len(lines))))
    lines.insert(int(random.integers(len(lines) + 1)), line)
    return "\n".join(lines)


def _cut(text: str, random: np.random.Generator) -> str:
    return text[: _place(text, random)]


_EDITS: tuple[Callable[[str, np.random.Generator], str], ...] = (
    *(_delete, _insert, _insert, _insert, _replace, _replace, _repeat, _move_line, _cut),
)
