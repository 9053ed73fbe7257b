"""The first line of a file: a deck's title, which may hide a statement, or a library's own."""

from __future__ import annotations

from netlist.checks.scope import flat, nodes_of
from netlist.circuit import Circuit, Connected, Directive, Raw, Statement
from netlist.errors import NetlistError
from netlist.text.line import physical_lines
from netlist.text.parser import survey, survey_library


def surveyed(text: str, file: str) -> tuple[Circuit, tuple[NetlistError, ...]]:
    """Read a file as what it is: a deck, or a library, which has no title.

    Args:
        text: The file's text.
        file: Its name.

    Returns:
        Its statements, and what cannot be read.
    """
    if physical_lines(text)[0].lstrip().startswith("."):
        body, problems = survey_library(text, file)
        if not any(isinstance(statement, Connected) for statement in flat(body)):
            return Circuit("", body), problems
    return survey(text, file)


def hidden_statement(circuit: Circuit) -> str:
    """What a deck's title would be if it were no title.

    Args:
        circuit: The deck.

    Returns:
        The name of a device between nodes of the deck, or a dot word; empty for a title of words.
    """
    body, problems = survey_library(circuit.title)
    if problems or len(body) != 1:
        return ""
    (statement,) = body
    if isinstance(statement, Connected):
        nodes = set(nodes_of(statement)) - {"0", "gnd"}
        known = {node for other in flat(circuit.body) for node in nodes_of(other)}
        return statement.name if nodes and nodes <= known else ""
    return _dot_word(statement, circuit.title)


def _dot_word(statement: Statement, title: str) -> str:
    words = title.split()
    if isinstance(statement, Raw) or not words or not words[0].startswith("."):
        return ""
    known = not isinstance(statement, Directive) or statement.keyword != "title"
    return words[0] if known else ""
