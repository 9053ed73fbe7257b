"""A subcircuit's statements as what is drawn of each: its ends, its name and its values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from textwrap import wrap

from netlist.circuit import (
    Behavioural,
    Bundle,
    CodeModel,
    Comment,
    Conditional,
    Connected,
    Expression,
    Gate,
    Instance,
    Model,
    Parameter,
    Polynomial,
    Primitive,
    Source,
    Statement,
    Subcircuit,
    Table,
    Value,
)
from netlist.passes.structures import BOTTOMS, TOPS, Transistor, as_transistor, structures

_TWO_ENDS = frozenset("rcldvibefghm")
_BOX_PINS: Mapping[str, tuple[str, ...]] = {
    "q": ("c", "b", "e", "s"),
    "j": ("d", "g", "s"),
    "z": ("d", "g", "s"),
}
_SCALED = re.compile(r"^(\d+\.?\d*(?:e[-+]?\d+)?)(\*.+)$", re.IGNORECASE)
_LETTERS = (
    *((1e12, "T"), (1e9, "G"), (1e6, "Meg"), (1e3, "k"), (1.0, "")),
    *((1e-3, "m"), (1e-6, "u"), (1e-9, "n"), (1e-12, "p"), (1e-15, "f")),
)
_WORDS = re.compile(r"[^\s+*/-]*[\s+*/-]+|[^\s+*/-]+")
_WIDEST = 26
"""Letters on a line of values."""
_NARROW = 15
"""The same beside a transistor."""
_MOST_LINES = 4
_TWO = 2


@dataclass(frozen=True, slots=True)
class Part:
    """What is drawn for one statement.

    Attributes:
        name: Its name.
        kind: "n" or "p" for a transistor, "box", else its letter.
        source: Node at its source, or at the end that a current from the supplies begins at.
        drain: Node at its other end.
        gate: Node of its gate; empty without one.
        lines: Its values, a line each.
        side: "p" when it hangs from a supply above, "n" when it stands on one below.
        pins: Of a box: names inside and nodes outside.
        over: Whether its first end is the lower one.
        mark: Of a box that is logic: what stands in it, as IEC 60617 has it.
        outputs: How many of a box's pins, from the last, are on the right; None for half of them.
        negated: Nodes at which it has the circle of a negation.
        inverter: Of a subcircuit that is one: which of its pins are the input, the output, the
            upper and the lower supply.
    """

    name: str
    kind: str
    source: str
    drain: str
    gate: str = ""
    lines: tuple[str, ...] = ()
    side: str = ""
    pins: tuple[tuple[str, str], ...] = ()
    over: bool = False
    mark: str = ""
    outputs: int | None = None
    negated: tuple[str, ...] = ()
    inverter: tuple[int, ...] = ()

    @property
    def nets(self) -> tuple[str, ...]:
        """Every node it has an end at."""
        if self.kind == "box":
            return tuple(node for _, node in self.pins)
        return tuple(node for node in (self.source, self.gate, self.drain) if node)


def drawn_parts(
    subcircuit: Subcircuit, subcircuits: Mapping[str, Subcircuit], polarity: Mapping[str, str]
) -> tuple[Part, ...]:
    """What is drawn of a subcircuit, in its order.

    Args:
        subcircuit: The one to draw.
        subcircuits: Those it may use, by lower-case name.
        polarity: Of transistor models.

    Returns:
        A part for each statement with nodes.
    """
    kinds = {s.name.lower(): s.kind.lower() for s in subcircuit.body if isinstance(s, Model)}
    made = []
    for statement in subcircuit.body:
        part = _part(statement, subcircuits, polarity)
        if part is not None and isinstance(statement, CodeModel):
            part = _logic(part, statement, kinds.get(statement.model.lower(), ""))
        if part is not None and isinstance(statement, Instance):
            part = _inverting(part, subcircuits.get(statement.subcircuit.lower()), polarity)
        made.append(part)
    return tuple(part for part in made if part is not None)


_LOGIC: Mapping[str, tuple[str, bool]] = {
    "d_and": ("&", False),
    "d_nand": ("&", True),
    "d_or": ("≥1", False),
    "d_nor": ("≥1", True),
    "d_xor": ("=1", False),
    "d_xnor": ("=1", True),
    "d_buffer": ("1", False),
    "d_inverter": ("1", True),
    "d_tff": ("T", False),
    "d_dff": ("D", False),
    "adc_bridge": ("#", False),
    "dac_bridge": ("∩", False),
}
"""XSPICE's code models: what stands in the box, and whether its output is negated."""


