"""To and from PySpice's `Circuit`, for those who build or simulate with it.

PySpice keeps names, nodes, values and models as objects; what it has no words for (waveforms, extra
parameters, functions) goes along as its raw text, so that nothing is lost on the way there or back.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from netlist.circuit import (
    Circuit,
    Comment,
    Directive,
    Instance,
    Model,
    Parameter,
    Params,
    Primitive,
    Source,
    Statement,
    Subcircuit,
    Value,
    Vector,
)
from netlist.errors import NetlistError
from netlist.number import Spelled
from netlist.passes.difference import differences
from netlist.text.emitter import emit_statements
from netlist.text.parser import parse

_TITLE = ".title "
_ANALYSES = frozenset(
    (
        *("tran", "op", "dc", "ac", "noise", "tf", "four", "disto", "pz", "sens"),
        *("save", "print", "plot", "measure", "meas"),
    )
)
"""Lines that a PySpice circuit leaves to its simulator."""


def to_pyspice(circuit: Circuit) -> Any:
    """Make a PySpice circuit.

    Args:
        circuit: The deck.

    Returns:
        A ``PySpice.Spice.Netlist.Circuit`` without analyses and saved vectors, which PySpice leaves
        to its simulator.

    Raises:
        NetlistError: When PySpice is not installed, refuses a name, or would hold another deck.
    """
    netlist = _pyspice()
    made = netlist.Circuit(circuit.title)
    _fill(made, circuit.body, netlist)
    changed = differences(_without_analyses(circuit), from_pyspice(made))
    if changed:
        raise NetlistError(
            f"PySpice would make another deck of this one: {changed[0].text()}",
            hint="netlist.emit(circuit), and raw_spice for what PySpice has no words for",
        )
    return made


def _without_analyses(circuit: Circuit) -> Circuit:
    body = (s for s in circuit.body if not isinstance(s, Directive) or s.keyword not in _ANALYSES)
    return Circuit(circuit.title, tuple(body))


def from_pyspice(circuit: Any) -> Circuit:
    """Read a PySpice circuit.

    Args:
        circuit: A ``PySpice.Spice.Netlist.Circuit``.

    Returns:
        The deck.

    Raises:
        NetlistError: When its text is understood and wrong.
    """
    deck = parse(str(circuit), "<PySpice circuit>")
    title = deck.title.removeprefix(_TITLE) if deck.title.startswith(_TITLE) else deck.title
    return Circuit(title, deck.body)


def _pyspice() -> Any:
    try:
        return import_module("PySpice.Spice.Netlist")  # slow, and not everyone's
    except ImportError as error:
        raise NetlistError(
            f"PySpice cannot be used: {error}", None, "pip install pyspice"
        ) from error


def _fill(made: Any, body: tuple[Statement, ...], netlist: Any) -> None:
    for statement in body:
        match statement:
            case Comment():
                continue
            case Directive(keyword=keyword) if keyword in _ANALYSES:
                continue
            case Subcircuit() if _is_plain(statement.parameters):
                made.subcircuit(_subcircuit(statement, netlist))
            case Model() if statement.name.isidentifier() and _is_plain(statement.parameters):
                parameters = {p.name: _text(p.value) for p in statement.parameters}
                made.model(statement.name, statement.kind, **parameters)
            case Params() if hasattr(made, "parameter"):
                for parameter in statement.parameters:
                    made.parameter(parameter.name, _text(parameter.value))
            case Primitive() | Source() | Instance():
                _element(made, statement)
            case _:
                made.raw_spice += emit_statements([statement])


def _is_plain(parameters: tuple[Parameter, ...]) -> bool:
    """Whether PySpice can hold them by name: each once, with one value; flags and lists are not."""
    names = {p.name.lower() for p in parameters}
    return len(names) == len(parameters) and not any(
        p.value is None or isinstance(p.value, Vector) or not p.name.isidentifier()
        for p in parameters
    )


def _subcircuit(statement: Subcircuit, netlist: Any) -> Any:
    parameters = {p.name: _text(p.value) for p in statement.parameters}
    made = netlist.SubCircuit(statement.name, *statement.ports, **parameters)
    _fill(made, statement.body, netlist)
    return made


def _element(made: Any, statement: Primitive | Source | Instance) -> None:
    """An element with PySpice's own class; the rest of its line is raw text."""
    letter, name = statement.name[0].upper(), statement.name[1:]
    line = emit_statements([statement]).replace("\n+", " ").split()
    rest = line[1 + len(statement.nodes) :]
    arguments: dict[str, Any] = {}
    if isinstance(statement, Instance) and not _is_plain(statement.parameters):
        made.raw_spice += emit_statements([statement])
        return
    if isinstance(statement, Instance):
        parameters = {p.name: _text(p.value) for p in statement.parameters}
        made.X(name, statement.subcircuit, *statement.nodes, **parameters)
        return
    if (
        letter in _VALUES
        and isinstance(statement, Primitive)
        and isinstance(statement.value, float)
        and not isinstance(statement.value, Spelled)
    ):
        arguments[_VALUES[letter]] = statement.value
        rest = rest[1:]
    elif letter in _MODELLED and isinstance(statement, Primitive) and statement.model:
        arguments["model"] = statement.model
        rest = rest[1:]
    make = getattr(made, letter, None)
    if letter not in _KNOWN or make is None or len(statement.nodes) != _KNOWN[letter]:
        made.raw_spice += emit_statements([statement])
        return
    make(name, *statement.nodes, **arguments, raw_spice=" ".join(rest))


_VALUES = {"R": "resistance", "C": "capacitance", "L": "inductance"}
_MODELLED = frozenset("DQJM")
_KNOWN = {"R": 2, "C": 2, "L": 2, "V": 2, "I": 2, "D": 2, "Q": 3, "J": 3, "M": 4}
"""Elements that PySpice has a class for, and how many nodes it takes."""


def _text(value: Value | None) -> str:
    """A value as a deck writes it."""
    line = emit_statements([Params((Parameter("x", value),))]).replace("\n+", " ")
    return line.partition("=")[2].strip()
