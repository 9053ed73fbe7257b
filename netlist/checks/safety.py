"""Safety: lines that act on the machine when a deck is loaded, or reach for other files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from netlist.checks.definitions import Definitions
from netlist.checks.finding import Finding, Lines
from netlist.circuit import Circuit, Comment, Control, Directive
from netlist.span import Span
from netlist.text.includes import included_file

_UNSAFE = frozenset(
    (
        *("shell", "system", "source", "codemodel", "osdi", "use", "cd", "chdir"),
        *("pre_codemodel", "pre_osdi", "pre_source"),
    )
)
_FILES = frozenset(
    (
        *("write", "wrdata", "wrs2p", "snsave", "snload", "hardcopy", "load"),
        *("gnuplot", "mputcoeff"),
    )
)
_PRINTING = ("echo", "print", "show", "listing", "display")
_WORDS = re.compile(r"[^\s;]+")


def check_safety(circuit: Circuit, included: Definitions, lines: Lines) -> Iterator[Finding]:
    """Look for what a deck would do beside being simulated.

    Args:
        circuit: The deck.
        included: Its included files.
        lines: Its lines.

    Yields:
        Findings in the order of the deck.
    """
    if circuit.title.lower().startswith("*ng_script"):
        message = "ngspice runs the whole file as commands because of its first line"
        yield lines.finding("unsafe-command", message, None)
    for statement in circuit.statements():
        if isinstance(statement, Control):
            yield from _block(statement, lines)
        elif isinstance(statement, Comment) and statement.text.startswith("#"):
            message = "ngspice runs what follows *# as a command"
            yield lines.finding("unsafe-command", message, statement.span)
    yield from _blanks(circuit, lines)
    for written, span in included.outside:
        absent = ", and is not there" if (written, span) in included.missing else ""
        message = f"{written} is not in the deck's folder{absent}"
        yield lines.finding("outside-include", message, span, written)
    outside = set(included.outside)
    for written, span in included.missing:
        if (written, span) in outside:
            continue  # said already: one line, one finding
        message = f"there is no file {written}"
        yield lines.finding("missing-include", message, span, written)


def _blanks(circuit: Circuit, lines: Lines) -> Iterator[Finding]:
    """Quotes keep a file's name together after ``.include``, but not after ``.lib``."""
    for statement in circuit.statements():
        if isinstance(statement, Directive) and statement.keyword == "lib":
            file = included_file(statement) or ""
            if re.search(r"\s", file):
                message = (
                    f"ngspice looks for a file {file.split()[0]}, up to the blank in this name"
                )
                hint = "a path without blanks"
                yield lines.finding("missing-include", message, statement.span, file, hint)


def _block(block: Control, lines: Lines) -> Iterator[Finding]:
    first = block.span.line if block.span is not None else 1
    file = block.span.file if block.span is not None else ""
    for offset, text in enumerate(block.text.split("\n")):
        where = Span(file, first + offset)
        low = text.strip().lower()
        if low.startswith(("*", "$")) and not low.startswith("$&"):
            yield from _variable(low, where, lines)
            continue
        for piece in low.split(";"):
            yield from _command(piece, where, lines)


def _variable(text: str, where: Span, lines: Lines) -> Iterator[Finding]:
    if re.match(r"\$[\w{]", text):
        message = "the command is whatever a variable holds"
        yield lines.finding("unsafe-command", message, where)


def _command(piece: str, where: Span, lines: Lines) -> Iterator[Finding]:
    words = _WORDS.findall(piece)
    if not words:
        return
    looked_at = words if words[0] in ("alias", "if", "while", "foreach") else words[:1]
    for word in looked_at:
        if word in _UNSAFE:
            message = f"{word} is carried out when the deck is loaded"
            yield lines.finding("unsafe-command", message, where, word)
            return
    if "`" in piece:
        message = "what is between backquotes is carried out when the deck is loaded"
        yield lines.finding("unsafe-command", message, where, "`")
    elif words[0] in _FILES:
        yield lines.finding("file-command", f"{words[0]} reads or writes a file", where, words[0])
    elif words[0] in _PRINTING and re.search(r"(^|\s)>>?&?\s*[^\s\"]", _quoted(piece)):
        yield lines.finding("file-command", f"{words[0]} writes into a file", where, words[0])


def _quoted(text: str) -> str:
    """Text without what stands in quotes."""
    return re.sub(r"\"[^\"]*\"|'[^']*'", "", text)
