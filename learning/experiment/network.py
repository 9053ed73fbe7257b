"""The network a design asks for, its roles placed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from learning.design.sections import NetworkSpec
from learning.tasks.lesson import Lesson
from netlist.machine.roles import with_roles
from netlist.machine.topology import Network, layered, random_regular, read_network, square_lattice


def build_network(spec: NetworkSpec, lesson: Lesson, rng: np.random.Generator) -> Network:
    """Build a topology, then give its nodes their roles.

    Args:
        spec: The ``[network]`` of the design.
        lesson: What it is to be taught, asked for the number of nodes that it needs.
        rng: Draws a random graph first, then the randomly placed sources and targets.

    Returns:
        The network, connected and with sources, targets and ground.

    Raises:
        LearningError: When the task is to say how many nodes it needs and cannot.
        NetlistError: When topology or roles make no network; `where` is the design key or the
            place in the network's file.
    """
    roles = spec.roles
    sources, targets = roles.sources, roles.targets
    if "task" in (sources, targets):
        n_source, n_target = lesson.ports()
        sources = n_source if sources == "task" else sources
        targets = n_target if targets == "task" else targets
    network = _topology(spec, rng)
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
