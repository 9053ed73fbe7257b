"""How long a study will take: from the points that are there, else roughly, from rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from learning.experiment.prepare import prepare
from learning.running.run_time import rough_s, slowness
from learning.studies.kept.record import Record
from learning.studies.planned.point import Point


@dataclass(frozen=True, slots=True)
class Estimate:
    """How long points will take.

    Attributes:
        seconds: Wall time of all of them, by as many workers as there are.
        rough: Whether it is from rates and not from points of this study.
    """

    seconds: float
    rough: bool


def estimate(points: Sequence[Point], records: Mapping[str, Record], workers: int) -> Estimate:
    """Estimate how long points will take.

    Args:
        points: Those to be evaluated.
        records: Of the points that are there.
        workers: Points at a time.

    Returns:
        The estimate.
    """
    took_s: dict[tuple[str, str], list[float]] = {}
    for record in records.values():
        if record.done:
            took_s.setdefault(("", record.plant), []).append(record.wall_s)
    seconds, rough, slow = 0.0, False, slowness()
    by_design: dict[tuple[str, str], float] = {}
    for point in points:
        plant = point.design.simulator.fidelity
        known = took_s.get(("", plant))
        if known:
            seconds += median(known)
            continue
        rough = True
        kind = (point.place.design, plant)
        if kind not in by_design:
            by_design[kind] = rough_s(prepare(point.design)) * slow
        seconds += by_design[kind]
    return Estimate(seconds / min(workers, max(len(points), 1)), rough)
