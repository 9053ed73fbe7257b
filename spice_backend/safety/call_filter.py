"""The filter of system calls, in the kernel's little machine code (classic BPF).

A call is judged by its number and, for the few whose harm lies in an argument, by that: a thread
may be made but no process, a signal sent to oneself but to nobody else, limits read but not set. A
pointer cannot be looked behind, so no path is judged here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from spice_backend.safety.system_calls import NEW, Machine

ALLOW, DENY, MISSING = 0x7FFF0000, 0x00050000 | 1, 0x00050000 | 38
"""What is answered: go on; "operation not permitted"; "function not implemented"."""

_LOAD, _EQUAL, _FROM, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _AUDIT, _OLD_NUMBERS = 0, 4, 0x40000000
_THREAD = 0x00010000
_WRITING = 0o1 | 0o2 | 0o100 | 0o1000 | 0o2000
"""To write, to make, to cut short or to add to a file."""
_SIGNALS_WHEN_READY = 0o20000
_F_SETFL = 4
_DESCRIPTORS = (0, 1, 2, 3, 1030)
"""``fcntl``: copy a descriptor, ask and set whether a program inherits it, ask for its mode."""
_TERMINALS = (0x5401, 0x5413, 0x5421, 0x5450, 0x5451, 0x541B)
"""``ioctl``: is it a terminal, how large, shall it block or be inherited, how much is there."""
_NAMES = (15, 16, 0x53564D41)
"""``prctl``: names of threads and of memory."""


def call_filter(machine: Machine, *, opening: bool, process_id: int) -> list[bytes]:
    """The filter for a process.

    Args:
        machine: Whose calls it judges; those of another are all denied.
        opening: Whether opening files for writing is denied too.
        process_id: The process, which may signal itself.

    Returns:
        Its instructions, eight bytes each.
    """
    lines = [_line(_LOAD, _AUDIT), _line(_EQUAL, machine.audit, 1, 0), _line(_RETURN, DENY)]
    lines += [_line(_LOAD, _NUMBER), _line(_FROM, _OLD_NUMBERS, 0, 1), _line(_RETURN, DENY)]
    if opening:
        for name, place in (("open", 1), ("openat", 2)):
            lines += _judged(machine, name, [_denied(place, _ANY_BIT, _WRITING), _allowed()])
    for number in machine.allowed:
        lines += [_line(_EQUAL, number, 0, 1), _line(_RETURN, ALLOW)]
    for name, rules in _conditions(process_id):
        lines += _judged(machine, name, rules)
    return [*lines, _line(_FROM, NEW, 0, 1), _line(_RETURN, MISSING), _line(_RETURN, DENY)]


def _conditions(process_id: int) -> Iterator[tuple[str, list[list[bytes]]]]:
    """Calls that are allowed by an argument: their rules, the first that says something wins."""
    yield "clone", [_allowed(0, _ANY_BIT, _THREAD)]
    yield "tgkill", [_allowed(0, _EQUAL, process_id)]
    yield (
        "fcntl",
        [
            *(_allowed(1, _EQUAL, command) for command in _DESCRIPTORS),
            _denied_unless(1, _EQUAL, _F_SETFL),
            _denied(2, _ANY_BIT, _SIGNALS_WHEN_READY),
            _allowed(),
        ],
    )
    yield "ioctl", [_allowed(1, _EQUAL, request) for request in _TERMINALS]
    yield "prctl", [_allowed(0, _EQUAL, what) for what in _NAMES]
    # Limits may be read, of this process: no new ones, in either half of the pointer.
    yield (
        "prlimit64",
        [
            _denied_unless(0, _EQUAL, 0),
            _denied_unless(2, _EQUAL, 0),
            _denied_unless(2, _EQUAL, 0, high=True),
            _allowed(),
        ],
    )


def _judged(machine: Machine, name: str, rules: list[list[bytes]]) -> list[bytes]:
    """Rules for one call, which end in a denial; nothing where the machine has no such call."""
    if name not in machine.numbers:
        return []
    body = [line for rule in rules for line in rule] + [_line(_RETURN, DENY)]
    return [_line(_EQUAL, machine.numbers[name], 0, len(body)), *body]


def _allowed(argument: int | None = None, test: int = _EQUAL, value: int = 0) -> list[bytes]:
    if argument is None:
        return [_line(_RETURN, ALLOW)]
    return [_load(argument), _line(test, value, 0, 1), _line(_RETURN, ALLOW)]


def _denied(argument: int, test: int, value: int) -> list[bytes]:
    return [_load(argument), _line(test, value, 0, 1), _line(_RETURN, DENY)]


def _denied_unless(argument: int, test: int, value: int, *, high: bool = False) -> list[bytes]:
    return [_load(argument, high=high), _line(test, value, 1, 0), _line(_RETURN, DENY)]


def _load(argument: int, *, high: bool = False) -> bytes:
    return _line(_LOAD, 16 + 8 * argument + 4 * high)


def _line(code: int, value: int, true: int = 0, false: int = 0) -> bytes:
    return struct.pack("HBBI", code, true, false, value)
