"""The shape of one logical line: its words and parameters, before anyone asks what they mean.

A line of nothing but plain words and ``name=value`` needs no grammar and is split directly (most
lines of a large flat deck); any other goes through ``grammar.lark``. Both ways end in the same
`Shape`, and a test holds them to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Self, TypeAlias, cast

from lark import Lark, Token, Tree, UnexpectedInput, UnexpectedToken

from netlist.circuit import Expression, Parameter, Value, Vector
from netlist.errors import NetlistError
from netlist.number import beginning_number, parse_number
from netlist.text.line import LogicalLine
from netlist.text.usage import usage

_PLAIN = re.compile(r"[^(){}'\"\[\],$]*")
_SPACED_EQUALS = re.compile(r"\s=|=\s|=\S*=|=$|^\S*=")
_NUMERIC = re.compile(r"[+-]?\.?[0-9]")
_LIST_WORD = re.compile(r"[^\s,]+")
BRACED = r"\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}"
"""An expression in braces, with others nested twice."""
_ARRAY_ITEM = re.compile(rf"\"[^\"]*\"|{BRACED}|'[^']*'|<[^<>]*>|[^\s,]+")
STRAYING = frozenset("vircl")
"""Devices in whose lines, when they have no equals sign, brackets are blanks to ngspice."""
_OPENERS = re.compile(r"\"[^\"]*\"|'[^']*'|\{[^{}]*\}|[()]")
OPTIONAL = "optional:"
"""Before the optional nodes of a PSpice subcircuit, with what they are when left open."""
_ATTACHED = frozenset(
    (
        *("poly", "table", "params:", "value", "vol", "cur"),
        *("pwl", "pulse", "sin", "sine", "exp", "sffm", "am", "trnoise", "trrandom"),
    )
)
"""Words a round bracket may follow directly; after any other it would be a function's."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a line consists of.

    Attributes:
        words: Its words, brackets taken away; each knows its ``type`` and ``start_pos``.
        parameters: What comes from the first ``name=`` on, bare words among them.
        strange: Whether a bracket stands where we cannot tell what it means.
    """

    words: tuple[Token, ...]
    parameters: tuple[Parameter, ...]
    strange: bool = False


_Node: TypeAlias = Token | Tree[Token]


class _Word(Token):
    """A word of a plain line; its place is found again by the grammar when there is an error."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Skip what a token does for its place."""
        return str.__new__(cls, text)

    type = "WORD"
    start_pos = None


def is_plain(text: str) -> bool:
    """Whether a line holds nothing but words and ``name=value`` without blanks.

    Args:
        text: The line.

    Returns:
        True when `plain_shape` may read it.
    """
    return _PLAIN.fullmatch(text) is not None and (
        "=" not in text or not _SPACED_EQUALS.search(text)
    )


def plain_shape(text: str) -> tuple[str, Shape]:
    """The head and shape of a plain line.

    Args:
        text: The line, for which `is_plain` holds.

    Returns:
        Its first word, and the rest.
    """
    head, *rest = text.split()
    for index, word in enumerate(rest):
        if "=" in word or word.lower() in ("params:", OPTIONAL):
            words = tuple(map(_Word, rest[:index]))
            return head, Shape(words, _plain_parameters(rest[index:]))
    return head, Shape(tuple(map(_Word, rest)), ())


def _plain_parameters(words: Sequence[str]) -> tuple[Parameter, ...]:
    parameters: list[Parameter] = []
    for word in words:
        name, equals, value = word.partition("=")
        if equals:
            parameters.append(Parameter(name, parameter_value(name, value)))
        else:
            _append_bare(parameters, word)
    return tuple(parameters)


def _append_bare(parameters: list[Parameter], word: str) -> None:
    """A number after a value belongs to it, as in ``ic=0 5``; any other bare word is a flag.

    ``params:`` says nothing, but where PSpice's optional nodes come before it, it ends them.
    """
    if word.lower() == "params:" and not any(p.name.lower() == OPTIONAL for p in parameters):
        return
    value = parameters[-1].value if parameters else None
    if value is None or not _NUMERIC.match(word):
        parameters.append(Parameter(word))
        return
    items = value.items if isinstance(value, Vector) else (value,)
    if isinstance(value, Vector) and value.brackets:
        parameters.append(Parameter(word))
    else:
        parameters[-1] = Parameter(parameters[-1].name, Vector((*items, scalar(word))))


