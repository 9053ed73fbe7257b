"""
The nudge, measured
===================

The nudge amplifier is asked for the middle between the free output and the label (η = 1/2). How far off it is, for
three free outputs, against the label: its range, and the offset that learning has to live with.
"""

import matplotlib.pyplot as plt
import numpy as np

from netlist import library_path
from spice_backend import Session

folder = library_path()
files = [folder.parent / "processes" / "generic180.cir", folder / "bias.cir", folder / "clamp.cir"]
library = "\n".join(path.read_text(encoding="utf-8") for path in files)
deck = f"""one nudge amplifier
{library}
Vdd vdd 0 1.8
Xb vbias vdd 0 bias
Xc free label out vdd 0 vbias clamp
Rl out 0 100k
Vf free 0 0.2
Vl label 0 0.2
.op
.end
"""
labels_V = np.linspace(0.02, 0.44, 22)
figure, panel = plt.subplots(figsize=(7, 3.6))
with Session() as session:
    session.load(deck)
    for free_V in (0.1, 0.2, 0.3):
        outputs_V = [
            session.solve(["v(out)"], {"vf": free_V, "vl": label_V})[0] for label_V in labels_V
        ]
        wanted_V = 0.5 * (free_V + labels_V)
        panel.plot(1e3 * labels_V, 1e3 * (outputs_V - wanted_V), ".-", label=f"free at {free_V} V")
panel.axhline(0, color="0.7", zorder=0)
panel.set(xlabel="label, mV", ylabel="clamped output, mV from what was asked")
panel.legend()
figure.tight_layout()
