"""A schedule cut into presentations that differ in their example alone, which one call plays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

import numpy as np

from learning.arrays import Floats
from learning.experiment.schedule import Presentation
from learning.tasks.examples import Examples
from learning.twin.constraint import Ints

_MOST = 16384
"""Presentations of an edge in one call: some fifty milliseconds, after which a plant that was told
to end looks up."""

Chunk = tuple[Presentation, ...]
"""Presentations that follow each other and differ in their example and their time alone."""


def chunks(presentations: Sequence[Presentation], n_edge: int, *, learnt: bool) -> Iterator[Chunk]:
    """Cut presentations into chunks.

    Args:
        presentations: In order.
        n_edge: How many edges the machine has.
        learnt: Whether the presentation before them learned.

    Yields:
        The chunks, in order.
    """
    before = [learnt, *(one.learning for one in presentations)]

    def kind(place: int) -> tuple[object, ...]:
        one = presentations[place]
        return one.learning, before[place], one.epoch, one.warm_up_s

    for _, group in groupby(range(len(presentations)), kind):
        places, most = list(group), max(1, _MOST // n_edge)
        cuts = [*range(places[0], places[-1] + 1, most), places[-1] + 1]
        yield from (tuple(presentations[a:b]) for a, b in pairwise(cuts))


def alone(presentation: Presentation) -> Presentation:
    """A presentation as if it were the only one: alike for all that differ in their example alone.

    Args:
        presentation: Any.

    Returns:
        It from time zero, its length to a femtosecond.
    """
    lasts_s = round(presentation.end_s - presentation.start_s, 15)
    learning, warm_up_s = presentation.learning, presentation.warm_up_s
    return Presentation(0, 0.0, lasts_s, 0, 0, learning, warm_up_s=warm_up_s)


def put_in(chunk: Chunk, examples: Examples) -> tuple[Floats, Ints]:
    """What is put into a machine, presentation by presentation.

    Args:
        chunk: Presentations.
        examples: Rows they refer to.

    Returns:
        Inputs and labels, (n, n_source + n_target), volts, and where what an example of that kind
        was last found to settle at is kept: rows of `found`, (n,).
    """
    shown = np.array([one.example for one in chunk])
    inputs_V, labels_V = examples.inputs, examples.labels
    vin = np.empty((len(chunk), inputs_V.shape[1] + labels_V.shape[1]))
    vin[:, : inputs_V.shape[1]], vin[:, inputs_V.shape[1] :] = inputs_V[shown], labels_V[shown]
    return vin, 2 * shown + int(chunk[0].learning)


def found(examples: Examples, *shape: int) -> Floats:
    """Room for where nodes were when an example was last shown.

    Args:
        examples: All that are shown.
        *shape: Of what is kept of a presentation.

    Returns:
        (2 n_example, ...): of an example a row for queries, and one for presentations that learn;
        no numbers before it was shown.
    """
    return np.full((2 * len(examples.inputs), *shape), np.nan)
