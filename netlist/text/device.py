"""What the words of a device line mean: which are nodes, which is the value, which the model.

That depends on the letter alone, so it is a table here and a new device is a row. Devices with a
varying number of nodes end them before the model, and the model is told by its place: the last
word before areas and flags.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from lark import Token

from netlist.circuit import (
    Coupling,
    Instance,
    Parameter,
    Primitive,
    Statement,
)
from netlist.text.line import LogicalLine
from netlist.text.shape import Shape, word_value
from netlist.text.usage import usage

Word = TypeVar("Word", bound=str)

_NUMERIC = re.compile(r"[+-]?\.?[0-9]|[{']")
_AREA = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?|[{'].*", re.IGNORECASE)
_FLAGS = frozenset(("off", "on", "thermal", "tnodeout", "debug"))


@dataclass(frozen=True, slots=True)
class Form:
    """How the words of a device line are read.

    After the nodes come the `required` words, in order; then `optional` ones, told apart by their
    look: a number or an expression is the value, any other word the model.

    Attributes:
        nodes: How many nodes there are; at least so many when `more` may follow.
        required: Words that must come next: control, model, value.
        optional: Words that may come after these.
        more: Most nodes there can be.
    """

    nodes: int
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    more: int = 0


_MANY = 1000

FORMS = {
    "r": Form(2, (), ("value", "model")),
    "c": Form(2, (), ("value", "model")),
    "l": Form(2, (), ("value", "model")),
    "d": Form(2, ("model",), ("value",), more=3),
    "q": Form(3, ("model",), ("value",), more=5),
    "m": Form(3, ("model",), (), more=9),
    "j": Form(3, ("model",), ("value",)),
    "z": Form(3, ("model",), ("value",)),
    "s": Form(4, ("model",)),
    "w": Form(2, ("control", "model")),
    "t": Form(4),
    "o": Form(4, ("model",)),
    "u": Form(3, ("model",)),
    "y": Form(4, ("model",)),
    "p": Form(2, ("model",), (), more=_MANY),
    "n": Form(1, ("model",), (), more=_MANY),
    "e": Form(4, ("value",)),
    "g": Form(4, ("value",)),
    "f": Form(2, ("control", "value")),
    "h": Form(2, ("control", "value")),
}
"""Every `Primitive` by its letter."""


def primitive(line: LogicalLine, name: str, shape: Shape) -> Statement | None:
    """Read a device of the table.

    Args:
        line: Its line.
        name: Its name.
        shape: The rest of the line.

    Returns:
        The device; None when its words are in no order we know.

    Raises:
        NetlistError: When words are missing, or a number is none.
    """
    if shape.strange:
        return None
    form = FORMS[name[0].lower()]
    found = arrange(form, shape.words)
    _check_words(line, name, form, found, shape)
    if any(word[0] in "{'\"" for word in (found.model, found.control) if word):
        return None
    return Primitive(
        name,
        tuple(map(str, found.nodes)),
        value=None if found.value is None else word_value(line, found.value, name),
        model=None if found.model is None else str(found.model),
        control=None if found.control is None else str(found.control),
        parameters=(*(Parameter(str(word)) for word in found.flags), *shape.parameters),
        span=line.span,
    )


@dataclass(frozen=True, slots=True)
class Arrangement(Generic[Word]):
    """The words of a device line by meaning; `flags` are those beyond what the device takes."""

    nodes: Sequence[Word]
    control: Word | None
    value: Word | None
    model: Word | None
    flags: Sequence[Word]


def arrange(form: Form, words: Sequence[Word]) -> Arrangement[Word]:
    """Tell nodes, control, value, model and flags of a device apart.

    Args:
        form: How the device is written.
        words: Its words after the name, parameters not among them.

    Returns:
        The words by meaning; what is missing is None.
    """
    words, flags = _split_flags(words, form)
    count = _node_count(words, form)
    slots, rest = _slots(form, words[count:])
    return Arrangement(
        words[:count],
        slots.get("control"),
        slots.get("value"),
        slots.get("model"),
        (*rest, *flags),
    )


def _split_flags(words: Sequence[Word], form: Form) -> tuple[Sequence[Word], Sequence[Word]]:
    """Take ``off`` and the like from the end, but never a word that must be there."""
    fewest = form.nodes + max(1, len(form.required))
    end = len(words)
    while end > fewest and words[end - 1].lower() in _FLAGS:
        end -= 1
    return words[:end], words[end:]


def _node_count(words: Sequence[Word], form: Form) -> int:
    """With a varying number, nodes end before the last word that is no area."""
    if not form.more:
        return form.nodes
    last = len(words) - 1
    if "value" in form.optional:
        while last > form.nodes and _AREA.fullmatch(words[last]):
            last -= 1
    return min(max(last, form.nodes), form.more)


def _check_words(
    line: LogicalLine, name: str, form: Form, found: Arrangement[Token], shape: Shape
) -> None:
    hint = f"its form is: {usage(name)}"
    for word in found.nodes:
        if word[0] in "{'\"":
            raise line.error(f"{name} has {word} for a node", word.start_pos or 0, hint)
    end = len(line.text)
    if len(found.nodes) < form.nodes:
        raise line.error(f"{name} has {len(found.nodes)} of {form.nodes} nodes", end, hint)
    slots = {"control": found.control, "value": found.value, "model": found.model}
    missing = [slot for slot in form.required if slots[slot] is None]
    if missing and not (missing == ["value"] and shape.parameters):
        raise line.error(f"{name} has no {missing[0]}", end, hint)


def _slots(form: Form, words: Sequence[Word]) -> tuple[dict[str, Word], Sequence[Word]]:
    """Words after the nodes by meaning, and those beyond what this device takes."""
    slots = dict(zip(form.required, words, strict=False))
    rest = words[len(form.required) :]
    for index, word in enumerate(rest):
        slot = "value" if _NUMERIC.match(word) else "model"
        if slot not in form.optional or slot in slots:
            return slots, rest[index:]
        slots[slot] = word
    return slots, ()


def coupling(line: LogicalLine, name: str, shape: Shape) -> Statement | None:
    """Read a ``K`` line.

    Args:
        line: Its line.
        name: Its name.
        shape: The rest of the line.

    Returns:
        The coupling; None when it is of another form.

    Raises:
        NetlistError: When it couples nothing, or its coefficient is no number.
    """
    if shape.strange or shape.parameters:
        return None
    if len(shape.words) < 3:  # noqa: PLR2004 - two inductors and a coefficient
        hint = f"its form is: {usage('k')}"
        raise line.error(f"{name} couples fewer than two inductors", len(line.text), hint)
    *inductors, value = shape.words
    return Coupling(name, tuple(map(str, inductors)), word_value(line, value, name), line.span)


def instance(line: LogicalLine, name: str, shape: Shape) -> Statement | None:
    """Read an ``X`` line.

    Args:
        line: Its line.
        name: Its name.
        shape: The rest of the line.

    Returns:
        The instance; None when a bracket stands among its words.

    Raises:
        NetlistError: When it names no subcircuit.
    """
    if shape.strange or any(word[0] in "{'\"" for word in shape.words):
        return None
    if not shape.words:
        hint = f"its form is: {usage('x')}"
        raise line.error(f"{name} names no subcircuit", len(line.text), hint)
    *nodes, subcircuit = map(str, shape.words)
    return Instance(name, tuple(nodes), subcircuit, shape.parameters, line.span)


Reader = Callable[[LogicalLine, str, Shape], Statement | None]
