"""What a subcircuit's transistors form: pairs, mirrors, cascodes, from nodes and sizes alone.

A designer sees these at a glance and draws them in their usual shape; here they are found by what
they are connected to, nothing else. So a switch in series with a current source counts as a
cascode: the netlist says no more of it. A transistor may belong to several structures.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, TypeAlias

from netlist.circuit import (
    Circuit,
    Connected,
    Instance,
    Model,
    Primitive,
    Statement,
    Subcircuit,
    Value,
)

TOPS = frozenset(("vdd", "vcc", "vpwr"))
"""Names of supplies."""
BOTTOMS = frozenset(("vss", "gnd", "0", "vgnd"))
"""Names of grounds."""
_RAILS = TOPS | BOTTOMS
_PROCESS = {"nfet": "n", "pfet": "p"}
_FOUR = 4

Kind: TypeAlias = Literal["pair", "mirror", "cascode", "inverter", "push-pull", "transmission gate"]
"""A differential pair, a current mirror, and so on."""


@dataclass(frozen=True, slots=True)
class Transistor:
    """A field-effect transistor of a subcircuit; nodes in lower case.

    Attributes:
        name: Its name as written.
        kind: "n" or "p".
        drain: Node of its drain.
        gate: Node of its gate.
        source: Node of its source.
        bulk: Node of its body.
        size: Model, width and length, as they stand there.
        times: How many there are in parallel, as it stands there; None for one.
    """

    name: str
    kind: str
    drain: str
    gate: str
    source: str
    bulk: str
    size: tuple[Value | None, ...]
    times: Value | None = None

    @property
    def ends(self) -> frozenset[str]:
        """Both ends of its channel."""
        return frozenset((self.drain, self.source))


@dataclass(frozen=True, slots=True)
class Structure:
    """Transistors that do something together.

    Attributes:
        kind: What it is.
        members: Names: the two halves of a pair one after the other; a mirror's diode, then its
            copies; a cascode's current source, then what stands on it; P before N elsewhere.
        half: How many of the members are a pair's first half, else 1.
    """

    kind: Kind
    members: tuple[str, ...]
    half: int = 1


def polarities(circuit: Circuit) -> dict[str, str]:
    """The transistor models of a circuit: "n" or "p" by name, bins of one model as one."""
    return {
        s.name.lower().rpartition(".")[0] or s.name.lower(): s.kind.lower()[:1]
        for s in circuit.statements()
        if isinstance(s, Model) and s.kind.lower() in ("nmos", "pmos")
    }


def as_transistor(statement: Statement, polarity: Mapping[str, str]) -> Transistor | None:
    """A statement as a transistor.

    Args:
        statement: Any statement.
        polarity: Of models, from `polarities`; a model that is not there is taken for N.

    Returns:
        None for anything but an M line, or a call of a process's own nfet or pfet.
    """
    kind, model = "", ""
    if isinstance(statement, Instance):
        model = statement.subcircuit.lower()
        kind = _PROCESS.get(model, "")
    elif isinstance(statement, Primitive) and statement.name[:1].lower() == "m":
        model = (statement.model or "").lower()
        kind = polarity.get(model, "n")
    if not kind or not isinstance(statement, Instance | Primitive) or len(statement.nodes) != _FOUR:
        return None
    drain, gate, source, bulk = (node.lower() for node in statement.nodes)
    given = {p.name.lower(): p.value for p in statement.parameters}
    size = (model, given.get("w"), given.get("l"))
    return Transistor(statement.name, kind, drain, gate, source, bulk, size, given.get("m"))


def structures(subcircuit: Subcircuit, polarity: Mapping[str, str]) -> tuple[Structure, ...]:
    """Recognise what a subcircuit's transistors form.

    A differential pair: one kind and size, sources joined at a node that is no supply and that
    something else feeds, gates all different; a half may be split into several with one drain. A
    mirror: gate and source in common, one of them a diode, if need be through a cascode on it. A
    cascode: alone on the drain of its like, which stands on a supply, with a gate that controls
    neither a pair nor, as logic does, a transistor of the other kind at its supply. An inverter: P
    and N between supplies with gate and drain in common. A push-pull: the same with two gates,
    neither of them a diode's or a pin that biases others. A transmission gate: P and N with both
    ends in common and different gates.

    Args:
        subcircuit: What to look at; subcircuits it uses are not looked into.
        polarity: Of models, from `polarities`.

    Returns:
        Kind by kind, each in the order of the netlist.
    """
    found = [as_transistor(s, polarity) for s in subcircuit.body]
    # A transistor whose two ends are one node is a dummy or a capacitor.
    devices = [t for t in found if t is not None and t.drain != t.source]
    feeds = _feeds(subcircuit, polarity)
    pairs = tuple(_pairs(devices, feeds))
    ports = frozenset(port.lower() for port in subcircuit.ports)
    gates = tuple(_transmission_gates(devices))
    switches = {name for gate in gates for name in gate.members}
    stacked = [device for device in devices if device.name not in switches]
    return (
        *pairs,
        *_mirrors(devices),
        *_cascodes(stacked, pairs),
        *_inverters(devices),
        *_push_pulls(devices, ports),
        *gates,
    )


def _feeds(subcircuit: Subcircuit, polarity: Mapping[str, str]) -> Counter[str]:
    """How many ends that can carry a steady current each node has; a port is one."""
    count = Counter(port.lower() for port in subcircuit.ports)
    for statement in subcircuit.body:
        transistor = as_transistor(statement, polarity)
        if transistor is not None:
            count.update((transistor.drain, transistor.source))
        elif isinstance(statement, Connected) and statement.name[:1].lower() != "c":
            count.update(node.lower() for node in statement.nodes)
    return count


def _pairs(devices: Sequence[Transistor], feeds: Mapping[str, int]) -> Iterator[Structure]:
    groups: dict[object, list[Transistor]] = defaultdict(list)
    for device in devices:
        if device.source not in _RAILS and device.gate != device.drain:
            groups[device.kind, device.source, device.size].append(device)
    for group in groups.values():
        if feeds[group[0].source] <= len(group):
            continue
        halves: dict[str, list[Transistor]] = defaultdict(list)
        for device in group:
            halves[device.drain].append(device)
        split = len(group) > len(halves) == 2  # noqa: PLR2004
        if split and len({device.gate for device in group}) == len(group):
            first, second = halves.values()
            members = tuple(device.name for device in (*first, *second))
            yield Structure("pair", members, len(first))
        else:
            yield from _two_by_two(group)


def _two_by_two(group: Iterable[Transistor]) -> Iterator[Structure]:
    left = list(group)
    for one, other in combinations(tuple(left), 2):
        apart = one.drain != other.drain and not _RAILS & {one.drain, other.drain}
        followers = one.drain == other.drain and one.drain in _RAILS
        alone = len(left) == 2 and one.drain != other.drain  # noqa: PLR2004
        alike = one.times == other.times and one.gate != other.gate
        if one in left and other in left and alike and (apart or followers or alone):
            left = [device for device in left if device not in (one, other)]
            yield Structure("pair", (one.name, other.name))


def _mirrors(devices: Sequence[Transistor]) -> Iterator[Structure]:
    groups: dict[object, list[Transistor]] = defaultdict(list)
    for device in devices:
        groups[device.kind, device.gate, device.source].append(device)
    for group in groups.values():
        diodes = [device for device in group if _is_diode(device, devices)]
        if diodes and len(group) > 1:
            diodes.sort(key=lambda device: device.gate != device.drain)
            others = (device.name for device in group if device is not diodes[0])
            yield Structure("mirror", (diodes[0].name, *others))


def _is_diode(device: Transistor, devices: Iterable[Transistor]) -> bool:
    """Whether its gate is at its drain, or at that of a cascode on it."""
    return device.gate == device.drain or any(
        other.kind == device.kind
        and other.source == device.drain
        and other.drain == device.gate
        and other.gate != device.gate
        for other in devices
    )


def _cascodes(devices: Sequence[Transistor], pairs: Iterable[Structure]) -> Iterator[Structure]:
    paired = {name for pair in pairs for name in pair.members}
    signals = {device.gate for device in devices if device.name in paired}
    # What a gate switches to a supply it controls as logic.
    switched = {(d.kind, d.gate) for d in devices if d.source in _RAILS}
    sources = Counter((device.kind, device.source) for device in devices)
    drains = Counter((device.kind, device.drain) for device in devices)
    above = {(device.kind, device.source): device for device in devices}
    rooted = [device for device in devices if device.source in _RAILS]
    for lower in rooted:
        node = (lower.kind, lower.drain)
        if lower.drain in _RAILS or sources[node] != 1 or drains[node] != 1:
            continue
        upper = above[node]
        other = "n" if lower.kind == "p" else "p"
        logic = {(other, upper.gate), (other, lower.gate)} & switched
        if upper.gate != lower.gate and not logic and upper.gate not in signals:
            rooted.append(upper)
            yield Structure("cascode", (lower.name, upper.name))


def _complements(devices: Sequence[Transistor]) -> Iterator[tuple[Transistor, Transistor]]:
    """P and N with one drain, from one supply to the other."""
    pulling: dict[str, list[Transistor]] = defaultdict(list)
    for device in devices:
        if device.kind == "n" and device.source in BOTTOMS:
            pulling[device.drain].append(device)
    for upper in devices:
        if upper.kind == "p" and upper.source in TOPS:
            for lower in pulling[upper.drain]:
                yield upper, lower


def _inverters(devices: Sequence[Transistor]) -> Iterator[Structure]:
    for upper, lower in _complements(devices):
        if upper.gate == lower.gate and upper.gate not in {upper.drain, *_RAILS}:
            yield Structure("inverter", (upper.name, lower.name))


def _push_pulls(devices: Sequence[Transistor], ports: frozenset[str]) -> Iterator[Structure]:
    lines = Counter((device.kind, device.gate, device.source) for device in devices)
    drains = Counter((device.kind, device.drain) for device in devices)
    for upper, lower in _complements(devices):
        both = (upper, lower)
        driven = all(
            one.gate not in {one.drain, *_RAILS}
            and not (one.gate in ports and lines[one.kind, one.gate, one.source] > 1)
            and drains[one.kind, one.drain] == 1
            for one in both
        )
        if driven and upper.gate != lower.gate:
            yield Structure("push-pull", (upper.name, lower.name))


def _transmission_gates(devices: Sequence[Transistor]) -> Iterator[Structure]:
    left: dict[frozenset[str], list[Transistor]] = defaultdict(list)
    for device in devices:
        if device.kind == "n":
            left[device.ends].append(device)
    for upper in devices:
        if upper.kind == "p" and not upper.ends & _RAILS:
            beside = left[upper.ends]
            lower = next((device for device in beside if device.gate != upper.gate), None)
            if lower is not None:
                beside.remove(lower)
                yield Structure("transmission gate", (upper.name, lower.name))
