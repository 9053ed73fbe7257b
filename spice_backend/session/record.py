"""A whole run as labelled arrays: everything a deck saves, in memory, with names and units."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from spice_backend.protocol.probe_names import probe_of
from spice_backend.protocol.samples import Samples, Vectors
from spice_backend.session.outcome import Outcome, Status
from spice_backend.session.session import Session
from spice_backend.waveforms.waveform import label

if TYPE_CHECKING:
    import xarray as xr


_LESS = "save less (.save v(out)), longer steps; or --trust, which keeps the raw file alone"


@dataclass(slots=True)
class _Recorder:
    most_bytes: float = math.inf
    vectors: list[Vectors] = field(default_factory=list)
    blocks: list[list[Samples]] = field(default_factory=list)
    size_bytes: int = 0

    @property
    def full(self) -> bool:
        """Whether there is more than is to be kept."""
        return self.size_bytes > self.most_bytes

    def begin(self, vectors: Vectors) -> None:
        self.vectors.append(vectors)
        self.blocks.append([])

    def consume(self, samples: Samples) -> bool:
        # A block is a view of a message; a copy would double the memory for nothing.
        self.blocks[-1].append(samples)
        self.size_bytes += samples.scale.nbytes + samples.values.nbytes
        return not self.full


def record(
    session: Session, deck: str, *, trust: bool = False, most_bytes: float = math.inf
) -> tuple[Outcome, list[xr.Dataset]]:
    """Run a deck and keep everything it saves.

    Args:
        session: A simulator.
        deck: The deck.
        trust: Run it even if it contains commands.
        most_bytes: A run that saves more than this is halted, and failed.

    Returns:
        How it ended, and one dataset per analysis: ``values`` (step, signal) in the unit of the
        coordinate ``unit``, complex where the analysis is; coordinates ``signal`` and ``scale``.
        None of them when the run saved too much.
    """
    recorder = _Recorder(most_bytes)
    outcome = session.run(deck, None, recorder.consume, begin=recorder.begin, trust=trust)
    if recorder.full:
        message = f"it saves more than {most_bytes / 2**30:g} GB by {outcome.scale:g}"
        return replace(outcome, status=Status.FAILED, message=message, hint=_LESS), []
    pairs = zip(recorder.vectors, recorder.blocks, strict=True)
    return outcome, [_dataset(vectors, blocks) for vectors, blocks in pairs if blocks]


def _dataset(vectors: Vectors, blocks: Sequence[Samples]) -> xr.Dataset:
    names = [probe_of(name, unit) for name, unit in zip(vectors.names, vectors.units, strict=True)]
    scale = np.concatenate([block.scale for block in blocks])
    values = np.concatenate([block.values for block in blocks])
    return label(names, vectors.units, scale, values)
