"""Dot words as ngspice matches them: most by how they begin, the others whole.

ngspice compares the beginning of a line with ``.param``, ``.func``, ``.model`` and so on, therefore
``.params`` and ``.function`` are taken too; analyses and a few others it compares as whole words. A
test asks ngspice itself about every row.
"""

from __future__ import annotations

from collections.abc import Mapping

_BEGINNINGS: Mapping[str, str] = {
    "param": "param",
    "func": "func",
    "model": "model",
    "subckt": "subckt",
    "macro": "macro",
    "eom": "eom",
    "ends": "ends",
    "endl": "endl",
    "inc": "include",
    "lib": "lib",
    "global": "global",
    "csparam": "csparam",
    "probe": "probe",
    "title": "title",
    "opt": "options",
    "meas": "meas",
    "four": "four",
}
"""What a word begins with, and the word it is taken for."""

_WHOLE = frozenset(("inc", "incl", "opt", "option", "measure", "fourier"))
"""Words of their own that are written as they stand."""


def dot_word(written: str) -> str:
    """The word that ngspice takes a dot word for.

    Args:
        written: Without its dot, in any case.

    Returns:
        The word, lower case; one that ngspice does not know is itself.

    Example:
        >>> dot_word("PARAMS"), dot_word("function"), dot_word("nodes")
        ('param', 'func', 'nodes')
    """
    word = written.lower()
    if word in _WHOLE:
        return word
    return next((known for start, known in _BEGINNINGS.items() if word.startswith(start)), word)
