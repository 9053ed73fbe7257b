"""Sizes of the transistors of a deck, worked out through its hierarchy before it runs.

Parameters are left to the simulator everywhere else; here their numbers are needed, to know which
of a foundry's model cards a deck uses and how much gate area it has. A subcircuit is worked out
once for each set of values it is used with, so a network of a thousand equal edges costs one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from netlist.circuit import (
    Circuit,
    Instance,
    Parameter,
    Params,
    Primitive,
    Statement,
    Subcircuit,
    Value,
)
from netlist.errors import NetlistError
from netlist.passes.evaluate import Parameters, evaluate
from netlist.passes.hierarchy import DEEPEST, too_deep, undefined

_DEFAULT_M = 1e-4
"""ngspice's default channel width and length (.options defw, defl), metres."""


@dataclass(frozen=True, slots=True)
class Size:
    """A MOSFET's model and channel.

    Attributes:
        model: Model name, lower case.
        width_m: Channel width of all its fingers, metres.
        length_m: Channel length, metres.
        multiplier: Parallel devices on this line, ``m``.
        fingers: Fingers, ``nf``.
    """

    model: str
    width_m: float
    length_m: float
    multiplier: float = 1.0
    fingers: float = 1.0

    @property
    def gate_area_m2(self) -> float:
        """Area under the gates of this line, square metres."""
        return self.width_m * self.length_m * self.multiplier


def transistor_sizes(circuit: Circuit) -> Counter[Size]:
    """Every size of MOSFET in a deck, and how many lines of the flattened deck have it.

    Args:
        circuit: The deck.

    Returns:
        How often each size is there, in the order in which they are met.

    Raises:
        NetlistError: When a size cannot be worked out, or an instance names no subcircuit.
    """
    known = Parameters(_written(circuit.body))
    return _Walk().sizes(circuit.body, known, (circuit.subcircuits(),))


def subcircuit_sizes(circuit: Circuit, name: str) -> Counter[Size]:
    """Every size of MOSFET in one subcircuit used with its default parameters.

    Args:
        circuit: The deck that defines it.
        name: The subcircuit.

    Returns:
        As `transistor_sizes`.

    Raises:
        NetlistError: When there is no such subcircuit, or a size cannot be worked out.
    """
    known = Parameters(_written(circuit.body))
    used = Instance("X", (), name)
    return _Walk().used(used, known, (circuit.subcircuits(),))


_Scopes = tuple[Mapping[str, Subcircuit], ...]


_Key = tuple[int, tuple[tuple[str, float | str], ...]]


class _Walk:
    """One walk; what was worked out once is remembered."""

    def __init__(self) -> None:
        self._seen: dict[_Key, Counter[Size]] = {}
        self._deep = 0

    def sizes(
        self, body: tuple[Statement, ...], known: Mapping[str, float], scopes: _Scopes
    ) -> Counter[Size]:
        """The sizes in a body."""
        total: Counter[Size] = Counter()
        for statement in body:
            if isinstance(statement, Instance):
                total.update(self.used(statement, known, scopes))
            elif isinstance(statement, Primitive) and statement.name[:1].lower() == "m":
                total[_size(statement, known)] += 1
        return total

    def used(self, line: Instance, known: Mapping[str, float], scopes: _Scopes) -> Counter[Size]:
        """The sizes in a subcircuit as one line uses it."""
        subcircuit, scopes = _definition(line, scopes)
        given = {p.name.lower(): _worked_out(p, known, line) for p in line.parameters}
        declared = {p.name.lower(): p.value for p in subcircuit.parameters}
        inside = Parameters({**declared, **_written(subcircuit.body), **given}, known)
        key = (id(subcircuit), tuple(_known(inside, name) for name in (*declared, *given)))
        if key not in self._seen:
            self._deep += 1
            if self._deep > DEEPEST:
                raise too_deep(line, subcircuit.name)
            nested = {s.name.lower(): s for s in subcircuit.body if isinstance(s, Subcircuit)}
            self._seen[key] = self.sizes(subcircuit.body, inside, (*scopes, nested))
            self._deep -= 1
        times = given.get("m", 1.0) if "m" not in declared else 1.0
        return _multiplied(self._seen[key], times)


def _known(parameters: Parameters, name: str) -> tuple[str, float | str]:
    try:
        return name, parameters[name]
    except NetlistError as error:
        return name, error.message


def _multiplied(sizes: Counter[Size], times: float) -> Counter[Size]:
    if times == 1:
        return sizes
    return Counter({replace(s, multiplier=s.multiplier * times): n for s, n in sizes.items()})


def _written(body: tuple[Statement, ...]) -> dict[str, Value | None]:
    """What the ``.param`` lines of a body say; of two lines the later one holds."""
    lines = (statement for statement in body if isinstance(statement, Params))
    return {p.name.lower(): p.value for line in lines for p in line.parameters}


def _worked_out(parameter: Parameter, known: Mapping[str, float], line: Statement) -> float:
    try:
        return evaluate(parameter.value, known)
    except NetlistError as error:
        raise NetlistError(
            f"{parameter.name} cannot be worked out: {error.message}",
            where=getattr(line, "span", None) or getattr(line, "name", None),
            hint=error.hint,
        ) from error


def _size(line: Primitive, known: Mapping[str, float]) -> Size:
    given = {p.name.lower(): p for p in line.parameters}

    def figure(name: str, default: float) -> float:
        return _worked_out(given[name], known, line) if name in given else default

    return Size(
        model=(line.model or "").lower(),
        width_m=figure("w", _DEFAULT_M),
        length_m=figure("l", _DEFAULT_M),
        multiplier=figure("m", 1.0),
        fingers=figure("nf", 1.0),
    )


def _definition(line: Instance, scopes: _Scopes) -> tuple[Subcircuit, _Scopes]:
    """The innermost definition in sight, and what is in sight where it stands."""
    name = line.subcircuit.lower()
    for depth in reversed(range(len(scopes))):
        if name in scopes[depth]:
            return scopes[depth][name], scopes[: depth + 1]
    raise undefined(line)


def known_size(device: Primitive, name: str, default: float | None = None) -> float:
    """A size of a device of a flattened deck.

    Args:
        device: The device.
        name: ``w``, ``l`` or ``m``, lower case.
        default: Its value where the device says nothing; None for a size that must be there.

    Returns:
        The size, metres; a number for ``m``.

    Raises:
        NetlistError: When it is missing, or no positive number before the run.
    """
    value = next((p.value for p in device.parameters if p.name.lower() == name), default)
    if not isinstance(value, int | float) or value <= 0:
        raise NetlistError(
            f"{name} of {device.name} is not known before the run",
            where=device.span or device.name,
            hint="a positive number, or parameters that come to one",
        )
    return float(value)
