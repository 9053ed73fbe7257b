"""Working expressions out: against ngspice itself, and every way in which it cannot be done."""

from __future__ import annotations

import math
import re
import subprocess
from pathlib import Path

import pytest

from netlist.circuit import Expression, Vector
from netlist.errors import NetlistError
from netlist.passes.evaluate import Parameters, evaluate

KNOWN = {"w": 2e-6, "n": 3.0, "a": -2.0}
EXPRESSIONS = [
    "1 + 2*3",
    "(1 + 2)*3",
    "-n + 10",
    "w*1e6",
    "2k + 1meg",
    "n**2 + 2^3",
    "n > 2 ? 10 : 20",
    "n < 2 ? 10 : 20",
    "(n == 3)*5 + (n != 3)*7",
    "n >= 3 && a < 0",
    "n > 3 || a > 0",
    "sqrt(n*12) + abs(a)",
    "max(n, 4) - min(a, 1)",
    "exp(1) + ln(10)",
    "int(2.7) + floor(a - 0.5) + ceil(0.2)",
    "pow(a, 2) + sgn(a)",
    "sin(0.5) + cos(0.5) + atan(1)",
    "ternary_fcn(n > 2, 1, 2)",
]


def test_expressions_mean_what_ngspice_takes_them_for(tmp_path: Path) -> None:
    deck = ["expressions", ".param w=2e-6 n=3 a=-2", "V1 a 0 1"]
    deck += [f"R{i} a 0 {{1000 + ({text})}}" for i, text in enumerate(EXPRESSIONS)]
    names = " ".join(f"@r{i}[resistance]" for i in range(len(EXPRESSIONS)))
    deck += [".op", ".control", "op", f"print {names}", ".endc", ".end"]
    path = tmp_path / "deck.cir"
    path.write_text("\n".join(deck) + "\n", encoding="utf-8")
    done = subprocess.run(
        ["ngspice", "-b", str(path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=tmp_path,
    )
    found = dict(re.findall(r"@r(\d+)\[resistance\] = (\S+)", done.stdout))
    assert len(found) == len(EXPRESSIONS)
    for index, text in enumerate(EXPRESSIONS):
        expected = float(found[str(index)]) - 1000
        assert evaluate(Expression(text), KNOWN) == pytest.approx(expected, abs=1e-3), text


def test_random_functions_give_their_mean() -> None:
    assert evaluate(Expression("0.5 + sw*agauss(0, 1, 1)/sqrt(w)"), {"sw": 1.0, "w": 4.0}) == 0.5
    assert evaluate(Expression("gauss(2, 0.1, 3)*aunif(3, 1)*unif(1, 1)*limit(1, 2)"), {}) == 6.0


def test_numbers_and_words() -> None:
    assert evaluate(2.5, {}) == 2.5
    assert evaluate("2k2", {}) == 2000.0
    assert evaluate("N", KNOWN) == 3.0
    assert evaluate(Expression("pi"), {}) == math.pi


def test_parameters_are_worked_out_when_asked_for_in_any_order() -> None:
    outer = Parameters({"top": 2.0, "w": 9.0})
    inner = Parameters({"W": Expression("l*top"), "l": 3.0}, outer)
    assert inner["w"] == 6.0
    assert outer["w"] == 9.0
    assert inner["TOP"] == 2.0
    assert set(inner) == {"w", "l", "top"}
    assert len(inner) == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("w + missing", "parameter missing is not defined"),
        ("foo(1)", "function foo is not known"),
        ("v(out)*2", "has no value before the circuit runs"),
        ("1/0", "'1/0' has no value: float division by zero"),
        ("sqrt(-1)", "'sqrt(-1)' has no value: "),
        ("sqrt(1, 2)", "'sqrt(1, 2)' has no value: "),
    ],
)
def test_what_has_no_value(text: str, message: str) -> None:
    with pytest.raises(NetlistError, match=re.escape(message)) as error:
        evaluate(Expression(text), KNOWN)
    assert error.value.hint


@pytest.mark.parametrize("value", [None, Vector((1.0, 2.0))])
def test_what_is_no_number(value: Vector | None) -> None:
    with pytest.raises(NetlistError, match="is no number"):
        evaluate(value, {})


def test_a_parameter_that_depends_on_itself() -> None:
    values = {"a": Expression("b"), "b": Expression("a + 1")}
    with pytest.raises(NetlistError, match="parameter a depends on itself"):
        Parameters(values)["a"]
