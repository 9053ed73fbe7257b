"""The system-call filter, run as the kernel would, on both kinds of machine."""

import struct

import pytest

from spice_backend.safety.confinement import call_filter
from spice_backend.safety.system_calls import DENIED, MACHINES

ALLOWED, DENIED_CODE, MISSING = 0x7FFF0000, 0x00050001, 0x00050026
WRITE, READ, THREAD = 0o1101, 0o2000000, 0x003D0F00

# Written down from the kernel's headers apart from our table: audit, then numbers.
X86 = {"read": 0, "write": 1, "mmap": 9, "futex": 202, "tgkill": 234, "exit_group": 231}
ARM = {"read": 63, "write": 64, "mmap": 222, "futex": 98, "tgkill": 131, "exit_group": 94}
X86_DENIED = {"execve": 59, "socket": 41, "kill": 62, "fork": 57, "ptrace": 101, "chmod": 90}
ARM_DENIED = {"execve": 221, "socket": 198, "kill": 129, "ptrace": 117, "fchmodat": 53}
CASES = [
    ("x86_64", 0xC000003E, X86, X86_DENIED, 56, {2: 1, 257: 2}),
    ("aarch64", 0xC00000B7, ARM, ARM_DENIED, 220, {56: 2}),
]


def judged(program, number, audit, arguments=(0,) * 6):
    """Classic BPF over ``struct seccomp_data``."""
    data = struct.pack("<iIQ6Q", number, audit, 0, *arguments)
    accumulator, at = 0, 0
    while True:
        code, true, false, value = struct.unpack("HBBI", program[at])
        at += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, value)
        elif code == 0x15:
            at += true if accumulator == value else false
        elif code == 0x45:
            at += true if accumulator & value else false
        else:
            assert code == 0x06
            return value


@pytest.mark.parametrize(("name", "audit", "kept", "barred", "clone", "opens"), CASES)
@pytest.mark.parametrize("opening", [False, True])
def test_the_filter_bars_and_allows_by_number(name, audit, kept, barred, clone, opens, opening):
    program = call_filter(MACHINES[name], opening=opening)
    for number in kept.values():
        assert judged(program, number, audit) == ALLOWED
    for number in barred.values():
        assert judged(program, number, audit) == DENIED_CODE
    assert judged(program, 435, audit) == MISSING
    assert judged(program, clone, audit, (THREAD, 0, 0, 0, 0, 0)) == ALLOWED
    assert judged(program, clone, audit, (17, 0, 0, 0, 0, 0)) == DENIED_CODE
    for number, place in opens.items():
        for flags, verdict in ((READ, ALLOWED), (WRITE, DENIED_CODE if opening else ALLOWED)):
            arguments = tuple(flags if index == place else 0 for index in range(6))
            assert judged(program, number, audit, arguments) == verdict
    assert judged(program, 437, audit) == (MISSING if opening else ALLOWED)
    other = next(case[1] for case in CASES if case[0] != name)
    assert judged(program, kept["read"], other) == DENIED_CODE


def test_every_name_has_a_number_of_its_own():
    absent_on_arm = {"fork", "vfork", "chmod", "chown", "lchown"}
    for name, machine in MACHINES.items():
        assert len(set(machine.numbers.values())) == len(machine.numbers)
        missing = set(DENIED) - set(machine.numbers)
        assert missing == (absent_on_arm if name == "aarch64" else set())
