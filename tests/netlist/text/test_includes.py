"""Which lines include a file, and where the file is."""

from __future__ import annotations

from pathlib import Path

import pytest

from netlist.circuit import Directive
from netlist.text.includes import included, included_file, resolved
from netlist.text.parser import parse

DECK = """t
.include 'a b.inc'
.lib "cells.lib" tt
.INCL plain.inc
.subckt s a
.inc inner.inc
.ends
.include ""
.end
"""


def test_the_lines_of_a_deck_that_include() -> None:
    found = [(name, span.line if span else 0) for name, span in included(parse(DECK).body)]
    assert found == [
        ("a b.inc", 2), ("cells.lib", 3), ("plain.inc", 4), ("inner.inc", 6), ("", 8),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("keyword", "arguments", "name"),
    [
        ("include", ("x",), "x"),
        ("include", (), None),
        ("lib", ("'x'", "tt"), "x"),
        ("lib", ("tt",), None),
        ("tran", ("1n", "1u"), None),
    ],
)
def test_the_file_of_a_line(keyword: str, arguments: tuple[str, ...], name: str | None) -> None:
    assert included_file(Directive(keyword, arguments)) == name


def test_where_the_file_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    assert resolved("x.inc", tmp_path) == tmp_path / "x.inc"
    assert resolved("'../a b.inc'", tmp_path) == tmp_path / ".." / "a b.inc"
    assert resolved('"/models/x.inc"', tmp_path) == Path("/models/x.inc")
    assert resolved("~/x.inc", tmp_path) == Path("/home/me/x.inc")
    assert resolved("~nobodyatall/x.inc", tmp_path) == tmp_path / "~nobodyatall" / "x.inc"
