"""Reads SPICE decks and library files into the frozen statements of `netlist.circuit`.

Two steps, because SPICE is a language of lines: a pre-pass joins continuations and takes comments
away while remembering where each character came from, then an LALR grammar (``grammar.lark``)
reads one logical line. Which words of a device are nodes, value or model is a table here, so a new
device is a row. What is understood but wrong is a `NetlistError` at its character; what is not
understood is kept as `Raw`, never dropped.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import cast

from lark import Lark, Token, Tree, UnexpectedInput, UnexpectedToken

from netlist.circuit import (
    Behavioural,
    Circuit,
    Comment,
    Directive,
    Expression,
    Instance,
    Model,
    Parameter,
    Params,
    Primitive,
    Raw,
    Source,
    Statement,
    Subcircuit,
    Value,
    Waveform,
)
from netlist.errors import NetlistError
from netlist.number import parse_number
from netlist.span import Span


@dataclass(frozen=True, slots=True)
class _Device:
    """How the words of a device line are read.

    After the nodes come the `required` words, in order; then `optional` ones, told apart by their
    look: a number or an expression is the value, any other word the model.
    """

    nodes: int
    required: tuple[str, ...]
    optional: tuple[str, ...]
    usage: str


_DEVICES = {
    "r": _Device(2, (), ("value", "model"), "Rname n+ n- 1e3   or   Rname n+ n- model l=1e-6"),
    "c": _Device(2, (), ("value", "model"), "Cname n+ n- 1e-12 [ic=0]"),
    "l": _Device(2, (), ("value", "model"), "Lname n+ n- 1e-9 [ic=0]"),
    "m": _Device(4, ("model",), (), "Mname drain gate source bulk model w=1e-6 l=1e-6"),
    "d": _Device(2, ("model",), ("value",), "Dname anode cathode model [area]"),
    "s": _Device(4, ("model",), (), "Sname n+ n- control+ control- model"),
    "e": _Device(4, ("value",), (), "Ename n+ n- control+ control- gain"),
    "g": _Device(4, ("value",), (), "Gname n+ n- control+ control- transconductance"),
    "f": _Device(2, ("control", "value"), (), "Fname n+ n- vname gain"),
    "h": _Device(2, ("control", "value"), (), "Hname n+ n- vname transresistance"),
}
_USAGE = {letter: device.usage for letter, device in _DEVICES.items()} | {
    "v": "Vname n+ n- [dc 1.8] [PULSE(...) or PWL(...) or SIN(...) or EXP(...)]",
    "i": "Iname n+ n- [dc 1e-6] [PULSE(...) or PWL(...) or SIN(...) or EXP(...)]",
    "b": "Bname n+ n- V=expression   or   I=expression",
    "x": "Xname node ... subcircuit [name=value ...]",
    ".model": ".model name kind [name=value ...]",
    ".subckt": ".subckt name port ... [name=value ...]",
    ".param": ".param name=value ...",
    ".ends": ".ends [name]",
}
_INLINE_COMMENT = re.compile(r";|//|(?<=[\s,])\$")
_NUMERIC = re.compile(r"[+-]?\.?\d")
_PLAIN_NUMBERS = re.compile(r"[0-9eE.+\-\s,]*")


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
    lines = _physical_lines(text)
    return Circuit(lines[0], _assemble(_logical_lines(lines, file, skip=1), file))


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
    return _assemble(_logical_lines(_physical_lines(text), file, skip=0), file)


# --- pre-pass: physical lines to logical lines ---------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of a logical line: where it starts there, and the physical line it came from."""

    offset: int
    number: int
    column: int
    source: str


