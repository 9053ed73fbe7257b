"""
The learning rule, measured
===========================

The current that the update cell pushes into a gate, against the voltage over the clamped edge, while the free edge has
0.1 V. The rule asks for a parabola through zero where the two are equal.
"""

import matplotlib.pyplot as plt
import numpy as np

from netlist import library_path
from spice_backend import Session

folder = library_path()
texts = [folder.parent / "processes" / "generic180.cir", folder / "update.cir", folder / "bias.cir"]
library = "\n".join(path.read_text(encoding="utf-8") for path in texts)
deck = f"""one update cell
{library}
Xb vbias vdd 0 bias
Xu f 0 c 0 g vdd 0 vbias 0 vdd update
Vdd vdd 0 1.8
Vf f 0 0.1
Vc c 0 0
Vg g 0 1.1
.op
.end
"""
drops_V = np.linspace(0.0, 0.3, 16)
with Session() as session:
    session.load(deck)
    currents_A = np.array([session.solve(["i(vg)"], {"vc": drop_V})[0] for drop_V in drops_V])

gain = np.polyfit(drops_V**2 - 0.1**2, -currents_A, 1)[0]
figure, panel = plt.subplots(figsize=(7, 4))
panel.plot(1e3 * drops_V, 1e9 * currents_A, "o", label="measured")
panel.plot(
    1e3 * drops_V,
    1e9 * gain * (0.1**2 - drops_V**2),
    label=f"{1e6 * gain:.2f} µA/V² × (0.1² − ΔV²)",
)
panel.axhline(0, color="0.7", zorder=0)
panel.set(xlabel="voltage over the clamped edge, mV", ylabel="current into the gate, nA")
panel.legend()
figure.tight_layout()
