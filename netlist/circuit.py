"""A netlist as plain frozen data: what is connected to what, in order, referring by name.

One class per shape of a SPICE statement rather than per device letter, so that a new device is a
row in the grammar and not a new class. Numbers are SI floats; a value the simulator must evaluate
is an `Expression`. Every node carries an optional source span that takes no part in equality,
therefore ``parse(emit(c)) == c`` can hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from netlist.span import Span


@dataclass(frozen=True, slots=True)
class Expression:
    """Text the simulator evaluates, without its braces or quotes: ``w*2``."""

    text: str


Value: TypeAlias = float | Expression | str
"""An SI number, an expression, or a bare word such as a flag's ``yes``."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """``name=value``."""

    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class Waveform:
    """The time function of an independent source: ``kind`` is PWL, PULSE, SIN and so on.

    ``arguments`` are the numbers between the parentheses in order (for PWL: t0 v0 t1 v1 ..., in
    seconds and volts or amperes); ``options`` are named ones such as ``r=0``.
    """

    kind: str
    arguments: tuple[float, ...]
    options: tuple[Parameter, ...] = ()


@dataclass(frozen=True, slots=True)
class Primitive:
    """A device of the simulator itself, by its letter: R C L M D E G F H S and so on.

    Attributes:
        name: Full name with its letter, ``Rload``.
        nodes: Terminal nodes in SPICE order (control nodes of E and G included).
        value: The positional value (R, C, L, E, G, F, H gain), or None.
        model: Name of its ``.model``, or None.
        control: Name of the controlling voltage source (F, H), or None.
        parameters: Instance parameters in order.
    """

    name: str
    nodes: tuple[str, ...]
    value: Value | None = None
    model: str | None = None
    control: str | None = None
    parameters: tuple[Parameter, ...] = ()
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Source:
    """An independent source: V (volts) or I (amperes), constant and/or a function of time."""

    name: str
    nodes: tuple[str, str]
    dc: Value | None = None
    waveform: Waveform | None = None
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Behavioural:
    """A ``B`` source: ``quantity`` is "V" or "I", ``expression`` the text after the equals sign."""

    name: str
    nodes: tuple[str, str]
    quantity: str
    expression: Expression
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Instance:
    """An ``X`` line: a subcircuit used once."""

    name: str
    nodes: tuple[str, ...]
    subcircuit: str
    parameters: tuple[Parameter, ...] = ()
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Model:
    """A ``.model`` card."""

    name: str
    kind: str
    parameters: tuple[Parameter, ...] = ()
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Params:
    """A ``.param`` line."""

    parameters: tuple[Parameter, ...]
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Directive:
    """Any other dot line we understand well enough to keep word by word: ``.tran``, ``.save``.

    Attributes:
        keyword: Lower case, without the dot.
        arguments: Its words; ``v(a)`` and ``name=value`` are one word each.
    """

    keyword: str
    arguments: tuple[str, ...] = ()
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Comment:
    """A whole-line comment, without its star."""

    text: str
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Raw:
    """A line kept verbatim because the parser does not read it; never dropped, always reported."""

    text: str
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Subcircuit:
    """A ``.subckt`` with its ports in order and its default parameters."""

    name: str
    ports: tuple[str, ...]
    parameters: tuple[Parameter, ...] = ()
    body: tuple[Statement, ...] = ()
    span: Span | None = field(default=None, compare=False)


Statement: TypeAlias = (
    Primitive
    | Source
    | Behavioural
    | Instance
    | Model
    | Params
    | Directive
    | Comment
    | Raw
    | Subcircuit
)


@dataclass(frozen=True, slots=True)
class Circuit:
    """A whole deck: its title line and its statements in order (no ``.end``)."""

    title: str
    body: tuple[Statement, ...] = ()

    def subcircuits(self) -> dict[str, Subcircuit]:
        """Top-level subcircuits by lower-case name, in order."""
        return {s.name.lower(): s for s in self.body if isinstance(s, Subcircuit)}

    def statements(self) -> Iterator[Statement]:
        """Every statement, subcircuit bodies included, depth first."""
        return _walk(self.body)


def _walk(body: tuple[Statement, ...]) -> Iterator[Statement]:
    for statement in body:
        yield statement
        if isinstance(statement, Subcircuit):
            yield from _walk(statement.body)
