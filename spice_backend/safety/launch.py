"""Become another program, with limits and not outliving whoever asked for it.

Run as a script of its own, ``python -I -S launch.py OWNER MEMORY FILE CPU PROGRAM ARGUMENT...``,
because limits must hold before the program's first instruction and a forked thread-ridden process
should do nothing but that; it imports nothing of ours, so that it costs a few milliseconds.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys

_PARENT_DEATH_SIGNAL = 1


def main(words: list[str]) -> None:
    """Set the limits, tie this process to its owner, become the program.

    Args:
        words: The owner's process; address space and largest file in bytes and processor time in
            seconds, 0 for no limit; the program and its arguments.
    """
    owner, memory_bytes, file_bytes, cpu_s = map(int, words[:4])
    limits = (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_CPU, cpu_s),
    )
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for kind, amount in limits:
        _, hard = resource.getrlimit(kind)
        if amount:
            amount = amount if hard == resource.RLIM_INFINITY else min(amount, hard)  # noqa: PLW2901
            resource.setrlimit(kind, (amount, amount))
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != owner:
            sys.exit("whoever asked for this is gone")
    # Python ignores this one; a program that writes too much shall end by it.
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    try:
        os.execv(words[4], words[4:])  # noqa: S606 - a list of words, and this process is the child
    except OSError as error:
        sys.exit(f"cannot start {words[4]}: {error.strerror}")


if __name__ == "__main__":
    main(sys.argv[1:])
