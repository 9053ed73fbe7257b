"""The summary against its own result: a whole one, and every case that has words of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from learning.measure.audit import RESIDUAL_LIMIT
from learning.measure.ledger import BLOCKS
from learning.report.summary import (
    WIDTH,
    accuracies,
    balance_verdict,
    headline,
    ledger,
    lesson,
    price,
    share,
    summary,
)
from learning.result.result import Result

Make = Callable[..., Result]
Plain = Callable[..., dict[str, Any]]

_WHOLE = """\
hand made: Four nodes.

The network learned: error 2.00×10⁻² V² → 2.00×10⁻⁴ V², 100× lower, in 10 epochs / 5.00 ms of
circuit time.
It stopped at the last epoch the design allows.
Everything around the network burned 54.0 times what the network burned.

circuit     4 edges, 123 transistors in generic180
cells       edge = edge, update = update_ideal
run         100 presentations and 30 with learning off, seed 7
engine      ngspice 39, 20.0 s wall, 18.0 s solver
versions    joulearn 0.1.0, python 3.11.7, numpy 2.4.6
repeat      in the run's folder: joulearn learn design.toml --seed 7 --out again

block                          energy    mean power      share
--------------------------------------------------------------
network, free                 1.00 nJ        200 nW      0.9 %
network, clamped              1.00 nJ        200 nW      0.9 %
update cells                  60.0 nJ       12.0 µW     54.5 %
clamp (nudge)                 40.0 nJ       8.00 µW     36.4 %
bias                          1.00 nJ        200 nW      0.9 %
control                      −1.00 pJ       −200 pW     <0.1 %
input drivers                 7.00 nJ       1.40 µW      6.4 %
--------------------------------------------------------------
total                          110 nJ       22.0 µW    100.0 %

balance     closes: residual 2.0×10⁻⁴, limit 0.001
            supplied 5.00 nJ, dissipated 4.90 nJ, stored 99.0 pJ
            measured over: first epoch

inference   200 pJ per query, settles in 3.00 µs, 60.0 µW, learning off
accuracy    98.0 % training, 92.0 % unseen

warning: mind the gap
"""


def test_whole_summary(result: Make) -> None:
    told = result(accuracy={"train": 0.98, "test": 0.92}, warnings=["mind the gap"])
    assert summary(told) == _WHOLE


def test_no_line_is_too_wide(result: Make) -> None:
    told = result(description="word " * 60, warnings=["a long warning " * 20])
    assert max(map(len, summary(told).splitlines())) <= WIDTH


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("completed", "at the last epoch the design allows"),
        ("tolerance reached", "because the error reached the tolerance"),
        ("no progress", "because the error no longer fell"),
        ("struck by lightning", "stopped: struck by lightning."),
    ],
)
def test_why_it_stopped(result: Make, status: str, words: str) -> None:
    assert words in headline(result(status=status))[1]


def test_what_a_tolerance_took(result: Make) -> None:
    took = {"tolerance_V2": 1e-4, "presentations": 20, "energy_J": 1.145e-8}
    words = "It took 20 presentations and 11.4 nJ of learning to reach 1.00×10⁻⁴ V²."
    assert headline(result(to_tolerance=took))[1].endswith(words)
    assert "It took" not in headline(result(to_tolerance=took | {"energy_J": None}))[1]


@pytest.mark.parametrize(
    ("initial", "final", "words"),
    [
        (1e-2, 1e-4, "The network learned: error 1.00×10⁻² V² → 1.00×10⁻⁴ V², 100× lower"),
        (1e-2, 0.0, "The network learned: error 1.00×10⁻² V² → 0 V², down to nothing"),
        (1.5e-2, 1e-2, "hardly learned: error 1.50×10⁻² V² → 1.00×10⁻² V², 1.50× lower"),
        (1e-2, 2e-2, "did not learn: error 1.00×10⁻² V² → 2.00×10⁻² V², 2.00× as much"),
        (0.0, 0.0, "did not learn: error 0 V² → 0 V², no error to begin with"),
    ],
)
def test_what_it_learned(result: Make, initial: float, final: float, words: str) -> None:
    told = result(error_V2={"initial": initial, "final": final, "history": []})
    assert words in lesson(told)


def test_one_epoch_is_singular(result: Make) -> None:
    assert "in 1 epoch / 5.00 ms" in headline(result(epochs=1))[0]


def test_price(result: Make) -> None:
    assert price(result(overhead_ratio=87.23)) == (
        "Everything around the network burned 87.2 times what the network burned."
    )
    assert "no overhead ratio" in price(result(overhead_ratio=None))


def test_balance_verdicts(result: Make, plain_result: Plain) -> None:
    balance = plain_result()["energy_balance"]
    at_limit = result(energy_balance=balance | {"residual": RESIDUAL_LIMIT})
    beyond = result(energy_balance=balance | {"residual": 1.01 * RESIDUAL_LIMIT})
    assert balance_verdict(at_limit)[0] is True
    assert balance_verdict(beyond)[0] is False
    assert "DOES NOT CLOSE: residual 1.0×10⁻³, limit 0.001" in summary(beyond)


def test_a_bill_of_tables_has_the_limit_of_tables(result: Make, plain_result: Plain) -> None:
    balance = plain_result()["energy_balance"] | {"bill_residual": 2e-3}
    tables = {"name": "accelerated"}
    assert balance_verdict(result(energy_balance=balance))[0] is False
    closes, told = balance_verdict(result(energy_balance=balance, fidelity=tables))
    assert closes is True
    assert told.endswith("the run's bill off by 2.0×10⁻³, limit 0.01")
    beyond = balance | {"bill_residual": 2e-2}
    assert balance_verdict(result(energy_balance=beyond, fidelity=tables))[0] is False


def test_a_residual_that_is_not_a_number_does_not_close(result: Make, plain_result: Plain) -> None:
    balance = plain_result()["energy_balance"] | {"residual": float("nan")}
    assert balance_verdict(result(energy_balance=balance))[0] is False


def test_without_an_audit_it_says_so(result: Make) -> None:
    told = result(energy_balance=None)
    assert balance_verdict(told)[0] is None
    assert "balance     not audited (measure.audit = false)" in summary(told)
    assert "supplied" not in summary(told)


def test_without_classes_there_is_no_accuracy(result: Make) -> None:
    assert accuracies(result()) == ()
    assert "accuracy" not in summary(result())
    assert accuracies(result(accuracy={"train": 0.5, "test": None})) == (("training", "50.0 %"),)


def test_unsettled_targets_are_told(result: Make, plain_result: Plain) -> None:
    cost = plain_result()["inference"] | {"settling_time_s": None}
    assert "per query, does not settle, 60.0 µW" in summary(result(inference=cost))


def test_ledger_keeps_its_order_and_loses_nothing(result: Make) -> None:
    energy_J = result().energy_J
    shuffled = dict(sorted(energy_J.items(), reverse=True)) | {"heat_pump": 3.0}
    rows = ledger(shuffled)
    assert tuple(key for key, *_ in rows) == (*BLOCKS, "heat_pump")
    assert rows[-1] == ("heat_pump", "heat pump", 3.0)
    assert all(name != key for key, name, _ in rows if "_" in key)


def test_share_of_nothing_is_not_a_number() -> None:
    assert share(1.0, 4.0) == 0.25
    assert str(share(1.0, 0.0)) == "nan"
