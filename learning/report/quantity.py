"""Numbers as an engineer reads them: three digits and a prefix, on a page or in a terminal.

Results hold plain SI numbers; this is the only place that turns them into text. Squared units take
a power of ten instead of a prefix, because mV² would mean (mV)².
"""

from __future__ import annotations

import math

_PREFIXES = {
    -18: "a",
    -15: "f",
    -12: "p",
    -9: "n",
    -6: "µ",
    -3: "m",
    0: "",
    3: "k",
    6: "M",
    9: "G",
    12: "T",
}
_UNKNOWN = "n/a"
_MINUS = "−"
_SMALLEST_SHARE = 0.0005
"""Anything smaller would be written as 0.0 %."""

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def engineering(value: float | None, unit: str, digits: int = 3) -> str:
    """Write a number with its unit and the prefix that leaves one to three digits in front.

    Args:
        value: In the unit without prefix; None or not a number becomes "n/a".
        unit: Such as "J"; for squared units use `scientific`.
        digits: Significant digits.

    Returns:
        The text.

    Example:
        >>> engineering(2.5e-6, "W")
        '2.50 µW'
    """
    if value is None or not math.isfinite(value):
        return _UNKNOWN if value is None or math.isnan(value) else f"{value} {unit}"
    if value == 0:
        return f"0 {unit}".rstrip()
    _, exponent = _rounded(value, digits)
    power = _prefix_power(exponent)
    decimals = max(digits - 1 - (exponent - power), 0)
    text = f"{value / 10.0**power:.{decimals}f} {_PREFIXES[power]}{unit}"
    return text.replace("-", _MINUS).rstrip()


def prefix_for(largest: float) -> tuple[float, str]:
    """Choose one prefix for a whole axis or column.

    Args:
        largest: The largest magnitude to be shown.

    Returns:
        What to divide by, and the prefix.

    Example:
        >>> prefix_for(0.02)
        (0.001, 'm')
    """
    if not math.isfinite(largest) or largest == 0:
        return 1.0, ""
    power = _prefix_power(_rounded(largest, 12)[1])
    return float(f"1e{power}"), _PREFIXES[power]


def scientific(value: float | None, unit: str = "", digits: int = 3) -> str:
    """Write a number as a mantissa and a power of ten.

    Args:
        value: Any number; None or not a number becomes "n/a".
        unit: Such as "V²"; may be empty.
        digits: Significant digits.

    Returns:
        The text.

    Example:
        >>> scientific(0.016, "V²", 2)
        '1.6×10⁻² V²'
    """
    if value is None or not math.isfinite(value):
        return _UNKNOWN if value is None or math.isnan(value) else f"{value} {unit}".rstrip()
    if value == 0:
        return f"0 {unit}".rstrip()
    mantissa, exponent = _rounded(value, digits)
    return f"{mantissa.replace('-', _MINUS)}×{power_of_ten(exponent)} {unit}".rstrip()


def power_of_ten(exponent: int) -> str:
    """Write 10 to an integer power, such as 10⁻³."""
    return "10" + str(exponent).translate(_SUPERSCRIPTS)


def times(ratio: float | None) -> str:
    """Write a ratio with at least three digits, such as 1.00×, 97.3× or 1240×.

    Args:
        ratio: Any number; None or not a number becomes "n/a".
    """
    if ratio is None or math.isnan(ratio):
        return _UNKNOWN
    return f"{ratio:.0f}×" if abs(ratio) >= 99.95 else f"{ratio:#.3g}×"  # noqa: PLR2004


def percent(fraction: float | None) -> str:
    """Write a fraction in percent with one decimal, such as 12.5 %.

    Args:
        fraction: 1 is 100 %; None or not a number becomes "n/a", and something too small for one
            decimal "<0.1 %", so that only nothing is written as nothing.
    """
    if fraction is None or math.isnan(fraction):
        return _UNKNOWN
    if 0 < abs(fraction) < _SMALLEST_SHARE:
        return "<0.1 %"
    return f"{100 * fraction:.1f} %".replace("-", _MINUS)


def _rounded(value: float, digits: int) -> tuple[str, int]:
    # Round before the prefix is chosen: 999.9 µ is 1.00 m in three digits, not 1000 µ.
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    return mantissa, int(exponent)


def _prefix_power(exponent: int) -> int:
    return min(max(3 * (exponent // 3), min(_PREFIXES)), max(_PREFIXES))
