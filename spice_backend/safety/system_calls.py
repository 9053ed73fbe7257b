"""System calls that a simulator's process is denied, by their numbers on each kind of machine.

From the kernel's own headers (``asm/unistd_64.h`` for x86-64, ``asm-generic/unistd.h`` for
aarch64). A call that a machine does not have is not in its table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

DENIED = [
    "socket",
    "socketpair",
    "bind",
    "listen",
    "accept",
    "accept4",
    "connect",
    "fork",
    "vfork",
    "execve",
    "execveat",
    "kill",
    "tkill",
    "rt_sigqueueinfo",
    "rt_tgsigqueueinfo",
    "pidfd_send_signal",
    "pidfd_open",
    "pidfd_getfd",
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "mount",
    "umount2",
    "unshare",
    "setns",
    "bpf",
    "perf_event_open",
    "memfd_create",
    "chmod",
    "fchmod",
    "fchmodat",
    "fchmodat2",
    "chown",
    "fchown",
    "lchown",
    "fchownat",
    "kexec_load",
    "kexec_file_load",
    "reboot",
    "init_module",
    "finit_module",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
]
"""Sockets, programs, other processes, the machine, and ways around a filter. ``tgkill`` is allowed:
a process ends itself with it."""

_SAME = {
    "pidfd_send_signal": 424,
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "pidfd_open": 434,
    "clone3": 435,
    "openat2": 437,
    "pidfd_getfd": 438,
    "fchmodat2": 452,
}
"""Calls since Linux 5.1 have one number everywhere."""


@dataclass(frozen=True, slots=True)
class Machine:
    """How one kind of machine numbers its system calls.

    Attributes:
        audit: What the kernel calls the machine in a filter's data (``AUDIT_ARCH``).
        numbers: Of every call used here, by name.
    """

    audit: int
    numbers: Mapping[str, int]

    @property
    def denied(self) -> tuple[int, ...]:
        """Numbers of `DENIED`, without those this machine does not have."""
        return tuple(self.numbers[name] for name in DENIED if name in self.numbers)

    @property
    def opening(self) -> tuple[tuple[int, int], ...]:
        """Calls that open files, and where in a filter's data their flags are."""
        places = (("open", 24), ("openat", 32))
        return tuple((self.numbers[n], place) for n, place in places if n in self.numbers)


MACHINES: Mapping[str, Machine] = {
    "x86_64": Machine(
        0xC000003E,
        {
            **_SAME,
            "socket": 41,
            "connect": 42,
            "accept": 43,
            "bind": 49,
            "listen": 50,
            "socketpair": 53,
            "accept4": 288,
            "clone": 56,
            "fork": 57,
            "vfork": 58,
            "execve": 59,
            "execveat": 322,
            "kill": 62,
            "tkill": 200,
            "rt_sigqueueinfo": 129,
            "rt_tgsigqueueinfo": 297,
            "ptrace": 101,
            "process_vm_readv": 310,
            "process_vm_writev": 311,
            "mount": 165,
            "umount2": 166,
            "unshare": 272,
            "setns": 308,
            "bpf": 321,
            "perf_event_open": 298,
            "memfd_create": 319,
            "chmod": 90,
            "fchmod": 91,
            "chown": 92,
            "fchown": 93,
            "lchown": 94,
            "fchownat": 260,
            "fchmodat": 268,
            "kexec_load": 246,
            "kexec_file_load": 320,
            "reboot": 169,
            "init_module": 175,
            "finit_module": 313,
            "open": 2,
            "openat": 257,
            "seccomp": 317,
        },
    ),
    "aarch64": Machine(
        0xC00000B7,
        {
            **_SAME,
            "socket": 198,
            "socketpair": 199,
            "bind": 200,
            "listen": 201,
            "accept": 202,
            "connect": 203,
            "accept4": 242,
            "clone": 220,
            "execve": 221,
            "execveat": 281,
            "kill": 129,
            "tkill": 130,
            "rt_sigqueueinfo": 138,
            "rt_tgsigqueueinfo": 240,
            "ptrace": 117,
            "process_vm_readv": 270,
            "process_vm_writev": 271,
            "mount": 40,
            "umount2": 39,
            "unshare": 97,
            "setns": 268,
            "bpf": 280,
            "perf_event_open": 241,
            "memfd_create": 279,
            "fchmod": 52,
            "fchmodat": 53,
            "fchownat": 54,
            "fchown": 55,
            "kexec_load": 104,
            "kexec_file_load": 294,
            "reboot": 142,
            "init_module": 105,
            "finit_module": 273,
            "openat": 56,
            "seccomp": 277,
        },
    ),
}
"""By what the platform calls itself."""
