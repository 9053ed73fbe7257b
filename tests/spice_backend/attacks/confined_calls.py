"""Run in a process of its own: tries what a taken-over simulator would, and says what worked.

``python confined_calls.py bare|confined MARK``; the harmless half alone without bars. Numbers are
those of x86-64.
"""

import ctypes
import json
import os
import platform
import sys

LIBC = ctypes.CDLL(None, use_errno=True)
PARENT = os.getppid()
HARMLESS = {
    "read a file outside": lambda: os.open("/etc/passwd", os.O_RDONLY),
    "list a folder outside": lambda: os.listdir("/"),
    "write a new file": lambda: os.open("new", os.O_CREAT | os.O_WRONLY),
    "write a new file by another call": lambda: os.open(
        "./new2", os.O_CREAT | os.O_RDWR | os.O_EXCL
    ),
    "write outside": lambda: os.open(sys.argv[2], os.O_CREAT | os.O_WRONLY),
    "make a folder": lambda: os.mkdir("folder"),
    "make a pipe with a name": lambda: os.mkfifo("pipe"),
    "make a link": lambda: os.symlink("/etc", "link"),
    "make a hard link": lambda: os.link("there", "hard"),
    "rename": lambda: os.rename("there", "where"),
    "remove": lambda: os.unlink("there2"),
    "cut short by name": lambda: os.truncate("there3", 0),
    "change permissions": lambda: os.chmod("there3", 0o777),
    "change permissions by another call": lambda: call(268, -100, b"there3", 0o777),
    "change times": lambda: os.utime("there3", (1, 1)),
    "change times by another call": lambda: call(235, b"there3", None),
    "lower its priority": lambda: os.nice(1),
    "lower its priority by another call": lambda: call(141, 0, 0, 19),
    "limit itself": lambda: call(302, 0, 7, ctypes.byref((ctypes.c_ulong * 2)(999, 999)), None),
    "limit itself by another call": lambda: call(
        160, 7, ctypes.byref((ctypes.c_ulong * 2)(998, 998))
    ),
    "look for its parent": lambda: os.kill(PARENT, 0),
    "look for its parent by another call": lambda: call(234, PARENT, PARENT, 0),
    "look for its parent by a thread": lambda: call(200, PARENT, 0),
    "own a descriptor for signals": lambda: call(72, PIPE[0], 8, os.getpid()),
    "own a descriptor by another call": lambda: call(72, PIPE[0], 10, 12),
    "signals when ready": lambda: call(72, PIPE[0], 4, 0o20000),
    "signals when ready by another call": lambda: call(
        16, PIPE[0], 0x5452, ctypes.byref(ctypes.c_int(1))
    ),
    "a larger pipe": lambda: call(72, PIPE[0], 1031, 1 << 17),
    "a socket": lambda: call(41, 2, 1, 0),
    "a socket on this machine": lambda: call(41, 1, 1, 0),
    "a pair of sockets": lambda: call(53, 1, 1, 0, ctypes.byref((ctypes.c_int * 2)())),
    "memory as a file": lambda: call(319, b"x", 0),
    "a child": lambda: child(57),
    "a child by another call": lambda: child(56, 17, 0, 0, 0, 0),
    "a child by a third": lambda: child(
        435, ctypes.byref((ctypes.c_uint64 * 11)(0, 0, 0, 0, 17)), 88
    ),
    "a key": lambda: call(248, b"user", b"joulearn-test", b"x", 1, -2),
    "a key by another call": lambda: call(250, 0, -2, 0),
    "shared memory": lambda: call(29, 0, 4096, 0o600),
    "a queue of messages": lambda: call(68, 0, 0o600),
    "semaphores": lambda: call(64, 0, 1, 0o600),
    "a timer": lambda: call(222, 1, None, ctypes.byref(ctypes.c_int())),
    "a watch on files": lambda: call(253),
    "a watch on files by another call": lambda: call(294, 0),
    "an event": lambda: call(290, 0, 0),
    "another personality": lambda: call(135, 0xFFFFFFFF),
    "not to be dumped": lambda: call(157, 4, 0, 0, 0, 0),
    "a signal at its parent's death": lambda: call(157, 1, 0, 0, 0, 0),
    "a tree of rules": lambda: call(444, None, 0, 1),
    "everything locked in memory": lambda: call(151, 0),
    "the scheduler": lambda: call(203, 0, 128, ctypes.byref((ctypes.c_ubyte * 128)(*[255] * 128))),
    "the folder above": lambda: os.chdir("/"),
    "an open file of its parent": lambda: os.open(f"/proc/{PARENT}/environ", os.O_RDONLY),
    "its own memory as a file": lambda: os.open("/proc/self/mem", os.O_RDWR),
    "its own program": lambda: os.open("/proc/self/exe", os.O_RDONLY),
    "an asynchronous ring": lambda: call(425, 4, ctypes.byref((ctypes.c_ubyte * 120)())),
    "a handle on its parent": lambda: call(434, PARENT, 0),
}
HARMFUL = {
    "another program": lambda: os.execv("/bin/true", ["true"]),
    "another program by another call": lambda: call(322, -100, b"/bin/true", None, None, 0),
    "trace its parent": lambda: call(101, 16, PARENT, 0, 0),
    "read its parent's memory": lambda: call(310, PARENT, None, 0, None, 0, 0),
    "write its parent's memory": lambda: call(311, PARENT, None, 0, None, 0, 0),
    "another root": lambda: os.chroot("."),
    "another name for the machine": lambda: call(170, b"joulearn", 8),
    "another domain": lambda: call(171, b"joulearn", 8),
    "mount": lambda: call(165, b"none", b".", b"tmpfs", 0, None),
    "unmount": lambda: call(166, b"/nowhere", 0),
    "namespaces": lambda: call(272, 0x10000000),
    "programs in the kernel": lambda: call(321, 0, None, 0),
    "performance events": lambda: call(298, None, 0, -1, -1, 0),
    "another user": lambda: os.setuid(12345),
    "another user by another call": lambda: call(117, 12345, 12345, 12345),
    "another group": lambda: os.setgid(12345),
    "the clock": lambda: call(227, 0, ctypes.byref((ctypes.c_long * 2)(0, 0))),
    "the clock by another call": lambda: call(164, None, None),
    "a module of the kernel": lambda: call(313, -1, b"", 0),
    "another kernel": lambda: call(246, 0, 0, None, 0),
    "ports": lambda: call(173, 0, 1, 1),
    "swap": lambda: call(167, b"/nowhere", 0),
    "accounting": lambda: call(163, b"/nowhere"),
    "the kernel's log": lambda: call(103, 10, None, 0),
    "extended attributes": lambda: call(188, b"there3", b"user.x", b"1", 1, 0),
    "extended attributes by another call": lambda: call(190, PIPE[0], b"user.x", b"1", 1, 0),
    "no attributes": lambda: call(197, b"there3", b"user.x"),
    "a device": lambda: call(133, b"device", 0o20600, 0x103),
    "a second filter": lambda: call(317, 1, 0, None),
    "faults of its own": lambda: call(323, 0),
    "capabilities": lambda: call(126, None, None),
    "files by their handles": lambda: call(304, -1, None, 0),
    "its parent's limits": lambda: call(302, PARENT, 7, None, ctypes.byref((ctypes.c_ulong * 2)())),
    "an old system call table": lambda: call(0x40000000 | 39),
    "more than a file may hold": lambda: (
        os.write(REPORT, b"x" * (1 << 20)) + os.write(REPORT, b"x")
    ),
}


def call(number, *arguments):
    result = LIBC.syscall(number, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), "denied")
    return result


def child(number, *arguments):
    made = call(number, *arguments)
    if made == 0:
        os._exit(0)
    os.waitpid(made, 0)


PIPE = os.pipe()
REPORT = -1


def worked(ways):
    done = []
    for name, way in ways.items():
        try:
            way()
        except (OSError, PermissionError):
            continue
        done.append(name)
    return done


if __name__ == "__main__":
    for there in ("there", "there2", "there3"):
        with open(there, "w") as stream:
            stream.write("here")
    if sys.argv[1] == "confined":
        sys.path.insert(0, sys.argv[3])
        from spice_backend.safety.confinement import REPORTS, Limits, confine

        bars = confine(Limits())
        REPORT = os.open(REPORTS[0], os.O_WRONLY | os.O_TRUNC)
        os.write(REPORT, b"a report")
        ways = {**HARMLESS, **HARMFUL} if platform.machine() == "x86_64" else HARMLESS
        sys.stdout.write(json.dumps([bars, len(ways), worked(ways)]))
    else:
        sys.stdout.write(json.dumps([[], len(HARMLESS), worked(HARMLESS)]))
    sys.stdout.flush()
    os._exit(0)
