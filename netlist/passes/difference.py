"""What two netlists differ in, whatever their order, spelling and formatting.

Devices, models and subcircuits are matched by name; numbers are compared as numbers (``1k`` is
1000), names without case, expressions without blanks, parameters in any order. Comments and the
title count for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from netlist.circuit import (
    Circuit,
    Comment,
    Component,
    Conditional,
    Control,
    Directive,
    Expression,
    Parameter,
    Params,
    Raw,
    Section,
    Statement,
    Subcircuit,
)
from netlist.errors import NetlistError
from netlist.number import format_number, parse_number
from netlist.span import Span
from netlist.text.emitter import emit_statements


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference.

    Attributes:
        kind: "added" (only in the second), "removed" (only in the first) or "changed".
        path: Where: subcircuit names and the statement's own, joined by "/".
        what: What differs, such as ``w`` or ``nodes``; empty for a whole statement.
        first: What the first says.
        second: What the second says.
        first_span: Where the first says it.
        second_span: Where the second says it.
    """

    kind: str
    path: str
    what: str = ""
    first: str = ""
    second: str = ""
    first_span: Span | None = None
    second_span: Span | None = None

    def text(self) -> str:
        """One line for a person."""
        what = f" {self.what}" if self.what else ""
        match self.kind:
            case "added":
                return f"+ {self.path}{what}: {_begun(self.second)}"
            case "removed":
                return f"- {self.path}{what}: {_begun(self.first)}"
            case _:
                first, second = _folded(self.first, self.second)
                return f"~ {self.path}{what}: {first} -> {second}"


_MOST_WORDS, _AROUND = 16, 2
"""A value of more words, such as a waveform's, is folded to those that differ and some around."""


def _begun(value: str) -> str:
    """How a value begins, of one that is long; a whole subcircuit, say."""
    words = value.split()
    if len(words) <= _MOST_WORDS:
        return value
    return f"{' '.join(words[:_MOST_WORDS])} … ({len(words)} words)"


def _folded(first: str, second: str) -> tuple[str, str]:
    """Two values without the long stretches in which they are alike."""
    one, other = first.split(), second.split()
    if max(len(one), len(other)) <= _MOST_WORDS:
        return first, second
    shorter = min(len(one), len(other))
    alike = zip(one, other, strict=False)
    begin = next((i for i, (a, b) in enumerate(alike) if a != b), shorter)
    back = zip(reversed(one[begin:]), reversed(other[begin:]), strict=False)
    end = next((i for i, (a, b) in enumerate(back) if a != b), shorter - begin)
    told = [_middle(words, begin, len(words) - end) for words in (one, other)]
    return told[0], told[1]


def _middle(words: list[str], begin: int, end: int) -> str:
    low, high = max(begin - _AROUND, 0), min(end + _AROUND, len(words))
    before = f"{words[0]} … " if low > 1 else "".join(f"{word} " for word in words[:low])
    after = f" … ({len(words)} words)" if high < len(words) else ""
    return f"{before}{' '.join(words[low:high])}{after}"


def differences(first: Circuit, second: Circuit) -> tuple[Difference, ...]:
    """Compare two netlists.

    Args:
        first: One.
        second: The other.

    Returns:
        What differs, in the order of the first and then of the second; empty when they mean the
        same.
    """
    return tuple(_bodies(first.body, second.body, ""))


def _bodies(
    first: tuple[Statement, ...], second: tuple[Statement, ...], path: str
) -> Iterator[Difference]:
    one, other = _by_key(first), _by_key(second)
    for key, statement in one.items():
        if key not in other:
            yield Difference(
                "removed", f"{path}{key}", first=_line(statement), first_span=_span(statement)
            )
            continue
        yield from _statements(statement, other[key], f"{path}{key}")
    for key, statement in other.items():
        if key not in one:
            yield Difference(
                "added", f"{path}{key}", second=_line(statement), second_span=_span(statement)
            )


