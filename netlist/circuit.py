"""A netlist as plain frozen data: what is connected to what, in order, referring by name.

One class per shape of a SPICE statement rather than per device letter, so that a new device is a
row in a table and not a new class. Numbers are SI floats; a value the simulator must evaluate
is an `Expression`. Every node carries an optional source span that takes no part in equality,
therefore ``parse(emit(c)) == c`` can hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from netlist.expression import Term, read_expression
from netlist.span import Span


@dataclass(frozen=True, slots=True)
class Expression:
    """Text the simulator evaluates, without its braces or quotes: ``w*2``.

    The text is what counts and what is written again; ``tree`` is what it means.
    """

    text: str

    @property
    def tree(self) -> Term:
        """The expression as a tree; `NetlistError` when it is none we read."""
        return read_expression(self.text)


@dataclass(frozen=True, slots=True)
class Vector:
    """A list of values: ``0.6,5`` of ``ic=0.6,5``, or in brackets ``[0 1 2]`` as code models do."""

    items: tuple[float | Expression | str, ...]
    brackets: bool = False


Value: TypeAlias = float | Expression | str | Vector
"""An SI number, an expression, a bare word such as a flag's ``yes``, or a list of these."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """``name=value``; a bare word such as ``off`` has no value."""

    name: str
    value: Value | None = None


@dataclass(frozen=True, slots=True)
class Waveform:
    """The time function of an independent source: ``kind`` is PWL, PULSE, SIN and so on.

    ``arguments`` are the values between the parentheses in order (for PWL: t0 v0 t1 v1 ..., in
    seconds and volts or amperes), a parameter's name or an expression among them; ``options`` are
    named ones such as ``r=0``.
    """

    kind: str
    arguments: tuple[Value, ...]
    options: tuple[Parameter, ...] = ()

    @classmethod
    def through(cls, points: Iterable[tuple[float, float]]) -> Waveform:
        """A PWL course through points in time.

        Args:
            points: Seconds and volts or amperes, in order.

        Returns:
            The waveform, its times as `tick` has them.
        """
        return cls("PWL", tuple(x for at_s, v in points for x in (tick(at_s), float(v))))


def tick(time_s: float) -> float:
    """A time to fourteen digits, so that two lines that change together do so to the last bit.

    ngspice looks for a corner of a PWL source at the present time to know the next one; a corner
    that misses a neighbour's by a few last bits is passed over, and every later one with it.

    Args:
        time_s: Seconds.

    Returns:
        Seconds.
    """
    return float(f"{time_s:.14g}")


