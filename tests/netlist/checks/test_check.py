"""Checks of decks: what is found where, what is left alone, and that nothing is ever run."""

from __future__ import annotations

from pathlib import Path

import pytest

from netlist.checks import check_deck, check_file
from netlist.errors import NetlistError
from netlist.parts.process import process_files
from netlist.text.includes import DEEPEST

SHIPPED = Path(__file__).parents[3] / "circuits"


def names(deck: str, folder: Path = Path("/nowhere")) -> list[str]:
    return [f"{f.name}:{f.span.line}:{f.span.column}" for f in check_deck(deck, "d.cir", folder)]


@pytest.mark.parametrize(
    "path",
    [*sorted((SHIPPED / "cells").glob("*.cir")), *sorted((SHIPPED / "processes").glob("*.cir"))],
    ids=lambda path: path.stem,
)
def test_shipped_circuits_are_clean_but_for_what_another_file_defines(path: Path) -> None:
    assert [f.text() for f in check_file(path) if f.name != "left-to-others"] == []


def test_a_cell_with_its_process_is_clean(tmp_path: Path) -> None:
    text = "t\n" + (SHIPPED / "processes" / "generic180.cir").read_text(encoding="utf-8")
    for path in sorted((SHIPPED / "cells").glob("*.cir")):
        deck = text + path.read_text(encoding="utf-8")
        assert [f.text() for f in check_deck(deck, "d.cir", tmp_path)] == [], path.stem
    assert process_files()


def test_a_place_on_a_continuation_line() -> None:
    deck = "t\nV1 d 0 1\nM1 d d 0 0\n* a remark\n+ nch w=1u\n+ l=20\n.model nch nmos\n.end\n"
    (finding,) = check_deck(deck, "d.cir", Path("/nowhere"))
    assert (finding.name, finding.span.line, finding.span.column) == ("unit-slip", 6, 3)
    assert "\n  + l=20\n    ^\n" in finding.text()


def test_many_uses_of_one_line_are_one_finding() -> None:
    uses = "".join(f"X{i} a 0 load\n" for i in range(50))
    deck = f"t\nV1 a 0 1\n{uses}.subckt load a b\nR1 a b 1k\nC1 a mid 1p\nC2 mid b 1p\n.ends\n"
    assert names(deck) == ["no-dc-path:55:6"]


def test_scopes_of_names() -> None:
    deck = """\
t
.param top=1k
V1 a 0 1
X1 a 0 outer r=2k
.subckt outer a b r=1k
.param half={r/2}
X1 a b inner
.subckt inner a b
R1 a b {half + top}
M1 a a b b local
.ends
.model local nmos
.ends
R9 a 0 {half}
M9 a a 0 0 local
X9 a 0 inner
"""
    assert names(deck) == [
        "undefined-parameter:14:9", "undefined-model:15:12", "undefined-subcircuit:16:8",
    ]  # fmt: skip


def test_a_function_s_arguments_and_what_ngspice_knows_itself() -> None:
    deck = "t\n.func twice(x) {2*x*pi}\nV1 a 0 1\nB1 b 0 V=twice(v(a))*time+temper\nR1 b 0 1k\n"
    assert names(deck) == []
    assert names(deck.replace("2*x*pi", "2*y*pi")) == ["undefined-parameter:2:19"]


def test_included_files_are_looked_through_for_names(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "cells.lib").write_text(
        '.lib tt\n.include "more.inc"\n.subckt load a b params: r=1k\nR1 a b {r}\n.ends\n.endl\n',
        encoding="utf-8",
    )
    (tmp_path / "lib" / "more.inc").write_text(
        ".model nch.1 nmos\n.param vdd = 1.8\n+ vss=0\n.func half(x) {x/2}\n", encoding="utf-8"
    )
    deck = "t\n.lib lib/cells.lib tt\nV1 a 0 {vdd-vss}\nX1 a 0 load\nM1 a a 0 0 nch\nR1 a 0 {vdd}\n"
    assert names(deck, tmp_path) == []
    assert names(deck.replace("X1 a 0 load", "X1 a 0 0 load"), tmp_path) == ["pin-count:4:10"]
    assert names(deck.replace("0 load", "0 lod"), tmp_path) == ["undefined-subcircuit:4:8"]


