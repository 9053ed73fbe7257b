"""Keys that were set and that nothing would read: a network file beside another topology.

Some keys belong to one choice of another key. Set on purpose beside another choice they would be
left unread, and what runs would not be what was asked for; so an override of one is refused. What a
design file holds of choices that it does not make, or that an override replaced, stays unread.
"""

from __future__ import annotations

from collections.abc import Iterable

from learning.design.origin import KeyPath, Origin
from learning.design.sections import Sections
from learning.errors import LearningError

_READ_FOR: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("network", "topology", ("square",), ("rows", "columns", "periodic")),
    ("network", "topology", ("regular",), ("nodes", "degree")),
    ("network", "topology", ("layered",), ("layers",)),
    ("network", "topology", ("file",), ("file",)),
    ("task", "kind", ("regression",), ("examples", "noise_V")),
    ("task", "kind", ("regression", "allostery"), ("coefficients",)),
    ("task", "kind", ("iris", "digits", "csv", "xor"), ("class_labels_V",)),
    ("task", "kind", ("iris", "digits", "csv"), ("test_fraction",)),
    ("task", "kind", ("csv",), ("csv", "separator", "decimal", "header", "labels")),
    ("task", "kind", ("csv",), ("input_columns", "label_columns")),
    ("initial", "kind", ("given",), ("gates_V",)),
    ("initial", "kind", ("random", "pretrained"), ("spread_V",)),
)
"""Section, the key that chooses, the choices that read, and what they read."""


def refuse_unread(design: Sections, origin: Origin) -> None:
    """Refuse an override of a key that the design's choices leave unread.

    Args:
        design: The design.
        origin: Where its keys were written.

    Raises:
        LearningError: Naming the override and the choice that would read the key.
    """
    for section, chooser, choices, keys in _READ_FOR:
        chosen = getattr(getattr(design, section), chooser)
        if chosen in choices:
            continue
        for key in keys:
            path = (section, key)
            if not _set(origin.options, path) or _is_default(design, section, key):
                continue
            wanted = " or ".join(f'"{choice}"' for choice in choices)
            raise LearningError(
                f'{section}.{key} is read for {chooser} {wanted} only, and this is "{chosen}"',
                where=origin.where(path),
                hint=f"set {section}.{chooser} as well, or leave {key} out",
            )


def _set(options: Iterable[KeyPath], path: KeyPath) -> bool:
    return any(path[: len(option)] == option for option in options)


def _is_default(design: Sections, section: str, key: str) -> bool:
    part = getattr(design, section)
    default = type(part).__dataclass_fields__[key].default
    return bool(getattr(part, key) == default)
