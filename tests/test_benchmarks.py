"""The table of benchmarks: its shape, its arithmetic, and what it says when a bench fails."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from benchmarks import __main__ as table_of
from benchmarks.accelerated import Cost, exponent
from benchmarks.table import BENCHES, HEAD, Row, line


def test_a_bench_has_both_sides_and_their_ratio(capsys: pytest.CaptureFixture[str]) -> None:
    assert table_of.main(["--short", "--only", "twin", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert set(row) == set(Row.__dataclass_fields__)
    assert row["ratio"] == pytest.approx(row["ours"] / row["beside"])
    assert row["ratio"] > 1.0


def test_every_line_is_laid_out_like_the_head() -> None:
    assert line(Row("a", 1.0, 2.0, 0.5, "b")).index("b") == HEAD.index("note")
    assert HEAD.split()[-1] == "note"


def test_a_bench_that_fails_is_told_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def lost(*, short: bool) -> Iterator[Row]:
        raise RuntimeError(f"nothing is here, short {short}")
        yield

    def found(*, short: bool) -> Iterator[Row]:
        yield Row("found", 1.0, 2.0, 0.5, str(short))

    monkeypatch.setattr(table_of, "BENCHES", {"lost": lost, "found": found})
    assert table_of.main(["--only", "lost", "found"]) == 1
    told = capsys.readouterr()
    assert told.err.startswith("lost: not measured: RuntimeError: nothing is here")
    assert [text.split()[0] for text in told.out.splitlines()] == ["what", "found", "took"]


def test_the_exponent_is_that_of_a_power_law() -> None:
    costs = [Cost(edges, 3e-6 * edges**1.25, 1) for edges in (32, 128, 512)]
    assert exponent(costs) == pytest.approx(1.25)


def test_what_the_table_promises_is_there() -> None:
    promised = {"command", "session", "plants", "growth", "spice-growth", "parsers", "study"}
    assert promised < set(BENCHES)
