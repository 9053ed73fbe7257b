"""Every gate voltage against epochs: the weights on their way."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.ticker import MaxNLocator

from learning.arrays import Floats
from learning.report.charts.style import conductance_colours, panel, place, styled, svg

_NAMED_GATES = 8
"""More gate voltages than this are a picture of the whole rather than of each."""


@styled
def gate_history(epochs: Floats, gates_V: Floats, names: Sequence[str]) -> str:
    """Draw every gate voltage against epochs, coloured by its rank at the end.

    Args:
        epochs: Epoch of each mark, (n_mark,).
        gates_V: Gate voltages, (n_mark, n_gate), volts.
        names: Name of each gate, (n_gate,).

    Returns:
        The figure as an SVG element.
    """
    figure = panel(3.1)
    axes = place(figure, left=0.62, right=0.2, bottom=0.46, top=0.34)
    order = np.argsort(np.argsort(gates_V[-1])) if len(gates_V) else np.arange(len(names))
    colours, named = conductance_colours(), len(names) <= _NAMED_GATES
    marker = "o" if len(epochs) <= 2 else None  # noqa: PLR2004 - two points are hardly a line
    width = 1.4 if len(names) <= 64 else 0.8  # noqa: PLR2004 - hundreds of lines need thin ones
    for column, rank in enumerate(order):
        colour = colours(rank / max(len(names) - 1, 1))
        label = names[column] if named else None
        axes.plot(
            epochs, gates_V[:, column], color=colour, lw=width, marker=marker, ms=4, label=label
        )
    axes.set_xlabel("epoch")
    axes.set_ylabel("gate voltage (V)")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.margins(x=0.01)
    axes.grid(True)
    noun = "gate voltage" if len(names) == 1 else "gate voltages"
    axes.set_title(f"{len(names)} {noun}, coloured by final rank", pad=9)
    if named and names:
        axes.legend(loc="best", ncols=2, handlelength=1.2)
    return svg(figure, "gates", "Gate voltages against epochs")
