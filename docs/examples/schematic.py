"""
A cell as a schematic
=====================

The push-pull driver, drawn from its netlist alone: its pair below its tail, its three mirrors face to face with their
gate lines, its output stage on the right. ``joulearn draw driver_ab -o driver_ab.svg`` makes the same picture.
"""

from io import BytesIO

import matplotlib.pyplot as plt

from netlist import Circuit, library_path, parse_library
from netlist.views.drawing import draw_subcircuit

text = (library_path() / "driver_ab.cir").read_text(encoding="utf-8")
picture = draw_subcircuit(Circuit("driver_ab", parse_library(text)), "driver_ab", "png")
pixels = plt.imread(BytesIO(picture))

figure, panel = plt.subplots(figsize=(pixels.shape[1] / 100, pixels.shape[0] / 100))
panel.imshow(pixels)
panel.axis("off")
figure.subplots_adjust(0, 0, 1, 1)