@dataclass(slots=True)
class _Line:
    """A logical line under construction and then under reading."""

    file: str
    pieces: list[_Piece] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    length: int = 0

    def append(self, number: int, column: int, text: str, source: str) -> None:
        self.pieces.append(_Piece(self.length, number, column, source))
        self.texts.append(text)
        self.length += len(text) + 1

    @property
    def text(self) -> str:
        return " ".join(self.texts)

    @property
    def verbatim(self) -> str:
        return "\n".join(piece.source for piece in self.pieces)

    @property
    def span(self) -> Span:
        return Span(self.file, self.pieces[0].number, self.pieces[0].column)

    def error(self, message: str, offset: int, hint: str) -> NetlistError:
        """An error at a character of this line, with the source line and a caret under it."""
        piece = self.pieces[bisect_right(self.pieces, offset, key=lambda p: p.offset) - 1]
        column = piece.column + offset - piece.offset
        return _error(message, Span(self.file, piece.number, column), piece.source, hint)


def _error(message: str, where: Span, source: str, hint: str) -> NetlistError:
    """A long source line is shown as a window around the caret."""
    first = max(0, where.column - 61)
    before = source[first : where.column - 1]
    caret = "".join("\t" if c == "\t" else " " for c in before) + "^"
    window = source[first : first + 120]
    return NetlistError(f"{message}\n    {window}\n    {caret}", where, hint)


def _physical_lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _logical_lines(lines: Sequence[str], file: str, skip: int) -> Iterator[_Line | Comment | Raw]:
    """Logical lines in order; a comment inside a continued line comes after that line."""
    current: _Line | None = None
    comments: list[Comment] = []
    numbered = iter(enumerate(lines[skip:], start=skip + 1))
    for number, source in numbered:
        body = source.lstrip()
        span = Span(file, number, len(source) - len(body) + 1)
        mark = re.match(r"\*|//|;|\$", body)
        if mark:
            comments.append(Comment(body[mark.end() :], span))
        elif body.startswith("+"):
            _continue(current, body, span, source)
        elif body:
            yield from _flush(current, comments)
            current = None
            if re.match(r"\.control\b", body, re.IGNORECASE):
                yield _control_block(numbered, span, source)
            else:
                current = _Line(file)
                current.append(number, span.column, _without_comment(body), source)
    yield from _flush(current, comments)


def _flush(current: _Line | None, comments: list[Comment]) -> Iterator[_Line | Comment]:
    if current is not None:
        yield current
    yield from comments
    comments.clear()


def _continue(current: _Line | None, body: str, span: Span, source: str) -> None:
    if current is None:
        raise _error(
            "there is no line to continue", span, source, "remove the + or the line break before it"
        )
    text = _without_comment(body[1:])
    padding = len(text) - len(text.lstrip())
    current.append(span.line, span.column + 1 + padding, text.strip(), source)


def _without_comment(body: str) -> str:
    """The line without its inline comment, by ngspice's rules: ``//`` counts even in a path."""
    mark = _INLINE_COMMENT.search(body)
    return body[: mark.start()].rstrip() if mark else body.rstrip()


def _control_block(numbered: Iterator[tuple[int, str]], span: Span, source: str) -> Raw:
    block = [source]
    for _, line in numbered:
        block.append(line)
        if re.match(r"\s*\.endc\b", line, re.IGNORECASE):
            return Raw("\n".join(block), span)
    raise _error(".control has no .endc", span, source, "close the block with .endc")


# --- subcircuits ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Ends:
    name: str | None


@dataclass(frozen=True, slots=True)
class _End:
    pass


@dataclass(frozen=True, slots=True)
class _Open:
    """A ``.subckt`` whose ``.ends`` has not come yet."""

    line: _Line
    subcircuit: Subcircuit
    outer: list[Statement]


def _assemble(lines: Iterator[_Line | Comment | Raw], file: str) -> tuple[Statement, ...]:
    body: list[Statement] = []
    stack: list[_Open] = []
    for line in lines:
        if not isinstance(line, _Line):
            body.append(line)
            continue
        statement = _read(line)
        if isinstance(statement, Subcircuit):
            stack.append(_Open(line, statement, body))
            body = []
        elif isinstance(statement, _Ends):
            _check_ends(line, statement, stack)
            opened = stack.pop()
            opened.outer.append(replace(opened.subcircuit, body=tuple(body)))
            body = opened.outer
        elif not isinstance(statement, _End):
            body.append(statement)
    if stack:
        opened = stack[-1]
        name = opened.subcircuit.name
        raise opened.line.error(f".subckt {name} has no .ends in {file}", 0, f"add .ends {name}")
    return tuple(body)


