"""Whether a design is the one that a run was begun with."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from learning.design.read import read_design
from learning.design.whole import Design
from learning.errors import LearningError


def require_same(begun: str, now: str, designs: Collection[Design], file: Path) -> None:
    """Refuse to go on with another design.

    A run of an earlier version has no word on keys that came later, for which it did what is now
    their default, and one that carried no files along knows the design by its absolute paths.

    Args:
        begun: The design that the run was begun with, as text.
        now: The design as the run's folder would have it, as text.
        designs: What that text may mean.
        file: Where the text stands.

    Raises:
        LearningError: When it is none of them.
    """
    try:
        if read_design(begun, file) in designs:
            return
    except LearningError:
        pass  # keys that there no longer are
    old, new = begun.splitlines(), now.splitlines()
    changed = next((line for line in new if line not in old), "a key was removed")
    raise LearningError(
        f"the run there was made from another design: {changed}",
        where=str(file.parent),
        hint=f"learn {file} --resume, with the design of that run",
    )
