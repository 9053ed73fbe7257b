"""
Where the transistors are
=========================

A machine's deck is a circuit like any other: it can be counted, subcircuit by subcircuit.
"""

import matplotlib.pyplot as plt

from learning import find_design, load_design, prepare
from netlist import inventory

rows = inventory(prepare(load_design(find_design("regression"))).whole.circuit)
cells = [row for row in rows if row.name in ("edge", "update", "clamp", "driver", "bias")]
counts = [row.uses * row.transistors for row in cells]
figure, panel = plt.subplots(figsize=(7, 3))
bars = panel.barh([f"{row.uses:g} × {row.name}" for row in cells], counts, color="#dd8a3c")
panel.bar_label(bars, fmt="%d", padding=3)
panel.set(xlabel="transistors", xlim=(0, 1.15 * max(counts)))
figure.tight_layout()