def test_a_definition_far_down_in_includes_is_found(tmp_path: Path) -> None:
    for number in range(DEEPEST):
        (tmp_path / f"{number}.inc").write_text(f".include {number + 1}.inc\n")
    (tmp_path / f"{DEEPEST}.inc").write_text(".model nch nmos\n")
    deck = "t\n.include 0.inc\nV1 a 0 1\nM1 a a 0 0 nch\n"
    assert names(deck, tmp_path) == []


def test_findings_in_included_files_stand_at_their_own_place(tmp_path: Path) -> None:
    (tmp_path / "more.inc").write_text("R9 a 0 1M\nR8 a 0 {gain*far}\n", encoding="utf-8")
    (tmp_path / "cells.lib").write_text(
        ".subckt load a b\nR1 a b {r}\nC1 b mid 1p\n.include more.inc\n.ends\n"
        "F1 a 0 vin 2\nM1 a a 0 0 nch\n.ic v(elsewhere)=1\n.control\nshell ls\n.endc\n",
        encoding="utf-8",
    )
    deck = (
        "t\n.param gain=2\n.model nch nmos\nVin a 0 1\nR1 a 0 1k\nX1 a 0 load\n"
        ".include cells.lib\n.include ./more.inc\n"
    )
    found = check_deck(deck, "d.cir", tmp_path)
    places = [(Path(f.span.file).name, f.name, f.span.line, f.span.column) for f in found]
    assert places == [
        ("cells.lib", "undefined-parameter", 2, 9),
        ("cells.lib", "unsafe-command", 10, 1),
        ("more.inc", "milli-not-mega", 1, 8),
        ("more.inc", "undefined-parameter", 2, 14),
    ]
    assert found[-1].line == "R8 a 0 {gain*far}"
    assert found[-1].span.file == str(tmp_path / "more.inc")


def test_connections_are_looked_at_in_included_subcircuits(tmp_path: Path) -> None:
    (tmp_path / "cells.lib").write_text(
        ".subckt load a b\nR1 a b 1k\nC1 a mid 1p\nC2 mid b 1p\n.ends\n", encoding="utf-8"
    )
    (finding,) = check_deck("t\nV1 a 0 1\nX1 a 0 load\n.inc cells.lib\n", "d", tmp_path)
    assert (finding.name, finding.span.line) == ("no-dc-path", 3)


def test_a_foundry_s_library_is_not_reported_on(tmp_path: Path) -> None:
    (tmp_path / "big.lib").write_text("* process\n" * 2000 + "R9 a 0 1M\n", encoding="utf-8")
    deck = "t\nV1 a 0 1\nR1 a 0 1k\n.include big.lib\n"
    assert names(deck, tmp_path) == []
    (tmp_path / "big.lib").write_text("* mine\n" * 1999 + "R9 a 0 1M\n", encoding="utf-8")
    assert names(deck, tmp_path) == ["milli-not-mega:2000:8"]


@pytest.mark.parametrize("name", ["a\0b.lib", "~nobodyatall/b.lib", "x" * 5000])
def test_an_include_of_what_can_be_no_file_is_not_there(tmp_path: Path, name: str) -> None:
    deck = f"t\n.include {name}\nr1 a 0 1\nr2 a 0 1\n.end\n"
    found = [finding.message for finding in check_deck(deck, "deck.cir", tmp_path)]
    assert f"there is no file {name}" in found


