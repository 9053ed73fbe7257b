"""
Where the transistors are
=========================

A machine's deck is a circuit like any other: it can be counted, subcircuit by subcircuit.
"""

import matplotlib.pyplot as plt

from learning import find_design, load_design, prepare
from netlist import inventory

SERVES = ("edge_single", "update_memory", "clamp_single", "driver_lines", "bias_lines", "sequencer")

machine = prepare(load_design(find_design("regression")))
cells = [row for row in inventory(machine.whole.circuit) if row.name in SERVES]
counts = [row.uses * row.transistors for row in cells]
figure, panel = plt.subplots(figsize=(7, 3))
bars = panel.barh([f"{row.uses:g} × {row.name}" for row in cells], counts, color="#dd8a3c")
panel.bar_label(bars, fmt="%d", padding=3)
panel.set(xlabel="transistors", xlim=(0, 1.15 * max(counts)))
figure.tight_layout()
