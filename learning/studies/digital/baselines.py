"""What a linear map costs processors, per query and per example learned, against its weights.

Counted for S inputs, T outputs and n weights (n = S·T for the map itself). A query multiplies, adds
and reads each weight once, reads the S inputs and writes the T outputs. An example learned does the
same sums, subtracts T labels, and multiplies, adds, reads and writes each weight once more; its
step is a shift and costs nothing. Inputs stay in registers between the two.
"""

from __future__ import annotations

from dataclasses import dataclass

from learning.errors import LearningError
from learning.studies.digital.assumptions import Accelerator, Assumptions, Node
from learning.studies.digital.line import Line


@dataclass(frozen=True, slots=True)
class Baseline:
    """One digital machine.

    Attributes:
        name: What it is, with its node.
        query: Energy of a query against weights.
        example: Energy of an example learned against weights.
    """

    name: str
    query: Line
    example: Line


@dataclass(frozen=True, slots=True)
class Map:
    """The linear map to be computed.

    Attributes:
        sources: Its inputs.
        targets: Its outputs.
        bits: Of every number.
    """

    sources: int
    targets: int
    bits: int


def baselines(assumed: Assumptions, process: str, task: Map) -> tuple[Baseline, ...]:
    """The digital machines a run is held against.

    Args:
        assumed: The assumptions.
        process: Of the run.
        task: What is computed.

    Returns:
        An accelerator in the process's node; its arithmetic alone, which no engine of that node
        goes below; the accelerator in the node its energies were published for; and a
        microcontroller.

    Raises:
        LearningError: When nothing is assumed of the process's node.
    """
    node = assumed.nodes.get(process)
    if node is None:
        raise LearningError(
            f"no node is assumed for the process {process}",
            "--assumptions",
            f"a file with [nodes.{process}.node] and [nodes.{process}.logic]; known: "
            + ", ".join(assumed.nodes),
        )
    here, bare = _accelerator(assumed, node, task)
    there, _ = _accelerator(
        assumed, Node(assumed.accelerator.node, assumed.accelerator.logic), task
    )
    return (here, bare, there, _microcontroller(assumed))


def _accelerator(assumed: Assumptions, node: Node, task: Map) -> tuple[Baseline, Baseline]:
    """The engine, and its arithmetic alone."""
    parts, bits = assumed.accelerator, task.bits
    scale, ports = node_scale(parts, node), task.sources + task.targets
    add_J = scale * parts.add_32.value * bits / 32
    mac_J = scale * parts.multiply_32.value * (bits / 32) ** 2 + add_J
    word_J = scale * parts.sram_64.value * bits / 64
    where, control = f"{node.node.value * 1e9:g} nm", parts.control.value

    def terms(arithmetic_J: float, memory_J: float) -> dict[str, float]:
        both_J = arithmetic_J + memory_J
        return {"arithmetic": arithmetic_J, "memory": memory_J, "its control": control * both_J}

    def sums(joules: float) -> dict[str, float]:
        return {"arithmetic": joules}

    errors_J = task.targets * add_J
    engine = Baseline(
        f"accelerator, {where}",
        query=Line(terms(0.0, ports * word_J), terms(mac_J, word_J)),
        example=Line(terms(errors_J, ports * word_J), terms(2 * mac_J, 3 * word_J)),
    )
    bare = Baseline(
        f"its arithmetic alone, {where}",
        query=Line(sums(0.0), sums(mac_J)),
        example=Line(sums(errors_J), sums(2 * mac_J)),
    )
    return engine, bare


def node_scale(parts: Accelerator, node: Node) -> float:
    """What an energy is multiplied by in another node: length times the square of the supply."""
    length = node.node.value / parts.node.value
    return length * float(node.logic.value / parts.logic.value) ** 2


def _microcontroller(assumed: Assumptions) -> Baseline:
    parts = assumed.microcontroller
    cycle_J = parts.current.value * parts.supply.value
    mac_J, update_J = (
        cycle_J * cycles.value for cycles in (parts.cycles_per_mac, parts.cycles_per_update)
    )
    call = {"cycles per example": cycle_J * parts.cycles_per_example.value}
    return Baseline(
        "microcontroller, Cortex-M0+",
        query=Line(call, {"cycles per weight": mac_J}),
        example=Line(call, {"cycles per weight": mac_J + update_J}),
    )