def _logic(part: Part, device: CodeModel, kind: str) -> Part:
    """A code model of logic with its mark, inputs on the left and outputs on the right."""
    if kind not in _LOGIC:
        return part
    mark, negated = _LOGIC[kind]
    last = device.ports[-2:] if kind.endswith("ff") else device.ports[-1:]
    nodes = [port.connections if isinstance(port, Bundle) else (port,) for port in last]
    outputs = sum(len(one.nodes) for some in nodes for one in some)
    pins = tuple(("", node) for _, node in part.pins) if outputs == 1 else part.pins
    ends = (part.pins[-1][1],) if negated or kind.endswith("ff") else ()
    return replace(part, mark=mark, outputs=outputs, negated=ends, pins=pins)


def inverter_pins(inner: Subcircuit, polarity: Mapping[str, str]) -> tuple[int, ...]:
    """Which ports of a subcircuit make it an inverter and nothing else.

    Args:
        inner: The subcircuit.
        polarity: Of transistor models.

    Returns:
        The places of the input, the output, the upper and the lower supply among its ports; empty
        when it has others, or is no inverter.
    """
    devices = [s for s in inner.body if isinstance(s, Connected)]
    found = structures(inner, polarity) if len(devices) == _TWO else ()
    if [one.kind for one in found] != ["inverter"]:
        return ()
    pair = {t.kind: t for t in (as_transistor(s, polarity) for s in devices) if t is not None}
    ports = [port.lower() for port in inner.ports]
    ends = (pair["p"].gate, pair["p"].drain, pair["p"].source, pair["n"].source)
    return tuple(map(ports.index, ends)) if sorted(ends) == sorted(ports) else ()


def _inverting(part: Part, inner: Subcircuit | None, polarity: Mapping[str, str]) -> Part:
    """A call of a subcircuit that is an inverter, as one."""
    places = inverter_pins(inner, polarity) if inner else ()
    return replace(part, inverter=places) if len(part.pins) == len(places) else part


def distinct(subcircuit: Subcircuit) -> Subcircuit:
    """The same with a number behind a name that an earlier device bears as well."""
    seen: Counter[str] = Counter()
    body: list[Statement] = []
    for statement in subcircuit.body:
        if isinstance(statement, Connected):
            seen[statement.name] += 1
            count = seen[statement.name]
            again = f"{statement.name} ({count})" if count > 1 else statement.name
            body.append(replace(statement, name=again))
        else:
            body.append(statement)
    return replace(subcircuit, body=tuple(body))


def undrawn(subcircuit: Subcircuit) -> tuple[str, ...]:
    """What a picture leaves out: statements that do something and have no nodes of their own."""
    return tuple(_left_out(subcircuit.body))


def _left_out(body: tuple[Statement, ...]) -> Iterator[str]:
    for statement in body:
        if isinstance(statement, Connected | Comment):
            continue
        kind = type(statement).__name__.lower()
        if isinstance(statement, Conditional):
            yield "what .if chooses"
        elif kind in {"coupling", "digital"}:
            yield str(getattr(statement, "name", kind))
        elif kind in {"foreign", "raw"}:
            yield str(getattr(statement, "text", kind)).split()[0]


def _part(
    statement: Statement, subcircuits: Mapping[str, Subcircuit], polarity: Mapping[str, str]
) -> Part | None:
    transistor = as_transistor(statement, polarity)
    if transistor is not None:
        return _drawn_transistor(transistor)
    if not isinstance(statement, Connected) or not statement.nodes:
        return None
    letter = statement.name[:1].lower()
    plain = isinstance(statement, Primitive | Source | Behavioural | Polynomial | Table)
    controlled = isinstance(statement, Primitive) and letter in "eg"
    if plain and letter in _TWO_ENDS and (len(statement.nodes) == _TWO or controlled):
        first, second = (node.lower() for node in statement.nodes[:2])
        return _upright(Part(statement.name, letter, first, second, "", _values(statement)))
    return _box(statement, subcircuits)


def _drawn_transistor(one: Transistor) -> Part:
    lines = _size(one)
    usual = BOTTOMS if one.kind == "n" else TOPS
    if one.bulk not in usual and one.bulk != one.source:
        lines = (*lines, f"body {one.bulk}")
    return Part(one.name, one.kind, one.source, one.drain, one.gate, lines, one.kind)


