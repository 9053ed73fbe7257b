"""From physical lines to logical ones: continuations joined, comments gone, places remembered.

SPICE is a language of lines, so this comes before any grammar. A `LogicalLine` knows where each of
its characters came from, therefore every error can show the source line and a caret under it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from netlist.circuit import Comment, Control
from netlist.errors import NetlistError
from netlist.span import Span

INLINE_COMMENT = re.compile(r";|//|(?:^|(?<=[\s,]))\$(?![DG]_)")
"""Where ngspice stops reading; the global nodes ``$G_...`` and ``$D_...`` of PSpice are words."""
_COMMENT = re.compile(r"\*|//|;|\$")
_CONTROL = re.compile(r"\.control", re.IGNORECASE)
_ENDC = re.compile(r"\s*\.endc", re.IGNORECASE)
_IGNORED = frozenset(')(=[]?&%"!:,')
"""ngspice takes a line that begins like this for a comment, with a warning."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a logical line: where it starts there, and the physical line it came from."""

    offset: int
    number: int
    column: int
    source: str


@dataclass(slots=True)
class LogicalLine:
    """A logical line under construction and then under reading."""

    file: str
    pieces: list[Piece] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    length: int = 0

    def append(self, number: int, column: int, text: str, source: str) -> None:
        """Add a physical line's text, without its ``+`` and its comment."""
        self.pieces.append(Piece(self.length, number, column, source))
        self.texts.append(text)
        self.length += len(text) + 1

    @property
    def text(self) -> str:
        """The whole line."""
        return " ".join(self.texts)

    @property
    def verbatim(self) -> str:
        """Its physical lines as they stand in the source."""
        return "\n".join(piece.source for piece in self.pieces)

    @property
    def span(self) -> Span:
        """Where it begins."""
        return Span(self.file, self.pieces[0].number, self.pieces[0].column)

    def error(self, message: str, offset: int, hint: str) -> NetlistError:
        """An error at a character of this line, with the source line and a caret under it."""
        piece = self.pieces[bisect_right(self.pieces, offset, key=lambda p: p.offset) - 1]
        column = piece.column + offset - piece.offset
        return pointing(message, Span(self.file, piece.number, column), piece.source, hint)


def pointing(message: str, where: Span, source: str, hint: str) -> NetlistError:
    """An error that shows a source line with a caret.

    Args:
        message: What is wrong.
        where: The character.
        source: The physical line; a long one is shown as a window around the caret.
        hint: What to try.

    Returns:
        The error, to be raised by the caller.
    """
    first = max(0, where.column - 61)
    before = source[first : where.column - 1]
    caret = "".join("\t" if c == "\t" else " " for c in before) + "^"
    window = source[first : first + 120]
    return NetlistError(f"{message}\n    {window}\n    {caret}", where, hint)


def physical_lines(text: str) -> list[str]:
    """Lines of a text, whatever its line ends.

    Args:
        text: A deck or library.

    Returns:
        Its lines without line ends; never empty.
    """
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def logical_lines(
    lines: Sequence[str], file: str, skip: int, problems: list[NetlistError]
) -> Iterator[LogicalLine | Comment | Control]:
    """Logical lines in order; a comment inside a continued line comes after that line.

    Args:
        lines: Physical lines.
        file: Name used in spans and messages.
        skip: Physical lines to leave out at the beginning.
        problems: Collects what is wrong.

    Yields:
        Lines to read, whole-line comments, and control blocks.
    """
    current: LogicalLine | None = None
    comments: list[Comment] = []
    numbered = iter(enumerate(lines[skip:], start=skip + 1))
    of_title = _title_lines(lines[skip:], skip) if skip else frozenset[int]()
    for number, source in numbered:
        body = source.lstrip()
        if not body:
            continue
        first = body[0]
        comment = body if number in of_title else _comment(body, first)
        if comment is not None:
            comments.append(Comment(comment, Span(file, number, len(source) - len(body) + 1)))
        elif first == "+" and current is None:
            span = Span(file, number, len(source) - len(body) + 1)
            hint = "remove the + or the line break before it"
            problems.append(pointing("there is no line to continue", span, source, hint))
            current = LogicalLine(file)
            current.append(number, span.column, body.rstrip(), source)
        elif first == "+" and current is not None:
            text = without_comment(body[1:])
            padding = len(text) - len(text.lstrip())
            column = len(source) - len(body) + 2 + padding
            current.append(number, column, text.strip(), source)
        else:
            if current is not None:
                yield current
                current = None
            if comments:
                yield from comments
                comments.clear()
            column = len(source) - len(body) + 1
            if first == "." and _CONTROL.match(body):
                yield _control(numbered, Span(file, number, column), source)
            else:
                current = LogicalLine(file)
                current.append(number, column, without_comment(body), source)
    if current is not None:
        yield current
    yield from comments


def _title_lines(lines: Sequence[str], skip: int) -> frozenset[int]:
    """Numbers of the lines that go on with a deck's title, comments between them or not."""
    found: list[int] = []
    for number, source in enumerate(lines, start=skip + 1):
        body = source.lstrip()
        if body[:1] == "+":
            found.append(number)
        elif body and _comment(body, body[0]) is None:
            break
    return frozenset(found)


def _comment(body: str, first: str) -> str | None:
    if first in _IGNORED:
        return body
    mark = _COMMENT.match(body) if first in "*/;$" else None
    return body[mark.end() :] if mark else None


def without_comment(body: str) -> str:
    """A line without its inline comment, by ngspice's rules: ``//`` counts even in a path.

    Args:
        body: A physical line.

    Returns:
        What ngspice reads of it.
    """
    mark = INLINE_COMMENT.search(body)
    return body[: mark.start()].rstrip() if mark else body.rstrip()


def _control(numbered: Iterator[tuple[int, str]], span: Span, source: str) -> Control:
    """A block up to its ``.endc``, or else to the end of the file, as ngspice takes it."""
    block = [source]
    for _, line in numbered:
        block.append(line)
        if _ENDC.match(line):
            return Control("\n".join(block), span)
    while not block[-1].strip():
        block.pop()
    return Control("\n".join([*block, ".endc"]), span, closed=False)
