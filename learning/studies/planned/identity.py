"""The name of a point: a hash of everything that makes its figures what they are.

The resolved design with every default, the bytes of the user's files it names, the text of the
deck, the chip, who plays it, and the versions of the simulator and of this program. The deck is
that of one chip for all chips and seeds of a design: which chip and which seed stand in the
design, and assembling ten thousand decks to name them would take minutes.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path

import msgspec

from learning.design.whole import Design
from learning.design.written import NamedFile, named_files, with_files
from learning.errors import LearningError, of_netlist
from learning.experiment.prepare import prepare
from learning.result.finish import versions
from netlist.errors import NetlistError
from netlist.reading import read_bytes
from netlist.text.emitter import emit
from spice_backend.setup.features import program_features

LENGTH = 20
"""Hexadecimal digits of a name: eighty bits, no two alike among any number of points."""


@cache
def tools() -> tuple[str, str]:
    """What points are played by here: the simulator and this program, with their versions.

    Raises:
        SpiceError: When there is no simulator.
    """
    return str(program_features()), versions()["joulearn"]


class Identity:
    """Names points; decks and files are looked at once for all points that share them."""

    def __init__(self) -> None:
        self._decks: dict[str, str] = {}
        self._files: dict[Path, str] = {}

    def key(self, design: Design) -> str:
        """The name of a point.

        Args:
            design: The point's, resolved.

        Returns:
            Hexadecimal digits.

        Raises:
            LearningError: When a file that it names cannot be read.
            SpiceError: When there is no simulator.
        """
        own = self._by_content(design)
        # How long a run may take is no property of what comes out of it.
        own = replace(own, simulator=replace(own.simulator, timeout_s=1.0))
        content = (_plain(own), self._deck(design, own), *tools())
        return sha256("\n".join(content).encode()).hexdigest()[:LENGTH]

    def _by_content(self, design: Design) -> Design:
        """The design, its files named by what is in them."""
        found = named_files(design)
        return with_files(design, {file.key: Path(self._digest(file)) for file in found})

    def _digest(self, file: NamedFile) -> str:
        if file.path not in self._files:
            try:
                content = read_bytes(file.path, file.kind)
            except NetlistError as error:
                raise of_netlist(error) from error
            self._files[file.path] = sha256(content).hexdigest()
        return self._files[file.path]

    def _deck(self, design: Design, own: Design) -> str:
        kin = _plain(replace(own, seed=0, variation=replace(own.variation, draw=0, seed=0)))
        if kin not in self._decks:
            self._decks[kin] = _deck_digest(design)
        return self._decks[kin]


def _plain(design: Design) -> str:
    return msgspec.json.encode(design, order="sorted").decode()


def _deck_digest(design: Design) -> str:
    """Of one chip's whole circuit; a design that cannot be built is named by its refusal."""
    try:
        text = emit(prepare(design).whole.circuit)
    except (LearningError, NetlistError) as error:
        text = str(error)
    return sha256(text.encode()).hexdigest()
