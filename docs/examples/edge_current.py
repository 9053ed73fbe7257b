"""
A resistor that a voltage sets
==============================

The current through an edge, from ngspice, for five gate voltages. The circuit is loaded once; each point is altered
and solved in the same session.
"""

import matplotlib.pyplot as plt
import numpy as np

from netlist import library_path
from spice_backend import Session

models = (library_path().parent / "processes" / "generic180.cir").read_text(encoding="utf-8")
cell = (library_path() / "edge.cir").read_text(encoding="utf-8")
deck = f"one edge\n{models}\n{cell}\nXe a 0 a 0 g 0 edge\nVa a 0 0\nVg g 0 1\n.op\n.end\n"
drops_V = np.linspace(0.0, 0.45, 10)

figure, panel = plt.subplots(figsize=(7, 4))
with Session() as session:
    session.load(deck)
    for gate_V in (0.8, 1.0, 1.2, 1.4, 1.6):
        currents_A = [
            -session.solve(["i(va)"], {"va": drop_V, "vg": gate_V})[0] / 2 for drop_V in drops_V
        ]
        panel.plot(1e3 * drops_V, 1e6 * np.array(currents_A), ".-", label=f"gate at {gate_V} V")
panel.set(xlabel="voltage over the edge, mV", ylabel="current, µA")
panel.legend()
figure.tight_layout()
