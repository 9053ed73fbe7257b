"""One point of a study: a design with every key set, and where on the axes it lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from learning.design.whole import Design


@dataclass(frozen=True, slots=True)
class Place:
    """Where a point lies.

    Attributes:
        key: The point's name in the store.
        design: The study's name of its design.
        coordinates: Its value on every axis, as a design file would hold it.
    """

    key: str
    design: str
    coordinates: Mapping[str, object]

    def told(self) -> str:
        """For people."""
        return ", ".join(
            (self.design, *(f"{key} = {value}" for key, value in self.coordinates.items()))
        )


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """What is evaluated.

    Attributes:
        place: Where it lies.
        design: Its design, resolved.
    """

    place: Place
    design: Design