def _statements(first: Statement, second: Statement, path: str) -> Iterator[Difference]:
    one, other = _facts(first), _facts(second)
    for what in dict.fromkeys([*one, *other]):
        a, b = one.get(what), other.get(what)
        if a == b:
            continue
        kind = "added" if a is None else "removed" if b is None else "changed"
        yield Difference(
            kind, path, what, a or "", b or "", first_span=_span(first), second_span=_span(second)
        )
    if isinstance(first, Subcircuit | Section) and isinstance(second, Subcircuit | Section):
        yield from _bodies(first.body, second.body, f"{path}/")


def _by_key(body: tuple[Statement, ...]) -> dict[str, Statement]:
    """Statements by what they are called; nameless ones by what they say."""
    found: dict[str, Statement] = {}
    for statement in body:
        if isinstance(statement, Comment):
            continue
        key = base = _key(statement)
        number = 1
        while key in found:
            number += 1
            key = f"{base} ({number})"
        found[key] = statement
    params = [s for s in body if isinstance(s, Params)]
    if params:
        merged = Params(tuple(p for line in params for p in line.parameters), params[0].span)
        found = {k: s for k, s in found.items() if not isinstance(s, Params)}
        found[".param"] = merged
    return found


def _key(statement: Statement) -> str:
    if isinstance(statement, Subcircuit):
        return f".subckt {statement.name.lower()}"
    if isinstance(statement, Component):
        return statement.name.lower()
    if isinstance(statement, Directive):
        return f".{statement.keyword} {_words(statement)}".strip()
    if hasattr(statement, "name"):
        return f".{type(statement).__name__.lower()} {statement.name.lower()}"
    if isinstance(statement, Raw | Control):
        return " ".join(statement.text.split())
    return _line(statement)


def _words(line: Directive) -> str:
    words = [_word(word) for word in line.arguments]
    return " ".join(
        sorted(words) if line.keyword in ("save", "ic", "nodeset", "options") else words
    )


def _word(word: str) -> str:
    return _plain(word) if word[:1].isdigit() else word.lower()


def _facts(statement: Statement) -> dict[str, str]:
    """What a statement says, by part; parts that stand inside it are compared on their own."""
    if not is_dataclass(statement) or isinstance(statement, Directive | Raw | Control):
        return {}
    facts: dict[str, str] = {}
    for entry in fields(statement):
        value = getattr(statement, entry.name)
        inside = entry.name in ("name", "body", "branches")
        if inside or not entry.compare or value in (None, ()):
            continue
        if entry.name in ("parameters", "options"):
            facts |= {p.name.lower(): _plain(p.value) for p in value}
        else:
            facts[entry.name] = _plain(value)
    if isinstance(statement, Conditional):
        facts["branches"] = _line(statement)
    return facts


def _plain(value: Any) -> str:  # noqa: PLR0911 - one per kind
    """A value in the one form in which it is compared and shown."""
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    if isinstance(value, int | float):
        return format_number(float(value))
    if isinstance(value, Expression):
        return "{" + "".join(value.text.split()).lower() + "}"
    if isinstance(value, str):
        try:
            return format_number(parse_number(value)) if value[:1].isdigit() else value.lower()
        except NetlistError:
            return value.lower()
    if isinstance(value, Parameter):
        return f"{value.name.lower()}={_plain(value.value)}"
    if isinstance(value, tuple):
        return " ".join(_plain(item) for item in value)
    parts = (getattr(value, entry.name) for entry in fields(value) if entry.name != "span")
    return " ".join(filter(None, (_plain(part) for part in parts if part not in (None, ()))))


def _span(statement: Statement) -> Span | None:
    return getattr(statement, "span", None)


def _line(statement: Statement) -> str:
    """A statement as it is written, in one line."""
    try:
        return " ".join(emit_statements([statement]).replace("\n+", " ").split())
    except NetlistError:
        return _plain(statement)
