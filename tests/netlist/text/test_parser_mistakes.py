"""The parser's mistakes: where each is pointed at, in which words, and how soon."""

from __future__ import annotations

import re

import pytest

from netlist.errors import NetlistError
from netlist.text.parser import parse, parse_library


@pytest.mark.parametrize(
    ("text", "where", "message", "hint"),
    [
        ("R1 a", "1:5", "R1 has 1 of 2 nodes", "Rname n+ n- 1e3"),
        ("M1 d g s", "1:9", "M1 has no model", "Mname drain"),
        ("F1 a b 2", "1:9", "F1 has no value", "vname gain"),
        ("R1 a b 1-2", "1:8", "R1: '1-2' is not a number", "letter"),
        ("R1 {a} b 1", "1:4", "R1 has {a} for a node", "Rname"),
        ("V1 a 0 1-2", "1:8", "constant: '1-2' is not a number", "letter"),
        ("V1 a 0 ac 1 ac 2", "1:13", "V1 has a second ac signal", "remove one"),
        ("K1 L1 0.9", "1:10", "K1 couples fewer than two inductors", "Kname"),
        ("E1 a 0 POLY(x) b 0 1", "1:21", "POLY has no dimension", "POLY(n)"),
        ("E1 a 0 POLY(2) b 0 1", "1:21", "POLY has 3 of its words", "POLY(n)"),
        ("a1 [a b c", "1:4", "[ is not closed", "close the port"),
        ("a1 [a] %vd(b) %v", "1:15", "a node is missing", "Aname"),
        ("a1 x %v", "1:8", "a node is missing", "Aname"),
        ("a1 [a b]", "1:9", "a1 has no model", "Aname"),
        ("a1 m", "1:5", "a1 has no port", "Aname"),
        (".param a=(1", "1:10", "(1 is not closed", ".param name"),
        (".param a= b=1", "1:11", "a has no value", ".param name"),
        (".if", "1:4", "there is no condition", ".if (condition)"),
        (".if ()", "1:7", "there is no condition", ".if (condition)"),
        (".if (a", "1:5", "(a is not closed", ".if (condition)"),
        (".if (a)\n.else\n", "1:1", ".if (a) has no .endif", "add .endif"),
        (".endif", "1:1", ".endif without .if", "remove it"),
        (".if (a)\n.ends", "2:1", ".ends without .subckt", "close .if (a) first"),
        ("M1 d g s b n)", "1:13", ") is not expected here", "Mname"),
        ("V1 a 0 1 dc 2", "1:13", "V1 has a second constant", "remove one"),
        ("V1 a 0 SIN(0 1) external", "1:17", "V1 has a second time function", "remove one"),
        ("V1 a 0 PWL(0 1 2)", "1:8", "PWL has 3 numbers", "pairs"),
        ("V1 a 0 PWL(0 0 .1- 1)", "1:16", "'.1-' is not a number", "scale factors"),
        ("V1 a 0 PWL(0 0 1 1e999)", "1:18", "'1e999' is out of range", "1.8e308"),
        ("V1 a 0 PWL(0 0 1-2 1)", "1:16", "'1-2' is not a number", "scale factors"),
        ("V1 a 0 PWL(0 0 r=0", "1:11", "( is not closed", "Vname"),
        ("V1 a", "1:5", "V1 ends too early", "Vname"),
        ("B1 a b v(c)", "1:8", "'v(c)' is not expected here", "V=expression"),
        ("X1", "1:3", "X1 names no subcircuit", "Xname"),
        ("M1 d g s b n w=", "1:16", "M1 ends too early", "Mname"),
        ("M1 d g s b n w=1=2", "1:17", "'=2' is not expected here", "Mname"),
        ("C5=1 0 15p", "1:3", "'=1' is not expected here", "Cname"),
        ("M1 d g s b n w=1 = 1", "1:18", "'=' is not expected here", "Mname"),
        ("R1 a b {x", "1:8", "{ is not closed", "Rname"),
        ("R1 a b 'x", "1:8", "' is not closed", "Rname"),
        (".save v(a", "1:8", "( is not closed", "unclosed bracket"),
        (".model n", "1:9", ".model has no name or no kind", ".model name kind"),
        (".subckt", "1:8", ".subckt has no name", ".subckt name port"),
        (".subckt x {a}\n.ends", "1:11", "{a} is no name of a port", ".subckt name port"),
        ("* c\n.subckt x a\nR1 a 0 1", "2:1", ".subckt x has no .ends", "add .ends x"),
        (".ends x", "1:1", ".ends without .subckt", "remove it"),
        ("+ 1 2", "1:1", "there is no line to continue", "remove the +"),
        ("\tR1 a b\n*c\n+\t1 w = {", "3:9", "{ is not closed", "Rname"),
    ],
)
def test_mistakes_are_pointed_at(text: str, where: str, message: str, hint: str) -> None:
    with pytest.raises(NetlistError, match=re.escape(message)) as caught:
        parse_library(text, "cell.cir")
    lines = str(caught.value).split("\n")
    row, column = map(int, where.split(":"))
    assert lines[0].startswith(f"cell.cir:{where}: ")
    assert lines[1] == "    " + text.split("\n")[row - 1]
    assert lines[2].index("^") == 4 + column - 1
    assert lines[3].startswith("  try: ")
    assert hint in lines[3]


def test_error_message_whole() -> None:
    with pytest.raises(NetlistError) as caught:
        parse("title\nR1 a b\n+ 1k w=\n", "deck.cir")
    assert str(caught.value) == (
        "deck.cir:3:8: R1 ends too early\n"
        "    + 1k w=\n"
        "           ^\n"
        "  try: its form is: Rname n+ n- 1e3   or   Rname n+ n- model l=1e-6"
    )


def test_long_source_line_is_shown_as_a_window() -> None:
    with pytest.raises(NetlistError) as caught:
        parse_library("V1 a 0 PWL(" + "0 " * 500 + "1-x- 0)")
    _, source, caret, _ = str(caught.value).split("\n")
    assert len(source) <= 124
    assert source[caret.index("^") :].startswith("1-x-")


@pytest.mark.parametrize(
    "text", ["M1 a b " + "(" * 5000, ".save v(" + "a" * 50000, "V1 a 0 PWL(" + "1 " * 20000 + "="]
)
def test_broken_long_lines_are_refused(text: str) -> None:
    with pytest.raises(NetlistError, match="not"):
        parse_library(text)
