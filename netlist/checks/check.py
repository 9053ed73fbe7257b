"""A whole deck checked: read, never run."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from netlist.checks.connections import check_connections
from netlist.checks.definitions import Definitions, included_definitions, with_own
from netlist.checks.dialect import check_dialect, without_slashes
from netlist.checks.finding import Finding, Lines
from netlist.checks.formulas import check_formulas
from netlist.checks.names import check_names
from netlist.checks.numbers import check_numbers
from netlist.checks.safety import check_safety
from netlist.checks.scope import scopes
from netlist.checks.title import hidden_statement, surveyed
from netlist.checks.use import EVERYTHING, Use, use_of
from netlist.checks.values import check_values
from netlist.circuit import Circuit, Connected, Statement, bodies
from netlist.errors import NetlistError
from netlist.passes.hierarchy import DEEPEST_DEFINITIONS
from netlist.reading import DECK, LIBRARY, is_inside, read_text
from netlist.span import Span
from netlist.text.parser import survey_library
from netlist.text.unread import unread

_UNFLATTENED = ("undefined-subcircuit", "pin-count")
"""Findings that leave a deck without a flat form to look at."""


_OF_THE_DECK = ("undefined-node", "undefined-device", "missing-include")
"""Findings that say nothing in a part of a deck: what is missed may be in another."""

_OFTEN = frozenset(
    (
        *("undefined-subcircuit", "undefined-model", "undefined-parameter", "pin-count"),
        *("unknown-parameter", "unknown-function", "misplaced-command", "version-suffix"),
    )
)
"""Findings whose message begins with a device and goes on with the cause."""

_EMPTY_PARAM = re.compile(r"\s*\.para[^=]*\Z", re.IGNORECASE)

_LONGEST = 2000
"""Lines of an included file that is somebody's own; a longer one is a foundry's library."""


def check_deck(
    text: str, file: str, folder: Path, libraries: Sequence[Path] = ()
) -> tuple[Finding, ...]:
    """Check a deck.

    Args:
        text: The deck.
        file: Its name, for messages.
        folder: Where its includes are looked for; nothing outside it is believed to be its own.
        libraries: Files whose definitions it may use without including them.

    Returns:
        What is wrong, in the order of the text, and then in the order of each file it includes.
    """
    circuit, problems = surveyed(text, file)
    too_deep = _depth(circuit.body) > DEEPEST_DEFINITIONS
    included = Definitions() if too_deep else included_definitions(circuit, folder, libraries)
    # What stands outside may be nobody's netlist, and is not to be shown.
    inside = [part for path in included.files if is_inside(path, folder) and (part := _part(path))]
    use = _use(circuit, inside, whole=len(inside) == len(included.files) and not libraries)
    lines = Lines(text, file)
    found = _findings(circuit, problems, included, lines, use)
    around = with_own(text, folder, included)
    for part in inside:
        found += _included(part, around, use)
    hidden = hidden_statement(circuit)
    if hidden:
        message = f"{hidden} stands in the title, and is no part of the circuit"
        found = (lines.finding("title-line", message, None, hidden), *found)
    return found


def _use(circuit: Circuit, inside: Sequence[_Part], *, whole: bool) -> Use:
    files = [circuit.body, *(part.body for part in inside)]
    if any(_depth(body) > DEEPEST_DEFINITIONS for body in files):
        return EVERYTHING
    return use_of(files, whole=whole)


@dataclass(frozen=True, slots=True)
class _Part:
    """An included file: its path, text, statements, and what of it cannot be read."""

    path: Path
    text: str
    body: tuple[Statement, ...]
    problems: tuple[NetlistError, ...]


def _part(path: Path) -> _Part | None:
    """An included file that is somebody's own."""
    try:
        text = read_text(path, LIBRARY)
    except NetlistError:  # it went away while the deck was looked at
        return None
    return (
        None if text.count("\n") > _LONGEST else _Part(path, text, *survey_library(text, str(path)))
    )


