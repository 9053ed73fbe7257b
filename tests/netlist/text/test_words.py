"""Dot words: ngspice itself is asked what it takes each for."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from netlist.checks import check_file
from netlist.circuit import Directive, Function, Model, Params, Subcircuit
from netlist.errors import NetlistError
from netlist.text.emitter import emit
from netlist.text.parser import parse
from netlist.text.words import dot_word

USES = {
    "param": ".{} q=1k\nV1 a 0 1\nR1 a 0 {{q}}",
    "func": ".{} f(x) {{x*1k}}\nV1 a 0 1\nR1 a 0 {{f(1)}}",
    "model": ".{} rm r r=1k\nV1 a 0 1\nR1 a 0 rm",
    "subckt": ".{} s p\nR1 p 0 1k\n.ends\nV1 a 0 1\nX1 a s",
    "ends": ".subckt s p\nR1 p 0 1k\n.{}\nV1 a 0 1\nX1 a s",
    "macro": ".{} s p\nR1 p 0 1k\n.eom\nV1 a 0 1\nX1 a s",
    "eom": ".macro s p\nR1 p 0 1k\n.{}\nV1 a 0 1\nX1 a s",
    "global": ".{} g\nV1 g 0 1\nX1 s\n.subckt s\nR1 g 0 1k\n.ends",
    "include": ".{} inner.inc\nV1 a 0 1\nR1 a 0 {{q}}",
    "options": ".{} reltol=1e-3\nV1 a 0 1\nR1 a 0 1k",
    "temp": ".{} 30\nV1 a 0 1\nR1 a 0 1k",
    "nodeset": ".{} v(a)=1\nV1 a 0 1\nR1 a 0 1k",
    "title": ".{} another\nV1 a 0 1\nR1 a 0 1k",
}
TAKEN = (
    *(("param", w) for w in ("param", "params", "parameter", "parameters", "PARAMx")),
    *(("func", w) for w in ("func", "function", "functions", "Funcs")),
    *(("model", w) for w in ("model", "models", "modelx")),
    *(("subckt", w) for w in ("subckt", "SUBCKT", "subckts")),
    *(("ends", w) for w in ("ends", "endsub", "ENDS")),
    *(("macro", w) for w in ("macro", "macros")),
    *(("eom", w) for w in ("eom", "eomx")),
    *(("global", w) for w in ("global", "globals")),
    *(("include", w) for w in ("include", "inc", "incl", "includes")),
    *(("options", w) for w in ("options", "option", "opt", "opti", "opts")),
    *(("temp", w) for w in ("temp",)),
    *(("nodeset", w) for w in ("nodeset",)),
    *(("title", w) for w in ("title", "titles")),
)
REFUSED = (
    *(("param", "para"), ("func", "fun"), ("model", "mode"), ("subckt", "subcircuit")),
    *(("subckt", "macro"), ("ends", "eom"), ("macro", "subckt")),
    *(("global", "glob"), ("temp", "temperature"), ("nodeset", "nodesets"), ("temp", "protect")),
)


def deck(use: str, word: str) -> str:
    return f"t\n{USES[use].format(word)}\n.op\n.end\n"


def runs(folder: Path, text: str) -> bool:
    (folder / "inner.inc").write_text(".param q=1k\n")
    (folder / "deck.cir").write_text(text)
    ran = subprocess.run(
        ["ngspice", "-n", "-b", "deck.cir"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return ran.returncode == 0 and "v1#branch" in ran.stdout and "-1.00000e-03" in ran.stdout


@pytest.mark.parametrize(("use", "word"), TAKEN)
def test_a_word_ngspice_takes(tmp_path: Path, use: str, word: str) -> None:
    text = deck(use, word)
    assert runs(tmp_path, text)
    assert not check_file(tmp_path / "deck.cir")
    circuit = parse(text)
    assert parse(emit(circuit)) == circuit
    assert runs(tmp_path, emit(circuit))


@pytest.mark.parametrize(("use", "word"), REFUSED)
def test_a_word_ngspice_refuses(tmp_path: Path, use: str, word: str) -> None:
    assert not runs(tmp_path, deck(use, word))
    assert check_file(tmp_path / "deck.cir")


def test_what_the_words_become() -> None:
    body = parse(
        "t\n.params a=1\n.function f(x) {x}\n.models d d\n.macro s p\n.eom s\n.incl a.inc\n"
    ).body
    assert [type(s) for s in body] == [Params, Function, Model, Subcircuit, Directive]
    assert dot_word("Include") == "include"


def test_blocks_that_end_as_another() -> None:
    with pytest.raises(NetlistError, match=r"\.eom cannot end a \.subckt") as error:
        parse("t\n.subckt s p\n.eom\n.ends\n")
    assert error.value.hint == "end it with .ends"
    with pytest.raises(NetlistError, match=r"\.ends cannot end a \.macro"):
        parse("t\n.macro s p\n.ends\n.eom\n")
