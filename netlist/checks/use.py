"""Which subcircuits a deck uses: ngspice reads the lines of no other.

A deck often includes a vendor's file for one part of many. What is wrong in a subcircuit that
nothing uses is worth knowing and stops nothing; and a file without a device of its own is a
library, whose models and parameters are for the deck that includes it to define.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from netlist.checks.finding import Finding, Lines
from netlist.checks.scope import flat
from netlist.circuit import Connected, Digital, Foreign, Instance, Statement, Subcircuit, bodies

_UNDEFINED = {
    "undefined-subcircuit": "subcircuit",
    "undefined-model": "model",
    "undefined-parameter": "parameter",
}
_ALWAYS = frozenset(("missing-include", "outside-include", "unsafe-command", "too-large"))
"""Findings that hold wherever the line stands."""

_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Use:
    """What is used of a deck and its included files.

    Attributes:
        subcircuits: Names of the subcircuits that are used, lower case; None for all.
        alone: Whether nothing has a device outside of a subcircuit: a library, not a deck.
    """

    subcircuits: frozenset[str] | None
    alone: bool = False

    def judged(
        self, findings: Iterable[Finding], body: Sequence[Statement], lines: Lines
    ) -> tuple[Finding, ...]:
        """Findings of one file, weighed by whether ngspice would come upon them.

        Args:
            findings: The findings.
            body: The file's statements.
            lines: Its lines.

        Returns:
            The same, those in unused subcircuits marked as dormant; what a library leaves to
            others is one note.
        """
        if self.alone:
            return tuple(_left_to_others(tuple(findings), lines))
        if self.subcircuits is None:
            return tuple(findings)
        dormant = set(self._dormant(body, self.subcircuits))
        return tuple(
            replace(finding, dormant=True)
            if finding.span.line in dormant and finding.name not in _ALWAYS
            else finding
            for finding in findings
        )

    def _dormant(self, body: Sequence[Statement], used: frozenset[str]) -> Iterator[int]:
        """Lines of subcircuits that are not used, their continuations not among them."""
        for statement in body:
            unused = isinstance(statement, Subcircuit) and statement.name.lower() not in used
            for inner in bodies(statement):
                yield from _lines(inner) if unused else self._dormant(inner, used)


EVERYTHING = Use(None)
"""A circuit that was put together: all of it counts."""


def use_of(files: Sequence[Sequence[Statement]], *, whole: bool) -> Use:
    """What is used of a deck.

    Args:
        files: Its statements, and those of each file it includes and that was looked into.
        whole: Whether every included file was looked into.

    Returns:
        What is used; everything when devices may stand where nobody looked.
    """
    inside: dict[str, set[str]] = {}
    on_top: set[str] = set()
    devices = False
    for body in files:
        for statement in flat(tuple(body)):
            devices = devices or isinstance(statement, Connected | Digital | Foreign)
            if isinstance(statement, Instance):
                on_top.add(statement.subcircuit.lower())
        _inside(body, inside)
    if not devices:
        return Use(None, alone=whole)
    todo, used = list(on_top), set(on_top)
    while todo:
        more = inside.get(todo.pop(), set()) - used
        used |= more
        todo += more
    return Use(frozenset(used))


def _inside(body: Sequence[Statement], inside: dict[str, set[str]]) -> None:
    """Collect which subcircuits each subcircuit uses, by name."""
    for statement in body:
        if isinstance(statement, Subcircuit):
            uses = inside.setdefault(statement.name.lower(), set())
            uses |= {s.subcircuit.lower() for s in flat(statement.body) if isinstance(s, Instance)}
        for inner in bodies(statement):
            _inside(inner, inside)


def _lines(body: Sequence[Statement]) -> Iterator[int]:
    for statement in body:
        span = getattr(statement, "span", None)
        if span is not None:
            yield span.line
        for inner in bodies(statement):
            yield from _lines(inner)


def _left_to_others(findings: tuple[Finding, ...], lines: Lines) -> Iterator[Finding]:
    """One note in the place of all that a library does not define itself."""
    names: dict[str, dict[str, None]] = {}
    first: Finding | None = None
    for finding in findings:
        kind = _UNDEFINED.get(finding.name)
        if kind is None:
            continue
        first = first or finding
        names.setdefault(kind, {}).setdefault(finding.pointed.lower())
    for finding in findings:
        if finding is first:
            told = " and ".join(_listed(kind, tuple(names[kind])) for kind in names)
            message = f"{told}: to be defined by the deck that includes this"
            yield lines.finding("left-to-others", message, first.span)
        elif finding.name not in _UNDEFINED:
            yield finding


def _listed(kind: str, names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _SHOWN} more" if names[_SHOWN:] else ""
    return f"{kind}{'s' if names[1:] else ''} {', '.join(names[:_SHOWN])}{more}"
