"""A finding: one rule broken at one place of a deck, shown with the line and a caret."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from netlist.checks.rules import RULES, Rule, Severity
from netlist.errors import NetlistError
from netlist.number import parse_number
from netlist.span import Span


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule broken somewhere.

    Attributes:
        name: The rule's name.
        message: What is wrong here, in one sentence.
        span: Where: the place of `word` when it was found in the line.
        line: The source line, without its end.
        length: Characters to mark from the span's column on.
        hint: What to try, when it is more precise than the rule's own; may be empty.
        dormant: Whether it stands in a subcircuit that nothing uses, so that ngspice never sees it.
    """

    name: str
    message: str
    span: Span
    line: str = ""
    length: int = 1
    hint: str = ""
    dormant: bool = False

    @property
    def rule(self) -> Rule:
        """The rule that is broken."""
        return RULES[self.name]

    @property
    def severity(self) -> Severity:
        """How bad it is: what ngspice never sees is no error."""
        severity = self.rule.severity
        return "warning" if self.dormant and severity == "error" else severity

    @property
    def pointed(self) -> str:
        """The word it points at; the message's first when none was found."""
        start = self.span.column - 1
        return self.line[start : start + self.length].strip() or self.message.partition(" ")[0]

    @property
    def advice(self) -> str:
        """What to try."""
        return self.hint or self.rule.hint

    def text(self) -> str:
        """The finding for a person, ending in a line break."""
        shown = self.line.expandtabs(1)
        mark = " " * (self.span.column - 1) + "^" * max(self.length, 1)
        source = f"  {shown}\n  {mark}\n" if shown.strip() else ""
        unused = "; nothing uses the subcircuit it stands in" if self.dormant else ""
        return (
            f"{self.span}: {self.severity} [{self.name}] {self.message}{unused}\n{source}"
            f"  why: {self.rule.why}\n  try: {self.advice}\n"
        )

    def facts(self) -> dict[str, Any]:
        """The finding for a script."""
        return {
            "rule": self.name,
            "severity": self.severity,
            "unused": self.dormant,
            "message": self.message,
            "file": self.span.file,
            "line": self.span.line,
            "column": self.span.column,
            "length": self.length,
            "source": self.line,
            "why": self.rule.why,
            "try": self.advice,
        }


class Lines:
    """The lines of a deck, in which places are looked up.

    Args:
        text: The deck.
        file: Its name, for places without one.
    """

    def __init__(self, text: str, file: str) -> None:
        self._lines = text.split("\n")
        self._file = file

    def finding(
        self, name: str, message: str, span: Span | None, word: str = "", hint: str = ""
    ) -> Finding:
        """A finding that points at a word.

        Args:
            name: The rule.
            message: What is wrong here.
            span: Where the statement starts; None is the first line.
            word: What to point at, somewhere in the statement; empty points at its start.
            hint: What to try, when more precise than the rule.

        Returns:
            The finding.
        """
        first = span.line if span is not None else 1
        file = span.file if span is not None else self._file
        number, column, length = first, span.column if span is not None else 1, len(word)
        for row in range(first, min(first + _LONGEST, len(self._lines) + 1)):
            line = self._lines[row - 1]
            if row > first and not re.match(r"\s*(\+|\*|$)", line):
                break
            found = _find(word, line, column if row == first else 1)
            if found is not None:
                number, column = row, found + 1
                break
        else:
            length = 1
        line = self._lines[number - 1].rstrip("\r") if number <= len(self._lines) else ""
        length = length if line[column - 1 : column - 1 + length].lower() == word.lower() else 1
        return Finding(name, message, Span(file, number, column), line, max(length, 1), hint)

    def text(self, span: Span | None) -> str:
        """The source lines of a statement, its continuations among them.

        Args:
            span: Where the statement starts.

        Returns:
            Its lines, joined by line breaks; empty without a place.
        """
        if span is None or span.line > len(self._lines):
            return ""
        first, *rest = self._lines[span.line - 1 : span.line - 1 + _LONGEST]
        more = takewhile(lambda line: line.lstrip().startswith("+"), rest)
        return "\n".join((first[span.column - 1 :], *more))

    def number(self, span: Span | None, place: int, value: float) -> str:
        """How a number of a statement is written.

        Args:
            span: Where the statement starts.
            place: Words that stand before it, when it stands by position.
            value: The number.

        Returns:
            The word; empty when it is not found.
        """
        if span is None or span.line > len(self._lines):
            return ""
        words = re.split(r"[\s,=()]+", self._lines[span.line - 1][span.column - 1 :])
        for word in (*words[place : place + 1], *words):
            try:
                if word and math.isclose(parse_number(word), value, rel_tol=1e-12, abs_tol=0.0):
                    return word
            except NetlistError:
                continue
        return ""


_LONGEST = 500
"""Continuation lines a word is looked for in."""


def _find(word: str, line: str, column: int) -> int | None:
    """Where a word stands in a line as a whole word, from a column on."""
    if not word:
        return column - 1
    whole = re.compile(rf"(?<![\w.]){re.escape(word)}(?![\w.])", re.IGNORECASE)
    found = whole.search(line, max(column - 1, 0)) or whole.search(line)
    return found.start() if found else None
