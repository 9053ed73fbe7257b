"""A whole design: its sections, checked, and another like it with a key replaced."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from pydantic import ConfigDict

from learning.design.origin import Origin
from learning.design.sections import Sections
from learning.design.valid import made_absolute, set_key, validated
from learning.design.written import as_table, without_none


@dataclass(frozen=True, slots=True, kw_only=True)
class Design(Sections):
    """A whole design file, every key of it checked."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    def replace(self, key: str, value: object) -> Design:
        """The same design with another value of a key.

        Args:
            key: As ``--set`` takes it, such as "learning.power_weight".
            value: What a design file may hold there; None leaves the key out. A relative file name
                is taken from the current folder.

        Returns:
            The new design; this one is as it was.

        Raises:
            LearningError: When there is no such key, or the value or the design that it makes
                cannot be used.
        """
        table, label = as_table(self), f"replace({key!r})"
        path = set_key(type(self), table, key, value, label)
        made_absolute(table, Path.cwd())
        return validated(type(self), without_none(table), Origin("", "", {path: label}))
