"""Reads SPICE decks and library files into the frozen statements of `netlist.circuit`.

Three steps, because SPICE is a language of lines: `netlist.text.line` joins continuations and takes
comments away while remembering where each character came from; `netlist.text.shape` finds words and
parameters by an LALR grammar; `netlist.text.device`, `netlist.text.source`,
`netlist.text.codemodel` and `netlist.text.card` say what they mean. Here lines become statements
and statements become blocks. What is understood but wrong is a `NetlistError` at its character;
what is not understood is kept as `Raw`, never dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from netlist.circuit import (
    Branch,
    Circuit,
    Comment,
    Conditional,
    Control,
    Expression,
    Instance,
    Primitive,
    Raw,
    Section,
    Statement,
    Subcircuit,
)
from netlist.errors import NetlistError
from netlist.text import card, device
from netlist.text.codemodel import code_model
from netlist.text.controlled import TABLE_HEAD, controlled, table, transfer
from netlist.text.digital import digital
from netlist.text.emitter import is_writable
from netlist.text.foreign import COMMANDS, command, qspice
from netlist.text.line import LogicalLine, logical_lines, physical_lines
from netlist.text.shape import Shape, is_plain, plain_shape, shape
from netlist.text.source import source
from netlist.text.words import dot_word


def parse(text: str, file: str = "<deck>") -> Circuit:
    """Read a whole deck.

    The first line is the title, whatever it holds. ``.end`` may be missing, and lines after it
    count, as in ngspice.

    Args:
        text: The deck.
        file: Name used in spans and messages.

    Returns:
        The circuit, every statement with its span.

    Raises:
        NetlistError: When a line is understood and wrong; the message shows line and place.
    """
    circuit, problems = survey(text, file)
    if problems:
        raise problems[0]
    return circuit


def survey(text: str, file: str = "<deck>") -> tuple[Circuit, tuple[NetlistError, ...]]:
    """Read a whole deck and go on after each mistake, to report them all.

    Args:
        text: The deck.
        file: Name used in spans and messages.

    Returns:
        The circuit, a wrong line of it kept as `Raw`; and what is wrong, in order.
    """
    lines = physical_lines(text)
    body, problems = _statements(lines, file, skip=1)
    return Circuit(lines[0], body), problems


def parse_library(text: str, file: str = "<library>") -> tuple[Statement, ...]:
    """Read a cell or process file: statements only, no title line.

    Args:
        text: The file's text.
        file: Name used in spans and messages.

    Returns:
        Its statements in order, every one with its span.

    Raises:
        NetlistError: When a line is understood and wrong; the message shows line and place.
    """
    body, problems = survey_library(text, file)
    if problems:
        raise problems[0]
    return body


def survey_library(
    text: str, file: str = "<library>"
) -> tuple[tuple[Statement, ...], tuple[NetlistError, ...]]:
    """Read a library file and go on after each mistake, to report them all.

    Args:
        text: The file's text.
        file: Name used in spans and messages.

    Returns:
        Its statements, a wrong line of them kept as `Raw`; and what is wrong, in order.
    """
    return _statements(physical_lines(text), file, skip=0)


def _statements(
    lines: Sequence[str], file: str, skip: int
) -> tuple[tuple[Statement, ...], tuple[NetlistError, ...]]:
    problems: list[NetlistError] = []
    logical = list(logical_lines(lines, file, skip, problems))
    return _Blocks(logical, file, problems).body(), tuple(problems)


# --- lines to blocks -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Mark:
    """A line that opens or closes a block: its dot word, and what stands after it."""

    keyword: str
    name: str = ""
    condition: Expression | None = None


@dataclass(slots=True)
class _Open:
    """A block whose end has not come yet."""

    line: LogicalLine
    block: Subcircuit | Section | Conditional
    outer: list[Statement]
    condition: Expression | None = None


@dataclass(slots=True)
class _Blocks:
    """Puts statements into the subcircuits, sections and branches they stand in."""

    lines: Sequence[LogicalLine | Comment | Control]
    file: str
    problems: list[NetlistError]
    current: list[Statement] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)

    def body(self) -> tuple[Statement, ...]:
        """Every statement of the file."""
        sections = _section_lines(self.lines)
        for index, line in enumerate(self.lines):
            if not isinstance(line, LogicalLine):
                self.current.append(line)
                continue
            try:
                self._take(line, _read(line), section=index in sections)
            except NetlistError as error:
                self.problems.append(error)
                self.current.append(Raw(line.verbatim, line.span))
        while self.stack:
            opened = self.stack[-1]
            self.problems.append(self._unclosed(opened))
            self._close()
        return tuple(self.current)

    def _take(self, line: LogicalLine, statement: Statement | _Mark, *, section: bool) -> None:
        if isinstance(statement, _Mark):
            self._mark(line, statement)
        elif isinstance(statement, Subcircuit):
            self._open(line, statement)
        elif section:
            self._open(line, Section(next(card.words_of(line)), span=line.span))
        else:
            self.current.append(statement)

    def _open(
        self,
        line: LogicalLine,
        block: Subcircuit | Section | Conditional,
        condition: Expression | None = None,
    ) -> None:
        self.stack.append(_Open(line, block, self.current, condition))
        self.current = []

    def _mark(self, line: LogicalLine, mark: _Mark) -> None:
        if mark.keyword == "end":
            return
        if mark.keyword == "if":
            self._open(line, Conditional((), line.span), mark.condition)
            return
        kind, word = _CLOSES[mark.keyword]
        opened = self.stack[-1] if self.stack else None
        if opened is None or not isinstance(opened.block, kind):
            if mark.keyword == "endl":
                ended = card.directive(line, "endl", len(line.text.split()[0]))
                self.current.append(ended or Raw(line.verbatim, line.span))
                return
            hint = f"remove it, or add the {word} it closes"
            if opened is not None:
                hint = f"close {_heading(opened)} first"
            raise line.error(f".{mark.keyword} without {word}", 0, hint)
        if isinstance(opened.block, Subcircuit):
            _check_pair(line, opened, mark.keyword)
            opened.block = _ended(opened.block, line, mark.name)
        if mark.keyword in ("elseif", "else"):
            self._next_branch(opened, mark.condition)
        else:
            self._close()

    def _next_branch(self, opened: _Open, condition: Expression | None) -> None:
        assert isinstance(opened.block, Conditional)
        branch = Branch(opened.condition, tuple(self.current))
        opened.block = replace(opened.block, branches=(*opened.block.branches, branch))
        opened.condition = condition
        self.current = []

    def _close(self) -> None:
        opened = self.stack.pop()
        if isinstance(opened.block, Conditional):
            self._next_branch(opened, None)
            opened.outer.append(opened.block)
        else:
            opened.outer.append(replace(opened.block, body=tuple(self.current)))
        self.current = opened.outer

    def _unclosed(self, opened: _Open) -> NetlistError:
        block, end = opened.block, _heading(opened)
        if isinstance(block, Subcircuit):
            end = f"add .ends {block.name}"
            return opened.line.error(f".subckt {block.name} has no .ends in {self.file}", 0, end)
        return opened.line.error(
            f"{_heading(opened)} has no .endif in {self.file}", 0, "add .endif"
        )


def _ended(block: Subcircuit, line: LogicalLine, name: str) -> Subcircuit:
    """A wrong name closes the subcircuit all the same, as it does in ngspice."""
    right = not name or name.lower() == block.name.lower()
    return block if right else replace(block, misnamed=line.span)


def _heading(opened: _Open) -> str:
    return " ".join(opened.line.text.split()[:2])


def _check_pair(line: LogicalLine, opened: _Open, keyword: str) -> None:
    """``.macro`` ends with ``.eom`` and ``.subckt`` with ``.ends``; ngspice stops at any other."""
    begun = dot_word(opened.line.text.split(maxsplit=1)[0][1:])
    if (begun == "macro") != (keyword == "eom"):
        ending = ".eom" if begun == "macro" else ".ends"
        raise line.error(f".{keyword} cannot end a .{begun}", 0, f"end it with {ending}")


_CLOSES: dict[str, tuple[type, str]] = {
    "ends": (Subcircuit, ".subckt"),
    "eom": (Subcircuit, ".macro"),
    "endl": (Section, ".lib"),
    "elseif": (Conditional, ".if"),
    "else": (Conditional, ".if"),
    "endif": (Conditional, ".if"),
}


def _section_lines(lines: Sequence[LogicalLine | Comment | Control]) -> frozenset[int]:
    """Places of ``.lib name`` lines that open a section: those an ``.endl`` follows."""
    found: list[int] = []
    opened: int | None = None
    for index, line in enumerate(lines):
        if not isinstance(line, LogicalLine) or not line.texts[0].startswith("."):
            continue
        words = line.text.lower().split()
        word = dot_word(words[0][1:])
        if word == "lib" and len(words) == 2:  # noqa: PLR2004 - the word and a name
            opened = index
        elif word == "endl" and opened is not None:
            found.append(opened)
            opened = None
    return frozenset(found)


# --- one logical line to one statement -----------------------------------------------------------


def _read(line: LogicalLine) -> Statement | _Mark:
    """What a line says; one that could not be written again is kept as it stands."""
    text = line.text
    if text[0] in _PLAINLY and is_plain(text):
        plain = _plain(line, text)
        if plain is not None:
            return plain
    statement = _understood(line, text)
    if statement is None or not (isinstance(statement, _Mark) or is_writable(statement)):
        return Raw(line.verbatim, line.span)
    return statement


def _plain(line: LogicalLine, text: str) -> Statement | None:
    """A device of plain words, most lines of a large deck; None sends it to the grammar."""
    head, words = plain_shape(text)
    try:
        statement = _READERS[text[0]](line, head, words)
    except NetlistError:
        # Read again by the grammar, which knows the place of every word.
        return None
    if isinstance(statement, Primitive):
        # Only where the number of nodes varies, a word may be told apart in two ways.
        sure = statement.value is None or not device.FORMS[text[0].lower()].more
    else:
        sure = isinstance(statement, Instance)
    return statement if sure or (statement is not None and is_writable(statement)) else None


def _understood(line: LogicalLine, text: str) -> Statement | _Mark | None:
    first = text[0]
    if first == ".":
        return _dot(line, text)
    if first in "eEgG" and TABLE_HEAD.match(text):
        return table(line, text) or transfer(line, text)
    if first in _UNLIKE and (found := _UNLIKE[first](line, text)):
        return found
    if first in _READERS:
        head = _HEAD_END.split(text, maxsplit=1)[0]
        return _READERS[first](line, head, shape(line, text, len(head)))
    return qspice(line, text)


def _dot(line: LogicalLine, text: str) -> Statement | _Mark | None:
    head = _HEAD_END.split(text, maxsplit=1)[0]
    keyword = dot_word(head[1:])
    if keyword in _MARKS:
        return _mark(line, keyword)
    if keyword in card.DIRECTIVES:
        return card.directive(line, keyword, len(head))
    if keyword in COMMANDS:
        return command(line, text)
    read = _CARDS.get(keyword)
    return None if read is None else read(line, text, len(head))


def _mark(line: LogicalLine, keyword: str) -> _Mark:
    if keyword in ("if", "elseif"):
        return _Mark(keyword, condition=card.condition(line))
    return _Mark(keyword, next(card.words_of(line), ""))


def _shaped(
    read: Callable[[LogicalLine, Shape], Statement | None],
) -> Callable[[LogicalLine, str, int], Statement | None]:
    return lambda line, text, start: read(line, shape(line, text, start))


_HEAD_END = re.compile(r"[\s,=(){}'\"]")
_MARKS = frozenset(("end", "if", *_CLOSES))
_CARDS: dict[str, Callable[[LogicalLine, str, int], Statement | None]] = {
    "model": lambda line, text, start: (
        card.numerical_model(line) or card.model(line, shape(line, text, start))
    ),
    "subckt": _shaped(card.subcircuit),
    "macro": _shaped(card.subcircuit),
    "param": lambda line, _text, _start: card.params(line),
    "func": lambda line, _text, _start: card.function(line),
}
_UNLIKE: dict[str, Callable[[LogicalLine, str], Statement | None]] = {
    **dict.fromkeys("aA", lambda line, text: code_model(line, text.split(maxsplit=1)[0])),
    **dict.fromkeys("bB", lambda line, _text: card.behavioural(line)),
    **dict.fromkeys("uU", digital),
    **dict.fromkeys("oOpPcC", command),
    **dict.fromkeys("yY", qspice),
}
"""Lines that are no device of their letter, when they are of another form."""
_BY_LETTER: dict[str, device.Reader] = {
    **dict.fromkeys(device.FORMS, device.primitive),
    **dict.fromkeys("efgh", controlled),
    **dict.fromkeys("vi", source),
    "k": device.coupling,
    "x": device.instance,
}
_READERS = _BY_LETTER | {letter.upper(): read for letter, read in _BY_LETTER.items()}
_PLAINLY = frozenset(_READERS) - frozenset("uU")
"""Letters whose lines of plain words are always devices of the letter."""
