"""Tables as one file of arrays, with a text that says how they hang together; no code inside."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from learning.arrays import Floats


def pack(thing: object) -> bytes:
    """A table of tables as bytes.

    Args:
        thing: Dataclasses, tuples, mappings, numbers, texts, None and arrays, nested.

    Returns:
        The file's content.
    """
    arrays: list[Floats] = []
    tree = json.dumps(_taken_apart(thing, arrays))
    file = io.BytesIO()
    named = {f"a{index}": array for index, array in enumerate(arrays)}
    np.savez(file, allow_pickle=False, tree=np.array(tree), **named)
    return file.getvalue()


def unpack(content: bytes, kinds: tuple[type, ...]) -> Any:
    """The opposite of `pack`.

    Args:
        content: The file's content.
        kinds: Dataclasses that may be in it.

    Returns:
        What was packed.

    Raises:
        ValueError: When it is not such a file.
    """
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        return _put_together(
            json.loads(str(stored["tree"])), stored, {k.__name__: k for k in kinds}
        )


def _taken_apart(thing: Any, arrays: list[Floats]) -> Any:
    if isinstance(thing, np.ndarray):
        arrays.append(thing)
        return {"array": len(arrays) - 1}
    if is_dataclass(thing):
        parts = {f.name: _taken_apart(getattr(thing, f.name), arrays) for f in fields(thing)}
        return {"kind": type(thing).__name__, "parts": parts}
    if isinstance(thing, Mapping):
        return {"pairs": [[_taken_apart(part, arrays) for part in pair] for pair in thing.items()]}
    if isinstance(thing, tuple):
        return {"tuple": [_taken_apart(part, arrays) for part in thing]}
    return thing


def _put_together(tree: Any, stored: Any, kinds: Mapping[str, type]) -> Any:
    if not isinstance(tree, dict):
        return tree
    if "array" in tree:
        return stored[f"a{tree['array']}"]
    if "tuple" in tree:
        return tuple(_put_together(part, stored, kinds) for part in tree["tuple"])
    if "pairs" in tree:
        pairs = [
            (_put_together(key, stored, kinds), _put_together(value, stored, kinds))
            for key, value in tree["pairs"]
        ]
        return dict(pairs)
    parts = {k: _put_together(part, stored, kinds) for k, part in tree["parts"].items()}
    return kinds[tree["kind"]](**parts)
