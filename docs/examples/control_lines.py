"""
A power weight is a pulse
=========================

In every presentation the line ``vlambda`` is high for the share λ of the time in which ``enable`` lets the update cells
act. The whole course of both is laid out before anything is simulated.
"""

import matplotlib.pyplot as plt
import numpy as np

from learning import find_design, load_design, prepare
from netlist import Source

design = load_design(find_design("regression_twin"), ["learning.power_weight=0.3"])
circuit = prepare(design).whole.circuit
figure, panels = plt.subplots(3, 1, figsize=(8, 4.5), sharex=True)
for panel, line in zip(panels, ("in_0", "enable", "vlambda"), strict=True):
    source = next(s for s in circuit.body if isinstance(s, Source) and s.nodes[0] == line)
    times_s, volts = np.reshape(source.waveform.arguments, (-1, 2)).T
    panel.plot(1e6 * times_s, volts, color="#2b6cb0")
    panel.set(ylabel=f"{line}, V", xlim=(90, 560))
panels[-1].set_xlabel("time, µs")
figure.tight_layout()