def _check_ends(line: _Line, ends: _Ends, stack: Sequence[_Open]) -> None:
    if not stack:
        raise line.error(".ends without .subckt", 0, "remove it, or add the .subckt it closes")
    opened = stack[-1].subcircuit
    if ends.name and ends.name.lower() != opened.name.lower():
        raise line.error(
            f".ends {ends.name} where .subckt {opened.name} is open",
            0,
            f"write .ends {opened.name}, or add the .ends that is missing before",
        )


# --- one logical line to one statement -----------------------------------------------------------

_Node = Token | Tree[Token]


def _read(line: _Line) -> Statement | _Ends | _End:
    text = line.text
    try:
        tree = _grammar().parse(text)
    except UnexpectedInput as error:
        raise _syntax_error(line, text, error) from None
    statement = _BUILDERS[str(tree.data)](line, tree.children)
    return Raw(line.verbatim, line.span) if statement is None else statement


@cache
def _grammar() -> Lark:
    text = (files("netlist") / "grammar.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", lexer="contextual", maybe_placeholders=False)


def _syntax_error(line: _Line, text: str, error: UnexpectedInput) -> NetlistError:
    ended = isinstance(error, UnexpectedToken) and error.token.type == "$END"
    offset = len(text) if ended else error.pos_in_stream or 0
    head = text.split(maxsplit=1)[0]
    usage = _USAGE.get(head.lower() if head[0] == "." else head[0].lower(), "")
    hint = f"its form is: {usage}" if usage else "check for a missing word or an unclosed bracket"
    if ended:
        return line.error(f"{head} ends too early", offset, hint)
    if text[offset] in "({'\"":
        return line.error(f"{text[offset]} is not closed, or not expected here", offset, hint)
    word = text[offset:].split(maxsplit=1)[0]
    return line.error(f"{word!r} is not expected here", offset, hint)


@dataclass(frozen=True, slots=True)
class _Items:
    """The words and parameters of a line; `strange` when their order or kind is not ours."""

    words: tuple[Token, ...]
    parameters: tuple[Parameter, ...]
    strange: bool


def _items(children: Sequence[_Node]) -> _Items:
    words: list[Token] = []
    parameters: list[Parameter] = []
    strange = False
    for child in children:
        if isinstance(child, Tree):
            parameters.append(_parameter(child))
        else:
            strange = strange or bool(parameters) or child.type == "GROUP"
            words.append(child)
    return _Items(tuple(words), tuple(parameters), strange)


def _parameter(tree: Tree[Token]) -> Parameter:
    key, value = cast(list[Token], tree.children)
    return Parameter(key[:-1].rstrip(), _parameter_value(value))


def _parameter_value(token: Token) -> Value:
    """A number if it is one; ``version=3.3.0`` is not and stays a word."""
    if token.type in ("BRACED", "QUOTED"):
        return _expression(token)
    try:
        return parse_number(str(token))
    except NetlistError:
        return str(token)


def _expression(token: Token) -> Expression:
    return Expression(" ".join(token[1:-1].split()))


def _start(tree: Tree[Token]) -> int:
    return next(tree.scan_values(lambda _: True)).start_pos or 0


def _number(line: _Line, token: Token, what: str) -> float | Expression:
    if token.type in ("BRACED", "QUOTED"):
        return _expression(token)
    try:
        return parse_number(str(token))
    except NetlistError as error:
        hint = f"{error.hint}; a parameter's name goes in braces"
        raise line.error(f"{what}: {error.message}", token.start_pos or 0, hint) from None


