"""How large a network may be; asked for before one is built."""

from __future__ import annotations

MOST_EDGES = 10_000
"""An edge is some fifty transistors: ten thousand are half a million, which take gigabytes and,
measured up to 512 edges at 2 ms an edge, 20 s for every example shown."""
