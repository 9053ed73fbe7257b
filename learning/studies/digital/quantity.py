"""A figure somebody assumes: with its unit, where it comes from and where it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pydantic import ConfigDict

from learning.design.kinds import Line, NotNegative


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """One assumption.

    Attributes:
        value: In its unit.
        unit: Of the value; checked.
        source: Where it comes from; "estimate" or "chosen" where nobody published it.
        valid: Where it holds, such as a node and a voltage.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    value: NotNegative
    unit: Line
    source: Line
    valid: Line
