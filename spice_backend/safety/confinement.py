"""Bars between a simulator and the machine: what a deck's code could reach if it ever ran.

The guard (`spice_backend.safety.guard`) reads decks and refuses those that run commands; this is
the second wall, for the ways nobody has thought of. Three independent bars, each used where the
platform has it: resource limits (POSIX); Landlock (Linux 5.13 on), after which the process sees no
file outside its own folder and writes none but a handful that are there (`REPORTS`), so that their
number and size are bounded; and a filter that leaves it a short list of system calls (seccomp),
with which it starts no program, opens no socket, signals no other process and changes no file's
attributes. None needs root, none can be taken back.
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

from spice_backend.safety.call_filter import call_filter
from spice_backend.safety.system_calls import MACHINES, Machine

_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_NO_NEW_PRIVILEGES = 38
_RIGHTS_BY_VERSION = ((1, (1 << 13) - 1), (2, 1 << 13), (3, 1 << 14))
_READ_FILE, _READ_FOLDER, _WRITE_FILE, _CUT_SHORT = 1 << 2, 1 << 3, 1 << 1, 1 << 14

REPORTS = (
    *("b3v3_1check.log", "b3v32check.log", "b3v33check.log", "b3soiddv2check.log"),
    *("b3soifdv2check.log", "b3soipdv223check.log", "b4soiv1check.log", "b3soiddac.log"),
    *("b3soiddn.log", "b3soiddp.log", "b3soifdac.log", "b3soifdn.log", "b3soifdp.log"),
    *("bsim4.out", "bsim4v5.out", "bsim4v6.out", "bsim4v7.out", "cider.log"),
)
"""All that ngspice writes by itself: what its transistor models find when they check their
parameters. Without its file a model does not check, so these are there, and no others."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a simulator's process may use.

    Attributes:
        memory_bytes: Address space.
        file_bytes: Largest file it may write.
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
    writing = (_READ_FILE | _WRITE_FILE | _CUT_SHORT) & handled
    added = _granted(libc, ruleset, ".", _READ_FILE | _READ_FOLDER)
    for name in REPORTS:
        os.close(os.open(name, os.O_CREAT | os.O_WRONLY | os.O_NOFOLLOW, 0o600))
        added = added and _granted(libc, ruleset, name, writing)
    barred = added and libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0) == 0
    os.close(ruleset)
    return bool(barred)


def _granted(libc: ctypes.CDLL, ruleset: int, path: str, rights: int) -> bool:
    """Rights to what is at and below a path."""
    place = os.open(path, os.O_PATH | os.O_CLOEXEC | os.O_NOFOLLOW)
    beneath = ctypes.create_string_buffer(struct.pack("<Qi", rights, place))
    added = libc.syscall(_LANDLOCK_ADD, ruleset, 1, beneath, 0) == 0
    os.close(place)
    return bool(added)


def _bar_calls(libc: ctypes.CDLL, machine: Machine, *, opening: bool) -> bool:
    """A seccomp filter on all threads: denied calls fail with "operation not permitted"."""
    program = call_filter(machine, opening=opening, process_id=os.getpid())
    text = ctypes.create_string_buffer(b"".join(program))
    header = ctypes.create_string_buffer(
        struct.pack("HxxxxxxQ", len(program), ctypes.addressof(text))
    )
    return bool(libc.syscall(machine.numbers["seccomp"], 1, 1, header) == 0)
