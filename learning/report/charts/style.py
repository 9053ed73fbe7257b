"""How every figure looks, and how it becomes SVG text.

Figures are drawn through matplotlib's objects, without pyplot, which would pick a screen and keep
every figure alive. Text stays text (it can be searched, and files stay small), mathematics in text
is off (a dollar in a node's name is a dollar), and identifiers come from a fixed salt, so that the
same result gives the same bytes. A figure is one panel wide: a page puts two side by side where
there is room and stacks them where there is not, so that letters stay legible on a telephone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from functools import wraps
from io import StringIO
from typing import Any, ParamSpec, TypeVar

import matplotlib as mpl
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import Colormap, ListedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogFormatter, MaxNLocator, NullFormatter, NullLocator

from learning.report.quantity import power_of_ten

_P = ParamSpec("_P")
_R = TypeVar("_R")

PANEL_WIDTH_IN = 5.6
"""Width of one panel, inches; fonts are set for a panel of about 560 pixels."""

_NARROW = 1.0
"""An axis of fewer decades may have no power of ten on it."""

ROW_WIDTH_IN = 11.0
"""Width of a row of panels, which takes the whole page, inches."""

INK = "#1f2933"
SOFT_INK = "#52606d"
LINE = "#9aa5b1"
BLUE = "#2b6cb0"
LIGHT_BLUE = "#63a4d8"
ORANGE = "#dd8a3c"
TEAL = "#0f766e"
GREY = "#7b8794"

TARGET_COLOURS = ("#c2410c", "#7c3aed", "#0f766e", "#be185d", "#a16207", "#1d4ed8")
"""One per target, the same in the waveforms and in the drawing of the network."""

BACKDROP: dict[str, str | float] = {
    "boxstyle": "round,pad=0.15",
    "fc": "white",
    "ec": "none",
    "alpha": 0.88,
}
"""A box that keeps letters legible on top of lines."""

_STYLE: Any = {  # matplotlib's type for its keys differs between its versions
    "svg.fonttype": "none",
    "svg.hashsalt": "joulearn",
    "text.parse_math": False,
    "font.family": ["DejaVu Sans"],
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.labelsize": 9.0,
    "axes.labelcolor": SOFT_INK,
    "axes.edgecolor": LINE,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "axes.axisbelow": True,
    "xtick.color": SOFT_INK,
    "ytick.color": SOFT_INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "text.color": INK,
    "grid.color": "#e4e7eb",
    "grid.linewidth": 0.8,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
}


def styled(draw: Callable[_P, _R]) -> Callable[_P, _R]:
    """Draw with the report's style, whatever the user's own settings, and leave those alone.

    Args:
        draw: Makes figures.

    Returns:
        The same under the style.
    """

    @wraps(draw)
    def wrapped(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        with style.context(_STYLE, after_reset=True):
            return draw(*args, **kwargs)

    return wrapped


def panel(height_in: float) -> Figure:
    """Start a figure of one panel's width.

    Args:
        height_in: Its height, inches.

    Returns:
        The empty figure.
    """
    return Figure(figsize=(PANEL_WIDTH_IN, height_in))


def panel_row(height_in: float, columns: int) -> tuple[Figure, Sequence[Axes]]:
    """Start a figure of panels side by side, each with a grid.

    Args:
        height_in: Its height, inches.
        columns: How many panels.

    Returns:
        The figure, and its panels from left to right.
    """
    figure = Figure(figsize=(ROW_WIDTH_IN, height_in), layout="constrained")
    panels = figure.subplots(1, columns, squeeze=False)[0]
    for axes in panels:
        axes.grid(True)
    return figure, list(panels)


def place(
    figure: Figure, *, left: float, right: float, bottom: float, top: float, **options: Any
) -> Axes:
    """Put axes into a figure by their margins, so that letters keep their room at any height.

    Args:
        figure: The figure.
        left: Left margin, inches.
        right: Right margin, inches.
        bottom: Bottom margin, inches.
        top: Top margin, inches.
        options: For the axes.

    Returns:
        The axes.
    """
    width, height = float(figure.get_figwidth()), float(figure.get_figheight())
    box = (
        left / width,
        bottom / height,
        1 - (left + right) / width,
        1 - (bottom + top) / height,
    )
    return figure.add_axes(box, **options)


def _label_log_axes(figure: Figure) -> None:
    """Label in words what has matplotlib's own labels, for mathematics in text is off."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if isinstance(axis.get_major_formatter(), LogFormatter):
                _label(axis)


def _label(axis: Axis) -> None:
    low, high = axis.get_view_interval()
    if math.log10(high / low) < _NARROW:
        axis.set_major_locator(MaxNLocator(4, prune="both"))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.3g}"))
        return
    axis.set_major_formatter(FuncFormatter(lambda value, _: power_of_ten(round(math.log10(value)))))
    axis.set_minor_formatter(NullFormatter())


def conductance_colours() -> Colormap:
    """Colours from low to high, the lowest still visible on white and the highest dark."""
    colours = mpl.colormaps["viridis_r"].resampled(256)
    return ListedColormap([colours(step) for step in range(26, 256)], name="conductance")


def svg(figure: Figure, name: str, title: str) -> str:
    """Write a figure as an SVG element for a page.

    Args:
        figure: The figure.
        name: Sets the element's identifiers apart from those of the page's other figures.
        title: What it shows, for those who cannot see it.

    Returns:
        The element, without a size of its own: it fills its container.
    """
    _label_log_axes(figure)
    text = StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    element = text.getvalue()
    element = element[element.index("<svg") :]
    element = re.sub(r"\s*<metadata>.*?</metadata>", "", element, flags=re.DOTALL)
    element = re.sub(r' id="([^"<>]+)"', rf' id="{name}-\1"', element)
    element = re.sub(r'href="#([^"<>]+)"', rf'href="#{name}-\1"', element)
    element = re.sub(r"url\(#([^)<>]+)\)", rf"url(#{name}-\1)", element)
    head, rest = element.split(">", 1)
    box = re.search(r'viewBox="[^"]*"', head)
    size = box[0] if box else ""
    return f'<svg {size} role="img" aria-label="{title}" {_NAMESPACES}>{rest}'.rstrip() + "\n"


_NAMESPACES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
