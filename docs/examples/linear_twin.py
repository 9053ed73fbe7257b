"""
The same as numbers
===================

The numerical twin teaches linear resistors by the same rule, thousands of steps in a moment. A power weight leaves an
error, and saves power.
"""

import matplotlib.pyplot as plt
import networkx as nx
import numpy as np

from learning.twin import train_linear

rng = np.random.default_rng(2)
inputs_V = rng.uniform(0.05, 0.45, (10, 2))
labels_V = inputs_V @ [[0.15], [0.1]]
graph = nx.grid_2d_graph(4, 4, periodic=True)
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4))
for weight in (0.0, 3e-5, 1e-4):
    training = train_linear(
        graph,
        sources=[(0, 0), (2, 2)],
        targets=[(1, 1)],
        ground=(3, 3),
        inputs=inputs_V,
        labels=labels_V,
        alpha=0.5,
        eta=1e-2,
        power_weight=weight,
        steps=3000,
        record_every=20,
    )
    left.semilogy(training.step, training.error, label=f"λ = {weight:g}")
    right.plot(training.step, training.power)
left.set(xlabel="step", ylabel="error, V²")
right.set(xlabel="step", ylabel="power of the free network, W")
left.legend()
figure.tight_layout()
