"""The filter of system calls, run as the kernel would, on both kinds of machine."""

import struct

import pytest

from spice_backend.safety.call_filter import ALLOW, DENY, MISSING, call_filter
from spice_backend.safety.system_calls import ALLOWED, MACHINES

WRITE, READ, THREAD = 0o1101, 0o2000000, 0x003D0F00
SELF, OTHER = 4321, 4322

# Written down from the kernel's headers apart from our table: audit, then numbers.
X86 = {"read": 0, "write": 1, "mmap": 9, "futex": 202, "exit_group": 231, "rt_sigprocmask": 14}
ARM = {"read": 63, "write": 64, "mmap": 222, "futex": 98, "exit_group": 94, "rt_sigprocmask": 135}
X86_DENIED = {
    "execve": 59,
    "execveat": 322,
    "socket": 41,
    "socketpair": 53,
    "connect": 42,
    "kill": 62,
    "fork": 57,
    "vfork": 58,
    "ptrace": 101,
    "chmod": 90,
    "tkill": 200,
    "rt_sigqueueinfo": 129,
    "setpriority": 141,
    "utime": 132,
    "utimes": 235,
    "utimensat": 280,
    "futimesat": 261,
    "setxattr": 188,
    "lsetxattr": 189,
    "fsetxattr": 190,
    "removexattr": 197,
    "chroot": 161,
    "sethostname": 170,
    "setdomainname": 171,
    "keyctl": 250,
    "add_key": 248,
    "mount": 165,
    "unlink": 87,
    "rename": 82,
    "link": 86,
    "symlink": 88,
    "mkdir": 83,
    "truncate": 76,
    "setrlimit": 160,
    "sendmsg": 46,
    "sendto": 44,
    "memfd_create": 319,
    "bpf": 321,
    "settimeofday": 164,
    "clock_settime": 227,
    "setuid": 105,
    "personality": 135,
    "ioperm": 173,
    "timer_create": 222,
    "alarm": 37,
    "mq_open": 240,
    "shmget": 29,
    "inotify_init": 253,
}
ARM_DENIED = {
    "execve": 221,
    "socket": 198,
    "kill": 129,
    "ptrace": 117,
    "fchmodat": 53,
    "setxattr": 5,
    "utimensat": 88,
    "setpriority": 140,
    "chroot": 51,
    "sethostname": 161,
    "keyctl": 219,
    "unlinkat": 35,
    "renameat": 38,
    "mkdirat": 34,
    "truncate": 45,
    "setrlimit": 164,
}
YOUNG = {"pidfd_open": 434, "io_uring_setup": 425, "fchmodat2": 452, "setxattrat": 463, "x": 4000}
CASES = {
    "x86_64": (0xC000003E, X86, X86_DENIED, {2: 1, 257: 2}),
    "aarch64": (0xC00000B7, ARM, ARM_DENIED, {56: 2}),
}
BY_ARGUMENT = {
    "clone": [((THREAD,), ALLOW), ((17,), DENY), ((0x11200,), ALLOW), ((0x10000000,), DENY)],
    "tgkill": [((SELF, SELF, 6), ALLOW), ((OTHER, OTHER, 9), DENY), ((0, 0, 0), DENY)],
    "fcntl": [
        ((4, 1), ALLOW),
        ((4, 3), ALLOW),
        ((4, 1030), ALLOW),
        ((4, 4, 0o4000), ALLOW),
        ((4, 4, 0o20000), DENY),
        ((4, 4, 0o24000), DENY),
        ((4, 8, 1), DENY),
        ((4, 10, 9), DENY),
        ((4, 15, 0), DENY),
        ((4, 1024, 0), DENY),
        ((4, 1031, 1 << 20), DENY),
    ],
    "ioctl": [((1, 0x5401), ALLOW), ((1, 0x5412), DENY), ((1, 0x5452), DENY), ((1, 0x8901), DENY)],
    "prctl": [((15,), ALLOW), ((1, 0), DENY), ((4, 1), DENY), ((22, 2), DENY), ((38, 0), DENY)],
    "prlimit64": [
        ((0, 3, 0, 1), ALLOW),
        ((0, 3, 0xFFFF, 0), DENY),
        ((0, 3, 0xFFFF00000000, 0), DENY),
        ((OTHER, 3, 0, 1), DENY),
    ],
}


def judged(program, number, audit, *arguments):
    """Classic BPF over ``struct seccomp_data``."""
    whole = (*arguments, *(0,) * (6 - len(arguments)))
    data = struct.pack("<iIQ6Q", number, audit, 0, *whole)
    accumulator, at = 0, 0
    while True:
        code, true, false, value = struct.unpack("HBBI", program[at])
        at += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, value)
        elif code == 0x15:
            at += true if accumulator == value else false
        elif code == 0x35:
            at += true if accumulator >= value else false
        elif code == 0x45:
            at += true if accumulator & value else false
        else:
            assert code == 0x06
            return value


def program(name, *, opening=False):
    return call_filter(MACHINES[name], opening=opening, process_id=SELF)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("opening", [False, True])
def test_the_filter_allows_a_list_and_nothing_else(name, opening):
    audit, kept, barred, opens = CASES[name]
    lines = program(name, opening=opening)
    for number in kept.values():
        assert judged(lines, number, audit) == ALLOW
    for call, number in barred.items():
        assert judged(lines, number, audit) == DENY, call
    for call, number in YOUNG.items():
        assert judged(lines, number, audit) == MISSING, call
    for number in (435, 437):
        assert judged(lines, number, audit) == MISSING
    assert judged(lines, 439, audit) == ALLOW
    for number, place in opens.items():
        for flags, verdict in ((READ, ALLOW), (WRITE, DENY if opening else ALLOW)):
            arguments = tuple(flags if index == place else 0 for index in range(6))
            assert judged(lines, number, audit, *arguments) == verdict
    other = next(case[0] for key, case in CASES.items() if key != name)
    assert judged(lines, kept["read"], other) == DENY
    assert judged(lines, kept["read"] | 0x40000000, audit) == DENY
    # Two more that are allowed with nothing but noughts: to copy a descriptor, to ask for a limit.
    allowed = [number for number in range(1024) if judged(lines, number, audit) == ALLOW]
    assert len(allowed) == len(MACHINES[name].allowed) + 2


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("call", BY_ARGUMENT)
def test_some_calls_are_judged_by_an_argument(name, call):
    audit, number = CASES[name][0], MACHINES[name].numbers[call]
    for arguments, verdict in BY_ARGUMENT[call]:
        assert judged(program(name), number, audit, *arguments) == verdict, arguments


def test_every_name_has_a_number_of_its_own():
    old = {"stat", "lstat", "poll", "access", "open", "readlink", "dup2", "pipe", "select", "time"}
    for name, machine in MACHINES.items():
        assert len(set(machine.numbers.values())) == len(machine.numbers)
        missing = set(ALLOWED) - set(machine.numbers)
        assert missing == (old | {"arch_prctl"} if name == "aarch64" else set())
