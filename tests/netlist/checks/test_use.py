"""What is wrong in a subcircuit that nothing uses, or left open by a library, stops no deck."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from netlist.checks import check_deck, check_file


def errors(folder: Path, deck: str) -> list[str]:
    return [f.name for f in check_deck(deck, "deck.cir", folder) if f.severity == "error"]


def ngspice_runs(folder: Path, deck: str) -> bool:
    (folder / "deck.cir").write_text(deck)
    ran = subprocess.run(
        ["ngspice", "-n", "-b", "deck.cir"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return ran.returncode == 0 and "rror" not in ran.stdout + ran.stderr


WRONG = {
    "undefined-model": "M1 a a 0 0 nobody",
    "undefined-subcircuit": "X1 a 0 nobody",
    "undefined-parameter": "R1 a 0 {nobody}",
    "pin-count": "X1 a a a other",
    "undefined-device": "F1 a 0 vnobody 2\nR1 a 0 1",
    "unreadable": "R1 a 0 {1k",
    "unknown-function": "B1 a 0 v=if(v(a), 1, 2)",
    "duplicate-name": "R1 a 0 1\nR1 a 0 2",
    "param-comma": ".param q=1, z=2\nR1 a 0 {q*z}",
    "current-cutset": "I1 a b 1\nI2 b 0 2\nR1 a 0 1",
    "cdl-slash": "X1 a / other",
    "recursion": "X1 a part",
    "misplaced-command": "osdi nobody.osdi\nR1 a 0 1",
}


@pytest.mark.parametrize("name", WRONG)
def test_an_unused_subcircuit_stops_nothing(name: str, tmp_path: Path) -> None:
    body = f".subckt part a\n{WRONG[name]}\n.ends\n.subckt other a\nR1 a 0 1\n.ends\n"
    deck = f"t\nV1 n 0 1\nXo n other\n{body}.op\n.end\n"
    assert errors(tmp_path, deck) == []
    assert ngspice_runs(tmp_path, deck)
    used = deck.replace("Xo n other", "Xo n part")
    if name in ("current-cutset", "param-comma"):  # seen elsewhere, or not ended by ngspice at all
        return
    assert not ngspice_runs(tmp_path, used)
    assert errors(tmp_path, used)


def test_use_is_followed_through_files(tmp_path: Path) -> None:
    (tmp_path / "b.inc").write_text(
        ".subckt b a\nX1 a c\n.ends\n.subckt c a\nR1 a 0 {nobody}\n.ends\n"
        ".subckt d a\nR1 a 0 {nobody}\n.ends\n"
    )
    found = check_deck("t\n.include b.inc\nV1 n 0 1\nX1 n b\n.op\n", "deck.cir", tmp_path)
    assert [(f.name, f.span.line, f.severity) for f in found] == [
        ("undefined-parameter", 5, "error"),
        ("undefined-parameter", 8, "warning"),
    ]
    assert "nothing uses the subcircuit it stands in" in found[1].text()


def test_a_missing_include_counts_wherever_it_stands(tmp_path: Path) -> None:
    deck = "t\nV1 n 0 1\nR1 n 0 1\n.subckt s a\n.include nobody.inc\n.ends\n.op\n.end\n"
    assert errors(tmp_path, deck) == ["missing-include"]
    assert not ngspice_runs(tmp_path, deck)


def test_commands_count_wherever_they_stand(tmp_path: Path) -> None:
    body = ".control\nshell ls\n.endc\n"
    deck = f"t\nV1 n 0 1\nR1 n 0 1\n.subckt s a\n{body}R1 a 0 1\n.ends\n.op\n.end\n"
    assert errors(tmp_path, deck) == ["unsafe-command"]


@pytest.mark.parametrize(
    "first", [".subckt inv a b", ".SUBCKT inv a b", "  .subckt inv a b", ".macro inv a b"]
)
def test_what_a_library_leaves_open_is_one_note(first: str, tmp_path: Path) -> None:
    cells = "".join(f".subckt c{i} a b\nX1 a b one\nX2 b a two\n.ends\n" for i in range(40))
    path, end = tmp_path / "cells.sp", ".eom" if "macro" in first else ".ends"
    path.write_text(f"{first}\nM1 a b 0 0 nch w={{wide}}\nM2 a b 0 0 pch\n{end}\n{cells}.end\n")
    (finding,) = check_file(path)
    assert (finding.name, finding.severity, finding.span.line) == ("left-to-others", "note", 2)
    assert finding.message == (
        "models nch, pch and parameter wide and subcircuits one, two: to be defined by the deck "
        "that includes this"
    )


def test_with_the_file_that_defines_them_what_is_missed_is_an_error(tmp_path: Path) -> None:
    path, models = tmp_path / "cells.sp", tmp_path / "models.lib"
    path.write_text("* cells\n.subckt inv a b\nM1 a b 0 0 nch\nM2 a b 0 0 pch\n.ends\n")
    models.write_text(".model nch nmos level=1\n")
    assert [f.name for f in check_file(path, [models])] == ["undefined-model"]
    models.write_text(".model nch nmos level=1\n.model pch pmos level=1\n")
    assert check_file(path, [models]) == ()


def test_what_is_wrong_in_a_library_itself_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "cells.sp"
    path.write_text(".subckt r1 a b\nR1 a b {1k\n.ends\n.subckt r2 a b\nX1 a r1\n.ends\n")
    assert [f.name for f in check_file(path)] == ["unreadable", "pin-count"]


@pytest.mark.parametrize(
    ("first", "hidden"),
    [
        ("V1 a 0 1", "V1"),
        ("v1 A gnd dc 1", "v1"),
        ("R3 b 0 {rr}", "R3"),
        (".param rr=2k", ".param"),
        (".options reltol=1e-6", ".options"),
        ("Xa a b part", "Xa"),
        ("Voltage divider with a load", ""),
        ("RC a low pass", ""),
        ("* V1 a 0 1", ""),
        ("", ""),
        (".title of its own", ""),
    ],
)
def test_a_title_that_hides_a_statement(first: str, hidden: str, tmp_path: Path) -> None:
    deck = f"{first}\nR1 a b 1k\nR2 b 0 1k\nV2 a 0 1\n.param x=1\n.op\n.end\n"
    found = [f for f in check_deck(deck, "deck.cir", tmp_path) if f.name == "title-line"]
    assert [f.pointed for f in found] == ([hidden] if hidden else [])
    assert all(f.span.line == 1 for f in found)


def test_a_library_of_models_has_no_title(tmp_path: Path) -> None:
    path = tmp_path / "parts.lib"
    path.write_text(".model irf vdmos nchan\n+ vto=4 kp=5.9\n.model d1 d is=1f\n")
    assert check_file(path) == ()


def test_one_include_is_one_finding(tmp_path: Path) -> None:
    deck = "t\n.include ../../nobody/models.inc\nV1 n 0 1\nX1 n 0 its\n.op\n.end\n"
    (finding,) = check_deck(deck, "deck.cir", tmp_path)
    assert finding.name == "outside-include"
    assert finding.message.endswith("is not in the deck's folder, and is not there")


def test_one_function_that_is_not_there_is_one_finding(tmp_path: Path) -> None:
    lines = "".join(f"B{i} n{i} 0 v=if(v(n), 1, 2)\nR{i} n{i} 0 1\n" for i in range(30))
    (finding,) = check_deck(f"t\nV1 n 0 1\n{lines}.op\n.end\n", "deck.cir", tmp_path)
    assert finding.message == "ngspice has no function if here (30 times, first here)"


CALLED = (
    "t\nV1 n 0 1\nX1 n part nf=2 r='nf*w*1k'\n.subckt part a nf=1 w=3 r=1\nR1 a 0 {r}\n.ends\n.op\n"
)


def test_a_call_sees_its_own_values_and_the_declared_ones(tmp_path: Path) -> None:
    """As xschem writes the areas of a transistor; ngspice is asked what it makes of it."""
    assert errors(tmp_path, CALLED + ".end\n") == []
    assert ngspice_runs(tmp_path, CALLED + ".end\n")
    nobody = CALLED.replace("nf*w", "nf*nobody")
    assert errors(tmp_path, nobody + ".end\n") == ["undefined-parameter"]
    assert not ngspice_runs(tmp_path, nobody + ".end\n")
