"""Whether what was run could be built: its area, and whether its devices differ as real ones do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from learning.result.result import Result

_LARGE_M2 = 1e-7
"""From here on areas are told in square millimetres."""


def area(area_m2: float) -> str:
    r"""Write an area as people of chips do.

    Args:
        area_m2: Square metres.

    Returns:
        Square micrometres, or square millimetres from a tenth of one on.

    Example:
        >>> area(6.6e-8), area(3.4469e-7)
        ('66\xa0000\xa0µm²', '0.345\xa0mm²')
    """
    if area_m2 >= _LARGE_M2:
        return f"{area_m2 * 1e6:#.3g}\N{NO-BREAK SPACE}mm²"
    return square_um(area_m2) + "\N{NO-BREAK SPACE}µm²"


def square_um(area_m2: float) -> str:
    """An area in square micrometres, without the unit, for a column that names it.

    Args:
        area_m2: Square metres.
    """
    told = f"{area_m2 * 1e12:,.0f}" if area_m2 >= 1e-10 else f"{area_m2 * 1e12:.3g}"  # noqa: PLR2004
    return told.replace(",", "\N{NO-BREAK SPACE}")


def area_words(result: Result) -> str:
    """What the area is made of.

    Args:
        result: A run's figures.

    Returns:
        A clause; empty for a result without an area.
    """
    if result.area_m2 is None:
        return ""
    whole, edge = result.area_m2.total, result.area_m2.per_edge
    return (
        f"{area(whole.total_m2)} of devices: gates {area(whole.gate_m2)}, capacitors "
        f"{area(whole.capacitor_m2)}, resistors {area(whole.resistor_m2)}; {area(edge.total_m2)} "
        "for each edge"
    )


def chip_words(result: Result) -> tuple[str, str]:
    """Which chip was run, and what that shows.

    Args:
        result: A run's figures.

    Returns:
        The chip in a few words, and a clause; both empty for a result that does not say.
    """
    chip = result.chip
    if chip is None:
        return "", ""
    if not chip.mismatch or chip.scale == 0.0:
        return "all alike", "every device as designed, mismatch off"
    times = "" if chip.scale == 1.0 else f", {chip.scale:g} times the process's mismatch"
    whose = f"devices of {', '.join(chip.only)} cells" if chip.only else "every device"
    return f"chip {chip.draw}", f"{whose} its own, seed {chip.seed}{times}"
