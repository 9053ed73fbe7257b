"""The sections of a study file as frozen data: designs, axes, specs and limits, each with its kind.

A study says which machines are built, over what they are varied, and what must hold of them. What
is one chip of many (a draw, a seed) and what is a condition a design must stand (a corner, a
temperature) are told apart, because a yield counts the one and must hold in every one of the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from learning.design.kinds import (
    Count,
    Flag,
    Identifier,
    Line,
    Positive,
    Real,
    SlotName,
    Text,
)

CHIPS = ("variation.draw", "variation.seed", "seed", "noise.seed", "damage.seed")
"""Axes along which a design is built again and again, unless the study says otherwise."""

CONDITIONS = (
    "corner",
    "temperature_C",
    "supply.rail_V",
    "variation.resistors",
    "variation.capacitors",
)
"""Axes along which a design must hold everywhere, unless the study says otherwise."""

_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignEntry:
    """One design of a study.

    Attributes:
        design: Name of a shipped design, or a file; a relative one is taken from the study's
            folder.
        set: Other values of its keys, each as "section.key" or in sections.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    design: Text
    set: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """What must hold of a figure.

    Attributes:
        figure: Which figure; `learning.studies.planned.figures` lists them.
        min: No less than this.
        typ: The median is at least as good as this; beside a min or a max.
        max: No more than this.
        unit: The figure's unit, to be checked; may be left out.
        holds_for: Of what: "every chip", "95 % of chips", "mean" or "median".
        designs: Which designs it is asked of; empty for all.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    figure: Text
    min: Real | None = None
    typ: Real | None = None
    max: Real | None = None
    unit: str | None = None
    holds_for: Text = "every chip"
    designs: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When a point is given up, and when a study stops before its end.

    Attributes:
        point_s: Wall time after which a point is ended, seconds.
        study_s: Wall time after which no further point is begun, seconds; None never.
        failures: Points without figures after which no further point is begun; None never.
        when_decided: Stop as soon as no missing point can change the verdict on any spec.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    point_s: Positive = 3600.0
    study_s: Positive | None = None
    failures: Count | None = None
    when_decided: Flag = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """The rungs a search climbs before it believes a choice.

    Attributes:
        bench: Slots whose cells must keep the bounds of their benches before a network is tried.
        chips: How many of an axis of chips a trial is judged on.
        fidelity: Who plays a trial; None plays it as the study says.
        finalists: How many of the best trials are then judged on the whole study.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    bench: tuple[SlotName, ...] = ()
    chips: Count = 1
    fidelity: Literal["spice", "accelerated"] | None = None
    finalists: Count = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A whole study file.

    Attributes:
        name: One line of text.
        description: Any text.
        designs: By a name of theirs.
        set: Other values of keys, for every design.
        axes: By key of the design, its values: a list, "1..300", {linear = [a, b], points = n} or
            {log = [a, b], points = n}.
        together: Axes that step together instead of with each other, as lists of keys.
        chips: Axes that are one chip of many; None takes those of `CHIPS`.
        conditions: Axes whose every value a spec must hold at; None takes those of `CONDITIONS`.
        specs: By a name of theirs.
        search: By key of the design, {low = a, high = b, log = true}: what `joulearn optimise` may
            choose. A study itself leaves these keys as the design has them.
        ladder: Cheaper rungs of that search; None judges every trial on the whole study.
        objectives: Figures whose means are to be made good; the first alone names the winner.
        rank_by: The figure that designs are ranked by; None takes the first spec's.
        confidence: Of all intervals.
        interval: How a yield's interval is made.
        fidelity: Who plays, in place of what the designs say.
        limits: When to stop.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    name: Line
    description: str = ""
    designs: Annotated[Mapping[Identifier, DesignEntry], Field(min_length=1)]
    set: Mapping[str, object] = field(default_factory=dict)
    axes: Mapping[str, object] = field(default_factory=dict)
    together: tuple[tuple[Text, ...], ...] = ()
    chips: tuple[Text, ...] | None = None
    conditions: tuple[Text, ...] | None = None
    specs: Mapping[Identifier, Spec] = field(default_factory=dict)
    search: Mapping[str, object] = field(default_factory=dict)
    ladder: Ladder | None = None
    objectives: tuple[Text, ...] = ()
    rank_by: Text | None = None
    confidence: Annotated[Real, Field(gt=0, lt=1)] = 0.95
    interval: Literal["clopper-pearson", "wilson"] = "clopper-pearson"
    fidelity: Literal["spice", "accelerated"] | None = None
    limits: Limits = Limits()
