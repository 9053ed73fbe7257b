"""
What two decks differ in
========================

A deck is data once it is read: it can be changed, written, and compared with another, whatever the order of its lines.
"""

import matplotlib.pyplot as plt

from netlist import differences, emit, parse, rename_node, set_parameter

first = parse("""divider
V1 in 0 1
R1 in mid 1k
R2 mid 0 2k
.end
""")
second = set_parameter(rename_node(first, "mid", "out"), "R2", "value", 3e3)
assert parse(emit(second)) == second
words = [difference.text() for difference in differences(first, second)]

figure, panel = plt.subplots(figsize=(7, 1.4))
panel.text(0, 1, "\n".join(words), family="monospace", fontsize=11, va="top")
panel.axis("off")
figure.tight_layout()
