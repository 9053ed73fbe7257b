"""Checks and ngspice agree: what it runs has no error here, and what it refuses has one.

Each row is a member of a kind that checks once got wrong: CDL's comments and slashes, decimal
commas, names of parameters and subcircuits, operators and functions, nodes sensed inside of cells.
Where ngspice runs a deck, it runs what is written of it again, too.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from netlist.checks import check_file
from netlist.text.emitter import emit
from netlist.text.parser import parse

ONE = "V1 n 0 1\nR1 n 0 1"
CELL = "\n.subckt c p\nR1 p 0 1\n.ends\nV1 n 0 1"
SOURCE = "B1 m 0 v={}\nR1 m 0 1\nV1 n 0 1"
SENSING = ".subckt c p o\n{}\n.ends\nV1 n 0 1\nX1 n m c\nR1 m 0 1"

CDL = (
    f".PARAM\n* c\n+ gnd!\n{ONE}",
    f".PARAM\n{ONE}",
    f".param\n+\n+ vdd!\n{ONE}",
    f"*.SCALE METER\n*.LDD\n.PARAM\n{ONE}",
    f"*.GLOBAL gnd!\n+ vdd!\n{ONE}",
    f"+ of the title\n*.PIN a b\n*+ c\n+ more of it\n{ONE}",
    f"*.CONNECT a b\n{ONE} $[RR] $SUB=0 $X=1",
    ".subckt c a b\n*.PININFO a:I b:O\nR1 a b 1\n.ends\nV1 n 0 1\nX1 n 0 c",
)
SLASHES = (
    f"X1 n / c{CELL}",
    f"X1 n /c{CELL}",
    f"X1 n\n+ / c m=2{CELL}",
    f".subckt d p\nX1 p / c\n.ends\nX2 n d{CELL}",
    "X1 a/b c\n.subckt c p\nR1 p 0 1\n.ends\nV1 a/b 0 1",
)
COMMAS = (
    "V1 n 0 1\nR1 n 0 1,5k",
    "V1 n 0 1\nL1 n m 1,5m\nR1 m 0 1",
    "V1 n 0 1,5\nR1 n 0 1",
    "I1 0 n dc 1,5\nR1 n 0 1",
    ".param q=1,5\nV1 n 0 1\nR1 n 0 {q}",
    ".model d d(is=1e-14, n=1)\nV1 n 0 1\nD1 n 0 d",
    "V1 (n,0) 1\nR1 n,0 1k",
    "V1 n 0 1\nE1 m 0 (n,0) 2\nR1 m 0 1",
    f"X1 n c r=1,5{CELL}",
)
CLASHES = (
    f".param c=1\nX1 n c{CELL}",
    f".PARAM C=1\nx1 n C{CELL}",
    f".csparam c=1\nX1 n c{CELL}",
    f".func c(x) {{x}}\nX1 n c{CELL}",
    f".subckt o p c=1\nX1 p c\n.ends\nX2 n o{CELL}",
    f".subckt o p\n.param c=1\nX1 p c\n.ends\nX2 n o{CELL}",
    ".param n=1 r1=2\nV1 n 0 1\nR1 n 0 1",
    ".param d=1\nV1 n 0 1\nD1 n 0 d\n.model d d",
)
RUNNING = (
    *("v(n)&1", "v(n)&&1", "v(n)|1", "v(n)||0", "!v(n)", "~v(n)", "v(n)^2", "v(n)**2"),
    *("v(n)>0?1:2", "v(n)==1", "v(n)=1", "v(n)<>1", "v(n)!=1", "v(n)%2", "v(n) mod 2"),
    *("limit(v(n),0,1)", "table(v(n),0,0,1,1)", "int(v(n))", "sgn(v(n))", "sdt(v(n))"),
    *("idt(v(n))", "ddt(v(n))", "delay(v(n),1n)", "u(v(n))", "pwr(v(n),2)", "atan2(v(n),2)"),
)
LOADING = (
    *("1&1", "1&&1", "2**2", "2^2", "5%2", "!0", "1<2?3:4", "if(1,2,3)", "int(2.5)"),
    *("round(2.5)", "nint(2.5)", "atan2(1,2)", "1<>2", "2!=1", "3==3", "1||0"),
)
SENSED = (
    *("E1 o 0 vol='v(p)'", "G1 o 0 cur='v(p)'\nR9 o 0 1", "B1 o 0 v=v(p,o)+1", "E1 o 0 p 0 2"),
    *("E1 o 0 table {v(p)} = (0,0) (1,1)", "E1 o 0 poly(1) p 0 0 1"),
    "X1 p o d\n.subckt d p o\nB1 o 0 v=v(p)\n.ends",
)
BODIES = (
    *(*CDL, *SLASHES, *COMMAS, *CLASHES),
    *(SOURCE.format(formula) for formula in RUNNING),
    *(f"R1 n 0 {{{formula}}}\nV1 n 0 1" for formula in LOADING),
    *(SENSING.format(line) for line in SENSED),
)


def runs(folder: Path, deck: str) -> bool:
    (folder / "deck.cir").write_text(deck)
    ran = subprocess.run(
        ["ngspice", "-n", "-b", "deck.cir"],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return ran.returncode == 0 and "rror" not in ran.stdout + ran.stderr


@pytest.mark.parametrize("body", BODIES)
def test_a_deck_that_ngspice_runs_has_no_error_and_one_that_it_refuses_has(
    body: str, tmp_path: Path
) -> None:
    deck = f"t\n{body}\n.op\n.end\n"
    taken = runs(tmp_path, deck)
    errors = [f.name for f in check_file(tmp_path / "deck.cir") if f.severity == "error"]
    assert (errors == []) == taken
    assert len(errors) == len(set(errors)), "one cause is one finding"
    assert not taken or runs(tmp_path, emit(parse(deck)))


def test_nodes_sensed_inside_of_a_cell_float_nowhere(tmp_path: Path) -> None:
    for line in SENSED:
        (tmp_path / "deck.cir").write_text(f"t\n{SENSING.format(line)}\n.op\n.end\n")
        assert [f.text() for f in check_file(tmp_path / "deck.cir")] == []
