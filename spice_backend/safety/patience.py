"""How long ngspice may take to read a deck, in processor time, before it is said to hang.

There are decks that ngspice reads for ever, a comma between two parameters is enough. A run has no
limit of its own, for nobody can tell how long one should take; reading has one, far above what the
largest decks need (a second for each megabyte), and in processor time, so that a busy machine does
not count against a deck.
"""

from __future__ import annotations

import os
from pathlib import Path

HINT = "a comma between two .param values is one cause; joulearn check looks for others"
"""What to try when a deck is not read to its end."""

_SECONDS, _SECONDS_PER_MEGABYTE = 20.0, 60.0


def loading_s(size_bytes: int) -> float:
    """What a deck of a size may take to load.

    Args:
        size_bytes: Its size.

    Returns:
        Processor time, seconds.
    """
    return _SECONDS + _SECONDS_PER_MEGABYTE * size_bytes / 1e6


def processor_s(process_id: int) -> float:
    """What a process has computed so far.

    Args:
        process_id: Its number.

    Returns:
        Processor time in it and the kernel, seconds; 0 where that cannot be told.
    """
    try:
        text = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0.0
    words = text.rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
