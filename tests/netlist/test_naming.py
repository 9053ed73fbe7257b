"""Names and paths: which of the two is meant, and what is said when it is neither."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from netlist.errors import NetlistError
from netlist.naming import find_file, nearest, suggestion

SHIPPED = {"edge": Path("shipped/edge.cir"), "bias": Path("shipped/bias.cir")}
REFUSAL = NetlistError("there is no such cell", "cells.edge", "cells: edge, bias")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_path_goes_before_a_name() -> None:
    assert find_file("edge", SHIPPED, REFUSAL) == SHIPPED["edge"]
    Path("edge").write_text("mine")
    assert find_file("edge", SHIPPED, REFUSAL) == Path("edge")
    assert find_file("edge", SHIPPED, REFUSAL, path=False) == SHIPPED["edge"]


def test_a_folder_is_no_file_but_a_pipe_is_for_its_reader_to_refuse() -> None:
    Path("edge").mkdir()
    assert find_file("edge", SHIPPED, REFUSAL) == SHIPPED["edge"]
    os.mkfifo("pipe")
    assert find_file("pipe", SHIPPED, REFUSAL) == Path("pipe")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("edgy", "did you mean edge? cells: edge, bias"),
        ("", "cells: edge, bias"),
        ("a\0b", "cells: edge, bias"),
        ("x" * 5000, "cells: edge, bias"),
    ],
)
def test_neither(name: str, hint: str) -> None:
    with pytest.raises(NetlistError, match="there is no such cell") as error:
        find_file(name, SHIPPED, REFUSAL)
    assert (error.value.where, error.value.hint) == ("cells.edge", hint)


def test_the_nearest_name() -> None:
    assert nearest("gaet", ["gate", "vdd"]) == "gate"
    assert nearest("q", ["gate", "vdd"]) == ""
    assert suggestion("gaet", ["gate", "vdd"]) == "did you mean gate?"
    assert suggestion("q", ["gate", "vdd"], "one of gate, vdd") == "one of gate, vdd"
