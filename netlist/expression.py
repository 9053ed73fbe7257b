"""Expressions as trees: what ngspice evaluates in braces, in quotes and in B sources.

An `Expression` of the netlist keeps its text, because the text is what is written again; the tree
is read from it on demand, by an LALR grammar (``expression.lark``), for those who ask what an
expression depends on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, TypeAlias, cast

from lark import Lark, Token, Transformer, UnexpectedInput

from netlist.errors import NetlistError
from netlist.number import parse_number


@dataclass(frozen=True, slots=True)
class Number:
    """A number, in whatever SI unit the place implies; ``text`` is how it was written."""

    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A text in double quotes, without them."""

    value: str


@dataclass(frozen=True, slots=True)
class Name:
    """A parameter, a function's argument, ``time``, or a device's quantity ``@m1[id]``."""

    name: str


@dataclass(frozen=True, slots=True)
class Probe:
    """``v(node)``, ``v(node, node)`` or ``i(source)``: ``quantity`` is the word before."""

    quantity: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function of terms: ``max(a, b)``."""

    function: str
    arguments: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Unary:
    """A sign or a negation."""

    operator: str
    term: Term


@dataclass(frozen=True, slots=True)
class Binary:
    """Two terms and the operator between them, as it was written."""

    operator: str
    left: Term
    right: Term


@dataclass(frozen=True, slots=True)
class Choice:
    """``condition ? yes : no``."""

    condition: Term
    yes: Term
    no: Term


@dataclass(frozen=True, slots=True)
class Group:
    """Terms in brackets: one, or the pair of a table's point."""

    terms: tuple[Term, ...]


Term: TypeAlias = Number | Text | Name | Probe | Call | Unary | Binary | Choice | Group


@lru_cache(maxsize=65536)
def read_expression(text: str) -> Term:
    """Read an expression.

    Args:
        text: Its text, without the braces or quotes around it.

    Returns:
        Its tree.

    Raises:
        NetlistError: When it is not an expression; the message shows the place.
    """
    try:
        # Built while parsing, bottom up: a long sum is a deep tree, which nobody may recurse into.
        term = cast(Term, _grammar().parse(text))
    except UnexpectedInput as error:
        place = min(error.pos_in_stream or 0, len(text))
        raise NetlistError(
            f"{text!r} is no expression from character {place + 1} on",
            hint="look for a missing operator, bracket or operand there",
        ) from None
    return term


def inner_terms(term: Term) -> Iterator[Term]:
    """A term and every term inside it, depth first.

    Args:
        term: The tree.

    Yields:
        Each term, the tree itself first.
    """
    waiting = [term]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(_parts(current)))


def _parts(term: Term) -> tuple[Term, ...]:
    match term:
        case Call():
            return term.arguments
        case Unary():
            return (term.term,)
        case Binary():
            return (term.left, term.right)
        case Choice():
            return (term.condition, term.yes, term.no)
        case Group():
            return term.terms
        case _:
            return ()


@cache
def _grammar() -> Lark:
    text = (files("netlist") / "expression.lark").read_text(encoding="utf-8")
    return Lark(
        text,
        parser="lalr",
        lexer="contextual",
        maybe_placeholders=False,
        transformer=_Reader(visit_tokens=False),
    )


class _Reader(Transformer[Token, Any]):
    """Turns lark's tree into ours, bottom up, one method per alternative of the grammar."""

    def number(self, children: list[Token]) -> Number:
        return Number(parse_number(str(children[0]), formula=True), str(children[0]))

    def string(self, children: list[Token]) -> Text:
        return Text(str(children[0])[1:-1])

    def name(self, children: list[Token]) -> Name:
        return Name(str(children[0]))

    def probe(self, children: list[Token]) -> Probe:
        quantity, _, rest = str(children[0]).partition("(")
        return Probe(quantity.strip(), tuple(name.strip() for name in rest[:-1].split(",")))

    def call(self, children: list[Any]) -> Call:
        function, *arguments = children
        return Call(str(function)[:-1].rstrip(), tuple(arguments))

    def group(self, children: list[Any]) -> Term:
        return Group(tuple(children))

    def unary(self, children: list[Any]) -> Unary:
        operator, term = children
        return Unary(str(operator), term)

    def binary(self, children: list[Any]) -> Binary:
        left, operator, right = children
        return Binary(str(operator), left, right)

    def choose(self, children: list[Any]) -> Choice:
        return Choice(*children)
