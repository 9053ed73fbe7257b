"""Connections: nodes that float, currents with nowhere to go, loops of voltage sources.

The deck is flattened and looked at as a graph: which devices let direct current through,
and which fix a voltage. A finding points at the line in the deck; the many places where a
subcircuit is used are one finding.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from itertools import pairwise

from netlist.checks.definitions import Definitions
from netlist.checks.finding import Finding, Lines
from netlist.checks.scope import global_nodes
from netlist.circuit import (
    Behavioural,
    Circuit,
    CodeModel,
    Connected,
    Control,
    Digital,
    Directive,
    Foreign,
    Gate,
    Instance,
    Polynomial,
    Primitive,
    Raw,
    Statement,
    Subcircuit,
    Table,
    Transfer,
)
from netlist.errors import NetlistError
from netlist.expression import Probe, inner_terms
from netlist.passes.hierarchy import MOST_DEVICES
from netlist.passes.inventory import device_count
from netlist.passes.joined import Joined
from netlist.passes.leaves import Leaf, leaves

_GROUND = "0"
_ALL_CONDUCT = frozenset("rlvdqjzsotuypwn")
_FIRST_PAIR = frozenset("eh")
_CURRENTS = frozenset("icgfb")
_SHOWN = 5


def check_connections(circuit: Circuit, included: Definitions, lines: Lines) -> Iterator[Finding]:
    """Look at how a deck is connected.

    A file that only defines subcircuits is looked at subcircuit by subcircuit, its ports taken as
    connected outside.

    Args:
        circuit: The deck; every subcircuit it uses is defined or included.
        included: What its included files define: subcircuits are taken as black boxes, and nodes
            of devices outside of them as driven.
        lines: Its lines.

    Yields:
        Findings, at most one for each rule and line.
    """
    mentioned, elsewhere = _mentioned(circuit), _elsewhere(circuit) | included.words
    everywhere = global_nodes(circuit)
    seen: set[tuple[str, int]] = set()
    first: list[Finding] = []
    devices = 0
    for deck in _tops(_with_black_boxes(circuit, included)):
        try:
            devices += device_count(deck)
        except NetlistError as error:
            where = error.where if not isinstance(error.where, str) else None
            yield lines.finding("recursion", error.message, where, hint=error.hint)
            return
        if devices > MOST_DEVICES:
            message = f"taken apart it has {devices} devices, more than {MOST_DEVICES}"
            yield lines.finding("too-large", message, None)
            return
        found = tuple(leaves(deck))
        for finding in _findings(found, everywhere, mentioned, elsewhere, lines):
            key = (finding.name, finding.span.line)
            if key not in seen:
                seen.add(key)
                first.append(finding)
    yield from first


def _findings(
    found: tuple[Leaf, ...],
    everywhere: frozenset[str],
    mentioned: frozenset[str],
    elsewhere: frozenset[str],
    lines: Lines,
) -> Iterator[Finding]:
    yield from _shorted(found, lines)
    yield from _loops(found, lines)
    terminals = Counter(node for leaf in found for node in _nodes(leaf))
    sensed = frozenset(node for leaf in found for node in leaf.sensed)
    meant = mentioned | elsewhere
    alone = {
        node
        for node, count in terminals.items()
        if count == 1 and node not in everywhere | sensed and _local(node) not in meant
    }
    yield from _floating(found, alone, lines)
    grounds = {_GROUND, *(node for node in terminals if _local(node) in elsewhere)}
    yield from _without_path(found, grounds, alone, lines)


def _nodes(leaf: Leaf) -> tuple[str, ...]:
    """Nodes a device connects to."""
    return (*leaf.nodes, *leaf.controls)


def _shorted(found: tuple[Leaf, ...], lines: Lines) -> Iterator[Finding]:
    for leaf in found:
        if len(leaf.nodes) < 2 or leaf.letter in "mqjzatouynp" or leaf.nodes[0] != leaf.nodes[1]:  # noqa: PLR2004
            continue
        written = leaf.device.nodes[:2]
        if isinstance(leaf.device, CodeModel):
            continue
        if leaf.letter != "v" and written[0].lower() != written[1].lower():
            continue  # two ports of its subcircuit are joined outside, such as an unused input
        rule = "voltage-loop" if leaf.letter == "v" else "shorted"
        node = _local(leaf.nodes[0])
        message = f"both ends of {leaf.device.name} are node {node}"
        yield lines.finding(rule, message, leaf.device.span, node)


def _fixes_voltage(leaf: Leaf) -> bool:
    if leaf.letter in "velh":
        return True
    return isinstance(leaf.device, Behavioural) and leaf.device.quantity.upper() == "V"


def _loops(found: tuple[Leaf, ...], lines: Lines) -> Iterator[Finding]:
    """Loops of what fixes a voltage; a loop is reported at the device that closes it."""
    joined, tree, closing = Joined(), list[Leaf](), list[Leaf]()
    fixing = [leaf for leaf in found if _fixes_voltage(leaf) and leaf.nodes[0] != leaf.nodes[1]]
    for leaf in sorted(fixing, key=lambda leaf: leaf.letter == "l"):
        a, b = leaf.nodes[:2]
        (closing if joined.group(a) == joined.group(b) else tree).append(leaf)
        joined.join(a, b)
    if closing:
        yield from _closed(closing, tree, lines)


def _closed(closing: list[Leaf], tree: list[Leaf], lines: Lines) -> Iterator[Finding]:
    """A finding for each device that closes a loop with some of a tree's."""
    # Imported when asked for: loops are rare, and networkx takes longer to load than all the rest.
    import networkx as nx  # noqa: PLC0415

    graph: nx.Graph[str] = nx.Graph()
    for leaf in tree:
        graph.add_edge(*leaf.nodes[:2], leaf=leaf)
    for leaf in closing:
        path = nx.shortest_path(graph, *leaf.nodes[:2])
        others = [graph.edges[pair]["leaf"] for pair in pairwise(path)]
        inductive = any(other.letter == "l" for other in (leaf, *others))
        rule = "inductor-loop" if inductive else "voltage-loop"
        names = ", ".join(_names(other.device.name for other in others))
        message = f"{leaf.device.name} closes a loop with {names}"
        yield lines.finding(rule, message, leaf.device.span)


def _floating(found: tuple[Leaf, ...], alone: set[str], lines: Lines) -> Iterator[Finding]:
    for leaf in found:
        for node in _nodes(leaf):
            if node in alone and not (leaf.letter in "aebh" and node in leaf.nodes):
                word = _local(node)
                message = f"node {word} has no other connection than {leaf.device.name}"
                yield lines.finding("floating-node", message, leaf.device.span, word)


def _without_path(
    found: tuple[Leaf, ...], grounds: set[str], alone: set[str], lines: Lines
) -> Iterator[Finding]:
    joined = Joined()
    joined.join(*grounds)
    for leaf in found:
        for group in _conducting(leaf):
            joined.join(*group)
    ground = joined.group(_GROUND)
    at: dict[str, list[Leaf]] = {}
    for leaf in found:
        for node in dict.fromkeys(_nodes(leaf)):
            if joined.group(node) != ground:
                at.setdefault(node, []).append(leaf)
    groups: dict[str, list[str]] = {}
    for node in at:
        groups.setdefault(joined.group(node), []).append(node)
    for nodes_without in groups.values():
        if len(nodes_without) == 1 and nodes_without[0] in alone:
            continue
        touching = {id(leaf): leaf for node in nodes_without for leaf in at[node]}
        yield _stranded(list(touching.values()), set(nodes_without), lines)


def _stranded(touching: list[Leaf], nodes: set[str], lines: Lines) -> Finding:
    """The finding for nodes that no direct current reaches, and the devices that touch them."""
    crossing = [leaf for leaf in touching if not set(_nodes(leaf)) <= nodes]
    forced = [leaf for leaf in crossing if leaf.letter == "i"]
    if forced and all(leaf.letter in "ic" for leaf in crossing):
        rule, leaf = "current-cutset", forced[0]
    else:
        rule, leaf = "no-dc-path", touching[0]
    ordered = list(dict.fromkeys(n for t in touching for n in _nodes(t) if n in nodes))
    here = next(n for n in _nodes(leaf) if n in nodes)
    names = ", ".join(_names(ordered))
    what = f"node{'s' if len(ordered) > 1 else ''} {names}"
    message = (
        f"no direct current can leave {what}, into which {leaf.device.name} drives one"
        if rule == "current-cutset"
        else f"no direct current can reach {what} from ground"
    )
    return lines.finding(rule, message, leaf.device.span, _local(here))


def _conducting(leaf: Leaf) -> tuple[tuple[str, ...], ...]:  # noqa: PLR0911 - one per kind
    """Groups of nodes between which a device lets direct current through."""
    nodes, device = leaf.nodes, leaf.device
    if isinstance(device, CodeModel):
        return ((_GROUND, *nodes),)
    if isinstance(device, Behavioural):
        fixed = device.quantity.upper() in ("V", "VALUE", "VOL") and leaf.letter in "beh"
        return (nodes[:2],) if fixed or _sees_itself(device) else ()
    if isinstance(device, Polynomial | Table | Gate | Transfer):
        return (nodes[:2],) if leaf.letter in "eh" else ()
    if leaf.letter == "m":
        return ((nodes[0], *nodes[2:]),)
    if leaf.letter == "g":
        return (nodes[:2],) if set(nodes[:2]) & set(nodes[2:]) - {_GROUND} else ()
    if leaf.letter in _FIRST_PAIR or leaf.letter in "sw":
        return (nodes[:2],)
    return (nodes,) if leaf.letter in _ALL_CONDUCT else ()


def _sees_itself(device: Behavioural) -> bool:
    """Whether a current follows the voltage of its own nodes, as a resistance does."""
    own = {node.lower() for node in device.nodes} - {_GROUND}
    try:
        tree = device.expression.tree
    except NetlistError:
        return True
    probes = (t for t in inner_terms(tree) if isinstance(t, Probe))
    return any(own & {name.lower() for name in probe.names} for probe in probes)


def _local(node: str) -> str:
    """A node as the line in its subcircuit writes it."""
    return node.rpartition(".")[2]


def _names(names: Iterable[str]) -> Iterator[str]:
    for index, name in enumerate(names):
        if index == _SHOWN:
            yield "..."
            return
        yield name


_WORD = re.compile(r"[^\s,()=\[\]{}'\"]+")


def _mentioned(circuit: Circuit) -> frozenset[str]:
    """Words of lines that ask for results: a node among them is meant to have one connection."""
    words: set[str] = set()
    for statement in circuit.statements():
        if isinstance(statement, Directive):
            words.update(w.lower() for a in statement.arguments for w in _WORD.findall(a))
        elif isinstance(statement, Control):
            words.update(w.lower() for w in _WORD.findall(statement.text))
        elif isinstance(statement, Behavioural | Table | Transfer):
            words.update(w.lower() for w in _WORD.findall(statement.expression.text))
    return frozenset(words)


def _elsewhere(circuit: Circuit) -> frozenset[str]:
    """Words of digital, foreign and unread lines, whose nodes are among them and are driven."""
    lines = (s for s in circuit.statements() if isinstance(s, Digital | Foreign | Raw))
    return frozenset(word for line in lines for word in line.text.lower().split())


def _with_black_boxes(circuit: Circuit, included: Definitions) -> Circuit:
    """The deck with a device that conducts everywhere in place of each included subcircuit."""
    own = {s.name.lower() for s in circuit.statements() if isinstance(s, Subcircuit)}
    boxes: list[Statement] = []
    used = {s.subcircuit.lower() for s in circuit.statements() if isinstance(s, Instance)}
    for name in sorted(used - own):
        ports = tuple(f"p{i}" for i in range(len(included.subcircuits.get(name, ()))))
        body = (Primitive("Nbox", ports, model="box"),) if ports else ()
        boxes.append(Subcircuit(name, ports, body=body))
    return Circuit(circuit.title, (*circuit.body, *boxes))


def _tops(circuit: Circuit) -> Iterator[Circuit]:
    """The deck; or, when it has no devices of its own, one for each subcircuit nobody uses.

    Each has what it uses and no more: a vendor's library of thousands is looked at in one go.
    """
    if any(isinstance(s, Connected) for s in circuit.body):
        yield circuit
        return
    defined = circuit.subcircuits()
    uses = {name: _used(subcircuit) & defined.keys() for name, subcircuit in defined.items()}
    used = frozenset[str]().union(*uses.values())
    shared = tuple(s for s in circuit.body if isinstance(s, Directive) and s.keyword == "global")
    # One that uses itself is used by somebody, and yet by nobody else.
    circular = {name for name in used if any(name in uses[below] for below in _closure(name, uses))}
    for name, subcircuit in defined.items():
        if name not in used or name in circular:
            below = tuple(defined[needed] for needed in _closure(name, uses))
            outside = Primitive("Noutside", (*subcircuit.ports, _GROUND, _GROUND), model="box")
            line = Instance("Xtop", subcircuit.ports, subcircuit.name)
            yield Circuit(circuit.title, (*shared, *below, outside, line))


def _used(subcircuit: Subcircuit) -> frozenset[str]:
    """Names of the subcircuits that are used inside of one."""
    inner = Circuit("", subcircuit.body).statements()
    return frozenset(s.subcircuit.lower() for s in inner if isinstance(s, Instance))


def _closure(name: str, uses: Mapping[str, AbstractSet[str]]) -> Iterator[str]:
    """A subcircuit, and all that it uses in turn."""
    todo, seen = [name], {name}
    while todo:
        here = todo.pop()
        yield here
        more = uses[here] - seen
        seen |= more
        todo += sorted(more)
