"""
An edge in three corners
========================

The same edge cell on a slow, a typical and a fast chip of ``generic180``, measured in ngspice. The weight is a
voltage, therefore a corner shifts what a weight means, and learning makes up for it.
"""

import matplotlib.pyplot as plt
import numpy as np

from learning.measure.conductance import measure_conductances
from netlist import load_cell, load_process
from spice_backend import Session

gates_V = np.linspace(0.6, 1.8, 13)
figure, panel = plt.subplots(figsize=(7, 4))
with Session() as session:
    for corner, style in {"ff": "^-", "tt": "o-", "ss": "v-"}.items():
        process = load_process("generic180", corner)
        k_S = measure_conductances(
            session,
            process,
            load_cell("edge", "edge"),
            {},
            gates_V.tolist(),
            middle_V=0.2,
            rail_V=1.8,
        )
        panel.plot(gates_V, 1e6 * k_S, style, markersize=4, label=corner)
panel.set(xlabel="gate, V", ylabel="conductance, µS")
panel.legend(title="corner")
figure.tight_layout()
