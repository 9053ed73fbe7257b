"""
No two edges are alike
======================

Two hundred edges of one chip at the same gate voltage, measured in ngspice, with the shipped transistor and with one
of four times the area. The deviation falls with the square root of the area (Pelgrom's law), here to a half.
"""

import matplotlib.pyplot as plt
import numpy as np

from learning.measure.conductance import measure_conductances
from netlist import load_cell, load_process
from netlist.parts.variation import Chip
from spice_backend import Session

process, edge = load_process("generic180"), load_cell("edge", "edge")
chip = Chip(mismatch=True, draw=3)
sizes = {"shipped": {}, "twice as wide and long": {"w": 1e-6, "l": 2.4e-5}}
figure, panel = plt.subplots(figsize=(7, 3.4))
with Session() as session:
    for (name, size), colour in zip(sizes.items(), ("#dd8a3c", "#2b6cb0"), strict=True):
        k_S = measure_conductances(
            session, process, edge, size, [1.2] * 200, middle_V=0.2, rail_V=1.8, chip=chip
        )
        share = 100 * (k_S / k_S.mean() - 1)
        label = f"{name}: σ = {share.std():.2f} %"
        panel.hist(share, bins=np.linspace(-2, 2, 33), alpha=0.6, color=colour, label=label)
panel.set(xlabel="conductance, % from the mean", ylabel="edges")
panel.legend()
figure.tight_layout()