def _included(part: _Part, around: Definitions, use: Use) -> tuple[Finding, ...]:
    """Findings in an included file, whose nodes and devices may be the deck's."""
    lines = Lines(part.text, str(part.path))
    found = _findings(Circuit("", part.body), part.problems, around, lines, use, part=True)
    return tuple(finding for finding in found if finding.name not in _OF_THE_DECK)


def _findings(
    circuit: Circuit,
    problems: Sequence[NetlistError],
    included: Definitions,
    lines: Lines,
    use: Use = EVERYTHING,
    *,
    part: bool = False,
) -> tuple[Finding, ...]:
    """Findings in one file; `part` when it is included by a deck, whose devices it connects to."""
    findings = [_unreadable(problem, lines) for problem in problems]
    deep = _depth(circuit.body)
    if deep > DEEPEST_DEFINITIONS:
        message = f"definitions stand {deep} deep in each other, more than {DEEPEST_DEFINITIONS}"
        return (*findings, lines.finding("too-large", message, None))
    circuit, slashes = without_slashes(circuit, lines)
    findings += slashes
    found = scopes(circuit, included)
    findings += check_formulas(found, lines)
    wrong = {finding.span.line for finding in findings}
    for piece in unread(circuit.body):
        # ngspice takes a .param line without an equals sign for a comment, as CDL's tools write it.
        empty = _EMPTY_PARAM.match(piece.what) is not None
        if piece.where is not None and piece.where.line not in wrong and not empty:
            first = piece.what.split(maxsplit=1)[0] if piece.what.split() else ""
            message = f"this is not understood: {piece.what[:60]}"
            findings.append(lines.finding("raw-line", message, piece.where, first))
    findings += check_safety(circuit, included, lines)
    findings += check_names(circuit, found, included, lines)
    findings += check_values(circuit, lines)
    findings += check_numbers(circuit, lines)
    findings += check_dialect(circuit, lines)
    alone = part and any(isinstance(s, Connected) for s in circuit.body)
    black = included.missing or any(finding.name in _UNFLATTENED for finding in findings)
    if not alone and not black:
        findings += check_connections(circuit, included, lines)
    findings.sort(key=lambda f: (f.span.line, f.span.column, f.name, f.message))
    return tuple(_one_of_each(use.judged(findings, circuit.body, lines)))


def _one_of_each(findings: Sequence[Finding]) -> Iterator[Finding]:
    """One finding for each cause: what many devices lack is said once, at the first of them."""
    causes = [(f.name, f.message.partition(" ")[2], f.dormant) for f in findings]
    count = Counter(causes)
    seen: set[tuple[str, str, bool]] = set()
    for finding, cause in zip(findings, causes, strict=True):
        if finding.name not in _OFTEN or count[cause] == 1:
            yield finding
        elif cause not in seen:
            seen.add(cause)
            yield replace(finding, message=f"{finding.message} ({count[cause]} times, first here)")


def circuit_findings(circuit: Circuit, lines: Lines) -> tuple[Finding, ...]:
    """Findings in a circuit that includes nothing.

    Args:
        circuit: The circuit.
        lines: The lines its statements stand in.

    Returns:
        What is wrong, in the order of the lines.
    """
    return _findings(circuit, (), Definitions(), lines)


def _depth(body: tuple[Statement, ...]) -> int:
    """How deep definitions stand in each other."""
    depth, level = 0, [body]
    while level:
        depth += 1
        level = [inner for outer in level for s in outer for inner in bodies(s)]
    return depth


def check_file(path: str | Path, libraries: Sequence[Path] = ()) -> tuple[Finding, ...]:
    """Check a deck in a file.

    Args:
        path: The file.
        libraries: As for `check_deck`.

    Returns:
        What is wrong, in the order of the text.

    Raises:
        NetlistError: When the file cannot be read.
    """
    path = Path(path)
    text = read_text(path, DECK)
    return check_deck(text, str(path), path.parent, libraries)


def _unreadable(problem: NetlistError, lines: Lines) -> Finding:
    where = problem.where if isinstance(problem.where, Span) else None
    message = problem.message.split("\n", 1)[0]
    return lines.finding("unreadable", message, where, hint=problem.hint)
