"""Lines that are read and that ngspice does not take as they are meant, and blocks ended oddly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from netlist.checks.finding import Finding, Lines
from netlist.circuit import (
    Circuit,
    Command,
    Conditional,
    Control,
    Directive,
    Instance,
    Primitive,
    Section,
    Source,
    Statement,
    Subcircuit,
)
from netlist.text.foreign import foreign
from netlist.text.line import without_comment
from netlist.text.shape import STRAYING, stray_brackets


def check_dialect(circuit: Circuit, lines: Lines) -> Iterator[Finding]:
    """Look for other simulators' statements, commands among devices, and odd ends of blocks.

    Args:
        circuit: The deck.
        lines: Its lines.

    Yields:
        Findings in the order of the deck.
    """
    for statement in circuit.statements():
        yield from _block_end(statement, lines)
        yield from _bracket(statement, lines)
        if isinstance(statement, Command):
            message = f"{statement.keyword} is not carried out outside of a .control block"
            yield lines.finding("misplaced-command", message, statement.span, statement.keyword)
        found = foreign(statement)
        if found is not None:
            dialect, word = found
            message = f"{word} is {dialect}'s, and ngspice has no such thing"
            yield lines.finding("foreign", message, statement.span, word)


def _bracket(statement: Statement, lines: Lines) -> Iterator[Finding]:
    if isinstance(statement, Primitive | Source) and statement.name[:1].lower() in STRAYING:
        first, *more = lines.text(statement.span).split("\n")
        text = " ".join([without_comment(first), *(without_comment(line) for line in more)])
        strays = stray_brackets(text)
        if strays:
            told = "is not closed" if text[strays[0]] == "(" else "closes nothing"
            message = f"a bracket of {statement.name} {told}"
            yield lines.finding("stray-bracket", message, statement.span)


def without_slashes(circuit: Circuit, lines: Lines) -> tuple[Circuit, tuple[Finding, ...]]:
    """Take CDL's slashes out of a deck, so that the rest of it can be checked.

    Args:
        circuit: The deck.
        lines: Its lines.

    Returns:
        The deck without them, and at most one finding, at the first.
    """
    marked = [s for s in circuit.statements() if _is_slashed(s)]
    if not marked:
        return circuit, ()
    times = f" ({len(marked)} times, first here)" if marked[1:] else ""
    message = f"the slash before the subcircuit's name is CDL's{times}"
    finding = lines.finding("cdl-slash", message, marked[0].span, "/")
    return replace(circuit, body=_unslashed(circuit.body)), (finding,)


def _is_slashed(statement: Statement) -> bool:
    return isinstance(statement, Instance) and statement.nodes[-1:] == ("/",)


def _unslashed(body: tuple[Statement, ...]) -> tuple[Statement, ...]:
    return tuple(_plain(statement) for statement in body)


def _plain(statement: Statement) -> Statement:
    match statement:
        case Instance(nodes=(*nodes, "/")):
            return replace(statement, nodes=tuple(nodes))
        case Subcircuit() | Section():
            return replace(statement, body=_unslashed(statement.body))
        case Conditional(branches=branches):
            plain = (replace(branch, body=_unslashed(branch.body)) for branch in branches)
            return replace(statement, branches=tuple(plain))
        case _:
            return statement


def _block_end(statement: Statement, lines: Lines) -> Iterator[Finding]:
    match statement:
        case Subcircuit(name=name, misnamed=place) if place is not None:
            message = f"this closes .subckt {name}, whatever it says"
            hint = f".ends {name}, or the .ends that is missing before"
            yield lines.finding("block-end", message, place, hint=hint)
        case Control(closed=False, span=span):
            message = "this .control has no .endc, and runs to the end of the file"
            yield lines.finding("block-end", message, span, ".control", ".endc after its commands")
        case Directive(keyword="endc", span=span):
            message = "this .endc closes nothing"
            yield lines.finding("block-end", message, span, ".endc", "remove it")
        case _:
            return
