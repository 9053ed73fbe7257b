"""Habits of other simulators and countries: what ngspice makes of them, and what a check says."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from netlist.checks import check_deck, check_file
from netlist.passes.difference import differences
from netlist.text.emitter import emit
from netlist.text.parser import parse
from netlist.views.pyspice import from_pyspice, to_pyspice


def found(folder: Path, body: str) -> list[tuple[str, int]]:
    findings = check_deck(f"t\n{body}\n.op\n.end\n", "deck.cir", folder)
    return [(finding.name, finding.span.line) for finding in findings]


def ngspice(folder: Path, text: str) -> dict[str, float] | None:
    """Every printed voltage and current of an operating point; None when the deck is refused."""
    (folder / "deck.cir").write_text(text)
    ran = subprocess.run(
        ["ngspice", "-n", "-b", "deck.cir"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    rows = re.findall(r"^\t?(\S+)\s+(-?[\d.]+e[+-]\d+)$", ran.stdout, re.MULTILINE)
    return {name: float(value) for name, value in rows} if ran.returncode == 0 and rows else None


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("I1 0 n 2A", 2.0),
        ("I1 0 n 500aF", 500.0),
        ("I1 0 n dc 3a", 3.0),
        ("I1 0 n 1e-3A", 1e-3),
        ("I1 0 n 4k7", 4e3),
        ("I1 0 n 2\u03bcA", 2.0),
        ("I1 0 n 2µA", 2e-6),
        ("I1 0 n 50%", 50.0),
        ("I1 0 n 5°", 5.0),
        ("I1 0 n 1.5.7", 1.5),
        ("I1 0 n (3", 3.0),
        ("I1 0 n 3)", 3.0),
        ("I1 0 n dc (2 ac (1", 2.0),
        ("I1 0 n pwl(0 4 1 4", 4.0),
        ("I1 0 n sin(5 0 1k))", 5.0),
        ("I1 0 n pwl(0 6\n+ 1 6 $ ((", 6.0),
        ("I1 0 n dc 1.2.3k ac 1", 1.2),
        ("I1 0 n 5k.2", 5000.0),
        ("I1 0 n 1..5", 1.0),
        ("I1 0 n 1e3.5", 1000.0),
        ("I1 0 n 1_000", 1.0),
        ("I1 0 n 1mil", 25.4e-6),
        ("I1 0 n {1mil}", 1e-3),
        (".param q=1mil\nI1 0 n {q}", 1e-3),
        (".param q=2A\nI1 0 n {q}", 2.0),
        ("I1 0 n {2A*3}", 6.0),
    ],
)
def test_numbers_keep_what_ngspice_reads(tmp_path: Path, line: str, value: float) -> None:
    text = f"t\n{line}\nR1 n 0 1\n.op\n.end\n"
    through = emit(from_pyspice(to_pyspice(parse(text)))).replace(".end\n", ".op\n.end\n")
    for deck in (text, emit(parse(text)), through):
        out = ngspice(tmp_path, deck)
        assert out is not None
        assert out["n"] == pytest.approx(value, rel=1e-6)


@pytest.mark.parametrize(
    ("body", "findings"),
    [
        ("I1 0 n 2A\nR1 n 0 1", [("version-suffix", 2)]),
        ("V1 n 0 1\nR1 n 0 {2a*1k}", [("version-suffix", 3)]),
        (".model d d is=1a\nV1 n 0 1\nD1 n 0 d", [("version-suffix", 2)]),
        ("V1 n 0 1\nR1 n 0 50Ω", []),
        ("V1 n 0 1\nR1 n 0 50%", [("partly-read", 3)]),
        ("V1 n 0 1\nR1 n 0 2\u03bc", [("partly-read", 3)]),
        ("V1 n 0 1\nR1 n 0 1,5k", [("decimal-comma", 3)]),
        ("V1 n 0 1\nR1 n 0 r=1k\nC1 n 0 4,7u", [("unit-slip", 4), ("decimal-comma", 4)]),
        ("V1 n 0 1,5\nR1 n 0 1", [("raw-line", 2), ("unreadable", 2)]),
        (".param q=1k, z=2\nV1 n 0 1\nR1 n 0 {q*z}", [("param-comma", 2)]),
        (".param q=1k ,z=2\nV1 n 0 1\nR1 n 0 {q*z}", []),
        (".param q=max(1,2) z={min(3, 4)} $ a, b\nV1 n 0 1\nR1 n 0 {q*z}", []),
        ("V1 n 0 1\nB1 m 0 v=v(n) | 0\nR1 m 0 1", [("unknown-function", 3)]),
        ("V1 n 0 1\nB1 m 0 v=v(n) % 2\nR1 m 0 1", [("unknown-function", 3)]),
        ("V1 n 0 1\nB1 m 0 v=if(v(n), 1, 2)\nR1 m 0 1", [("unknown-function", 3)]),
        ("V1 n 0 1\nR1 n 0 {1 + ~2}", [("unknown-function", 3)]),
        ("V1 n 0 1\nR1 n 0 {uramp(2)}", [("unknown-function", 3)]),
        ("V1 n 0 1\nR1 n 0 {5 % 2 + int(1.5)}", []),
        ("V1 n 0 1\nR1 n 0 {1,5}", [("unknown-function", 3)]),
        (".param q='1,5'\nV1 n 0 1\nR1 n 0 {q}", [("unknown-function", 2)]),
        ("V1 n 0 1\nB1 m 0 v={v(n),2}\nR1 m 0 1", [("unknown-function", 3)]),
        ("V1 n 0 1\nR1 n 0 1 tc={1,2}", [("unknown-function", 3)]),
        ("V1 n 0 1\nR1 n 0 {max(1,2) + (1,5)}", []),
        ("V1 n 0 1\nR1 n 0 1 tc=0.1,2", [("unreadable", 3)]),
        ("V1 n 0 1\nR1 n 0 1 tc={0.1},2 m=2", [("unreadable", 3)]),
        ("V1 n 0 1\nR1 n 0 1\nC1 n 0 1p tc=0.1,2", [("unreadable", 4)]),
        ("V1 n 0 1\nR1 n 0 1 tc=0.1, 2", []),
        (".model q npn\nV1 n 0 1\nQ1 n n 0 q ic=0.1,2", []),
        (".func half(x) {x/2}\nV1 n 0 1\nR1 n 0 {half(2)}", []),
        (".subckt c p\nR1 p 0 1\n.ends\n.param c=1\nV1 n 0 1\nX1 n c", [("name-clash", 7)]),
        (".subckt c p\nR1 p 0 1\n.ends\n.func c(x) {x}\nV1 n 0 1\nX1 n c", []),
        (".subckt c p c=1\nR1 p 0 {c}\n.ends\nV1 n 0 1\nX1 n c c=2", []),
        (".subckt c p o\nB1 o 0 v=v(p)\n.ends\nV1 n 0 1\nX1 n m c\nR1 m 0 1", []),
        (".subckt c p o\nR1 o 0 r='1k+v(p)'\n.ends\nV1 n 0 1\nV2 m 0 1\nX1 n m c", []),
        (".subckt c p\nR1 p 0 1\n.ends\nV1 n 0 1\nX1 n / c\nX2 n / c", [("cdl-slash", 6)]),
        ("V1 n 0 1\nM1 n n 0 0 x\nM2 n n 0 0 x\nM3 n n 0 0 x", [("undefined-model", 3)]),
        ("V1 n 0 1\nR1 n m 1\nR2 m 0 {1k", [("unreadable", 4)]),
        ("V1 n 0 1\nR1 n m 1\nR2 m 0 5-", [("unreadable", 4)]),
        ("V1 n 0 1\nR1 n 0 1.5.7", [("partly-read", 3)]),
        ("V1 n 0 1\nR1 n 0 0.0.8792nH", [("zero-resistance", 3), ("partly-read", 3)]),
        ("V1 n 0 1\nR1 n 0 1_000", [("partly-read", 3)]),
        ("V1 n 0 pwl(0 0 1 1\nR1 n 0 1", [("stray-bracket", 2)]),
        ("V1 n 0 1\nR1 n 0 1k)", [("stray-bracket", 3)]),
        ("V1 n 0 1\nR1 n 0 {1k} $ see (a", []),
        ("V1 n 0 1\nR1 n 0 r=(1k", [("unreadable", 3)]),
        ("V1 n 0 1\nM1 n n 0 0 x)\n.model x nmos", [("unreadable", 3)]),
        (".PARAM\n* c\n+ gnd!\nV1 n 0 1\nR1 n 0 1", []),
    ],
)
def test_findings(tmp_path: Path, body: str, findings: list[tuple[str, int]]) -> None:
    assert found(tmp_path, body) == findings


def test_many_of_one_cause_are_one(tmp_path: Path) -> None:
    lines = "".join(f"M{i} n n 0 0 x\n" for i in range(500))
    (finding,) = check_deck(f"t\nV1 n 0 1\n{lines}.op\n", "deck.cir", tmp_path)
    assert finding.message == "M0 uses model x, which is not defined (500 times, first here)"


def test_a_blank_in_the_path_of_a_library(tmp_path: Path) -> None:
    (tmp_path / "a b.lib").write_text(".lib tt\n.param q=1k\n.endl\n")
    (tmp_path / "a b.inc").write_text(".param q=1k\n")
    body = "V1 n 0 1\nR1 n 0 {q}"
    assert found(tmp_path, f'.lib "a b.lib" tt\n{body}') == [("missing-include", 2)]
    assert found(tmp_path, f'.include "a b.inc"\n{body}') == []
    assert ngspice(tmp_path, f't\n.lib "a b.lib" tt\n{body}\n.op\n.end\n') is None
    assert ngspice(tmp_path, f't\n.include "a b.inc"\n{body}\n.op\n.end\n') is not None


def test_dos_s_end_of_file(tmp_path: Path) -> None:
    (tmp_path / "amp.mod").write_bytes(b".SUBCKT A 1 2\r\nR1 1 2 1k\r\n.ENDS\r\n\x1a")
    (tmp_path / "top.cir").write_text("t\n.include amp.mod\nV1 n 0 1\nX1 n 0 A\n.op\n.end\n\x1a")
    assert check_file(tmp_path / "top.cir") == ()


@pytest.mark.parametrize("end", ["\x1a", "\x1a\x1a", "\n\x1a\n\n", "\x1a\n\x1a", " \x1a "])
@pytest.mark.parametrize("included", [False, True])
def test_ends_of_files_as_dos_wrote_them(tmp_path: Path, end: str, *, included: bool) -> None:
    """The check and ngspice agree on what stands before the sign, in a deck and in its include."""
    (tmp_path / "part.inc").write_text(f"R1 n 0 1k\n{end if included else ''}")
    text = f"t\nV1 n 0 1\n.include part.inc\n.op\n.end\n{'' if included else end}"
    (tmp_path / "top.cir").write_text(text)
    found = check_file(tmp_path / "top.cir")
    assert (found == ()) == (ngspice(tmp_path, text) is not None), found


def test_devices_of_an_included_file_hold_the_deck_s_nodes(tmp_path: Path) -> None:
    (tmp_path / "deeper.inc").write_text(".subckt s p\nRs p lone 1\n.ends\nR1 n\n+ m 1k\n")
    (tmp_path / "part.inc").write_text("* a part\n.include deeper.inc\nC1 far 0 1p\n")
    (tmp_path / "top.cir").write_text(
        "t\nV1 n 0 1\nM1 far m 0 0 nm\n.model nm nmos\nC2 lone 0 1p\n.include part.inc\n.op\n.end\n"
    )
    named = [(one.name, one.span.line) for one in check_file(tmp_path / "top.cir")]
    assert named == [("floating-node", 5)]  # its only namesake is a node inside of a subcircuit


@pytest.mark.parametrize(
    "line",
    [
        ".include 'a b.inc'",
        ".include a b.inc",
        '.include "a b.inc" ',
        '.include " a b.inc"',
        ".lib 'a b.lib' tt",
        ".lib a b.lib tt",
        '.lib "ab.lib" tt',
        ".lib 'ab.lib' tt",
    ],
)
def test_blanks_in_paths_as_ngspice_takes_them(tmp_path: Path, line: str) -> None:
    for name in ("a b", "ab"):
        (tmp_path / f"{name}.lib").write_text(".lib tt\n.param q=1k\n.endl\n")
        (tmp_path / f"{name}.inc").write_text(".param q=1k\n")
    text = f"t\n{line}\nV1 n 0 1\nR1 n 0 {{q}}\n.op\n.end\n"
    (tmp_path / "top.cir").write_text(text)
    wrong = [one for one in check_file(tmp_path / "top.cir") if one.severity == "error"]
    assert (wrong == []) == (ngspice(tmp_path, text) is not None), wrong


@pytest.mark.parametrize(
    "body",
    [
        "J1 d 0 0 jn\n.model jn njf(vto=0 beta=1m)\nV1 d 0 1",
        "M1 0 g s pm\n.model pm vdmos pchan vto=-1 kp=1\nV1 g 0 1\nV2 s 0 1",
        "P1 a b 0 c d 0 p\n.model p cpl R=0.03 0 0.03 L=9e-9 5e-9 9e-9 length=24\nV1 a 0 1",
        "R1 a 0 0\nV1 a 0 0\nC1 a 0 1u ic=0",
        "X1 a s x=0\n.subckt s p x=1\nR1 p 0 {x}\n.ends\nV1 a 0 1",
        "D1 a 0 d off\n.model d d(bv=0)\nV1 a 0 1",
        ".param z=0\nR1 a 0 {z}\nV1 a 0 1",
    ],
)
def test_nothing_is_dropped_on_the_way_to_pyspice(body: str) -> None:
    deck = parse(f"t\n{body}\n")
    assert differences(deck, from_pyspice(to_pyspice(deck))) == ()


@pytest.mark.parametrize(
    "body",
    [
        "V1 a 0 1\nD1 a 0 d\n.model d d is=1e-14A n=1",
        "V1 a 0 0.7\nD1 a 0 d\n.model d d(is=1fA rs=2a)",
        "V1 c 0 3\nI1 0 b 1m\nQ1 c b 0 q\n.model q npn(bf=100a ikf=2A)",
        "V1 d 0 3\nV2 g 0 1\nM1 d g 0 0 m w=10u l=1u\n.model m nmos(level=1 vto=0 kp=2aF)",
        "V1 a 0 1\nR1 a 0 r w=2 l=4\n.model r r(rsh=5a)",
        "V1 a 0 1\nJ1 a 0 0 j\n.model j njf(beta=1mil vto=-2)",
        "V1 a 0 1\nX1 a s r=2A\n.subckt s a r=1\nR1 a 0 {r}\n.ends",
    ],
)
def test_models_and_parameters_keep_what_ngspice_reads(tmp_path: Path, body: str) -> None:
    deck = parse(f"t\n{body}\n.op\n.end\n")
    through = emit(from_pyspice(to_pyspice(deck))).replace(".end\n", ".op\n.end\n")
    right = ngspice(tmp_path, f"t\n{body}\n.op\n.end\n")
    assert right
    assert ngspice(tmp_path, emit(deck)) == right
    assert ngspice(tmp_path, through) == right
