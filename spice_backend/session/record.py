"""A whole run as labelled arrays: everything a deck saves, in memory, with names and units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from spice_backend.protocol.probe_names import probe_of
from spice_backend.protocol.samples import Samples, Vectors
from spice_backend.session.outcome import Outcome
from spice_backend.session.session import Session
from spice_backend.waveforms.waveform import label

if TYPE_CHECKING:
    import xarray as xr


@dataclass(slots=True)
class _Recorder:
    vectors: list[Vectors] = field(default_factory=list)
    blocks: list[list[Samples]] = field(default_factory=list)

    def begin(self, vectors: Vectors) -> None:
        self.vectors.append(vectors)
        self.blocks.append([])

    def consume(self, samples: Samples) -> bool:
        # A block is a view of a message; a copy would double the memory for nothing.
        self.blocks[-1].append(samples)
        return True


def record(session: Session, deck: str, *, trust: bool = False) -> tuple[Outcome, list[xr.Dataset]]:
    """Run a deck and keep everything it saves.

    Args:
        session: A simulator.
        deck: The deck.
        trust: Run it even if it contains commands.

    Returns:
        How it ended, and one dataset per analysis: ``values`` (step, signal) in the unit of the
        coordinate ``unit``, complex where the analysis is; coordinates ``signal`` and ``scale``.
    """
    recorder = _Recorder()
    outcome = session.run(deck, None, recorder.consume, begin=recorder.begin, trust=trust)
    pairs = zip(recorder.vectors, recorder.blocks, strict=True)
    return outcome, [_dataset(vectors, blocks) for vectors, blocks in pairs if blocks]


def _dataset(vectors: Vectors, blocks: Sequence[Samples]) -> xr.Dataset:
    names = [probe_of(name, unit) for name, unit in zip(vectors.names, vectors.units, strict=True)]
    scale = np.concatenate([block.scale for block in blocks])
    values = np.concatenate([block.values for block in blocks])
    return label(names, vectors.units, scale, values)
