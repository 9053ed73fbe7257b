"""The kinds of value a key of a design file may hold.

Strict kinds, because a lenient reader turns ``true`` into 1.0 volts and "5" into five nodes. Text
that ends up in a deck is kept to characters that cannot start another statement there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from pydantic import AfterValidator, AllowInfNan, Field, PlainValidator, Strict
from pydantic_core import PydanticCustomError

from netlist.parts.architectures import ARCHITECTURES
from netlist.parts.slots import SLOTS

_LARGEST = 1e300
"""Also turns away nan, inf and whole numbers too long for a float."""


def _placement(value: object) -> tuple[str, ...] | int | str:
    if value == "task":
        return "task"
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    if isinstance(value, list | tuple):
        return _node_names(value)
    raise PydanticCustomError(
        "placement", 'should be a list of nodes, a number of nodes (1...) or "task"'
    )


def _node_names(value: object) -> tuple[str, ...]:
    if isinstance(value, list | tuple) and all(type(name) in (str, int) for name in value):
        return tuple(str(name) for name in value)
    raise PydanticCustomError("nodes", 'should be a list of nodes, such as ["0", "3-7"]')


def _identifier(value: str) -> str:
    # Ends up in a deck, where a blank or a line end would start something else.
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value):
        return value
    raise PydanticCustomError("identifier", "should be letters, digits and _")


def _one_line(value: str) -> str:
    # The name becomes the title line of a deck; a second line would be a statement.
    if value.strip() and value.isprintable():
        return value
    raise PydanticCustomError("one_line", "should be one line of text")


def _option(value: object) -> float | str | bool:
    if isinstance(value, bool) or (isinstance(value, str) and re.fullmatch(r"[\w.+-]+", value)):
        return value
    if isinstance(value, int | float) and abs(value) < _LARGEST:
        return float(value)
    raise PydanticCustomError("option", "should be a number, a word, or true or false")


Flag: TypeAlias = Annotated[bool, Strict()]
Whole: TypeAlias = Annotated[int, Strict()]
Count: TypeAlias = Annotated[int, Strict(), Field(ge=1)]
NotNegativeCount: TypeAlias = Annotated[int, Strict(), Field(ge=0)]
Real: TypeAlias = Annotated[float, Strict(), AllowInfNan(False)]
Positive: TypeAlias = Annotated[float, Strict(), AllowInfNan(False), Field(gt=0)]
Temperature: TypeAlias = Annotated[float, Strict(), AllowInfNan(False), Field(ge=-55, le=150)]
NotNegative: TypeAlias = Annotated[float, Strict(), AllowInfNan(False), Field(ge=0)]
Text: TypeAlias = Annotated[str, Field(min_length=1)]
Identifier: TypeAlias = Annotated[str, AfterValidator(_identifier)]
Placement: TypeAlias = Annotated[tuple[str, ...] | int | str, PlainValidator(_placement)]
NodeNames: TypeAlias = Annotated[tuple[str, ...], PlainValidator(_node_names)]
Option: TypeAlias = Annotated[float | str | bool, PlainValidator(_option)]
if TYPE_CHECKING:
    SlotName: TypeAlias = str
    ArchitectureName: TypeAlias = str
else:
    ArchitectureName = Literal[tuple(ARCHITECTURES)]
    SlotName = Literal[tuple(slot.name for slot in SLOTS)]
Line: TypeAlias = Annotated[str, AfterValidator(_one_line)]
