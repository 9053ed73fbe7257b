"""What stands on lines that begin with a dot, and on B lines: text rather than words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lark import Token

from netlist.circuit import (
    Behavioural,
    Comment,
    Directive,
    Expression,
    Function,
    Model,
    NumericalModel,
    Parameter,
    Params,
    Statement,
    Subcircuit,
)
from netlist.text.foreign import LTSPICE
from netlist.text.line import LogicalLine
from netlist.text.shape import Shape, check_brackets, parse_line, scalar
from netlist.text.usage import usage

DIRECTIVES = frozenset(
    (
        *("tran", "op", "dc", "ac", "noise", "tf", "four", "fourier", "sens", "pz", "disto", "pss"),
        *("sp", "save", "print", "plot", "probe", "width", "meas", "measure", "ic", "nodeset"),
        *("option", "options", "opt", "inc", "incl", "include", "lib", "endl", "global"),
        *("temp", "title"),
        *("csparam", "endc", *LTSPICE),
    )
)
"""Dot words of ngspice, and those of LTspice, whose arguments are kept word by word."""

_BEHAVIOURAL = re.compile(
    r"(?P<name>\S+)[\s,(]+(?P<plus>[^\s,=(){}'\"]+)[\s,]+(?P<minus>[^\s,=(){}'\"]+)[\s,)]+"
    r"(?P<quantity>[viVIrpRPbB])\s*=\s*(?P<text>\S.*)"
)
_TRAILING = re.compile(
    r"(?<=[\w)}'.])\s+(?P<name>[A-Za-z_]\w*)\s*=\s*"
    r"(?P<value>\{[^{}]*\}|'[^']*'|[^\s,=(){}'\"<>!]+)\s*$"
)
_ASSIGNMENT = re.compile(r"(?<![^\s,)}'\"])(?P<name>[^\s,=(){}'\"<>!]+)\s*=(?!=)\s*")
_FUNCTION = re.compile(
    r"\.\w+\s+(?P<name>[^\s,=(){}'\"]+)\s*\((?P<arguments>[^(){}=]*)\)\s*=?\s*(?P<body>\S.*)"
)
_PLAIN = re.compile(r"[A-Za-z_][\w.$#@\[\]]*|\"[^\"]*\"|(?:[\w\"]*\{\w+\}[\w\"]*)+")
"""A name, a text, or texts put together: ``"01"{other}``."""
PARAMETER_NAME = re.compile(r"[^\s,=(){}'\"<>!]+")
"""What may stand before an equals sign of ``.param``: no comparison ends like it."""
_QUOTED = re.compile(r"(\"[^\"]*\"|'[^']*'|\{(?:[^{}]|\{[^{}]*\})*\})")
_OPEN, _CLOSE = "({", ")}"


def behavioural(line: LogicalLine) -> Statement:
    """Read a B line.

    Args:
        line: Its line.

    Returns:
        The source.

    Raises:
        NetlistError: When it gives neither V nor I.
    """
    text = line.text
    found = _BEHAVIOURAL.fullmatch(text)
    if found is None:
        words = text.split(maxsplit=3)
        at = text.rindex(words[3]) if words[3:] else len(text)
        what = f"{words[3]!r} is not expected here" if words[3:] else f"{words[0]} ends too early"
        raise line.error(what, at, f"its form is: {usage('b')}")
    body, parameters = split_trailing(" ".join(found["text"].split()))
    return Behavioural(
        found["name"],
        (found["plus"], found["minus"]),
        found["quantity"].upper(),
        Expression(" ".join(_unquoted(body).split())),
        parameters,
        line.span,
    )


def split_trailing(text: str) -> tuple[str, tuple[Parameter, ...]]:
    """Take ``tc1=1e-3`` and the like from the end of a B source's text.

    Args:
        text: What follows the equals sign.

    Returns:
        The expression, and the parameters in order.
    """
    parameters: list[Parameter] = []
    while found := _TRAILING.search(text):
        if not _balanced(text[: found.start()]):
            break
        parameters.insert(0, Parameter(found["name"], scalar(found["value"])))
        text = text[: found.start()]
    return text, tuple(parameters)


def _unquoted(text: str) -> str:
    """Without quotes around the whole; braces stay, for they mark what is evaluated at load."""
    text = text.strip()
    return text[1:-1] if re.fullmatch(r"'[^']*'", text) else text


def _balanced(text: str) -> bool:
    return all(text.count(o) == text.count(c) for o, c in zip(_OPEN, _CLOSE, strict=True))


def model(line: LogicalLine, card: Shape) -> Statement | None:
    """Read a ``.model`` card.

    Args:
        line: Its line.
        card: The rest of the line.

    Returns:
        The model; None when a word of it is an expression.

    Raises:
        NetlistError: When it has no name or no kind.
    """
    if not card.words[1:]:
        hint = f"its form is: {usage('.model')}"
        raise line.error(".model has no name or no kind", len(line.text), hint)
    name, kind, *others = card.words
    if any(word[0] in "{'" for word in card.words):
        return None
    flags = tuple(Parameter(str(word)) for word in others)
    return Model(str(name), str(kind), (*flags, *card.parameters), line.span)


NUMERICAL = frozenset(("numd", "nbjt", "numos"))
"""Kinds of model whose continuation lines are cards of their own."""


def numerical_model(line: LogicalLine) -> Statement | None:
    """Read the ``.model`` card of a device on a mesh.

    Args:
        line: Its line.

    Returns:
        The model; None when it is of another kind.
    """
    words = line.texts[0].split(maxsplit=3)
    if len(words) < 3 or words[2].lower() not in NUMERICAL:  # noqa: PLR2004 - the kind
        return None
    texts = (words[3] if words[3:] else "", *line.texts[1:])
    first, *others = (" ".join(text.split()) for text in texts)
    cards = (first, *(text for text in others if text))
    return NumericalModel(words[1], words[2], cards, line.span)


def subcircuit(line: LogicalLine, card: Shape) -> Subcircuit:
    """Read a ``.subckt`` heading.

    Args:
        line: Its line.
        card: The rest of the line.

    Returns:
        The subcircuit, its body empty.

    Raises:
        NetlistError: When it has no name, or a port is no name.
    """
    hint = f"its form is: {usage('.subckt')}"
    for word in card.words:
        if word[0] in "{'\"":
            raise line.error(f"{word} is no name of a port", word.start_pos or 0, hint)
    if not card.words:
        raise line.error(".subckt has no name", len(line.text), hint)
    name, *ports = map(str, card.words)
    return Subcircuit(name, tuple(ports), card.parameters, span=line.span)


def params(line: LogicalLine) -> Statement | None:
    """Read a ``.param`` line; one that defines a function is a `Function`.

    Args:
        line: Its line.

    Returns:
        The parameters; a comment when the line has no equals sign at all, for ngspice then takes
        it for one; None when there is none where one is wanted.

    Raises:
        NetlistError: When a bracket does not close or a value is missing.
    """
    text = line.text
    if "=" not in text and len(text.split()) > 1:
        return Comment(" " + " ".join(text.split()), line.span)
    if _FUNCTION.fullmatch(text):
        return function(line)
    start = len(text.split(maxsplit=1)[0])
    places = list(_outside(text, start))
    if not places or text[start : places[0].start()].strip(" ,\t"):
        return None if text[start:].strip() else Params((), line.span)
    ends = [place.start() for place in places[1:]] + [len(text)]
    return Params(
        tuple(_assigned(line, *pair) for pair in zip(places, ends, strict=True)), line.span
    )


def _outside(text: str, start: int) -> Iterator[re.Match[str]]:
    """Names before an equals sign that lie in no bracket and no quote; the text is read once."""
    open_count = dict.fromkeys("({'\"", 0)
    for found in _ASSIGNMENT.finditer(text, start):
        between = text[start : found.start()]
        start = found.start()
        for mark, closing in (("(", ")"), ("{", "}")):
            open_count[mark] += between.count(mark) - between.count(closing)
        for quote in "'\"":
            open_count[quote] = (open_count[quote] + between.count(quote)) % 2
        if not any(open_count.values()):
            yield found


def _assigned(line: LogicalLine, place: re.Match[str], end: int) -> Parameter:
    text = place.string[place.end() : end].strip(" ,\t")
    hint = f"its form is: {usage('.param')}"
    if not text:
        raise line.error(f"{place['name']} has no value", place.end(), hint)
    if not _balanced(text):
        raise line.error(f"{text[:40]} is not closed", place.end(), hint)
    return Parameter(place["name"], formula(text))


def formula(text: str) -> float | Expression | str:
    """A value of ``.param``: what is neither number, text nor name is evaluated.

    Args:
        text: What follows the equals sign.

    Returns:
        Its value.
    """
    value = scalar(text, formula=True)
    plain = not isinstance(value, str) or _PLAIN.fullmatch(text)
    return value if plain else Expression(" ".join(text.split()))


def function(line: LogicalLine) -> Statement | None:
    """Read a ``.func`` line.

    Args:
        line: Its line.

    Returns:
        The function; None when it is of another form.
    """
    found = _FUNCTION.fullmatch(line.text)
    if found is None:
        return None
    body = found["body"].strip()
    value = scalar(body)
    inner = value if isinstance(value, Expression) else Expression(" ".join(body.split()))
    if not _balanced(inner.text):
        return None
    arguments = tuple(re.findall(r"[^\s,]+", found["arguments"]))
    return Function(found["name"], arguments, inner, line.span)


def condition(line: LogicalLine) -> Expression:
    """What an ``.if`` or ``.elseif`` asks, without brackets around the whole.

    Args:
        line: Its line.

    Returns:
        The condition.

    Raises:
        NetlistError: When there is none, or a bracket does not close.
    """
    text = re.sub(r"^\.(elseif|if)\s*", "", line.text, flags=re.IGNORECASE).strip()
    hint = f"its form is: {usage('.if')}"
    if not text:
        raise line.error("there is no condition", len(line.text), hint)
    if not _balanced(text):
        raise line.error(f"{text[:40]} is not closed", len(line.text) - len(text), hint)
    while text[0] + text[-1] in ("()", "{}", "''") and _closes_last(text):
        text = text[1:-1].strip()
        if not text:
            raise line.error("there is no condition", len(line.text), hint)
    return Expression(" ".join(text.split()))


def _closes_last(text: str) -> bool:
    if text[0] == "'":
        return text.count("'") == 2  # noqa: PLR2004 - one pair
    depth = 0
    for index, character in enumerate(text):
        depth += (character in _OPEN) - (character in _CLOSE)
        if depth == 0:
            return index == len(text) - 1
    return False


def directive(line: LogicalLine, keyword: str, start: int) -> Statement | None:
    """Read a dot line that is kept word by word.

    Args:
        line: Its line.
        keyword: What its first word is taken for, without the dot.
        start: Where the text after that word begins.

    Returns:
        The directive; None for a measurement with an open bracket, which fails alone.

    Raises:
        NetlistError: When a bracket or quote does not close.
    """
    text = line.text
    if keyword in ("meas", "measure") and text.count("(") != text.count(")"):
        return None
    check_brackets(line, text)
    words = parse_line(line, text, start, "arguments")
    arguments = tuple(_one_word(str(w)) for w in words if isinstance(w, Token))
    return Directive(keyword, arguments, line.span)


def _one_word(argument: str) -> str:
    """Close up blanks around ``=`` and inside brackets, but not inside quotes or braces."""
    parts = _QUOTED.split(argument)
    parts[::2] = (re.sub(r"\s*([=(),])\s*", r"\1", part) for part in parts[::2])
    return "".join(parts)


def words_of(line: LogicalLine) -> Iterator[str]:
    """The words of a line that has no parameters.

    Args:
        line: The line.

    Yields:
        Its words after the first.
    """
    yield from line.text.split()[1:]
