"""The network a design asks for, its roles placed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from learning.design import Design, NetworkSpec
from netlist.roles import with_roles
from netlist.topology import Network, layered, random_regular, read_network, square_lattice


def build_network(design: Design, rng: np.random.Generator) -> Network:
    """Build the design's topology, then give its nodes their roles.

    Args:
        design: The design.
        rng: Draws a random graph first, then the randomly placed sources and targets.

    Returns:
        The network, connected and with sources, targets and ground.

    Raises:
        NetlistError: When topology or roles make no network; `where` is the design key or the
            place in the network's file.
    """
    roles = design.network.roles
    network = _topology(design.network, rng)
    return with_roles(network, roles.sources, roles.targets, roles.ground, rng)


def _topology(spec: NetworkSpec, rng: np.random.Generator) -> Network:
    if spec.topology == "square":
        return square_lattice(spec.rows, spec.columns, spec.periodic)
    if spec.topology == "regular":
        return random_regular(spec.nodes, spec.degree, rng)
    if spec.topology == "layered":
        return layered(spec.layers)
    # A design without the file it needs is refused when it is read.
    return read_network(Path(spec.file or ""))
