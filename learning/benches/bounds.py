"""What a network tolerates of its cells: bounds with the law each follows from, and the verdict.

A bound holds for the worst condition that was measured. Laws are those of coupled learning; numbers
come from the runs and twins that the text of a bound names. They are those of a machine that shall
end below 1.5e-4 V2; who builds another gives bounds of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from learning.benches.measured import Condition, Measured
from learning.benches.scene import Scene
from learning.errors import LearningError
from netlist.naming import suggestion


@dataclass(frozen=True, slots=True)
class Bound:
    """How large, or how small, a figure may be.

    Attributes:
        figure: Its name.
        limit: In the figure's unit.
        at_most: Whether the figure's size must stay below it; else the figure must reach it.
        law: Why.
    """

    figure: str
    limit: float
    at_most: bool
    law: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A bound held against all conditions.

    Attributes:
        bound: Which.
        value: Of the worst condition, in the figure's unit.
        condition: The worst.
        passed: Whether it keeps the bound.
    """

    bound: Bound
    value: float
    condition: Condition
    passed: bool


def bounds(slot: str, scene: Scene) -> tuple[Bound, ...]:
    """What the network tolerates of a slot's cells.

    Args:
        slot: The slot.
        scene: Voltages of its network.

    Returns:
        The bounds, in the order of tables.
    """
    return tuple(_SLOTS[slot](scene))


def _update(scene: Scene) -> Iterator[Bound]:
    scale = (scene.drop_V / 0.1) ** 2
    yield Bound(
        "offset_V2", 3.75e-4 * scale, True,
        "learning rests where free^2 - clamped^2 = offset/gain: the twin ends at 1.2e-4 V2 with "
        "3.75e-4, at 3.9e-4 with 1e-3",
    )  # fmt: skip
    yield Bound(
        "lambda_equivalent", 0.01, True,
        "a gain that differs between the states is a power weight: 0.01 ends at 1.9e-4 V2 "
        "(docs/power.md)",
    )  # fmt: skip
    yield Bound(
        "evenness", 0.2, True,
        "the rule squares the drop: 0.2 is a bump whose lowest point is 5 % of the drop off 0 V",
    )  # fmt: skip
    yield Bound("linear_range_V", scene.drop_V, False, "most drops of shipped designs are smaller")
    yield Bound("droop_s", 0.01, False, "ten epochs of a millisecond lose 1 % of a weight at most")


def _clamp(scene: Scene) -> Iterator[Bound]:
    scale = scene.drop_V / 0.1
    yield Bound(
        "error_V", 0.01 * scale, True,
        "learning stops where the nudge is nothing, offset/eta from the label: 10 mV are 1e-4 V2",
    )  # fmt: skip
    yield Bound("reach_low_V", 0.017 * scale, True, "labels of shipped designs begin at 17 mV")
    yield Bound("reach_high_V", 0.113 * scale, False, "and end at 113 mV")


def _driver(scene: Scene) -> Iterator[Bound]:
    scale = scene.drop_V / 0.1
    yield Bound(
        "offset_worst_V", 0.015 * scale, True,
        "it is in both states and teaches nothing, but moves the inputs",
    )  # fmt: skip
    yield Bound("gain", 0.97, False, "a slope below 1 makes inputs weaker, labels stay")
    yield Bound("output_ohm", 2e4, True, "a seventh of an edge of 7 uS; it is one more edge")


def _edge(_: Scene) -> Iterator[Bound]:
    yield Bound("monotonic", 1.0, False, "the rule must know which way a gate moves an edge")
    yield Bound("ratio", 10.0, False, "weights that differ little can answer little")
    yield Bound("twins", 0.02, True, "a clamped network that differs is nudged without a label")


def _bias(_: Scene) -> Iterator[Bound]:
    yield Bound("back_s", 1.2e-5, True, "memories open 12 us after a phase has moved")
    yield Bound("start_s", 4e-5, True, "shipped designs warm up for 40 us")


def _sequencer(_: Scene) -> Iterator[Bound]:
    yield Bound("power_W", 5e-7, True, "a twentieth of a machine of 11 uW")
    yield Bound("edge_s", 1e-6, True, "a tenth of the shortest window")


_SLOTS = {
    "update": _update,
    "clamp": _clamp,
    "driver": _driver,
    "edge": _edge,
    "bias": _bias,
    "sequencer": _sequencer,
}


def with_given(
    known: Sequence[Bound], given: Mapping[str, float], figures: Sequence[str]
) -> tuple[Bound, ...]:
    """Bounds with a user's own in place of, or beside, the known ones.

    Args:
        known: From `bounds`.
        given: By figure, limits; a figure without a bound must stay below its limit.
        figures: Every figure that was measured.

    Returns:
        The bounds.

    Raises:
        LearningError: When no such figure was measured.
    """
    for name in given:
        if name not in figures:
            raise LearningError(
                f"no figure {name!r} was measured, so that nothing can bound it",
                "--bound",
                suggestion(name, figures, f"figures: {', '.join(figures)}"),
            )
    names = {bound.figure for bound in known}
    own = "given"
    changed = (
        replace(bound, limit=given[bound.figure], law=own) if bound.figure in given else bound
        for bound in known
    )
    new = (Bound(name, limit, True, own) for name, limit in given.items() if name not in names)
    return (*changed, *new)


def judge(found: Sequence[Measured], limits: Sequence[Bound]) -> tuple[Verdict, ...]:
    """Hold bounds against everything that was measured.

    Args:
        found: What was measured, one condition each.
        limits: The bounds.

    Returns:
        A verdict for each bound whose figure was measured.
    """
    verdicts = []
    for bound in limits:
        values = [(one.value(bound.figure), one.condition) for one in found]
        known = [(value, condition) for value, condition in values if value is not None]
        if known:
            verdicts.append(_verdict(bound, known))
    return tuple(verdicts)


def _verdict(bound: Bound, known: Sequence[tuple[float, Condition]]) -> Verdict:
    """The worst; what is not a number is worse than anything."""

    def badness(pair: tuple[float, Condition]) -> float:
        value = pair[0]
        if value != value:  # noqa: PLR0124 - not a number
            return float("inf")
        return abs(value) if bound.at_most else -value

    value, condition = max(known, key=badness)
    passed = abs(value) <= bound.limit if bound.at_most else value >= bound.limit
    return Verdict(bound, value, condition, bool(passed))
