"""What a circuit holds that was not understood: lines kept raw, and expressions without a tree.

Nothing of a deck is dropped, but what is kept verbatim cannot be checked or changed; this says what
that is and where.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass

from netlist.circuit import Expression, Raw, Statement, bodies
from netlist.errors import NetlistError
from netlist.expression import read_expression
from netlist.span import Span


@dataclass(frozen=True, slots=True)
class Unread:
    """A piece of a circuit that was not understood.

    Attributes:
        what: Its text, on one line.
        why: Why it was not read.
        where: Its place, when it has one.
    """

    what: str
    why: str
    where: Span | None

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.why}: {self.what}"


def unread(statements: Iterable[Statement]) -> Iterator[Unread]:
    """What was not understood of a circuit or a library.

    Args:
        statements: Its statements.

    Yields:
        Raw lines, and expressions that are none.
    """
    for statement in statements:
        if isinstance(statement, Raw):
            yield Unread(_one_line(statement.text), "kept raw", statement.span)
        for body in bodies(statement):
            yield from unread(body)
        for expression in _expressions(statement):
            try:
                read_expression(expression.text)
            except NetlistError as error:
                why = error.message.rpartition(" is no ")[2] or error.message
                yield Unread(_one_line(expression.text), f"no {why}", statement.span)


def _one_line(text: str) -> str:
    joined = " / ".join(line.strip() for line in text.split("\n"))
    return joined if len(joined) <= 100 else joined[:99] + "…"  # noqa: PLR2004 - a line


def _expressions(part: object) -> Iterator[Expression]:
    """Expressions of a statement, those of the bodies inside it not among them."""
    if isinstance(part, Expression):
        yield part
    elif isinstance(part, tuple):
        for item in part:
            if not isinstance(item, float | str):
                yield from _expressions(item)
    elif is_dataclass(part):
        for entry in fields(part):
            if entry.name != "body":
                value = getattr(part, entry.name)
                if not isinstance(value, float | str | Span | None):
                    yield from _expressions(value)
