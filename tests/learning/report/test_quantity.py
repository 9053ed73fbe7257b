"""Numbers as text, against hand-written ones and against reading them back."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.report.quantity import (
    engineering,
    percent,
    power_of_ten,
    prefix_for,
    scientific,
    times,
)

_POWERS = {
    "a": -18, "f": -15, "p": -12, "n": -9, "µ": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12,
}  # fmt: skip
_PLAIN = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.5e-6, "2.50 µW"),
        (999.9e-6, "1.00 mW"),
        (0.02, "20.0 mW"),
        (123.4, "123 W"),
        (-26.5e-12, "−26.5 pW"),
        (0.0, "0 W"),
        (1e-21, "0.00100 aW"),
        (None, "n/a"),
        (math.nan, "n/a"),
        (math.inf, "inf W"),
    ],
)
def test_engineering_by_hand(value: float | None, text: str) -> None:
    assert engineering(value, "W") == text


@given(st.floats(1e-17, 1e13), st.sampled_from((-1.0, 1.0)))
def test_engineering_reads_back_to_three_digits(size: float, sign: float) -> None:
    number, unit = engineering(sign * size, "J").split(" ")
    read = float(number.translate(_PLAIN)) * 10.0 ** _POWERS[unit.removesuffix("J")]
    assert read == pytest.approx(sign * size, rel=5.1e-3)
    assert 1 <= abs(float(number.translate(_PLAIN))) < 1000 or size >= 999.5e12


def test_more_digits_when_asked() -> None:
    assert engineering(1.23456e-3, "s", digits=5) == "1.2346 ms"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.016, "1.60×10⁻² V²"),
        (9.996e-5, "1.00×10⁻⁴ V²"),
        (-3e4, "−3.00×10⁴ V²"),
        (0.0, "0 V²"),
        (None, "n/a"),
        (math.nan, "n/a"),
        (math.inf, "inf V²"),
    ],
)
def test_scientific_by_hand(value: float | None, text: str) -> None:
    assert scientific(value, "V²") == text


@given(st.floats(1e-30, 1e30))
def test_scientific_reads_back(value: float) -> None:
    mantissa, power = scientific(value).split("×10")
    assert float(f"{mantissa}e{power.translate(_PLAIN)}") == pytest.approx(value, rel=5.1e-3)


def test_power_of_ten() -> None:
    assert [power_of_ten(n) for n in (-12, 0, 7)] == ["10⁻¹²", "10⁰", "10⁷"]


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (97.31, "97.3×"),
        (99.96, "100×"),
        (1240.4, "1240×"),
        (0.5, "0.500×"),
        (26.02, "26.0×"),
        (None, "n/a"),
        (math.nan, "n/a"),
    ],
)
def test_times(ratio: float | None, text: str) -> None:
    assert times(ratio) == text


@pytest.mark.parametrize(
    ("fraction", "text"),
    [(0.125, "12.5 %"), (1, "100.0 %"), (0.0, "0.0 %"), (3e-5, "<0.1 %"), (-3e-5, "<0.1 %"),
     (-0.02, "−2.0 %"), (None, "n/a"), (math.nan, "n/a")],
)  # fmt: skip
def test_percent(fraction: float | None, text: str) -> None:
    assert percent(fraction) == text


@pytest.mark.parametrize(
    ("largest", "expected"),
    [(0.02, (1e-3, "m")), (999e-9, (1e-9, "n")), (5.0, (1.0, "")), (0.0, (1.0, "")),
     (math.inf, (1.0, "")), (math.nan, (1.0, ""))],
)  # fmt: skip
def test_one_prefix_for_an_axis(largest: float, expected: tuple[float, str]) -> None:
    assert prefix_for(largest) == expected
