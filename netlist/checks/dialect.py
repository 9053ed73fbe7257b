"""Lines that are read and that ngspice does not take as they are meant, and blocks ended oddly."""

from __future__ import annotations

from collections.abc import Iterator

from netlist.checks.finding import Finding, Lines
from netlist.circuit import Circuit, Command, Control, Directive, Statement, Subcircuit
from netlist.text.foreign import foreign


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
        if isinstance(statement, Command):
            message = f"{statement.keyword} is not carried out outside of a .control block"
            yield lines.finding("misplaced-command", message, statement.span, statement.keyword)
        found = foreign(statement)
        if found is not None:
            dialect, word = found
            message = f"{word} is {dialect}'s, and ngspice has no such thing"
            yield lines.finding("foreign", message, statement.span, word)


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
