"""Become another program, with limits, in a fence, and not outliving whoever asked for it.

Run as a script of its own,
``python -I -S launch.py OWNER MEMORY FILE CPU COUNT FOLDER... PROGRAM ARGUMENT...``,
because limits must hold before the program's first instruction and a forked thread-ridden process
should do nothing but that; it imports nothing of ours, so that it costs a few milliseconds.

The fence is Landlock's (Linux 5.13 on; what a kernel does not know of it is left out). The program,
and all that it starts, may read what its user may read, since a deck's models stand anywhere; it
writes, makes and removes files in its own folders alone, opens no connection (Linux 6.7), and
signals nobody outside (6.12). ngspice keeps its deck in a file without a name, which the C library
puts into /tmp: nothing can be made, removed or replaced there, but what is there can be added to.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import struct
import sys

_PARENT_DEATH_SIGNAL = 1
_NO_NEW_PRIVILEGES = 38
_CREATE, _ADD, _RESTRICT = 444, 445, 446
_WRITE_FILE, _CUT_SHORT = 1 << 1, 1 << 14
_CHANGES = ((1, 0x1FF2), (2, 1 << 13), (3, _CUT_SHORT))
"""By Landlock's version: all that changes files and folders."""
_CONNECTIONS = 3
_OUTSIDE = 3
_DEVICES = ("/dev/null", "/dev/zero", "/dev/tty")


def main(words: list[str]) -> None:
    """Set the limits, tie this process to its owner, become the program.

    Args:
        words: The owner's process; address space and largest file in bytes and processor time in
            seconds, 0 for no limit; how many folders may be written in, 0 for all, and which; the
            program and its arguments.
    """
    owner, memory_bytes, file_bytes, cpu_s, count = map(int, words[:5])
    folders, command = words[5 : 5 + count], words[5 + count :]
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
        if folders:
            _fence(ctypes.CDLL(None), folders)
    # Python ignores this one; a program that writes too much shall end by it.
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    try:
        os.execv(command[0], command)  # noqa: S606 - a list of words, and this process is the child
    except OSError as error:
        sys.exit(f"cannot start {command[0]}: {error.strerror}")


def _fence(libc: ctypes.CDLL, folders: list[str]) -> None:
    """Landlock: changes nothing outside of some folders from now on."""
    version = int(libc.syscall(_CREATE, None, 0, 1))
    if version < 1:
        return
    changes = sum(rights for since, rights in _CHANGES if version >= since)
    connections, outside = _CONNECTIONS * (version >= 4), _OUTSIDE * (version >= 6)  # noqa: PLR2004
    size = 8 * (1 + (version >= 4) + (version >= 6))  # noqa: PLR2004
    asked = ctypes.create_string_buffer(struct.pack("<QQQ", changes, connections, outside))
    ruleset = int(libc.syscall(_CREATE, asked, size, 0))
    if ruleset < 0:
        return
    for folder in folders:
        _allow(libc, ruleset, folder, changes)
    for device in filter(os.path.exists, _DEVICES):
        _allow(libc, ruleset, device, (_WRITE_FILE | _CUT_SHORT) & changes)
    _allow(libc, ruleset, "/tmp", _WRITE_FILE)  # noqa: S108 - ngspice's own, which has no name
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    libc.syscall(_RESTRICT, ruleset, 0)
    os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, rights: int) -> None:
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    libc.syscall(
        _ADD, ruleset, 1, ctypes.create_string_buffer(struct.pack("<Qi", rights, place)), 0
    )
    os.close(place)


if __name__ == "__main__":
    main(sys.argv[1:])
