"""
Three networks
==============

A network of self-adjusting resistors is wired before it is taught anything: a lattice, whose borders may be joined,
a random regular graph, and layers. Each is the same every time it is made.
"""

import matplotlib.pyplot as plt
import networkx as nx
import numpy as np

from netlist import layered, random_regular, square_lattice

networks = {
    "lattice of 4 × 4": square_lattice(4, 4, periodic=False),
    "16 nodes of degree 4": random_regular(16, 4, np.random.default_rng(1)),
    "layers of 3, 5 and 2": layered((3, 5, 2)),
}
figure, panels = plt.subplots(1, 3, figsize=(10, 3.4))
for panel, (title, network) in zip(panels, networks.items(), strict=True):
    places = dict(zip(network.nodes, network.positions, strict=True))
    nx.draw_networkx(
        network.graph(), places, ax=panel, node_size=160, font_size=7, node_color="#c9dcee"
    )
    panel.set_title(f"{title}: {len(network.edges)} edges", fontsize=9)
    panel.axis("off")
figure.tight_layout()