def _primitive(line: _Line, children: Sequence[_Node]) -> Statement | None:
    name, items = str(children[0]), _items(children[1:])
    if items.strange:
        return None
    device = _DEVICES[name[0].lower()]
    _check_words(line, name, device, items)
    nodes = tuple(map(str, items.words[: device.nodes]))
    slots = _slots(device, items.words[device.nodes :])
    if slots is None:
        return None
    value, model, control = (slots.get(slot) for slot in ("value", "model", "control"))
    return Primitive(
        name,
        nodes,
        value=None if value is None else _number(line, value, name),
        model=None if model is None else str(model),
        control=None if control is None else str(control),
        parameters=items.parameters,
        span=line.span,
    )


def _check_words(line: _Line, name: str, device: _Device, items: _Items) -> None:
    hint = f"its form is: {device.usage}"
    for word in items.words[: device.nodes]:
        if word.type != "WORD":
            raise line.error(f"{name} has {word} for a node", word.start_pos or 0, hint)
    wanted = ("node",) * device.nodes + device.required
    count, end = len(items.words), len(line.text)
    if count < device.nodes:
        raise line.error(f"{name} has {count} of {device.nodes} nodes", end, hint)
    if count < len(wanted):
        raise line.error(f"{name} has no {wanted[count]}", end, hint)
    if count == device.nodes and not items.parameters:
        raise line.error(f"{name} has no {' and no '.join(device.optional)}", end, hint)


def _slots(device: _Device, words: Sequence[Token]) -> dict[str, Token] | None:
    """Words after the nodes by meaning; None when there are more than this device takes."""
    count = len(device.required)
    slots = dict(zip(device.required, words, strict=False))
    for word in words[count:]:
        numeric = word.type != "WORD" or _NUMERIC.match(word)
        slot = "value" if numeric else "model"
        if slot not in device.optional or slot in slots:
            return None
        slots[slot] = word
    if any(slots[s].type != "WORD" for s in ("model", "control") if s in slots):
        return None
    return slots


def _instance(line: _Line, children: Sequence[_Node]) -> Statement | None:
    name, items = str(children[0]), _items(children[1:])
    if items.strange or any(word.type != "WORD" for word in items.words):
        return None
    if not items.words:
        hint = f"its form is: {_USAGE['x']}"
        raise line.error(f"{name} names no subcircuit", len(line.text), hint)
    *nodes, subcircuit = map(str, items.words)
    return Instance(name, tuple(nodes), subcircuit, items.parameters, line.span)


def _source(line: _Line, children: Sequence[_Node]) -> Statement | None:
    name, plus, minus = map(str, children[:3])
    found: dict[str, Value | Waveform] = {}
    for tree in cast(Sequence[Tree[Token]], children[3:]):
        kind, read = _SOURCE_PARTS[str(tree.data)]
        part = read(line, tree)
        if part is None:
            return None
        if kind in found:
            hint = "remove one of them; a source is a constant, one time function, or both"
            raise line.error(f"{name} has a second {kind}", _start(tree), hint)
        found[kind] = part
    dc, waveform = found.get("constant"), found.get("time function")
    return Source(
        name,
        (plus, minus),
        dc=None if isinstance(dc, Waveform) else dc,
        waveform=waveform if isinstance(waveform, Waveform) else None,
        span=line.span,
    )


def _waveform(line: _Line, tree: Tree[Token]) -> Waveform | None:
    """A time function of plain numbers; one with expressions is not ours."""
    kind = str(tree.children[0]).upper()
    arguments: list[float] = []
    options: list[Parameter] = []
    for child in tree.children[1:]:
        if isinstance(child, Tree):
            options.append(_parameter(child))
        elif child.type in ("BRACED", "QUOTED"):
            return None
        else:
            arguments.extend(_numbers(line, child))
    if kind == "PWL" and len(arguments) % 2:
        hint = "PWL takes pairs: time value time value ..."
        raise line.error(f"PWL has {len(arguments)} numbers", _start(tree), hint)
    return Waveform(kind, tuple(arguments), tuple(options))


