"""System calls that a simulator's process is left with, by their numbers on each kind of machine.

A list of what is allowed, for no list of what is not could be whole: the kernel has some four
hundred calls and gets new ones. What stands here is what a loaded and warm ngspice and neospice use
under Python (looked at with strace: loading, transients, halts, altered values, a crash), with the
relatives that another C library would use instead. Nothing here reaches another process, another
file than those the other bars leave (`spice_backend.safety.confinement`), or the machine.

Numbers are from the kernel's own headers (``asm/unistd_64.h`` for x86-64, ``asm-generic/unistd.h``
for aarch64). A call that a machine does not have is not in its table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ALLOWED = (
    *("read", "write", "futex", "poll", "ppoll", "clock_gettime", "close", "fstat", "newfstatat"),
    *("stat", "lstat", "statx", "lseek", "openat", "open", "readv", "writev", "pread64"),
    *("pwrite64", "access", "faccessat", "faccessat2", "readlink", "readlinkat", "getdents64"),
    *("getcwd", "dup", "dup2", "dup3", "pipe", "pipe2", "select", "pselect6", "mmap", "munmap"),
    *("mprotect", "mremap", "madvise", "mincore", "membarrier", "brk", "getpid", "getppid"),
    *("gettid", "getuid", "geteuid", "getgid", "getegid", "uname", "sysinfo", "times", "time"),
    *("gettimeofday", "clock_getres", "nanosleep", "clock_nanosleep", "getrandom", "getrusage"),
    *("getrlimit", "getcpu", "sched_yield", "sched_getaffinity", "set_robust_list"),
    *("get_robust_list", "set_tid_address", "rseq", "arch_prctl", "rt_sigaction"),
    *("rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall", "exit", "exit_group"),
)
"""Allowed whatever their arguments are; the most frequent first, for a filter is read in order."""

_SAME = {"clone3": 435, "openat2": 437, "faccessat2": 439}
"""Calls since Linux 5.1 have one number everywhere."""

NEW = 424
"""From this number on, calls are younger than the C libraries that must do without them: they are
told to be missing, not forbidden, and the older ones are used."""


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
    def allowed(self) -> tuple[int, ...]:
        """Numbers of `ALLOWED`, without those this machine does not have."""
        return tuple(self.numbers[name] for name in ALLOWED if name in self.numbers)


MACHINES: Mapping[str, Machine] = {
    "x86_64": Machine(
        0xC000003E,
        {
            **_SAME,
            "read": 0,
            "write": 1,
            "open": 2,
            "close": 3,
            "stat": 4,
            "fstat": 5,
            "lstat": 6,
            "poll": 7,
            "lseek": 8,
            "mmap": 9,
            "mprotect": 10,
            "munmap": 11,
            "brk": 12,
            "rt_sigaction": 13,
            "rt_sigprocmask": 14,
            "rt_sigreturn": 15,
            "ioctl": 16,
            "pread64": 17,
            "pwrite64": 18,
            "readv": 19,
            "writev": 20,
            "access": 21,
            "pipe": 22,
            "select": 23,
            "sched_yield": 24,
            "mremap": 25,
            "mincore": 27,
            "madvise": 28,
            "dup": 32,
            "dup2": 33,
            "nanosleep": 35,
            "getpid": 39,
            "clone": 56,
            "exit": 60,
            "uname": 63,
            "fcntl": 72,
            "getcwd": 79,
            "readlink": 89,
            "gettimeofday": 96,
            "getrlimit": 97,
            "getrusage": 98,
            "sysinfo": 99,
            "times": 100,
            "getuid": 102,
            "getgid": 104,
            "geteuid": 107,
            "getegid": 108,
            "getppid": 110,
            "sigaltstack": 131,
            "prctl": 157,
            "arch_prctl": 158,
            "gettid": 186,
            "time": 201,
            "futex": 202,
            "sched_getaffinity": 204,
            "getdents64": 217,
            "set_tid_address": 218,
            "restart_syscall": 219,
            "clock_gettime": 228,
            "clock_getres": 229,
            "clock_nanosleep": 230,
            "exit_group": 231,
            "tgkill": 234,
            "openat": 257,
            "newfstatat": 262,
            "readlinkat": 267,
            "faccessat": 269,
            "pselect6": 270,
            "ppoll": 271,
            "set_robust_list": 273,
            "get_robust_list": 274,
            "dup3": 292,
            "pipe2": 293,
            "prlimit64": 302,
            "getcpu": 309,
            "seccomp": 317,
            "getrandom": 318,
            "membarrier": 324,
            "statx": 332,
            "rseq": 334,
        },
    ),
    "aarch64": Machine(
        0xC00000B7,
        {
            **_SAME,
            "getcwd": 17,
            "dup": 23,
            "dup3": 24,
            "fcntl": 25,
            "ioctl": 29,
            "faccessat": 48,
            "openat": 56,
            "close": 57,
            "pipe2": 59,
            "getdents64": 61,
            "lseek": 62,
            "read": 63,
            "write": 64,
            "readv": 65,
            "writev": 66,
            "pread64": 67,
            "pwrite64": 68,
            "pselect6": 72,
            "ppoll": 73,
            "readlinkat": 78,
            "newfstatat": 79,
            "fstat": 80,
            "exit": 93,
            "exit_group": 94,
            "set_tid_address": 96,
            "futex": 98,
            "set_robust_list": 99,
            "get_robust_list": 100,
            "nanosleep": 101,
            "clock_gettime": 113,
            "clock_getres": 114,
            "clock_nanosleep": 115,
            "sched_getaffinity": 123,
            "sched_yield": 124,
            "restart_syscall": 128,
            "tgkill": 131,
            "sigaltstack": 132,
            "rt_sigaction": 134,
            "rt_sigprocmask": 135,
            "rt_sigreturn": 139,
            "times": 153,
            "uname": 160,
            "getrlimit": 163,
            "getrusage": 165,
            "prctl": 167,
            "getcpu": 168,
            "gettimeofday": 169,
            "getpid": 172,
            "getppid": 173,
            "getuid": 174,
            "geteuid": 175,
            "getgid": 176,
            "getegid": 177,
            "gettid": 178,
            "sysinfo": 179,
            "brk": 214,
            "munmap": 215,
            "mremap": 216,
            "clone": 220,
            "mmap": 222,
            "mprotect": 226,
            "mincore": 232,
            "madvise": 233,
            "prlimit64": 261,
            "seccomp": 277,
            "getrandom": 278,
            "membarrier": 283,
            "statx": 291,
            "rseq": 293,
        },
    ),
}
"""By what the platform calls itself."""
