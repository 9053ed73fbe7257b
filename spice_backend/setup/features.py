"""What the ngspice at hand can do: asked, never assumed from its version.

ngspice says in ``version -f`` what was compiled into it; whether it loads OSDI models it shows by
knowing the command that does. Versions differ, and so do two builds of one version.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from spice_backend.errors import SpiceError
from spice_backend.setup.find_ngspice import HINT, environment, find_ngspice

QUESTIONS = ("version -f", "osdi")
"""The simulator's commands whose answers `read_features` reads."""

_VERSION = re.compile(r"\bngspice-((\d+)\S*)")
_SIGNS = {
    "klu": re.compile(r"compiled with KLU", re.IGNORECASE),
    "xspice": re.compile(r"XSPICE extensions included", re.IGNORECASE),
    "cider": re.compile(r"CIDER .*included", re.IGNORECASE),
    "osdi": re.compile(r"osdi: too few args", re.IGNORECASE),
    "openmp": re.compile(r"OpenMP .*enabled", re.IGNORECASE),
}
_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Features:
    """What an ngspice is and can do.

    Attributes:
        version: As it says, such as "39" or "46+".
        klu: The KLU solver, faster than Sparse for large circuits (``.options klu``).
        xspice: Code models (A devices).
        cider: Numerical devices.
        osdi: Compact models compiled from Verilog-A.
        openmp: BSIM devices on several threads.
    """

    version: str
    klu: bool = False
    xspice: bool = False
    cider: bool = False
    osdi: bool = False
    openmp: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The features it has, in the order of the class."""
        return tuple(name for name in _SIGNS if getattr(self, name))

    def __str__(self) -> str:
        return f"ngspice {self.version} ({', '.join(self.names) or 'nothing besides'})"


def read_features(lines: Iterable[str]) -> Features:
    """Read an ngspice's answers to `QUESTIONS`.

    Args:
        lines: What it said.

    Returns:
        What it is and can do.

    Raises:
        SpiceError: When no version is among the lines.
    """
    text = "\n".join(lines)
    version = _VERSION.search(text)
    if version is None:
        raise SpiceError("this ngspice does not say which version it is", hint=HINT)
    return Features(version[1], **{name: bool(sign.search(text)) for name, sign in _SIGNS.items()})


def program_features() -> Features:
    """Ask the plain ngspice program.

    Returns:
        What it is and can do.

    Raises:
        SpiceError: When there is none, or it does not answer.
    """
    program = find_ngspice()
    if program is None:
        raise SpiceError("no ngspice executable", hint=HINT)
    words = ["which ngspice is this", ".control", *QUESTIONS, "quit", ".endc", ".end"]
    with tempfile.TemporaryDirectory(prefix="joulearn-") as scratch:
        deck = Path(scratch) / "ask.cir"
        deck.write_text("\n".join(words) + "\n", encoding="utf-8")
        try:
            done = subprocess.run(
                [str(program), "-b", "-n", str(deck)],
                cwd=scratch,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_SECONDS,
                check=False,
                stdin=subprocess.DEVNULL,
                env=environment(),
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise SpiceError(f"ngspice does not answer: {error}", str(program), HINT) from error
    return read_features((done.stdout + done.stderr).splitlines())
