"""A machine that has no more to give: which resource it was, told as one line."""

from __future__ import annotations

import os
import resource

_NO_MEMORY = ("cannot allocate memory", "failed to map segment", "out of memory")
_NO_THREAD = ("can't start new thread", "no thread")
_HINT = "ulimit -a shows what this shell allows (-v memory, -u threads); or end other programs"


def exhausted(error: BaseException) -> str:
    """What a machine has run out of.

    Args:
        error: What was raised.

    Returns:
        A message with what to try; empty when the error is of another kind.
    """
    text = str(error).lower()
    # An extension module whose memory is refused fails in ways of its own.
    starved = isinstance(error, SystemError) and _limited()
    if isinstance(error, MemoryError) or starved or any(sign in text for sign in _NO_MEMORY):
        return f"there is not enough memory for this\n  try: {_HINT}"
    if isinstance(error, RuntimeError) and any(sign in text for sign in _NO_THREAD):
        return f"no thread is available on this machine\n  try: {_HINT}"
    return ""


def be_frugal() -> None:
    """Where memory is limited, keep libraries from setting much aside that nobody needs.

    OpenBLAS takes buffers for as many threads as there are processors, and fails without them.
    """
    if _limited():
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _limited() -> bool:
    return resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY
