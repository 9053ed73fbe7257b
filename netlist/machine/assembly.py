"""The assembler: network, cells, process and control lines become one deck that runs by itself.

Every block has a rail of its own, and an ammeter (a zero-volt source) stands wherever energy
crosses from a block into a network. The ledger is then a matter of reading source currents; what
`Assembly` says about sources and ammeters is all it needs to know of the deck.

What everything in it is called is `netlist.machine.names`'s business; a grounded node is node 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from netlist.circuit import (
    Circuit,
    Comment,
    Directive,
    Model,
    Source,
    Statement,
    Subcircuit,
    Waveform,
)
from netlist.errors import NetlistError
from netlist.machine import names
from netlist.machine.placing import PLACING
from netlist.machine.topology import Network, Port
from netlist.number import format_number
from netlist.parts.architectures import TWIN, Architecture
from netlist.parts.cell import Cell
from netlist.parts.process import Process
from netlist.parts.slots import BY_NAME, RAILS, SLOTS, Per


@dataclass(frozen=True, slots=True)
class Rail:
    """A block's supply: voltage source `source` from `node` to ground."""

    block: str
    source: str
    node: str
    voltage_V: float


@dataclass(frozen=True, slots=True)
class Crossing:
    """An ammeter whose current flows out of `block` into node `node` of a network.

    Attributes:
        network: FREE, CLAMPED or IN_TURN of `netlist.machine.placing`.
        block: The block that pays: "driver" or "clamp".
        ammeter: Name of the zero-volt source; its current is positive into the network.
        node: Deck node on the network's side.
    """

    network: str
    block: str
    ammeter: str
    node: str


@dataclass(frozen=True, slots=True)
class ControlLine:
    """A source the controller drives, and the node it drives."""

    source: str
    node: str


@dataclass(frozen=True, slots=True)
class Target:
    """Deck nodes of one target; the negative ones are "0" for a single node."""

    free: tuple[str, str]
    clamped: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Assembly:
    """A deck and what stands where in it.

    Attributes:
        circuit: The deck.
        rails: One per block in use.
        crossings: Every place where energy enters a network.
        controls: Every control line.
        gates: Gate node of every edge, in the network's order.
        targets: One per target.
        nodes: By network node, its free and its clamped deck node.
        clamped_while: The control line that is high while one network that plays both states in
            turn is clamped, and half its height in volts; None where there are two networks.
    """

    circuit: Circuit
    rails: tuple[Rail, ...]
    crossings: tuple[Crossing, ...]
    controls: tuple[ControlLine, ...]
    gates: tuple[str, ...]
    targets: tuple[Target, ...]
    nodes: Mapping[str, tuple[str, str]]
    clamped_while: tuple[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What to assemble.

    Attributes:
        title: First line of the deck.
        network: Nodes, edges and roles.
        cells: By slot; a slot that no other cell needs may be empty.
        parameters: By slot, cell parameters that differ from the cells' defaults, SI units.
        process: Device models.
        rail_V: Supply of every rail, volts.
        common_mode_V: Middle of every differential pair, volts.
        lines: Control lines by name (``in_0`` …, ``label_0`` …, ``enable``, ``vlambda``, ``eta``,
            ``clk``, ``run``): a time function or a constant, volts.
        gates_V: Initial gate voltages, one per edge, volts.
        architecture: How many networks there are.
    """

    title: str
    network: Network
    cells: Mapping[str, Cell]
    parameters: Mapping[str, Mapping[str, float]]
    process: Process
    rail_V: float
    common_mode_V: float
    lines: Mapping[str, Waveform | float]
    gates_V: tuple[float, ...]
    architecture: Architecture = TWIN


@dataclass(frozen=True, slots=True)
class Transient:
    """The analysis.

    Attributes:
        stop_s: End of the run, seconds.
        max_step_s: Longest time step, seconds.
        options: ``.options``, name to value; True sets a flag, False leaves it out.
        save: Vectors kept by the simulator, such as ``v(g_0)``; empty keeps all.
        initial_V: Every node's voltage at time zero, from which the transient then starts without
            an operating point; empty finds one, with the gates given.
    """

    stop_s: float
    max_step_s: float
    options: Mapping[str, float | str | bool]
    save: tuple[str, ...] = ()
    initial_V: Mapping[str, float] = field(default_factory=dict)


def assemble(blueprint: Blueprint) -> Assembly:
    """Build the deck, without an analysis (`with_transient` adds one).

    Args:
        blueprint: What to assemble.

    Returns:
        The deck and its places.

    Raises:
        NetlistError: When a cell parameter is unknown, a control line missing or one a pair
            cannot have, the number of gate voltages is not that of the edges, or two files define
            a name differently.
    """
    return _Assembler(blueprint).assembly()


def with_transient(assembly: Assembly, transient: Transient) -> Circuit:
    """The deck with options, saved vectors and the transient analysis.

    Args:
        assembly: The deck.
        transient: The analysis.

    Returns:
        A deck that runs under ``ngspice -b``.
    """
    step, stop = format_number(transient.max_step_s), format_number(transient.stop_s)
    lines = [Directive("options", tuple(_option_words(transient.options)))]
    if transient.save:
        lines.append(Directive("save", transient.save))
    if not transient.initial_V:
        lines.append(Directive("tran", (step, stop, "0", step)))
        return replace(assembly.circuit, body=assembly.circuit.body + tuple(lines))
    voltages = (f"v({n})={format_number(v)}" for n, v in transient.initial_V.items())
    lines.append(Directive("ic", tuple(voltages)))
    lines.append(Directive("tran", (step, stop, "0", step, "uic")))
    kept = (s for s in assembly.circuit.body if not _is_initial(s))
    return replace(assembly.circuit, body=(*kept, *lines))


def with_operating_point(
    assembly: Assembly, gates_V: Sequence[float], options: Mapping[str, float | str | bool]
) -> Circuit:
    """The deck with the analysis of its operating point, every gate held by a source.

    Args:
        assembly: The deck.
        gates_V: One per gate, volts.
        options: ``.options``, as for `Transient`.

    Returns:
        A deck that saves every node.
    """
    circuit = assembly.circuit
    holds = tuple(
        Source(f"Vhold_{gate}", (gate, names.GROUND), dc=float(value))
        for gate, value in zip(assembly.gates, gates_V, strict=True)
    )
    kept = tuple(s for s in circuit.body if not _is_initial(s))
    lines = (Directive("options", tuple(_option_words(options))), Directive("op", ()))
    return replace(circuit, body=(*kept, *holds, *lines))


def _is_initial(statement: Statement) -> bool:
    return isinstance(statement, Directive) and statement.keyword == "ic"


def _option_words(options: Mapping[str, float | str | bool]) -> Iterator[str]:
    for name, value in options.items():
        if value is True:
            yield name
        elif value is not False:
            text = value if isinstance(value, str) else format_number(float(value))
            yield f"{name}={text}"


class _Assembler:
    """One assembly under way; the order of the methods is the order of the deck."""

    def __init__(self, blueprint: Blueprint) -> None:
        self._blueprint = blueprint
        self._rails: dict[str, Rail] = {}
        self._controls: dict[str, Source] = {}
        self._crossings: list[Crossing] = []
        self._body: list[Statement] = []
        self._shared: list[Cell] = []
        network, self._placing = blueprint.network, PLACING[blueprint.architecture.name]
        self._nodes = {
            n: (names.GROUND, names.GROUND) if n in network.ground else self._placing.nodes(n)
            for n in network.nodes
        }
        self._lines = _offered(blueprint.cells)
        if len(blueprint.gates_V) != len(network.edges):
            raise NetlistError(
                f"{len(blueprint.gates_V)} gate voltages for {len(network.edges)} edges",
                where="initial.gates_V",
                hint="one voltage per edge, in the network's order",
            )

    def assembly(self) -> Assembly:
        self._drive_sources()
        targets = self._clamp_targets()
        self._place_edges()
        self._shared_cells()
        clamped_while = self._clamped_while()
        body = (*self._head(), *self._body, *self._initial())
        return Assembly(
            circuit=self._blueprint.process.complete(Circuit(self._blueprint.title, body)),
            rails=tuple(self._rails[b] for b in RAILS if b in self._rails),
            crossings=tuple(self._crossings),
            controls=tuple(ControlLine(s.name, s.nodes[0]) for s in self._controls.values()),
            gates=self._gates(),
            targets=targets,
            nodes=self._nodes,
            clamped_while=clamped_while,
        )

    def _clamped_while(self) -> tuple[str, float] | None:
        if not self._blueprint.architecture.in_turn:
            return None
        line = self._control(names.CLK, self._line(names.CLK))
        return line, 0.5 * self._blueprint.rail_V

    def _gates(self) -> tuple[str, ...]:
        return tuple(names.gate(index) for index in range(len(self._blueprint.network.edges)))

    def _head(self) -> Iterator[Statement]:
        process = self._blueprint.process
        yield Comment(f" process {process.name}")
        yield from (s for s in process.statements if not isinstance(s, Comment))
        yield from self._library()
        yield Comment(" rails, one per block")
        for block in RAILS:
            if block in self._rails:
                rail = self._rails[block]
                yield Source(rail.source, (rail.node, "0"), dc=rail.voltage_V)
        yield Comment(" control lines")
        yield from self._controls.values()

    def _library(self) -> Iterator[Statement]:
        """Every used cell's statements once; two files may not mean different things by a name.

        The simulator keeps the first of two definitions and says nothing.
        """
        seen = {_definition(s): s for s in self._blueprint.process.statements}
        for cell in dict.fromkeys(self._used_cells()):
            for statement in cell.statements:
                key = _definition(statement)
                if key and key in seen:
                    if seen[key] != statement:
                        raise NetlistError(
                            f"cell {cell.name} defines {key} differently from another cell "
                            "or the process",
                            where=statement.span or cell.file,
                            hint="give it another name, or nest it inside the cell",
                        )
                    continue
                seen[key] = statement
                yield statement

    def _used_cells(self) -> Iterator[Cell]:
        for slot in (s.name for s in SLOTS if s.placed_per is not Per.MACHINE):
            yield self._blueprint.cells[slot]
        yield from self._shared

    def _initial(self) -> Iterator[Statement]:
        yield Comment(" where learning starts")
        words = (
            f"v({gate})={format_number(value)}"
            for gate, value in zip(self._gates(), self._blueprint.gates_V, strict=True)
        )
        yield Directive("ic", tuple(words))

    def _drive_sources(self) -> None:
        for index, port in enumerate(self._blueprint.network.sources):
            for line, node in self._port_lines(names.input_line, index, port):
                out = names.driven(node)
                self._place("driver", names.cell("driver", node), {"in": line, "out": out})
                for network, end in self._placing.driven(self._nodes[node]):
                    self._cross(network, "driver", out, end)

    def _clamp_targets(self) -> tuple[Target, ...]:
        for index, port in enumerate(self._blueprint.network.targets):
            ends = tuple(self._port_lines(names.label_line, index, port))
            for (line, node), (other_line, other) in zip(ends, reversed(ends), strict=True):
                out = names.nudged(node)
                pins = {"label": line, **self._placing.clamp(self._nodes[node], out)}
                if port.negative is not None:
                    pins |= {"other": self._nodes[other][0], "reference": other_line}
                self._require_pair(port)
                self._place("clamp", names.cell("clamp", node), pins)
                network, end = self._placing.nudged(self._nodes[node])
                self._cross(network, "clamp", out, end)
        return tuple(self._target(port) for port in self._blueprint.network.targets)

    def _require_pair(self, port: Port) -> None:
        cell = self._blueprint.cells["clamp"]
        if port.negative is None and (cell.uses("other") or cell.uses("reference")):
            raise NetlistError(
                f"cell {cell.name} nudges a pair of nodes, and target {port} is a single one",
                where="network.roles.targets",
                hint='targets such as ["3-7"], or a cell such as cells.clamp = "clamp"',
            )

    def _target(self, port: Port) -> Target:
        positive = self._nodes[port.positive]
        negative = self._nodes[port.negative] if port.negative else ("0", "0")
        return Target((positive[0], negative[0]), (positive[1], negative[1]))

    def _place_edges(self) -> None:
        for index, (a, b) in enumerate(self._blueprint.network.edges):
            ends = self._placing.edge(self._nodes[a], self._nodes[b])
            pins = {**ends, "gate": names.gate(index)}
            begins = {names.GATE0: float(self._blueprint.gates_V[index])}
            for slot in ("edge", "update"):
                # A cell whose state is in logic is told where its gate begins.
                told = begins if self._blueprint.cells[slot].accepts(names.GATE0) else {}
                self._place(slot, names.cell(slot, index), pins, told)

    def _shared_cells(self) -> None:
        """Cells that serve the whole machine, only where another asks for one of their lines."""
        cells = self._blueprint.cells
        for slot in (s.name for s in SLOTS if s.placed_per is Per.MACHINE and s.name in cells):
            others = (cell for other, cell in cells.items() if other != slot)
            if any(cell.uses(line) for cell in others for line in cells[slot].offers):
                self._rail(slot)
                self._place(slot, slot, {})
                self._shared.append(cells[slot])

    def _port_lines(
        self, called: Callable[[int, str], str], index: int, port: Port
    ) -> Iterator[tuple[str, str]]:
        """The control line of each node of a port; a pair is driven about the common mode."""
        line = called(index, "")
        wave = self._line(line)
        if port.negative is None:
            yield self._control(line, wave), port.positive
            return
        if isinstance(wave, Waveform) and (wave.kind.upper() != "PWL" or not _numeric(wave)):
            raise NetlistError(
                f"control line {line} of the pair {port} is a {wave.kind}",
                where="network.roles",
                hint="a constant or a PWL of numbers, to be halved and shifted to the common mode",
            )
        middle = self._blueprint.common_mode_V
        for sign, suffix, node in ((0.5, "p", port.positive), (-0.5, "n", port.negative)):
            yield self._control(called(index, suffix), _affine(wave, sign, middle)), node

    def _line(self, name: str) -> Waveform | float:
        try:
            return self._blueprint.lines[name]
        except KeyError:
            raise NetlistError(
                f"no control line {name}",
                where="network.roles",
                hint="as many inputs as sources, as many labels as targets, "
                "and a line for every control pin of a cell",
            ) from None

    def _control(self, line: str, wave: Waveform | float) -> str:
        if line not in self._controls:
            nodes = (line, "0")
            source = (
                Source(names.line_source(line), nodes, waveform=wave)
                if isinstance(wave, Waveform)
                else Source(names.line_source(line), nodes, dc=float(wave))
            )
            self._controls[line] = source
        return line

    def _cross(self, network: str, block: str, out: str, node: str) -> None:
        ammeter = names.ammeter(node)
        self._body.append(Source(ammeter, (out, node), dc=0.0))
        self._crossings.append(Crossing(network, block, ammeter, node))

    def _rail(self, block: str) -> str:
        rail = self._rails.setdefault(
            block, Rail(block, names.rail_source(block), names.rail(block), self._blueprint.rail_V)
        )
        return rail.node

    def _place(
        self, slot: str, name: str, pins: Mapping[str, str], told: Mapping[str, float] | None = None
    ) -> None:
        cell = self._blueprint.cells[slot]
        nets = {"vss": names.GROUND, **self._lines, **pins}
        if cell.uses("vdd"):
            nets["vdd"] = self._rail(BY_NAME[slot].rail)
        for pin in self._blueprint.architecture.contracts[slot].controls:
            if cell.uses(pin):
                nets[pin] = self._control(pin, self._line(pin))
        parameters = {**self._blueprint.parameters.get(cell.slot, {}), **(told or {})}
        self._body.append(cell.instance(name, nets, parameters))


def _offered(cells: Mapping[str, Cell]) -> dict[str, str]:
    """Every line that cells offer, by pin; its node in the deck has the same name."""
    lines: dict[str, str] = {}
    for cell in cells.values():
        for line in cell.offers:
            if names.is_own(line) or line in lines:
                raise NetlistError(
                    f"cell {cell.name} offers a line {line!r}, a name that is taken in the deck",
                    where=cell.subcircuit.span or cell.file,
                    hint="another name for the pin",
                )
            lines[line] = line
    return lines


def _definition(statement: Statement) -> str:
    """What a statement defines for the whole deck, or nothing."""
    match statement:
        case Subcircuit():
            return f".subckt {statement.name.lower()}"
        case Model():
            return f".model {statement.name.lower()}"
        case _:
            return ""


def _numeric(wave: Waveform) -> bool:
    return all(isinstance(x, float | int) for x in wave.arguments)


def _affine(wave: Waveform | float, scale: float, offset: float) -> Waveform | float:
    if not isinstance(wave, Waveform):
        return offset + scale * wave
    numbers = [x for x in wave.arguments if isinstance(x, float | int)]
    moved = tuple(offset + scale * x if i % 2 else x for i, x in enumerate(numbers))
    return replace(wave, arguments=moved)
