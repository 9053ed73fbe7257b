"""Numbers: SPICE suffixes as ngspice reads them, and plain text that reads back exactly."""

from __future__ import annotations

import doctest
import math
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from netlist import number
from netlist.errors import NetlistError
from netlist.number import format_number, parse_number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1.0),
        ("+5", 5.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("-1e-3", -1e-3),
        ("1E3", 1e3),
        ("1d3", 1e3),
        ("2t", 2e12),
        ("2G", 2e9),
        ("1MEG", 1e6),
        ("1megohm", 1e6),
        ("2meg5", 2e6),
        ("1k", 1e3),
        ("1kohm", 1e3),
        ("1m", 1e-3),
        ("1M", 1e-3),
        ("10mils", 254e-6),
        ("4.7u", 4.7e-6),
        ("2µ", 2e-6),
        ("2\u03bcA", 2.0),
        ("4.7n", 4.7e-9),
        ("4.7pF", 4.7e-12),
        ("4.7f", 4.7e-15),
        ("3a", 3.0),
        ("500aF", 500.0),
        ("50Ω", 50.0),
        ("50MΩ", 0.05),
        ("5°", 5.0),
        ("5m²", 5e-3),
        ("1§", 1.0),
        ("1u_A", 1e-6),
        ("1e3k", 1e6),
        ("-2u5", -2e-6),
        ("2k2", 2e3),
        ("1V", 1.0),
        ("1x", 1.0),
        ("1e", 1.0),
        ("0", 0.0),
    ],
)
def test_suffixes(text: str, value: float) -> None:
    assert parse_number(text) == pytest.approx(value, rel=1e-15)


def test_scale_factor_is_joined_before_rounding() -> None:
    assert parse_number("4.7p") == 4.7e-12
    assert parse_number("1.1u") == 1.1e-6


@pytest.mark.parametrize(
    "text",
    ["", "abc", "-", ".", "1..2", "3.3.0", "1_000", "1,000", "nan", "inf", "_1", "٣", "1e+k"],
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(NetlistError, match=re.escape(f"{text!r} is not a number")):
        parse_number(text)


@pytest.mark.parametrize("text", ["1e999", "1e308k", "1e" + "9" * 5000])
def test_out_of_range_is_refused(text: str) -> None:
    with pytest.raises(NetlistError, match="is out of range"):
        parse_number(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "-0"),
        (1.0, "1"),
        (-3, "-3"),
        (1e6, "1000000"),
        (1e16, "1e16"),
        (1e-6, "1e-6"),
        (1.5e-12, "1.5e-12"),
        (0.1, "0.1"),
        (1 / 3, "0.3333333333333333"),
    ],
)
def test_format(value: float, text: str) -> None:
    assert format_number(value) == text


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_format_refuses_what_is_not_finite(value: float) -> None:
    with pytest.raises(NetlistError, match="cannot stand in a deck"):
        format_number(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
@example(5e-324)
@example(1.7976931348623157e308)
def test_format_round_trips_exactly(value: float) -> None:
    text = format_number(value)
    assert float(text) == value
    assert math.copysign(1, float(text)) == math.copysign(1, value)
    assert parse_number(text) == value


def test_ngspice_reads_the_same(tmp_path: Path) -> None:
    """Every scale factor but ``a``, which ngspice 39 does not know yet."""
    texts = ["2t", "2g", "1MEG", "1k", "1M", "10mil", "4.7u", "4.7n", "4.7p", "4.7f", "2k2", "1d3"]
    sources = [f"V{i} n{i} 0 {text}" for i, text in enumerate(texts)]
    prints = [f"print v(n{i})" for i in range(len(texts))]
    deck = ["numbers", *sources, ".control", "set numdgt=12", "op", *prints, ".endc", ".end", ""]
    path = tmp_path / "numbers.cir"
    path.write_text("\n".join(deck), encoding="utf-8")
    run = subprocess.run(
        ["ngspice", "-n", "-b", str(path)], capture_output=True, text=True, timeout=30, check=False
    )
    read = {
        int(i): float(v) for i, v in re.findall(r"^v\(n(\d+)\) = (\S+)", run.stdout, re.MULTILINE)
    }
    for index, text in enumerate(texts):
        # ngspice prints 12 digits.
        assert parse_number(text) == pytest.approx(read[index], rel=1e-10), text


def test_examples_in_the_docstrings_run() -> None:
    assert doctest.testmod(number).failed == 0
