"""Machines whose cells are wrong are told so at the cell's line, before any simulator starts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from learning.cli import main
from learning.design.read import find_design, load_design
from learning.errors import LearningError
from learning.experiment.prepare import prepare
from learning.experiment.sound import look
from learning.running.controller import learn
from netlist.parts.cell import library_path
from spice_backend.session.session import Session

IDEAL = Path(__file__).parents[1] / "ideal.toml"
DESIGNS = (
    "regression",
    "regression_twin",
    "regression_multiplier",
    "regression_long",
    "xor_single",
    "iris_single",
    "allostery_single",
    "csv_single",
    "allostery",
    "xor",
    "iris",
    "csv",
    "laboratory",
    "laboratory_single",
)

Write = Callable[..., Path]


@pytest.fixture
def cell(tmp_path: Path) -> Write:
    """Writes the shipped ideal update cell with lines of one's own at its end."""

    def write(*lines: str) -> Path:
        shipped = (library_path() / "update_ideal.cir").read_text(encoding="utf-8")
        body = shipped.replace("update_ideal", "mine").replace("gain=4e-7", "gain=4e-7 l=1e-6")
        path = tmp_path / "mine.cir"
        path.write_text(body.replace(".ends mine", "\n".join([*lines, ".ends mine"])))
        return path

    return write


@pytest.fixture(autouse=True)
def no_simulator(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a simulator was started")

    monkeypatch.setattr(Session, "_ready", refuse)


def line_of(path: Path, words: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if words in line)


REFUSED = {
    "undefined model": ("M1 gate enable vss vss nosuch w=1e-6 l=1e-6", r"model nosuch, which is"),
    "undefined subcircuit": ("X1 gate enable vss vss nofet w=1e-6", r"nofet"),
    "ten metres": ("X1 gate enable vss vss nfet w=1e-6 l=10", r"is 10 m long"),
    "ten metres wide": ("X1 gate enable vss vss nfet w=10 l=1e-6", r"is 10 m wide"),
    "loop of sources": ("V1 gate vss 1\nV2 gate vss 2", r"closes a loop"),
    "undefined parameter": ("R1 gate vss {nosuch}", r"nosuch"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_cell_that_is_wrong_is_refused_at_its_line(
    cell: Write, tmp_path: Path, kind: str
) -> None:
    line, message = REFUSED[kind]
    path = cell(line)
    design = load_design(IDEAL, (f"cells.update={path}",))
    with pytest.raises(LearningError, match=message) as refused:
        learn(design, tmp_path / "run")
    number = line_of(path, line.splitlines()[-1])
    assert str(refused.value).startswith(f"{path}:{number}")
    assert not (tmp_path / "run").exists()


def test_a_length_that_comes_from_the_design_is_refused_too(cell: Write, tmp_path: Path) -> None:
    path = cell("X1 gate enable vss vss nfet w=1e-6 l={l}")
    design = load_design(IDEAL, (f"cells.update={path}", "cells.parameters.update.l=10"))
    with pytest.raises(LearningError, match=r"is 10 m long"):
        learn(design, tmp_path / "run")


def test_a_node_that_nothing_reaches_is_a_warning_at_its_line(
    cell: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = cell("R1 lost gate 1e12")
    experiment = prepare(load_design(IDEAL, (f"cells.update={path}",)))
    (warning,) = look(experiment, experiment.whole).check().warnings
    number = line_of(path, "R1 lost")
    assert warning == f"{path}:{number}:4: node lost has no other connection than R1"
    words = ["netlist", str(IDEAL), "--set", f"cells.update={path}", "-o", str(tmp_path / "d.cir")]
    assert main(words) == 0
    assert f"warning: {warning}" in capsys.readouterr().err


def test_the_command_line_refuses_before_it_writes(
    cell: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = cell("M1 gate enable vss vss nosuch w=1e-6 l=1e-6")
    words = [str(IDEAL), "--set", f"cells.update={path}"]
    assert main(["netlist", *words, "-o", str(tmp_path / "d.cir")]) == 2
    assert main(["learn", *words, "--out", str(tmp_path / "run")]) == 2
    assert capsys.readouterr().err.count("model nosuch, which is not defined") == 2
    assert not (tmp_path / "d.cir").exists()
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", DESIGNS)
def test_shipped_designs_are_sound(name: str) -> None:
    experiment = prepare(load_design(find_design(name)))
    assert look(experiment, experiment.whole).findings == ()