def _upright(part: Part) -> Part:
    """A device of two ends at a rail, turned to it."""
    first, second = part.source, part.drain
    if second in BOTTOMS:
        return replace(part, source=second, drain=first, side="n")
    if first in BOTTOMS:
        return replace(part, side="n", over=True)
    if first in TOPS:
        return replace(part, side="p")
    if second in TOPS:
        return replace(part, source=second, drain=first, side="p", over=True)
    return part


def _box(statement: Connected, subcircuits: Mapping[str, Subcircuit]) -> Part:
    made_of = ""
    names: tuple[str, ...] = ()
    if isinstance(statement, Instance):
        made_of = statement.subcircuit
        inner = subcircuits.get(made_of.lower())
        names = inner.ports if inner else ()
    elif isinstance(statement, CodeModel):
        made_of = statement.model
    elif isinstance(statement, Primitive):
        made_of = statement.model or ""
        names = _BOX_PINS.get(statement.name[:1].lower(), ())
    controls = statement.controls if isinstance(statement, Gate) else ()
    nodes = tuple(node.lower() for node in (*statement.nodes, *controls))
    if len(names) < len(nodes):
        names = (*names, *(str(i + 1) for i in range(len(names), len(nodes))))
    title = f"{statement.name}: {made_of}" if made_of else statement.name
    lines: tuple[str, ...] = (title,)
    if isinstance(statement, Instance):
        lines += tuple(wrap(_given(statement.parameters), _WIDEST, break_long_words=False))
    pins = tuple(zip(names, nodes, strict=False))
    return Part(statement.name, "box", "", "", "", lines, "", pins)


def _given(parameters: tuple[Parameter, ...]) -> str:
    return " ".join(f"{p.name}={_short(p.value)}" for p in parameters)


def _size(one: Transistor) -> tuple[str, ...]:
    width, length = one.size[1:3]
    both = [_factor(_short(value, 1e-6), "-+/") for value in (width, length) if value is not None]
    size = "/".join(both)
    times = f"×{_factor(_short(one.times), '-+')}" if one.times not in (None, 1.0) else ""
    whole = f"{size} {times}".strip()
    if len(whole) <= _NARROW:
        return (whole,) if whole else ()
    return (*_wrapped(size, _WIDEST), *_wrapped(times, _WIDEST))


def _factor(text: str, signs: str) -> str:
    """A text in brackets where one of some signs would say something else beside its neighbour."""
    plain = re.sub(r"\([^()]*\)|e-", "", text)
    return f"({text})" if any(sign in plain for sign in signs) else text


def _values(statement: Connected) -> tuple[str, ...]:
    if isinstance(statement, Behavioural):
        return _wrapped(f"{statement.quantity.lower()}={statement.expression.text}")
    if isinstance(statement, Source):
        kind = statement.waveform.kind if statement.waveform else ""
        return _wrapped(f"{_short(statement.dc)} {kind}".strip())
    if isinstance(statement, Table):
        return _wrapped(f"table {statement.expression.text}")
    if isinstance(statement, Polynomial):
        return _wrapped("poly " + " ".join(statement.controls))
    if isinstance(statement, Primitive):
        control = ",".join(statement.nodes[2:]) or statement.control or ""
        return _wrapped(f"{_short(statement.value)} {control}".strip() or (statement.model or ""))
    return ()


def _short(value: Value | None, unit: float = 1.0) -> str:
    if isinstance(value, Expression):
        scaled = _SCALED.match(value.text) if unit != 1.0 else None
        if scaled:
            return f"{float(scaled[1]) / unit:.6g}{scaled[2]}"
        return value.text
    if isinstance(value, float | int):
        return f"{value / unit:.6g}" if unit != 1.0 else _engineering(value)
    return "" if value is None else str(value)


def _engineering(value: float) -> str:
    """A number with SPICE's letter for its size."""
    for scale, letter in _LETTERS:
        if abs(value) >= scale * (1 - 1e-9):
            return f"{value / scale:.6g}{letter}"
    return f"{value:.6g}"


def _wrapped(text: str, widest: int = _WIDEST) -> tuple[str, ...]:
    """Text in lines, broken behind blanks and operators."""
    lines: list[str] = []
    for word in _WORDS.findall(text):
        if lines and len(lines[-1]) + len(word.rstrip()) <= widest:
            lines[-1] += word
        else:
            lines.append(word)
    lines = [line.strip() for line in lines]
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], lines[_MOST_LINES - 1] + " …"]
    return tuple(lines)