@dataclass(frozen=True, slots=True)
class Primitive:
    """A device of the simulator itself, by its letter: R C L M D Q J S T and so on.

    Attributes:
        name: Full name with its letter, ``Rload``.
        nodes: Terminal nodes in SPICE order (control nodes of linear E and G included).
        value: The positional value (R, C, L; E, G, F, H gain; D, Q, J area), or None.
        model: Name of its ``.model``, or None.
        control: Name of the controlling voltage source (F, H, W), or None.
        parameters: Instance parameters in order, ``off`` and the like among them.
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
    """An independent source: V (volts) or I (amperes), constant and/or a function of time.

    Attributes:
        name: Full name with its letter.
        nodes: Plus and minus.
        dc: The constant, or None.
        waveform: The function of time, or None.
        ac: Magnitude and phase (degrees) of a small signal, either may be missing; None without.
        distof1: The same for the first frequency of a distortion analysis.
        distof2: The same for the second.
        parameters: ``portnum=1 z0=50`` and so on.
    """

    name: str
    nodes: tuple[str, str]
    dc: Value | None = None
    waveform: Waveform | None = None
    ac: tuple[Value, ...] | None = None
    distof1: tuple[Value, ...] | None = None
    distof2: tuple[Value, ...] | None = None
    parameters: tuple[Parameter, ...] = ()
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Behavioural:
    """A source that follows an expression: any B, and an E, G, F or H written with ``value=``.

    Attributes:
        name: Full name with its letter.
        nodes: Plus and minus.
        quantity: The word before the equals sign, upper case: V or I of a B source (R, P or B in
            LTspice and QSPICE); VALUE, VOL or CUR of the others.
        expression: What follows it.
        parameters: Parameters after it, such as ``tc1=1e-3``.
    """

    name: str
    nodes: tuple[str, str]
    quantity: str
    expression: Expression
    parameters: tuple[Parameter, ...] = ()
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Polynomial:
    """An E, G, F or H source with ``POLY(n)``.

    Attributes:
        name: Full name with its letter.
        nodes: Plus and minus.
        controls: Control nodes, two per dimension (E, G), or voltage sources, one each (F, H).
        coefficients: In the order of SPICE.
        parameters: Parameters after them, such as ``m=2``.
    """

    name: str
    nodes: tuple[str, str]
    controls: tuple[str, ...]
    coefficients: tuple[Value, ...]
    parameters: tuple[Parameter, ...] = ()
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Table:
    """An E or G source with ``TABLE {expression} = (x, y) (x, y) ...``."""

    name: str
    nodes: tuple[str, str]
    expression: Expression
    points: tuple[tuple[Value, Value], ...]
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Gate:
    """An old E or G source that is a logic gate: ``NAND(2)``, its inputs and its characteristic.

    Attributes:
        name: Full name with its letter.
        nodes: Plus and minus of the output.
        kind: Upper case: AND, NAND, OR or NOR.
        controls: Input nodes, two each.
        points: Input and output of the characteristic, volts.
    """

    name: str
    nodes: tuple[str, str]
    kind: str
    controls: tuple[str, ...]
    points: tuple[tuple[Value, Value], ...]
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Transfer:
    """An E or G source that filters an expression: PSpice's ``LAPLACE``, ``FREQ``, ``CHEBYSHEV``.

    Attributes:
        name: Full name with its letter.
        nodes: Plus and minus.
        kind: Upper case.
        expression: What goes in.
        arguments: One expression of ``s`` (LAPLACE); words and then frequency, magnitude and phase
            in turn (FREQ); the kind of filter and its numbers (CHEBYSHEV).
    """

    name: str
    nodes: tuple[str, str]
    kind: str
    expression: Expression
    arguments: tuple[Value, ...]
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Coupling:
    """A ``K`` line: inductors that share a field, and their coefficient."""

    name: str
    inductors: tuple[str, ...]
    value: Value
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Connection:
    """One port of a code model: ``kind`` is what follows the percent sign (v, i, vd, vnam ...).

    Attributes:
        nodes: One node, or two of a differential kind; ``null`` is none at all.
        kind: Without the percent sign; empty when none is given.
        inverted: Whether a ``~`` inverts a digital signal.
    """

    nodes: tuple[str, ...]
    kind: str = ""
    inverted: bool = False


@dataclass(frozen=True, slots=True)
class Bundle:
    """A port of a code model that takes several connections: ``%v [a b c]``."""

    connections: tuple[Connection, ...]
    kind: str = ""


@dataclass(frozen=True, slots=True)
class CodeModel:
    """An ``A`` line: an instance of an XSPICE code model."""

    name: str
    ports: tuple[Connection | Bundle, ...]
    model: str
    parameters: tuple[Parameter, ...] = ()
    span: Span | None = field(default=None, compare=False)

    @property
    def nodes(self) -> tuple[str, ...]:
        """Every node it touches, in order."""
        connections = (
            connection
            for port in self.ports
            for connection in (port.connections if isinstance(port, Bundle) else (port,))
        )
        return tuple(n for c in connections for n in c.nodes if n.lower() != "null")


@dataclass(frozen=True, slots=True)
class Digital:
    """A ``U`` line of PSpice's digital kinds, which ngspice translates to code models.

    Attributes:
        name: Full name with its letter.
        kind: Upper case: NAND, JKFF, LOGICEXP, PINDLY and so on.
        sizes: The numbers in brackets after it, such as how many inputs.
        text: Everything after that, blanks made single: nodes, timing model, level model.
    """

    name: str
    kind: str
    sizes: tuple[int, ...]
    text: str
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
class NumericalModel:
    """A ``.model`` card of a device that ngspice solves on a mesh (CIDER).

    Attributes:
        name: Its name.
        kind: ``numd``, ``nbjt`` or ``numos``.
        cards: The card's own words, then a card per continuation line: lines count here.
    """

    name: str
    kind: str
    cards: tuple[str, ...]
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Params:
    """A ``.param`` line."""

    parameters: tuple[Parameter, ...]
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Function:
    """A ``.func`` line: ``name(arguments) {expression}``."""

    name: str
    arguments: tuple[str, ...]
    expression: Expression
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
class Control:
    """A ``.control`` block: commands the simulator runs, kept verbatim with both its dot lines.

    One that runs to the end of the file is `closed` there, as it is by ngspice; its text ends with
    an ``.endc`` all the same.
    """

    text: str
    span: Span | None = field(default=None, compare=False)
    closed: bool = field(default=True, compare=False)


@dataclass(frozen=True, slots=True)
class Command:
    """A command that loads compiled code, outside of a ``.control`` block: ``pre_osdi x.osdi``.

    ngspice does not carry it out there: it takes the line for a device, or for an unknown card.

    Attributes:
        keyword: As written, with the dot it may have.
        arguments: Its words.
    """

    keyword: str
    arguments: tuple[str, ...]
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Foreign:
    """A device that only another simulator has, known by how its line begins.

    Attributes:
        dialect: Whose it is, such as QSPICE.
        text: The line, blanks made single.
    """

    dialect: str
    text: str
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Raw:
    """A line kept verbatim because the parser does not read it; never dropped, always reported."""

    text: str
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Subcircuit:
    """A ``.subckt`` with its ports in order and its default parameters.

    An ``.ends`` line of another name closes it all the same, as in ngspice; `misnamed` is where.
    """

    name: str
    ports: tuple[str, ...]
    parameters: tuple[Parameter, ...] = ()
    body: tuple[Statement, ...] = ()
    span: Span | None = field(default=None, compare=False)
    misnamed: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a library file between ``.lib name`` and ``.endl``, chosen by a process corner."""

    name: str
    body: tuple[Statement, ...] = ()
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Branch:
    """``.if``, ``.elseif`` or ``.else`` (whose condition is None) and what it guards."""

    condition: Expression | None
    body: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Conditional:
    """``.if`` to ``.endif``: the simulator takes the first branch whose condition is not zero."""

    branches: tuple[Branch, ...]
    span: Span | None = field(default=None, compare=False)


