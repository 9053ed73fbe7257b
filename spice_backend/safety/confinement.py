"""Bars between a simulator and the machine: what a deck's code could reach if it ever ran.

The guard (`spice_backend.safety.guard`) reads decks and refuses those that run commands; this is
the second wall, for the ways nobody has thought of. Three independent bars, each used where the
platform has it: resource limits (POSIX); Landlock (Linux 5.13 on), after which the process sees no
file outside its own empty folder; and a system-call filter (seccomp), after which it starts no
program, opens no socket and signals no other process. None needs root, none can be taken back.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import math
import os
import platform
import resource
import struct
import sys
import time
from dataclasses import dataclass

from spice_backend.safety.system_calls import MACHINES, Machine

_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_NO_NEW_PRIVILEGES = 38
_RIGHTS_BY_VERSION = ((1, (1 << 13) - 1), (2, 1 << 13), (3, 1 << 14))
_OWN_FOLDER = 0b0000100101110 | 1 << 14
"""In its own folder: write, read, list, remove and make files, and cut them short."""

_WRITING = 0o1 | 0o2 | 0o100 | 0o1000


@dataclass(frozen=True, slots=True)
class Limits:
    """What a simulator's process may use.

    Attributes:
        memory_bytes: Address space.
        file_bytes: Largest file it may write, in its own folder.
        cpu_s: Processor time from its confinement on, seconds; 0 is unlimited.
        confined: Whether files, programs and network are barred too.
    """

    memory_bytes: int = 8 << 30
    file_bytes: int = 1 << 20
    cpu_s: int = 0
    confined: bool = True


def confine(limits: Limits) -> list[str]:
    """Put bars around this process for good.

    Args:
        limits: What it may use.

    Returns:
        The bars that hold here: "limits", "files", "programs and network".
    """
    _limit(resource.RLIMIT_AS, limits.memory_bytes)
    _limit(resource.RLIMIT_CORE, 0)
    if limits.cpu_s:
        _limit(resource.RLIMIT_CPU, math.ceil(time.process_time()) + limits.cpu_s)
    if not limits.confined:
        return ["limits"]
    _limit(resource.RLIMIT_FSIZE, limits.file_bytes)
    bars = ["limits"]
    if not sys.platform.startswith("linux"):
        return bars
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    files = _bar_files(libc)
    if files:
        bars.append("files")
    machine = MACHINES.get(platform.machine())
    if machine is not None and _bar_calls(libc, machine, opening=not files):
        bars.append("programs and network")
    return bars


def _limit(kind: int, amount: int) -> None:
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        amount = min(amount, hard)
    resource.setrlimit(kind, (amount, amount))


def _bar_files(libc: ctypes.CDLL) -> bool:
    """Landlock: nothing but the working folder can be opened from now on."""
    version = int(libc.syscall(_LANDLOCK_CREATE, None, 0, 1))
    if version < 1:
        return False
    handled = 0
    for since, rights in _RIGHTS_BY_VERSION:
        handled |= rights if version >= since else 0
    rules = ctypes.create_string_buffer(struct.pack("Q", handled))
    ruleset = int(libc.syscall(_LANDLOCK_CREATE, rules, 8, 0))
    if ruleset < 0:
        return False
    folder = os.open(".", os.O_PATH | os.O_CLOEXEC)
    beneath = ctypes.create_string_buffer(struct.pack("<Qi", _OWN_FOLDER & handled, folder))
    added = libc.syscall(_LANDLOCK_ADD, ruleset, 1, beneath, 0)
    barred = added == 0 and libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0) == 0
    os.close(folder)
    os.close(ruleset)
    return bool(barred)


def _bar_calls(libc: ctypes.CDLL, machine: Machine, *, opening: bool) -> bool:
    """A seccomp filter on all threads: denied calls fail with "operation not permitted"."""
    program = call_filter(machine, opening=opening)
    text = ctypes.create_string_buffer(b"".join(program))
    header = ctypes.create_string_buffer(
        struct.pack("HxxxxxxQ", len(program), ctypes.addressof(text))
    )
    return bool(libc.syscall(machine.numbers["seccomp"], 1, 1, header) == 0)


def call_filter(machine: Machine, *, opening: bool) -> list[bytes]:
    """The filter in the kernel's little machine code (classic BPF).

    Args:
        machine: Whose calls it judges; those of another are all denied.
        opening: Whether opening files for writing is denied too.

    Returns:
        Its instructions, eight bytes each.
    """
    load, equal, any_bit, ret = 0x20, 0x15, 0x45, 0x06
    allow, deny, missing = 0x7FFF0000, 0x00050000 | 1, 0x00050000 | 38

    def line(code: int, value: int, true: int = 0, false: int = 0) -> bytes:
        return struct.pack("HBBI", code, true, false, value)

    lines = [line(load, 4), line(equal, machine.audit, 1, 0), line(ret, deny)]
    lines += [line(load, 0), line(any_bit, 0x40000000, 0, 1), line(ret, deny)]
    for number in machine.denied:
        lines += [line(equal, number, 0, 1), line(ret, deny)]
    # clone3 hides its flags from a filter; the C library then uses clone, where only threads pass.
    lines += [line(equal, machine.numbers["clone3"], 0, 1), line(ret, missing)]
    lines += [
        line(equal, machine.numbers["clone"], 0, 4),
        line(load, 16),
        line(any_bit, 0x00010000, 1, 0),
    ]
    lines += [line(ret, deny), line(ret, allow)]
    if opening:
        # Nor can the flags of openat2 be seen; the C library has openat instead.
        lines += [line(equal, machine.numbers["openat2"], 0, 1), line(ret, missing)]
        for number, flags in machine.opening:
            lines += [line(equal, number, 0, 4), line(load, flags), line(any_bit, _WRITING, 0, 1)]
            lines += [line(ret, deny), line(ret, allow)]
    return [*lines, line(ret, allow)]
