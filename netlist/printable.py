"""Text that shows on a terminal as what it is: control characters are escaped, never obeyed.

And numbers of things, in the singular where there is one.

A deck, a path or a column may hold an escape sequence that clears a screen, or a mark that turns
the order of letters round; what is shown of them must not do it.
"""

from __future__ import annotations

import re

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def printable(text: str) -> str:
    r"""Escape what would not show.

    Args:
        text: Any text.

    Returns:
        The same with control characters, half characters and marks of direction written as
        ``\u001b``; line breaks and tabs stay.

    Example:
        >>> printable("a\x1b[2Jb")
        'a\\u001b[2Jb'
    """
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def counted(number: int, noun: str) -> str:
    """So many of a thing.

    Args:
        number: How many.
        noun: One of them, whose plural takes an s.

    Returns:
        Both, the noun in its plural unless there is one.

    Example:
        >>> counted(1, "row"), counted(2, "row")
        ('1 row', '2 rows')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"
