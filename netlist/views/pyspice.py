"""To and from the `Circuit` of PySpice and of InSpice, for those who build or simulate with them.

InSpice goes on where PySpice ended, with the same classes under another name. Both keep names,
nodes, values and models as objects; what they have no words for (waveforms, extra parameters,
functions) goes along as their raw text, so that nothing is lost there or back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
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
"""Lines that such a circuit leaves to its simulator."""


@dataclass(frozen=True, slots=True)
class _Library:
    """Whose objects are made.

    Attributes:
        name: As its users write it.
        package: As the installer knows it.
        load: Imports its netlists: slow, and not everyone's.
        writes_parameters: Whether a subcircuit's own parameters get into its text.
    """

    name: str
    package: str
    load: Callable[[], Any]
    writes_parameters: bool


_PYSPICE = _Library(
    "PySpice", "pyspice", lambda: import_module("PySpice.Spice.Netlist"), writes_parameters=True
)
_INSPICE = _Library(
    "InSpice", "InSpice", lambda: import_module("InSpice.Spice.Netlist"), writes_parameters=False
)
"""InSpice 1.6.3 writes ``f{key}={value}`` in the place of each parameter of a subcircuit."""

_UNWRITTEN = re.compile(r"(?im)^(\.subckt[ \t]+(\S+)[^\n]*?)((?:[ \t]+f\{key\}=\{value\})+)[ \t]*$")


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
    return _made(circuit, _PYSPICE)


def to_inspice(circuit: Circuit) -> Any:
    """Make an InSpice circuit.

    Args:
        circuit: The deck.

    Returns:
        An ``InSpice.Spice.Netlist.Circuit`` without analyses and saved vectors, which InSpice
        leaves to its simulator.

    Raises:
        NetlistError: When InSpice is not installed, refuses a name, or would hold another deck.
    """
    return _made(circuit, _INSPICE)


def _made(circuit: Circuit, library: _Library) -> Any:
    netlist = _imported(library)
    made = netlist.Circuit(circuit.title)
    _fill(made, circuit.body, _Maker(netlist, library))
    changed = differences(_without_analyses(circuit), _read(made, library))
    if changed:
        raise NetlistError(
            f"{library.name} would make another deck of this one: {changed[0].text()}",
            hint=f"netlist.emit(circuit), and raw_spice for what {library.name} has no words for",
        )
    return made


@dataclass(frozen=True, slots=True)
class _Maker:
    netlist: Any
    library: _Library


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
    return _read(circuit, _PYSPICE)


def from_inspice(circuit: Any) -> Circuit:
    """Read an InSpice circuit.

    Args:
        circuit: An ``InSpice.Spice.Netlist.Circuit``.

    Returns:
        The deck, with the parameters of its subcircuits, which InSpice's own text leaves out.

    Raises:
        NetlistError: When its text is understood and wrong.
    """
    return _read(circuit, _INSPICE)


def _read(circuit: Any, library: _Library) -> Circuit:
    text = str(circuit)
    if not library.writes_parameters:
        owners = {one.name.lower(): one for one in _subcircuits(circuit)}
        text = _UNWRITTEN.sub(lambda found: _with_parameters(found, owners), text)
    deck = parse(text, f"<{library.name} circuit>")
    title = deck.title.removeprefix(_TITLE) if deck.title.startswith(_TITLE) else deck.title
    return Circuit(title, deck.body)


def _subcircuits(made: Any) -> Iterator[Any]:
    for one in made.subcircuits:
        yield one
        yield from _subcircuits(one)


def _with_parameters(found: re.Match[str], owners: Mapping[str, Any]) -> str:
    head, name, _ = found.groups()
    owner = owners.get(name.lower())
    if owner is None:
        return found[0]
    return " ".join([head, *(f"{key}={value}" for key, value in owner.parameters.items())])


def _imported(library: _Library) -> Any:
    try:
        return library.load()
    except ImportError as error:
        raise NetlistError(
            f"{library.name} cannot be used: {error}", None, f"pip install {library.package}"
        ) from error


def _fill(made: Any, body: tuple[Statement, ...], maker: _Maker) -> None:
    for statement in body:
        match statement:
            case Comment():
                continue
            case Directive(keyword=keyword) if keyword in _ANALYSES:
                continue
            case Subcircuit() if _is_plain(statement.parameters) and (
                maker.library.writes_parameters or not statement.parameters
            ):
                made.subcircuit(_subcircuit(statement, maker))
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
    """Whether an object can hold them by name: each once, with one value, no flags and lists."""
    names = {p.name.lower() for p in parameters}
    return len(names) == len(parameters) and not any(
        p.value is None or isinstance(p.value, Vector) or not p.name.isidentifier()
        for p in parameters
    )


def _subcircuit(statement: Subcircuit, maker: _Maker) -> Any:
    parameters = {p.name: _text(p.value) for p in statement.parameters}
    made = maker.netlist.SubCircuit(statement.name, *statement.ports, **parameters)
    _fill(made, statement.body, maker)
    return made


def _element(made: Any, statement: Primitive | Source | Instance) -> None:
    """An element with the library's own class; the rest of its line is raw text."""
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