_SOURCE_PARTS: dict[str, tuple[str, Callable[[_Line, Tree[Token]], Value | Waveform | None]]] = {
    "dc": ("constant", lambda line, tree: _number(line, cast(Token, tree.children[0]), "constant")),
    "external": ("time function", lambda _line, _tree: Waveform("EXTERNAL", ())),
    "waveform": ("time function", _waveform),
    "foreign": ("time function", lambda _line, _tree: None),
}


def _numbers(line: _Line, token: Token) -> list[float]:
    """Numbers of a list; plain ones, the rule in long PWL lists, skip the suffix reader."""
    if _PLAIN_NUMBERS.fullmatch(token):
        try:
            values = [float(word) for word in token.replace(",", " ").split()]
        except ValueError:
            values = [math.inf]
        if all(map(math.isfinite, values)):
            return values
    return list(_suffixed_numbers(line, token))


def _suffixed_numbers(line: _Line, token: Token) -> Iterator[float]:
    for match in re.finditer(r"[^\s,]+", token):
        try:
            yield parse_number(match[0])
        except NetlistError as error:
            offset = (token.start_pos or 0) + match.start()
            raise line.error(error.message, offset, error.hint) from None


def _behavioural(line: _Line, children: Sequence[_Node]) -> Statement:
    name, plus, minus, quantity, text = map(str, children)
    expression = Expression(" ".join(_unquoted(text).split()))
    return Behavioural(name, (plus, minus), quantity[0].upper(), expression, line.span)


def _unquoted(text: str) -> str:
    """Without quotes around the whole; braces stay, for they mark what is evaluated at load."""
    text = text.strip()
    return text[1:-1] if re.fullmatch(r"'[^']*'", text) else text


def _subcircuit(line: _Line, children: Sequence[_Node]) -> Subcircuit:
    items, hint = _items(children), f"its form is: {_USAGE['.subckt']}"
    for word in items.words:
        if items.strange or word.type != "WORD":
            raise line.error(f"{word} is no name of a port", word.start_pos or 0, hint)
    if not items.words:
        raise line.error(".subckt has no name", len(line.text), hint)
    name, *ports = map(str, items.words)
    return Subcircuit(name, tuple(ports), items.parameters, span=line.span)


def _model(line: _Line, children: Sequence[_Node]) -> Statement | None:
    items = _items(children)
    if not items.words[1:]:
        hint = f"its form is: {_USAGE['.model']}"
        raise line.error(".model has no name or no kind", len(line.text), hint)
    name, kind, *others = map(str, items.words)
    return None if items.strange or others else Model(name, kind, items.parameters, line.span)


def _params(line: _Line, children: Sequence[_Node]) -> Statement | None:
    items = _items(children)
    return None if items.words else Params(items.parameters, line.span)


def _directive(line: _Line, children: Sequence[_Node]) -> Statement:
    keyword, *arguments = map(str, children)
    return Directive(keyword[1:].lower(), tuple(map(_one_word, arguments)), line.span)


def _one_word(argument: str) -> str:
    """Close up blanks around ``=`` and inside brackets, but not inside quotes or braces."""
    parts = re.split(r"(\"[^\"]*\"|'[^']*'|\{(?:[^{}]|\{[^{}]*\})*\})", argument)
    parts[::2] = (re.sub(r"\s*([=(),])\s*", r"\1", part) for part in parts[::2])
    return "".join(parts)


_BUILDERS: dict[str, Callable[[_Line, Sequence[_Node]], Statement | _Ends | _End | None]] = {
    "primitive": _primitive,
    "instance": _instance,
    "source": _source,
    "behavioural": _behavioural,
    "subcircuit": _subcircuit,
    "ends": lambda _line, children: _Ends(str(children[0]) if children else None),
    "end": lambda _line, _children: _End(),
    "model": _model,
    "params": _params,
    "directive": _directive,
    "unread": lambda _line, _children: None,
}
