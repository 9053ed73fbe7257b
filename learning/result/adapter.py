"""The one way between a `Result` and the text of ``result.json``."""

from __future__ import annotations

import json
from functools import cache

from pydantic import TypeAdapter

from learning.result.result import Result


def dump_result(result: Result) -> str:
    """Write a result as JSON.

    Args:
        result: The result.

    Returns:
        The text of ``result.json``, ending in a line break.
    """
    return json.dumps(plain(result), indent=1, ensure_ascii=False) + "\n"


def result_of(value: object) -> Result:
    """Read a result from what its JSON holds.

    Args:
        value: Lists, numbers and words. Keys that a `Result` does not have are left aside.

    Returns:
        The result.

    Raises:
        ValueError: When it is not that of a result (pydantic's ``ValidationError``, which is one).
    """
    return _adapter().validate_python(value)


def plain(result: Result) -> object:
    """A result as lists, numbers and words, for whoever writes JSON.

    Args:
        result: The result.

    Returns:
        What ``result.json`` holds.
    """
    return _adapter().dump_python(result)


@cache
def _adapter() -> TypeAdapter[Result]:
    return TypeAdapter(Result)