def test_an_include_that_leaves_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "decks"
    folder.mkdir()
    (tmp_path / "x.lib").write_text(".model nch nmos\n", encoding="utf-8")
    deck = "t\n.include '../x.lib'\nV1 a 0 1\nM1 a a 0 0 nch\n"
    assert names(deck, folder) == ["outside-include:2:11"]
    (folder / "link.lib").symlink_to(tmp_path / "x.lib")
    assert names(deck.replace("../x", "link"), folder) == ["outside-include:2:11"]
    loop = folder / "loop.inc"
    loop.write_text(".include loop.inc\n.model nch nmos\n", encoding="utf-8")
    assert names(deck.replace("../x.lib", "loop.inc"), folder) == []


@pytest.mark.parametrize(
    "line",
    [
        "shell ls", "  SHELL ls", "run; shell ls", "system ls", "source other.cir",
        "pre_osdi x.osdi", "codemodel x.cm", "alias x shell ls", "$cmd", "echo `date`",
        "if $x = 1 shell ls", "cd /tmp",
    ],
)  # fmt: skip
def test_unsafe_commands(line: str) -> None:
    found = check_deck(f"t\nV1 a 0 1\nR1 a 0 1\n.control\n{line}\n.endc\n", "d.cir", Path())
    assert [f.name for f in found] == ["unsafe-command"]
    assert found[0].span.line == 5


@pytest.mark.parametrize(
    "line",
    ["write x.raw", "wrdata x v(a)", "echo text > file", "print v(a) >> file.txt", "load x.raw"],
)
def test_commands_that_use_files(line: str) -> None:
    deck = f"t\nV1 a 0 1\nR1 a 0 1\n.control\n{line}\n.endc\n"
    assert names(deck) == ["file-command:5:1"]


@pytest.mark.parametrize(
    "line", ["* shell ls", "echo shell", 'echo ">{$x}<"', "let x = a > 1", "plot shell", "run"]
)
def test_commands_that_are_harmless(line: str) -> None:
    assert names(f"t\nV1 a 0 1\nR1 a 0 1\n.control\n{line}\n.endc\n") == []


@pytest.mark.parametrize(
    ("lines", "place", "says"),
    [
        ("R2 a 0 1k Rser=2", "4:11", "Rser is LTspice's"),
        ("I2 a 0 1 load", "4:10", "load is LTspice's"),
        ("B2 a 0 R=1k", "4:8", "R is LTspice's"),
        ("B2 a 0 B=v(a)", "4:8", "B is QSPICE's"),
        ("Ã1 a 0 ¥ RRopAmp", "4:1", "Ã1 is QSPICE's"),
        ("A1 a 0 0 0 0 a 0 0 SCHMITT", "4:20", "SCHMITT is LTspice's"),
        ("E1 b 0 LAPLACE {v(a)} = {1/(1+s)}\nR2 b 0 1", "4:8", "LAPLACE is PSpice's"),
        (".backanno", "4:1", ".backanno is LTspice's"),
    ],
)
def test_forms_of_other_simulators(lines: str, place: str, says: str) -> None:
    found = check_deck(f"t\nV1 a 0 1\nR1 a 0 1k\n{lines}\n", "d.cir", Path("/nowhere"))
    (finding,) = [f for f in found if f.name == "foreign"]
    assert f"{finding.span.line}:{finding.span.column}" == place
    assert finding.message == f"{says}, and ngspice has no such thing"


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (".control\nrun", ["block-end:4:1"]),
        (".endc", ["block-end:4:1"]),
        (".subckt s a\nR1 a 0 1\n.ends t", ["block-end:6:1"]),
        ("osdi x.osdi", ["misplaced-command:4:1"]),
        ("  .pre_osdi x.osdi", ["misplaced-command:4:3"]),
        ("C2 a 0", ["no-value:4:1"]),
        ("A1 a b conv\n.model conv gain\nR2 b 0 1", []),
        ("E1 b 0 nand(2) a 0 b 0 (0,1) (1,0)\nR2 b 0 1k", []),
    ],
)
def test_lines_that_stand_oddly(lines: str, found: list[str]) -> None:
    assert names(f"t\nV1 a 0 1\nR1 a 0 1k\n{lines}\n") == found


