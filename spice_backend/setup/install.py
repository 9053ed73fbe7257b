"""Set-up's last step: make sure ngspice is there, by the gentlest means that works.

``python -m spice_backend.setup.install`` looks for it, else installs Debian's packages (as root, or
with a sudo that asks nothing), else unpacks them into the project's own folder, else says exactly
what to install. Only the standard library is used, and nothing outside the project changes without
root.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from spice_backend.errors import SpiceError
from spice_backend.setup.features import program_features
from spice_backend.setup.find_ngspice import LOCAL, find_library, find_ngspice

PACKAGES = ("libngspice0", "ngspice")
"""Debian's and Ubuntu's packages: the shared library and the plain program."""


def main() -> int:
    """Find or install ngspice, and say which it is.

    Returns:
        Exit code: 0 when ngspice is there, 1 when it could not be had.
    """
    for step in (_look, _install, _unpack):
        step()
        if _there():
            sys.stdout.write(f"{_version()} at {find_library()}\n")
            return 0
    sys.stderr.write(
        "ngspice could not be found, installed or unpacked.\n"
        f"  try: sudo apt-get install {' '.join(PACKAGES)}\n"
        "  or:  set NGSPICE_LIBRARY_PATH to a libngspice.so of version 39 or newer\n"
    )
    return 1


def _there() -> bool:
    try:
        find_library()
    except SpiceError:
        return False
    return find_ngspice() is not None


def _look() -> None:
    """The first step only looks."""


def _install() -> None:
    prefix = () if os.geteuid() == 0 else ("sudo", "-n")
    if shutil.which("apt-get") is None or (prefix and shutil.which("sudo") is None):
        return
    sys.stdout.write(f"installing {' and '.join(PACKAGES)} ...\n")
    _ran((*prefix, "apt-get", "update", "-qq"))
    _ran((*prefix, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES))


def _unpack() -> None:
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        return
    sys.stdout.write(f"unpacking {' and '.join(PACKAGES)} into {LOCAL} ...\n")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for package in missing_packages():
            _ran(("apt-get", "download", package), folder)
        for archive in sorted(folder.glob("*.deb")):
            _ran(("dpkg-deb", "-x", str(archive), str(LOCAL)))


def missing_packages() -> tuple[str, ...]:
    """The packages and those they depend on that are not installed, by apt's own reckoning.

    Returns:
        Package names; the two themselves when apt cannot tell.
    """
    command = ("apt-get", "install", "--simulate", "--no-install-recommends", *PACKAGES)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return tuple(re.findall(r"^Inst (\S+)", done.stdout, re.MULTILINE)) or PACKAGES


def _ran(command: Sequence[str], folder: Path | None = None) -> bool:
    variables = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        command,
        cwd=folder,
        env=variables,
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return done.returncode == 0


def _version() -> str:
    if find_ngspice() is None:
        return "ngspice"
    try:
        return str(program_features())
    except SpiceError:
        return "ngspice of unknown version"


if __name__ == "__main__":
    sys.exit(main())
