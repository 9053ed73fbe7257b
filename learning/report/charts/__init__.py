"""The report's figures, one per module, as SVG text to be put straight into a page."""

from netlist.views import own_matplotlib  # noqa: F401 - before the figures load it

# isort: split
from learning.report.charts.energy_bars import energy_bars
from learning.report.charts.gate_history import gate_history
from learning.report.charts.learning_curve import learning_curve
from learning.report.charts.network_drawing import conductance_scale, network_drawings
from learning.report.charts.presentation import presentation_waveforms
from learning.report.charts.scatter import scatter
from learning.report.charts.wiring import closing_edges

__all__ = [
    "closing_edges",
    "conductance_scale",
    "energy_bars",
    "gate_history",
    "learning_curve",
    "network_drawings",
    "presentation_waveforms",
    "scatter",
]
