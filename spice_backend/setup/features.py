"""What the ngspice at hand can do: asked, never assumed from its version.

ngspice says in ``version -f`` what was compiled into it; whether it loads OSDI models it shows by
knowing the command that does. Versions differ, and so do two builds of one version.
"""

from __future__ import annotations

import re
import signal
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from spice_backend.errors import SpiceError
from spice_backend.safety.folder import own_folder
from spice_backend.setup.find_ngspice import HINT
from spice_backend.setup.plain_ngspice import need_ngspice, run_plain

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
_ANSWER_BYTES = 1 << 20


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

    @classmethod
    def named(cls, version: str, names: Iterable[str]) -> Self | None:
        """From a version and the names of features.

        Args:
            version: As ngspice says; empty when the simulator is none.
            names: As in `names`; others are left out.

        Returns:
            The features; None without a version.
        """
        return cls(version, **dict.fromkeys(set(names) & _SIGNS.keys(), True)) if version else None

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
        SpiceError: When there is none, it does not answer, or something ended it before it had said
            everything: half an answer would lack features, and whatever is named by them would have
            another name.
    """
    program = need_ngspice()
    words = ["which ngspice is this", ".control", *QUESTIONS, "quit", ".endc", ".end"]
    with own_folder() as scratch, tempfile.TemporaryFile() as said:
        deck = scratch / "ask.cir"
        deck.write_text("\n".join(words) + "\n", encoding="utf-8")
        try:
            code = run_plain([str(deck)], scratch, output=said, timeout_s=_SECONDS)
        except OSError as error:
            raise SpiceError(f"ngspice does not answer: {error}", str(program), HINT) from error
        said.seek(0)
        lines = said.read(_ANSWER_BYTES).decode("utf-8", "replace").split("\n")
    if code is None:
        raise SpiceError(f"ngspice does not answer in {_SECONDS} s", str(program), HINT)
    if code < 0:
        name = signal.Signals(-code).name
        raise SpiceError(
            f"ngspice was ended by {name} while it was asked for its version",
            str(program),
            "repeat the command; where it happens again, see what ends processes here",
        )
    return read_features(lines)
