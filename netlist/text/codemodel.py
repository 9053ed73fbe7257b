"""What stands on an ``A`` line: ports with their kinds, in brackets or alone, then the model."""

from __future__ import annotations

from collections.abc import Sequence

from lark import Token, Tree

from netlist.circuit import Bundle, CodeModel, Connection, Parameter, Statement
from netlist.text.line import LogicalLine
from netlist.text.shape import parse_line, read_parameter
from netlist.text.usage import usage

DIFFERENTIAL = frozenset(("vd", "id", "gd", "hd"))
"""Kinds of port that take two nodes."""


def code_model(line: LogicalLine, name: str) -> Statement | None:
    """Read an A line.

    Args:
        line: Its line.
        name: Its name.

    Returns:
        The code model's instance.

    Raises:
        NetlistError: When a bracket does not close, a node is missing, or there is no model.
    """
    text = line.text
    reader = _Ports(line, parse_line(line, text, len(name), "ports"))
    ports = reader.ports()
    hint = f"its form is: {usage('a')}"
    last = ports[-1] if ports else None
    if not isinstance(last, Connection) or last.kind or last.inverted:
        raise line.error(f"{name} has no model", len(text), hint)
    if not ports[:-1]:
        raise line.error(f"{name} has no port", len(text), hint)
    return CodeModel(name, tuple(ports[:-1]), last.nodes[0], tuple(reader.parameters), line.span)


class _Ports:
    """Walks the tokens once; the parameters it meets are put aside."""

    def __init__(self, line: LogicalLine, children: Sequence[Token | Tree[Token]]) -> None:
        self._line = line
        self._tokens = [child for child in children if isinstance(child, Token)]
        trees = (child for child in children if isinstance(child, Tree))
        self.parameters: list[Parameter] = [read_parameter(tree) for tree in trees]
        self._next = 0

    def ports(self) -> list[Connection | Bundle]:
        """Every port up to the end of the line, the model's name as the last one."""
        found: list[Connection | Bundle] = []
        while self._peek():
            kind = self._kind()
            found.append(self._bundle(kind) if self._peek() == "[" else self._connection(kind))
        return found

    def _peek(self) -> str:
        return str(self._tokens[self._next]) if self._next < len(self._tokens) else ""

    def _kind(self) -> str:
        if not self._peek().startswith("%"):
            return ""
        self._next += 1
        return self._tokens[self._next - 1][1:].strip()

    def _bundle(self, kind: str) -> Bundle:
        opened = self._tokens[self._next]
        self._next += 1
        connections: list[Connection] = []
        inner = kind
        while self._peek() not in ("]", ""):
            if self._peek().startswith("%"):
                inner = self._kind()
                connections.append(self._connection(inner, inner))
            else:
                connections.append(self._connection(inner, ""))
        if not self._peek():
            hint = "close the port with ]"
            raise self._line.error("[ is not closed", opened.start_pos or 0, hint)
        self._next += 1
        return Bundle(tuple(connections), kind)

    def _connection(self, kind: str, written: str | None = None) -> Connection:
        """A node or two; `written` is the kind to keep when it differs from the one in force."""
        inverted = self._peek() == "~"
        self._next += inverted
        nodes = [self._node()]
        if kind.lower() in DIFFERENTIAL and nodes[0].lower() != "null":
            nodes.append(self._node())
        return Connection(tuple(nodes), kind if written is None else written, inverted)

    def _node(self) -> str:
        word = self._peek()
        if not word or word in "[]~" or word.startswith("%"):
            at = self._tokens[self._next].start_pos if word else len(self._line.text)
            raise self._line.error("a node is missing", at or 0, f"its form is: {usage('a')}")
        self._next += 1
        return word
