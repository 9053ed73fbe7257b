"""The network a design asks for, its roles placed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from learning.design.sections import NetworkSpec
from learning.design.whole import Design
from learning.tasks.ports import task_ports
from netlist.machine.roles import with_roles
from netlist.machine.topology import Network, layered, random_regular, read_network, square_lattice


def build_network(design: Design, rng: np.random.Generator) -> Network:
    """Build the design's topology, then give its nodes their roles.

    Args:
        design: The design.
        rng: Draws a random graph first, then the randomly placed sources and targets.

    Returns:
        The network, connected and with sources, targets and ground.

    Raises:
        LearningError: When the task is to say how many nodes it needs and cannot.
        NetlistError: When topology or roles make no network; `where` is the design key or the
            place in the network's file.
    """
    roles = design.network.roles
    sources, targets = roles.sources, roles.targets
    if "task" in (sources, targets):
        n_source, n_target = task_ports(design.task)
        sources = n_source if sources == "task" else sources
        targets = n_target if targets == "task" else targets
    network = _topology(design.network, rng)
    return with_roles(network, sources, targets, roles.ground, rng)


def _topology(spec: NetworkSpec, rng: np.random.Generator) -> Network:
    if spec.topology == "square":
        return square_lattice(spec.rows, spec.columns, spec.periodic)
    if spec.topology == "regular":
        return random_regular(spec.nodes, spec.degree, rng)
    if spec.topology == "layered":
        return layered(spec.layers)
    # A design without the file it needs is refused when it is read.
    return read_network(Path(spec.file or ""))
