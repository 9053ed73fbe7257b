"""Edits of a netlist: each takes a circuit and gives a new one, and refuses what would change more.

A renamed thing is renamed wherever it is referred to: nodes in probes, sources that other sources
follow, models and subcircuits at every use. Words of ``.control`` blocks are left as they stand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from netlist.circuit import (
    Behavioural,
    Branch,
    Bundle,
    Circuit,
    CodeModel,
    Component,
    Conditional,
    Connected,
    Connection,
    Coupling,
    Digital,
    Directive,
    Expression,
    Foreign,
    Gate,
    Instance,
    Model,
    Parameter,
    Params,
    Polynomial,
    Primitive,
    Section,
    Source,
    Statement,
    Subcircuit,
    Table,
    Transfer,
    Value,
    bodies,
)
from netlist.errors import NetlistError

Body: TypeAlias = tuple[Statement, ...]
_Change: TypeAlias = Callable[[Statement], Statement]


def rename_node(circuit: Circuit, old: str, new: str, subcircuit: str = "") -> Circuit:
    """Rename a node of the deck, or of one subcircuit (a port, too).

    Args:
        circuit: The deck.
        old: The node.
        new: Its new name; a node of that name must not be there, for the two would be joined.
        subcircuit: The subcircuit it is in; empty is the deck itself.

    Returns:
        The edited deck.

    Raises:
        NetlistError: When there is no such node, or the new name is taken.
    """
    body = _body(circuit, subcircuit)
    there = _nodes(body, subcircuit, circuit)
    if old.lower() not in there:
        raise NetlistError(f"there is no node {old}", subcircuit or None, _listed(there))
    if new.lower() in there - {old.lower()}:
        raise NetlistError(
            f"node {new} is there already", subcircuit or None, "another name, or join them by hand"
        )
    names = {old.lower(): new}

    def change(statement: Statement) -> Statement:
        return _with_nodes(statement, names)

    edited = _edited(circuit, subcircuit, change)
    if not subcircuit:
        return edited
    return _with_subcircuit(
        edited, subcircuit, lambda s: replace(s, ports=_renamed(s.ports, names))
    )


def rename_device(circuit: Circuit, old: str, new: str, subcircuit: str = "") -> Circuit:
    """Rename a device or an instance, and what follows it.

    Args:
        circuit: The deck.
        old: Its name with its letter.
        new: Its new name, with the same letter.
        subcircuit: The subcircuit it is in; empty is the deck itself.

    Returns:
        The edited deck.

    Raises:
        NetlistError: When there is no such device, the new name is taken, or has another letter.
    """
    names = {s.name.lower() for s in _body(circuit, subcircuit) if isinstance(s, Component)}
    if old.lower() not in names:
        raise NetlistError(f"there is no device {old}", subcircuit or None, _listed(names))
    if new.lower() in names - {old.lower()}:
        raise NetlistError(f"device {new} is there already", subcircuit or None, "another name")
    if old[:1].lower() != new[:1].lower():
        raise NetlistError(
            f"{new} would be another kind of device than {old}",
            subcircuit or None,
            f"a name that starts with {old[:1]}",
        )

    def change(statement: Statement) -> Statement:
        return _with_device(statement, old.lower(), new)

    return _edited(circuit, subcircuit, change)


def rename_subcircuit(circuit: Circuit, old: str, new: str) -> Circuit:
    """Rename a subcircuit and every use of it.

    Args:
        circuit: The deck.
        old: The subcircuit, defined at the top of the deck.
        new: Its new name.

    Returns:
        The edited deck.

    Raises:
        NetlistError: When there is no such subcircuit, the new name is taken, or the name means
            several things.
    """
    defined = [s.name.lower() for s in circuit.statements() if isinstance(s, Subcircuit)]
    _check_rename("subcircuit", old, new, defined)

    def change(statement: Statement) -> Statement:
        if isinstance(statement, Instance) and statement.subcircuit.lower() == old.lower():
            return replace(statement, subcircuit=new)
        if isinstance(statement, Subcircuit) and statement.name.lower() == old.lower():
            return replace(statement, name=new)
        return statement

    return _everywhere(circuit, change)


def rename_model(circuit: Circuit, old: str, new: str) -> Circuit:
    """Rename a model and every use of it; a binned model keeps its bins' numbers.

    Args:
        circuit: The deck.
        old: The model.
        new: Its new name.

    Returns:
        The edited deck.

    Raises:
        NetlistError: When there is no such model, the new name is taken, or the name means several
            things.
    """
    models = [s.name.lower() for s in circuit.statements() if isinstance(s, Model)]
    _check_rename("model", old, new, list(dict.fromkeys(_unbinned(name) for name in models)))
    if models.count(old.lower()) > 1:
        raise NetlistError(f"several models are called {old}", None, "rename one of them first")

    def change(statement: Statement) -> Statement:
        if isinstance(statement, Model) and _unbinned(statement.name.lower()) == old.lower():
            return replace(statement, name=new + statement.name[len(old) :])
        if isinstance(statement, Primitive | CodeModel) and (
            (statement.model or "").lower() == old.lower()
        ):
            return replace(statement, model=new)
        return statement

    return _everywhere(circuit, change)


def replace_subcircuit(circuit: Circuit, replacement: Subcircuit) -> Circuit:
    """Put another subcircuit in the place of the one of that name.

    Its ports are bound by name: they may stand in another order, the uses stay as they are.

    Args:
        circuit: The deck.
        replacement: The subcircuit, with the name of the one it replaces.

    Returns:
        The edited deck.

    Raises:
        NetlistError: When there is no subcircuit of that name, or its ports have other names.
    """
    name = replacement.name
    old = _found(circuit, name)
    if sorted(map(str.lower, old.ports)) != sorted(map(str.lower, replacement.ports)):
        raise NetlistError(
            f"the ports {' '.join(replacement.ports)} are not those of {name}",
            where=replacement.span or name,
            hint=f"its ports: {' '.join(old.ports)}",
        )
    fitted = replace(replacement, ports=old.ports)
    return _with_subcircuit(circuit, name, lambda _: fitted)


def set_parameter(
    circuit: Circuit, device: str, name: str, value: Value, subcircuit: str = ""
) -> Circuit:
    """Set a parameter of a device, an instance, a model or a ``.param`` line.

    Args:
        circuit: The deck.
        device: Name of the device, instance or model; ``.param`` for the deck's own parameters.
        name: The parameter; empty is the value that stands by position, or a source's constant.
        value: Its new value, SI units.
        subcircuit: The subcircuit it is in; empty is the deck itself.

    Returns:
        The edited deck.

    Raises:
        NetlistError: When there is no such device or parameter.
    """
    changed: list[Statement] = []

    def change(statement: Statement) -> Statement:
        wanted = isinstance(statement, Params) and device.lower() == ".param"
        if not wanted and getattr(statement, "name", "").lower() != device.lower():
            return statement
        edited = _with_value(statement, name, value)
        if edited is not None:
            changed.append(edited)
        return edited or statement

    edited = _edited(circuit, subcircuit, change)
    if not changed:
        raise NetlistError(
            f"there is no {device} with {name or 'a value'} to set",
            where=subcircuit or None,
            hint="a device, instance or model of the deck, or .param",
        )
    return edited


def _with_value(statement: Statement, name: str, value: Value) -> Statement | None:
    if not name:
        if isinstance(statement, Source):
            return replace(statement, dc=value)
        return replace(statement, value=value) if isinstance(statement, Primitive) else None
    parameters: tuple[Parameter, ...] = getattr(statement, "parameters", ())
    known = [p.name.lower() for p in parameters]
    new = Parameter(name, value)
    if name.lower() in known:
        kept = (
            replace(p, value=value) if p.name.lower() == name.lower() else p for p in parameters
        )
        return _with(statement, parameters=tuple(kept))
    if isinstance(statement, Primitive | Instance | Model):
        return replace(statement, parameters=(*parameters, new))
    return None


def _with(statement: Any, **parts: Any) -> Statement:
    """A statement of whatever class with other parts."""
    changed: Statement = replace(statement, **parts)
    return changed


def _check_rename(kind: str, old: str, new: str, names: list[str]) -> None:
    if old.lower() not in names:
        raise NetlistError(f"there is no {kind} {old}", None, _listed(set(names)))
    if names.count(old.lower()) > 1:
        raise NetlistError(f"several {kind}s are called {old}", None, "rename one of them first")
    if new.lower() in set(names) - {old.lower()}:
        raise NetlistError(f"{kind} {new} is there already", None, "another name")


def _unbinned(name: str) -> str:
    base, _, number = name.rpartition(".")
    return base if base and number.isdigit() else name


def _listed(names: set[str]) -> str:
    return f"there are: {', '.join(sorted(names)[:12]) or 'none'}"


def _found(circuit: Circuit, name: str) -> Subcircuit:
    subcircuits = circuit.subcircuits()
    if name.lower() not in subcircuits:
        raise NetlistError(f"there is no subcircuit {name}", None, _listed(set(subcircuits)))
    return subcircuits[name.lower()]


def _body(circuit: Circuit, subcircuit: str) -> Body:
    """The statements of one body, those in branches and sections among them."""
    return tuple(_opened(_found(circuit, subcircuit).body if subcircuit else circuit.body))


def _opened(body: Body) -> Iterator[Statement]:
    for statement in body:
        yield statement
        if not isinstance(statement, Subcircuit):
            for inner in bodies(statement):
                yield from _opened(inner)


def _edited(circuit: Circuit, subcircuit: str, change: _Change) -> Circuit:
    """Change the statements of one body, those in branches and sections among them."""
    if not subcircuit:
        return replace(circuit, body=_changed(circuit.body, change, inner=False))
    return _with_subcircuit(
        circuit, subcircuit, lambda s: replace(s, body=_changed(s.body, change, inner=False))
    )


def _with_subcircuit(
    circuit: Circuit, name: str, change: Callable[[Subcircuit], Subcircuit]
) -> Circuit:
    body = tuple(
        change(s) if isinstance(s, Subcircuit) and s.name.lower() == name.lower() else s
        for s in circuit.body
    )
    return replace(circuit, body=body)


def _everywhere(circuit: Circuit, change: _Change) -> Circuit:
    return replace(circuit, body=_changed(circuit.body, change, inner=True))


def _changed(body: Body, change: _Change, *, inner: bool) -> Body:
    return tuple(_deep(change(statement), change, inner=inner) for statement in body)


def _deep(statement: Statement, change: _Change, *, inner: bool) -> Statement:
    match statement:
        case Section():
            return replace(statement, body=_changed(statement.body, change, inner=inner))
        case Conditional():
            branches = tuple(
                Branch(b.condition, _changed(b.body, change, inner=inner))
                for b in statement.branches
            )
            return replace(statement, branches=branches)
        case Subcircuit() if inner:
            return replace(statement, body=_changed(statement.body, change, inner=True))
        case _:
            return statement


def _nodes(body: Body, subcircuit: str, circuit: Circuit) -> set[str]:
    nodes = {n.lower() for s in body if isinstance(s, Connected) for n in s.nodes}
    nodes |= {n.lower() for s in body if isinstance(s, Polynomial | Gate) for n in s.controls}
    nodes |= {n for s in body if isinstance(s, Digital | Foreign) for n in s.text.lower().split()}
    if subcircuit:
        nodes |= {port.lower() for port in _found(circuit, subcircuit).ports}
    return nodes


def _renamed(nodes: tuple[str, ...], names: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(names.get(node.lower(), node) for node in nodes)


def _with_nodes(statement: Statement, names: Mapping[str, str]) -> Statement:  # noqa: PLR0911 - one per class
    match statement:
        case Polynomial() | Gate() if statement.name[:1].lower() in "eg":
            controls = _renamed(statement.controls, names)
            first, second = _renamed(statement.nodes, names)
            return replace(statement, nodes=(first, second), controls=controls)
        case Behavioural() | Table() | Transfer():
            first, second = _renamed(statement.nodes, names)
            expression = _probing(statement.expression, names)
            return replace(statement, nodes=(first, second), expression=expression)
        case Source() | Polynomial():
            first, second = _renamed(statement.nodes, names)
            return replace(statement, nodes=(first, second))
        case Primitive() | Instance():
            return replace(statement, nodes=_renamed(statement.nodes, names))
        case Digital() | Foreign():
            return replace(statement, text=" ".join(_renamed(tuple(statement.text.split()), names)))
        case CodeModel():
            return replace(statement, ports=tuple(_port(port, names) for port in statement.ports))
        case Directive():
            words = tuple(_in_probes(word, names) for word in statement.arguments)
            return replace(statement, arguments=words)
        case _:
            return statement


def _port(port: Connection | Bundle, names: Mapping[str, str]) -> Connection | Bundle:
    if isinstance(port, Connection):
        return replace(port, nodes=_renamed(port.nodes, names))
    inside = tuple(replace(c, nodes=_renamed(c.nodes, names)) for c in port.connections)
    return replace(port, connections=inside)


_PROBE = re.compile(r"(?i)(?<![\w.])(v[mripd]?(?:db)?\s*\()([^()]*)(\))")


def _in_probes(text: str, names: Mapping[str, str]) -> str:
    """Nodes in ``v(a)`` and ``v(a, b)`` renamed."""

    def rename(found: re.Match[str]) -> str:
        parts = re.split(r"(\s*,\s*|\s+)", found[2])
        return found[1] + "".join(names.get(part.lower(), part) for part in parts) + found[3]

    return _PROBE.sub(rename, text)


def _probing(expression: Expression, names: Mapping[str, str]) -> Expression:
    return Expression(_in_probes(expression.text, names))


def _with_device(statement: Statement, old: str, new: str) -> Statement:
    """A statement with a device renamed: its own name, or where it refers to it."""

    def swap(name: str) -> str:
        return new if name.lower() == old else name

    if isinstance(statement, Component):
        statement = _with(statement, name=swap(getattr(statement, "name", "")))
    match statement:
        case Primitive() if statement.control:
            return replace(statement, control=swap(statement.control))
        case Polynomial() if statement.name[:1].lower() in "fh":
            return replace(statement, controls=tuple(map(swap, statement.controls)))
        case Coupling():
            return replace(statement, inductors=tuple(map(swap, statement.inductors)))
        case Behavioural() | Table() | Transfer():
            text = _device_in(statement.expression.text, old, new)
            return replace(statement, expression=Expression(text))
        case Directive():
            words = tuple(_device_in(word, old, new) for word in statement.arguments)
            return replace(statement, arguments=words)
        case _:
            return statement


def _device_in(text: str, old: str, new: str) -> str:
    """A device in ``i(v1)``, ``@m1[id]`` and ``v1#branch`` renamed."""
    name = re.escape(old)
    text = re.sub(rf"(?i)(?<![\w.])(i\s*\(\s*){name}(\s*\))", rf"\g<1>{new}\g<2>", text)
    text = re.sub(rf"(?i)(@){name}(\[)", rf"\g<1>{new}\g<2>", text)
    return re.sub(rf"(?i)(?<![\w.]){name}(#branch)", rf"{new}\g<1>", text)
