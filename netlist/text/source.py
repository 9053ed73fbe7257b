"""What the words of a V or I line mean: the constant, the small signal, the function of time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lark import Token

from netlist.circuit import Parameter, Source, Statement, Value, Vector, Waveform
from netlist.text.line import LogicalLine
from netlist.text.shape import Shape, number_list, word_value
from netlist.text.usage import usage

KINDS = frozenset(("pwl", "pulse", "sin", "sine", "exp", "sffm", "am", "trnoise", "trrandom"))
"""Functions of time that take arguments."""
SIGNALS = ("ac", "distof1", "distof2")
"""Small signals: a magnitude and a phase, either of which may be missing."""
PARAMETERS = frozenset(
    ("portnum", "z0", "pwr", "freq", "phase", "m", "acmag", "acphase", "acreal", "acimag")
)
"""Parameters of the source itself; any other after a function of time is the function's."""
LOAD = "load"
"""LTspice's flag of a current source that is a load; the last word before the parameters."""
_LOAD = re.compile(r"[\s)]load\s*(?=$|\s[^\s=]+\s*=)", re.IGNORECASE)
KEYWORDS = KINDS | PARAMETERS | frozenset((*SIGNALS, "dc", "external"))
"""Words that no value of a source may be."""


@dataclass(slots=True)
class _Found:
    """What was read so far, by meaning."""

    dc: Value | None = None
    waveform: Waveform | None = None
    signals: dict[str, tuple[Value, ...]] = field(default_factory=dict)
    parameters: list[Parameter] = field(default_factory=list)

    def in_order(self) -> bool:
        """Whether no option of the function of time stands before it."""
        names = (p.name.lower() for p in self.parameters if p.value is not None)
        return self.waveform is None or all(name in PARAMETERS for name in names)


def source(line: LogicalLine, name: str, shape: Shape) -> Statement | None:
    """Read a V or I line.

    Args:
        line: Its line.
        name: Its name.
        shape: The rest of the line.

    Returns:
        The source; None when a word of it is not known here.

    Raises:
        NetlistError: When words are missing, come twice, or a number is none.
    """
    if len(shape.words) < 2:  # noqa: PLR2004 - plus and minus
        hint = f"its form is: {usage(name)}"
        raise line.error(f"{name} ends too early", len(line.text), hint)
    plus, minus = shape.words[:2]
    if shape.strange or plus[0] in "{'\"" or minus[0] in "{'\"":
        return None
    found = _Found()
    given = shape.words[2:]
    if _is_load(line.text, given):
        given = given[:-1]
        found.parameters.append(Parameter(str(shape.words[-1])))
    words = [*given, *_rejoined(shape.parameters)]
    if not _read(line, name, words, found) or not found.in_order():
        return None
    return Source(
        name,
        (str(plus), str(minus)),
        dc=found.dc,
        waveform=found.waveform,
        ac=found.signals.get("ac"),
        distof1=found.signals.get("distof1"),
        distof2=found.signals.get("distof2"),
        parameters=tuple(found.parameters),
        span=line.span,
    )


def _is_load(text: str, words: Sequence[Token]) -> bool:
    """Whether the last word is LTspice's flag, and not the constant or an argument."""
    if len(words) < 2 or words[-1].lower() != LOAD or words[-2].lower() == "dc":  # noqa: PLR2004
        return False
    return _LOAD.search(text) is not None


def _rejoined(parameters: Sequence[Parameter]) -> Iterator[Token | Parameter]:
    """Bare words after a parameter (``r=0 dc 1``) are words of the source again."""
    for parameter in parameters:
        if parameter.value is None:
            yield Token("WORD", parameter.name)
        else:
            yield parameter


def _read(line: LogicalLine, name: str, words: Sequence[Token | Parameter], found: _Found) -> bool:  # noqa: C901 - a keyword, a branch
    index = 0
    while index < len(words):
        word = words[index]
        index += 1
        if isinstance(word, Parameter):
            if not _take_parameter(line, name, word, found):
                return False
            continue
        key = word.lower()
        end = _values_end(words, index)
        values = [w for w in words[index:end] if isinstance(w, Token)]
        if key == "dc":
            if values:
                _take_constant(line, name, values[0], found)
                index += 1
        elif key in SIGNALS:
            _once(line, name, f"{key} signal", word, key in found.signals)
            index += min(2, len(values))
            found.signals[key] = number_list(line, values[:2])
        elif key == "external":
            _once(line, name, "time function", word, found.waveform is not None)
            found.waveform = Waveform("EXTERNAL", ())
        elif key in KINDS:
            _once(line, name, "time function", word, found.waveform is not None)
            found.waveform = _waveform(line, word, values)
            index = end
        elif key in PARAMETERS and values:
            found.parameters.append(Parameter(str(word), word_value(line, values[0], name)))
            index += 1
        elif key == LOAD and isinstance(words[index - 2], Parameter) and index > 1:
            found.parameters.append(Parameter(str(word)))
        elif index == 1:
            _take_constant(line, name, word, found)
        else:
            return False
    return True


def _values_end(words: Sequence[Token | Parameter], start: int) -> int:
    end = start
    while end < len(words):
        word = words[end]
        if isinstance(word, Parameter) or word.lower() in KEYWORDS:
            break
        end += 1
    return end


def _once(line: LogicalLine, name: str, what: str, word: Token, again: bool) -> None:
    if again:
        hint = "remove one of them; a source is a constant, one time function, or both"
        raise line.error(f"{name} has a second {what}", word.start_pos or 0, hint)


def _take_constant(line: LogicalLine, name: str, word: Token, found: _Found) -> None:
    _once(line, name, "constant", word, found.dc is not None)
    found.dc = word_value(line, word, "constant")


def _take_parameter(line: LogicalLine, name: str, parameter: Parameter, found: _Found) -> bool:
    key, value = parameter.name.lower(), parameter.value
    if value is None:
        return False
    if key == "dc":
        _once(line, name, "constant", Token("WORD", key), found.dc is not None)
        found.dc = value
    elif key in SIGNALS:
        _once(line, name, f"{key} signal", Token("WORD", key), key in found.signals)
        found.signals[key] = value.items if isinstance(value, Vector) else (value,)
    elif key in PARAMETERS or found.waveform is None:
        found.parameters.append(parameter)
    else:
        options = (*found.waveform.options, parameter)
        found.waveform = Waveform(found.waveform.kind, found.waveform.arguments, options)
    return True


def _waveform(line: LogicalLine, word: Token, values: Sequence[Token]) -> Waveform:
    kind = word.upper()
    arguments = number_list(line, values)
    numeric = all(isinstance(argument, float) for argument in arguments)
    if kind == "PWL" and len(arguments) % 2 and numeric:
        hint = "PWL takes pairs: time value time value ..."
        raise line.error(f"PWL has {len(arguments)} numbers", word.start_pos or 0, hint)
    return Waveform(kind, arguments)