def shape(line: LogicalLine, text: str, start: int) -> Shape:
    """The shape of any line, by the grammar.

    Args:
        line: The line, for messages.
        text: Its text.
        start: Where the text after the head begins.

    Returns:
        Its words and parameters.

    Raises:
        NetlistError: When a bracket or quote does not close, or an equals sign has no name.
    """
    if text[0] != ".":
        text = _balanced(line, text)
    words: list[Token] = []
    parameters: list[Parameter] = []
    strange = False
    for child in parse_line(line, text, start, "line"):
        if isinstance(child, Tree):
            parameters.append(read_parameter(child))
            continue
        strange = strange or _called(text, child)
        for word in _single(child):
            is_mark = word.lower() in ("params:", OPTIONAL)
            if is_mark or (parameters and word.type == "WORD"):
                _append_bare(parameters, str(word))
            elif parameters and word.type == "STRING" and parameters[-1].value is None:
                # A text after a bare name is its value: ``table_values "0001"``.
                parameters[-1] = Parameter(parameters[-1].name, str(word))
            elif parameters:
                parameters.append(Parameter(str(word)))
            else:
                words.append(word)
    return Shape(tuple(words), tuple(parameters), strange)


def _called(text: str, word: Token) -> bool:
    """Whether a bracket follows directly, so that the word may be a function's."""
    end = (word.start_pos or 0) + len(word)
    return text[end : end + 1] == "(" and word.lower() not in _ATTACHED


def _single(token: Token) -> Iterator[Token]:
    if token.type != "NUMBERS":
        yield token
        return
    for match in _LIST_WORD.finditer(token):
        yield Token("WORD", match[0], (token.start_pos or 0) + match.start())


def parse_line(line: LogicalLine, text: str, start: int, rule: str) -> Sequence[_Node]:
    """Children of a rule of the grammar, for the text from `start` on.

    Args:
        line: The line, for messages.
        text: Its text; what comes before `start` is blanked, so that places stay right.
        start: Where to begin.
        rule: One of the grammar's start rules.

    Returns:
        Tokens and trees in order.

    Raises:
        NetlistError: When the text is not of that form.
    """
    try:
        return _grammar(rule).parse(" " * start + text[start:]).children
    except UnexpectedInput as error:
        raise _syntax_error(line, text, error) from None


@cache
def _grammar(rule: str) -> Lark:
    """One parser per rule: in a common one, a state of two rules would mix their words."""
    text = (files("netlist.text") / "grammar.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", lexer="contextual", maybe_placeholders=False, start=rule)


def check_brackets(line: LogicalLine, text: str) -> None:
    """Refuse a line whose round brackets do not match.

    Args:
        line: The line, for messages.
        text: Its text.

    Raises:
        NetlistError: At the bracket that has no other.
    """
    strays = stray_brackets(text)
    if strays:
        told = "( is not closed" if text[strays[0]] == "(" else ") is not expected here"
        raise line.error(told, strays[0], _hint(text))


def stray_brackets(text: str) -> list[int]:
    """Where round brackets stand that have no other; those in quotes and braces do not count.

    Args:
        text: A line.

    Returns:
        Their places: those that close nothing, then those that are not closed, the last first.
    """
    opened: list[int] = []
    closing: list[int] = []
    for mark in _OPENERS.finditer(text):
        if mark[0] == "(":
            opened.append(mark.start())
        elif mark[0] == ")" and opened:
            opened.pop()
        elif mark[0] == ")":
            closing.append(mark.start())
    return [*closing, *reversed(opened)]


def _balanced(line: LogicalLine, text: str) -> str:
    """A line without brackets that have no other, where ngspice takes them for blanks."""
    if text[0].lower() in STRAYING and "=" not in text:
        strays = stray_brackets(text)
        if strays:
            letters = list(text)
            for stray in strays:
                letters[stray] = " "
            return "".join(letters)
    check_brackets(line, text)
    return text