Device: TypeAlias = (
    Primitive | Source | Behavioural | Polynomial | Table | Gate | Transfer | CodeModel
)
"""What the simulator has between nodes; a subcircuit's instance is taken apart into these."""

Connected: TypeAlias = Device | Instance
"""What has nodes: a device, or a subcircuit in the place of one."""

Component: TypeAlias = Connected | Coupling
"""What a line with a name of its own puts into the circuit: couplings are named as devices are."""

Statement: TypeAlias = (
    Primitive
    | Source
    | Behavioural
    | Polynomial
    | Table
    | Gate
    | Transfer
    | Coupling
    | CodeModel
    | Digital
    | Instance
    | Model
    | NumericalModel
    | Params
    | Function
    | Directive
    | Comment
    | Control
    | Command
    | Foreign
    | Raw
    | Subcircuit
    | Section
    | Conditional
)


@dataclass(frozen=True, slots=True)
class Circuit:
    """A whole deck: its title line and its statements in order (no ``.end``)."""

    title: str
    body: tuple[Statement, ...] = ()

    def subcircuits(self) -> dict[str, Subcircuit]:
        """Top-level subcircuits by lower-case name, in order, those in sections not among them."""
        return {s.name.lower(): s for s in self.body if isinstance(s, Subcircuit)}

    def statements(self) -> Iterator[Statement]:
        """Every statement, bodies of subcircuits, sections and branches included, depth first."""
        return _walk(self.body)


def bodies(statement: Statement) -> tuple[tuple[Statement, ...], ...]:
    """The statement lists inside a statement.

    Args:
        statement: Any statement.

    Returns:
        One body of a subcircuit or a section, one per branch of a conditional, else none.
    """
    if isinstance(statement, Subcircuit | Section):
        return (statement.body,)
    if isinstance(statement, Conditional):
        return tuple(branch.body for branch in statement.branches)
    return ()


def _walk(body: tuple[Statement, ...]) -> Iterator[Statement]:
    for statement in body:
        yield statement
        for inner in bodies(statement):
            yield from _walk(inner)