def test_first_lines_and_comments_that_are_commands() -> None:
    assert names("*ng_script\nV1 a 0 1\nR1 a 0 1\n") == ["unsafe-command:1:1"]
    assert names("t\nV1 a 0 1\nR1 a 0 1\n*# shell ls\n") == ["unsafe-command:4:1"]


@pytest.mark.parametrize(
    "lines",
    [
        "G1 mid 0 mid 0 1m\nC1 in mid 1p",
        "B1 mid 0 I=v(mid)/1k\nC1 in mid 1p",
        "M1 in in mid 0 nch\nC1 mid 0 1p\n.model nch nmos",
        "E1 mid 0 in 0 2\nC1 mid in 1p",
        "L1 in mid 1u\nC1 mid 0 1p",
        "D1 mid in dm\nC1 mid 0 1p\n.model dm d",
        "E1 mid 0 POLY(1) in 0 0 2\nC1 mid in 1p",
        "A1 in mid conv\n.model conv gain\nC1 mid 0 1p",
        "U1 INV dpwr dgnd in mid dly io\nC1 mid in 1p",
    ],
)
def test_what_lets_direct_current_through(lines: str) -> None:
    assert names(f"t\nV1 in 0 1\nR1 in 0 1k\n{lines}\n") == []


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        ("M1 in mid 0 0 nch\nC1 mid 0 1p\n.model nch nmos", "no-dc-path"),
        ("G1 mid 0 in 0 1m\nC1 mid 0 1p", "no-dc-path"),
        ("B1 mid 0 I=v(in)/1k\nC1 mid 0 1p", "no-dc-path"),
        ("I1 0 mid 1u\nC1 mid 0 1p", "current-cutset"),
        ("I1 0 mid 1u\nI2 mid in 1u", "current-cutset"),
    ],
)
def test_what_does_not(lines: str, name: str) -> None:
    assert [n.split(":")[0] for n in names(f"t\nV1 in 0 1\nR1 in 0 1k\n{lines}\n")] == [name]


def test_a_loop_through_a_subcircuit() -> None:
    deck = "t\nV1 a 0 1\nX1 a 0 src\n.subckt src p n\nV1 p n 2\n.ends\nR1 a 0 1\n"
    (finding,) = check_deck(deck, "d.cir", Path())
    assert (finding.name, finding.message) == ("voltage-loop", "V1 closes a loop with V1")
    assert finding.span.line == 5


def test_branches_and_sections_are_alternatives() -> None:
    deck = "t\n.param x=1\nV1 a 0 1\n.if (x==1)\nR1 a 0 1k\n.else\nR1 a 0 2k\n.endif\n"
    assert not [n for n in names(deck) if n.startswith("duplicate")]


def test_every_mistake_is_found_at_once() -> None:
    deck = "t\nV1 a 0 1\nR1 a 0 1-2\nR2 a\nR3 a 0 1M\n"
    found = check_deck(deck, "d.cir", Path())
    assert [f.name for f in found] == ["unreadable", "unreadable", "milli-not-mega"]


def test_findings_are_in_the_order_of_the_text_and_the_same_each_time() -> None:
    deck = (SHIPPED / "cells" / "update.cir").read_text(encoding="utf-8")
    first = check_deck(deck, "d.cir", Path())
    assert first == check_deck(deck, "d.cir", Path())
    assert [f.span.line for f in first] == sorted(f.span.line for f in first)


def test_a_deck_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(NetlistError, match="cannot read this deck: No such file or directory"):
        check_file(tmp_path / "none.cir")


@pytest.mark.parametrize(
    "cells",
    [
        ".subckt a x y\nX1 x y a\n.ends\n",
        ".subckt a x y\nX1 x y b\n.ends\n.subckt b x y\nX1 x y a\n.ends\n",
    ],
    ids=["itself", "by another"],
)
def test_a_library_of_cells_that_use_themselves(cells: str) -> None:
    assert "recursion" in [f.name for f in check_deck(cells, "cells.cir", Path())]
