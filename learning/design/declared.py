"""Costs that stay outside the deck, declared instead of simulated: each with its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pydantic import ConfigDict

from learning.design.kinds import Line, NotNegative


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredSpec:
    """What something costs that is not in the deck; it is never added to what was simulated.

    Attributes:
        source: Where the figure comes from, and what it assumes.
        power_W: What it takes as long as the machine runs, watts.
        energy_per_presentation_J: What it takes for each presentation while learning, joules.
        energy_per_query_J: What it takes for each presentation with learning off, joules.
        share: What it takes of everything else, simulated and declared, as a regulator does.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    source: Line
    power_W: NotNegative = 0.0
    energy_per_presentation_J: NotNegative = 0.0
    energy_per_query_J: NotNegative = 0.0
    share: NotNegative = 0.0
