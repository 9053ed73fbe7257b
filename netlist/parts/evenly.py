"""Offsets of many chips that fill their space evenly: a scrambled Sobol net for each cell.

Chips come in blocks of a power of two. Within a block the offsets of the devices of one cell are a
Sobol net (Sobol, 1967; direction numbers of Joe and Kuo, 2008) scrambled anew for each block
(Owen, 1995; as scipy has it, a random linear matrix and a digital shift), and each cell meets the
block's chips in an order of its own, so that cells are independent of each other. A device's place
among the net's dimensions comes from its path within the cell: one more device moves no other's.

Points of a block depend on each other, blocks do not: what is estimated has the spread of its
blocks, and no formula for independent points may be used on it.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

_DIMENSIONS = 21201
"""As many as scipy has direction numbers for."""

_NUMBERS = 2
"""A device draws at most so many: threshold and gain."""


def evenly(path: str, count: int, chip: tuple[int, int, int]) -> tuple[float, ...]:
    """What one device of one chip draws.

    Args:
        path: The simulator's name of the device, its cell the second part.
        count: How many numbers, two at most.
        chip: Seed, draw, and how many chips are a block.

    Returns:
        Normal numbers of deviation 1, evenly spread over a block's chips.
    """
    from scipy.special import ndtri  # noqa: PLC0415 - loads late

    seed, draw, block = chip
    number, place = divmod(draw, block)
    cell, first = dimension(path)
    row = _order(seed, number, block, cell)[place]
    shares = _net(seed, number, block)[row, first : first + count]
    return tuple(ndtri(shares).tolist())


def dimension(path: str) -> tuple[str, int]:
    """The cell a device is in, and the first of its dimensions of that cell's net.

    Args:
        path: The simulator's name of the device.

    Returns:
        Both; two devices of a cell may fall on one dimension, which whoever builds it must see.
    """
    kind, cell, device = [*path.lower().split(".", 2), "", ""][:3]
    return cell, _NUMBERS * (_hashed(f"{kind}.{device}") % (_DIMENSIONS // _NUMBERS))


def _hashed(text: str) -> int:
    return int.from_bytes(sha256(text.encode()).digest()[:8], "little")


@lru_cache(maxsize=2)
def _net(seed: int, number: int, block: int) -> NDArray[np.float64]:
    """(block, dimension), within 0 and 1 and never at them."""
    from scipy.stats import qmc  # noqa: PLC0415 - loads late

    rng = np.random.default_rng(np.random.SeedSequence([seed, number]))
    net = qmc.Sobol(_DIMENSIONS, scramble=True, rng=rng).random_base2(block.bit_length() - 1)
    # Points lie on a lattice of 2**-30, 0 among them: the middle of each interval is as even.
    return np.asarray(net + 2.0**-31)


@lru_cache(maxsize=4096)
def _order(seed: int, number: int, block: int, cell: str) -> NDArray[np.int64]:
    entropy = np.random.SeedSequence([seed, number, _hashed(cell)])
    return np.random.default_rng(entropy).permutation(block)