def _hint(text: str) -> str:
    form = usage(text.split(maxsplit=1)[0])
    return f"its form is: {form}" if form else "check for a missing word or an unclosed bracket"


def _syntax_error(line: LogicalLine, text: str, error: UnexpectedInput) -> NetlistError:
    ended = isinstance(error, UnexpectedToken) and error.token.type == "$END"
    offset = len(text) if ended else min(error.pos_in_stream or 0, len(text) - 1)
    if ended:
        return line.error(f"{text.split(maxsplit=1)[0]} ends too early", offset, _hint(text))
    if text[offset] in "({[)}]'\"":
        message = f"{text[offset]} is not closed, or not expected here"
        return line.error(message, offset, _hint(text))
    word = text[offset:].split(maxsplit=1)[0]
    return line.error(f"{word!r} is not expected here", offset, _hint(text))


def read_parameter(tree: Tree[Token]) -> Parameter:
    """A parameter of the grammar.

    Args:
        tree: Its key and values.

    Returns:
        Its name and value; several values are one vector.
    """
    key, *tokens = cast(list[Token], tree.children)
    name = key[:-1].rstrip()
    if len(tokens) == 1:
        return Parameter(name, _token_value(name, tokens[0]))
    return Parameter(name, Vector(tuple(scalar(str(token)) for token in tokens)))


def _token_value(name: str, token: Token) -> Value:
    if token.type == "ARRAY":
        items = _ARRAY_ITEM.findall(token[1:-1])
        return Vector(tuple(map(scalar, items)), brackets=True)
    return parameter_value(name, str(token))


def parameter_value(name: str, text: str) -> Value:
    """What stands after an equals sign.

    Args:
        name: The parameter; a ``version`` is a text even when it looks like a number.
        text: One word, or an expression with its braces or quotes.

    Returns:
        A number if it is one, an expression, or the word.
    """
    return text if name.lower() == "version" else scalar(text)


@lru_cache(maxsize=65536)
def scalar(text: str, *, formula: bool = False) -> float | Expression | str:
    """A number, an expression in braces or single quotes, or a word as it stands.

    Args:
        text: One word.
        formula: Whether a number means what it means in a formula.

    Returns:
        Its value.
    """
    if text[0] in "{'":
        return expression(text) if _whole(text) else text
    if not _NUMERIC.match(text):
        return text
    try:
        return parse_number(text, formula=formula)
    except NetlistError:
        return text


def _whole(text: str) -> bool:
    """Whether the first bracket or quote closes at the very end."""
    if text[0] == "'":
        return text.find("'", 1) == len(text) - 1
    depth = 0
    for index, character in enumerate(text):
        depth += (character == "{") - (character == "}")
        if depth == 0:
            return index == len(text) - 1
    return False


def expression(text: str) -> Expression:
    """The expression between braces or quotes, its blanks made single.

    Args:
        text: With the braces or quotes.

    Returns:
        Without them.
    """
    return Expression(" ".join(text[1:-1].split()))


def number_list(line: LogicalLine, words: Sequence[Token]) -> tuple[Value, ...]:
    """Values of a list.

    Args:
        line: The line, for messages.
        words: Words of it.

    Returns:
        Their values in order.

    Raises:
        NetlistError: When one begins like a number and is none.
    """
    return tuple(word_value(line, word, "") for word in words)


def word_value(line: LogicalLine, word: Token, what: str) -> float | Expression | str:
    """A positional value: a number, an expression, or a parameter's name.

    Args:
        line: The line, for messages.
        word: The word.
        what: What it is the value of, for messages.

    Returns:
        Its value.

    Raises:
        NetlistError: When it begins like a number and is none.
    """
    value = scalar(str(word))
    if isinstance(value, str) and _NUMERIC.match(value):
        try:
            return beginning_number(value)
        except NetlistError:
            pass
        try:
            parse_number(value)
        except NetlistError as error:
            message = f"{what}: {error.message}" if what else error.message
            hint = f"{error.hint}; a parameter's name begins with a letter"
            raise line.error(message, word.start_pos or 0, hint) from None
    return value
