"""What is in sight at each place of a deck: names that lines and expressions may use.

As in ngspice, subcircuits and models are looked for outwards from where a line is written. A
parameter is also looked for in the subcircuits that use this one, whose values it sees.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from netlist.checks.definitions import Definitions
from netlist.circuit import (
    Circuit,
    Connected,
    Digital,
    Directive,
    Foreign,
    Function,
    Gate,
    Instance,
    Model,
    NumericalModel,
    Params,
    Polynomial,
    Raw,
    Statement,
    Subcircuit,
    bodies,
)


@dataclass(slots=True)
class Scope:
    """A body of statements: the deck's own, or a subcircuit's.

    Attributes:
        statements: Its statements, those in branches and sections among them, without bodies of
            subcircuits.
        subcircuit: Whose body it is; None for the deck's own.
        outer: The scope around it.
        subcircuits: Subcircuits it defines.
        models: Models it defines, a bin's number cut off.
        parameters: Parameters it defines.
        constants: Those among them that stand for no text: of ``.csparam``.
        functions: Functions it defines.
        nodes: Nodes that occur in it.
        devices: Device names that occur in it.
        users: Scopes with an instance of this subcircuit.
    """

    statements: tuple[Statement, ...]
    subcircuit: Subcircuit | None
    outer: Scope | None
    subcircuits: dict[str, Scope] = field(default_factory=dict)
    models: set[str] = field(default_factory=set)
    parameters: set[str] = field(default_factory=set)
    constants: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)
    nodes: set[str] = field(default_factory=set)
    devices: set[str] = field(default_factory=set)
    users: list[Scope] = field(default_factory=list)

    def find(self, subcircuit: str) -> Scope | None:
        """The scope of a subcircuit as it is seen from here."""
        name, scope = subcircuit.lower(), self
        while name not in scope.subcircuits and scope.outer is not None:
            scope = scope.outer
        return scope.subcircuits.get(name)

    def has_model(self, name: str) -> bool:
        """Whether a model can be used here."""
        scope: Scope | None = self
        while scope is not None:
            if name.lower() in scope.models:
                return True
            scope = scope.outer
        return False

    def is_value(self, name: str) -> bool:
        """Whether ngspice puts a parameter's value in the place of a name that is used here."""
        scope: Scope | None = self
        while scope is not None:
            if name.lower() in scope.parameters and name.lower() not in scope.constants:
                return True
            scope = scope.outer
        return False

    def has_parameter(self, name: str) -> bool:
        """Whether a parameter or function can be used here."""
        name = name.lower()
        todo, seen = [self], {id(self)}
        while todo:
            scope = todo.pop()
            if name in scope.parameters or name in scope.functions:
                return True
            around = [*scope.users, *([scope.outer] if scope.outer is not None else [])]
            todo += [s for s in around if id(s) not in seen]
            seen.update(map(id, around))
        return False


def scopes(circuit: Circuit, included: Definitions) -> tuple[Scope, ...]:
    """Every scope of a deck.

    Args:
        circuit: The deck.
        included: What its included files define.

    Returns:
        The deck's own scope first, then the subcircuits' in the order of the text.
    """
    top = Scope(tuple(flat(circuit.body)), None, None)
    top.models |= included.models
    top.parameters |= included.parameters
    top.functions |= included.functions
    found = (top, *_filled(top))
    for scope in found:
        for statement in scope.statements:
            if isinstance(statement, Instance):
                used = scope.find(statement.subcircuit)
                if used is not None:
                    used.users.append(scope)
    return found


def global_nodes(circuit: Circuit) -> frozenset[str]:
    """Nodes that mean the same everywhere, lower case."""
    lines = (s for s in circuit.statements() if isinstance(s, Directive) and s.keyword == "global")
    return frozenset({"0", "gnd"}.union(*(map(str.lower, line.arguments) for line in lines)))


def nodes_of(statement: Statement) -> tuple[str, ...]:
    """Nodes a statement connects to, control nodes among them, lower case."""
    nodes = statement.nodes if isinstance(statement, Connected) else ()
    if isinstance(statement, Polynomial | Gate) and statement.name[:1].lower() in "eg":
        nodes = (*nodes, *statement.controls)
    return tuple(node.lower() for node in nodes)


def flat(body: tuple[Statement, ...]) -> Iterator[Statement]:
    """The statements of a body, those in branches and sections too, subcircuits unopened.

    Args:
        body: The body.

    Yields:
        Its statements, in order.
    """
    for statement in body:
        yield statement
        if not isinstance(statement, Subcircuit):
            for inner in bodies(statement):
                yield from flat(inner)


def _filled(scope: Scope) -> Iterator[Scope]:
    """Fill a scope, and yield the scopes in it."""
    if scope.subcircuit is not None:
        scope.nodes |= {port.lower() for port in scope.subcircuit.ports}
        scope.parameters |= {p.name.lower() for p in scope.subcircuit.parameters}
    for statement in scope.statements:
        _take_in(statement, scope)
    for statement in scope.statements:
        if isinstance(statement, Subcircuit):
            inner = Scope(tuple(flat(statement.body)), statement, scope)
            scope.subcircuits.setdefault(statement.name.lower(), inner)
            yield inner
            yield from _filled(inner)


def _take_in(statement: Statement, scope: Scope) -> None:
    match statement:
        case Model(name=name) | NumericalModel(name=name):
            base, _, number = name.lower().rpartition(".")
            scope.models |= {name.lower(), base if number.isdigit() else name.lower()}
        case Params(parameters=parameters):
            scope.parameters |= {p.name.lower() for p in parameters}
        case Function(name=name):
            scope.functions.add(name.lower())
        case Directive(keyword="csparam", arguments=arguments):
            scope.constants |= {a.partition("=")[0].strip().lower() for a in arguments}
            scope.constants -= scope.parameters
            scope.parameters |= scope.constants
        case Digital(name=name, text=text):
            scope.devices.add(name.lower())
            scope.nodes |= set(text.lower().split())
        case Foreign(text=text):
            scope.nodes |= set(text.lower().split())
        case Raw(text=text):
            # Nobody knows which of its words are nodes.
            scope.nodes |= set(text.lower().split())
            scope.devices |= set(text.lower().split()[:1])
        case Subcircuit():
            pass
        case _ if hasattr(statement, "name"):
            scope.devices.add(statement.name.lower())
            scope.nodes |= set(nodes_of(statement))


Ports = Mapping[str, tuple[str, ...]]
