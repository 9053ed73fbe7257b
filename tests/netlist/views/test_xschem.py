"""Schematics for xschem: netlisted from their coordinates they are the subcircuit again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from netlist.circuit import Circuit, Comment, Instance, Parameter, Statement
from netlist.errors import NetlistError
from netlist.parts.cell import load_cell
from netlist.parts.drawn import in_metres
from netlist.passes.evaluate import evaluate
from netlist.text.emitter import emit_statements
from netlist.text.parser import parse, parse_library
from netlist.views.xschem import xschem_files
from tests.netlist.views.test_drawing import arbitrary
from tests.netlist.views.xschem_reader import netlist, netlist_of_the_top

CIRCUITS = Path(__file__).parents[3] / "circuits"
CELL_PATHS = sorted((CIRCUITS / "cells").glob("*.cir"))


def read(path: Path) -> Circuit:
    return Circuit("t", parse_library(path.read_text(encoding="utf-8")))


def facts(circuit: Circuit, name: str) -> tuple[object, ...]:
    """A subcircuit as what it does: statements without their order, defaults of calls filled in."""
    found = circuit.subcircuits()[name.lower()]
    body = sorted(text(s, circuit) for s in found.body if not isinstance(s, Comment))
    ports = [port.lower() for port in found.ports]
    return ports, emit_statements([replace(found, ports=(), body=())]).lower(), body


def text(statement: Statement, circuit: Circuit) -> str:
    if isinstance(statement, Instance):
        inner = circuit.subcircuits().get(statement.subcircuit.lower())
        given = {p.name.lower(): p for p in (inner.parameters if inner else ())}
        given |= {p.name.lower(): p for p in statement.parameters}
        if given.get("m") == Parameter("m", 1.0):
            del given["m"]
        statement = replace(statement, parameters=tuple(given[name] for name in sorted(given)))
    return emit_statements([statement]).lower().replace(" ", "").replace("\n+", "").strip()


@pytest.mark.parametrize("path", CELL_PATHS, ids=lambda path: path.stem)
def test_a_shipped_cell_comes_back_from_its_schematic(path: Path) -> None:
    circuit = read(path)
    files = xschem_files(circuit, path.stem)
    again = Circuit("t", parse_library(netlist(files, path.stem)))
    for name in again.subcircuits():
        assert facts(again, name) == facts(circuit, name)
    assert path.stem in again.subcircuits()
    for name, content in files.items():
        assert (CIRCUITS / "xschem" / name).read_text(encoding="utf-8") == content, (
            f"delete circuits/xschem/{name}, and joulearn draw {path.stem} -o {path.stem}.sch there"
        )


def test_every_shipped_schematic_is_of_a_shipped_cell() -> None:
    drawn = {name for path in CELL_PATHS for name in xschem_files(read(path), path.stem)}
    assert {path.name for path in (CIRCUITS / "xschem").iterdir()} == drawn


@pytest.mark.parametrize("path", CELL_PATHS, ids=lambda path: path.stem)
def test_the_foundry_s_transistors_are_the_cell_s(path: Path) -> None:
    circuit = read(path)
    files = xschem_files(circuit, path.stem, foundry=True)
    again = Circuit("t", in_metres(parse_library(netlist(files, path.stem))))
    for name, found in again.subcircuits().items():
        shipped = circuit.subcircuits()[name]
        numbers = {p.name: p.value for p in shipped.parameters}
        assert [sizes(s, numbers) for s in ordered(found.body)] == [
            sizes(s, numbers) for s in ordered(shipped.body)
        ]


def ordered(body: tuple[Statement, ...]) -> list[Instance]:
    calls = (s for s in body if isinstance(s, Instance) and s.subcircuit in ("nfet", "pfet"))
    return sorted(calls, key=lambda call: call.name)


def sizes(call: Instance, numbers: dict[str, object]) -> tuple[object, ...]:
    """A transistor's name, nodes and sizes as numbers, whatever formulas they are."""
    given = {"m": 1.0, **{p.name: p.value for p in call.parameters}}
    return (
        call.name,
        call.nodes,
        call.subcircuit,
        *(pytest.approx(evaluate(given[key], numbers), rel=1e-9) for key in ("w", "l", "m")),
    )


def test_an_open_schematic_s_netlist_is_the_cell_too(tmp_path: Path) -> None:
    """What the netlist button writes is a comment for a heading, and parameters as ``.param``."""
    for name in ("driver_ab", "update", "update_counter_macro"):
        files = xschem_files(read(CIRCUITS / "cells" / f"{name}.cir"), name)
        drawn = tmp_path / f"{name}.spice"
        drawn.write_text(netlist_of_the_top(files, name), encoding="utf-8")
        slot = name.split("_")[0]
        taken, shipped = load_cell(slot, str(drawn)), load_cell(slot, name)
        assert (taken.pins, taken.subcircuit.parameters) == (
            shipped.pins,
            shipped.subcircuit.parameters,
        )


@pytest.mark.parametrize("seed", range(8))
def test_any_cell_comes_back(seed: int) -> None:
    deck = parse(arbitrary(np.random.default_rng(seed)))
    again = Circuit("t", parse_library(netlist(xschem_files(deck, "c"), "c")))
    assert facts(again, "c")[::2] == facts(deck, "c")[::2]


DEVICES = """\
.subckt c a b {more}
D1 a b dd 2
L1 a b 1e-6
L2 b a 2e-6
K1 L1 L2 0.5
I1 a b dc 1e-6 ac 1
Vm b 0 pulse(0 1 0 1n 1n 5n 10n)
G1 a b b 0 1e-3
F1 a b Vm 2
H1 a b Vm 3
E2 a b vol='v(a)*(1 + v(b))'
E3 a b table {{v(a)}} = (0,0) (1,1)
R1 a b 1k tc1=0.01
R2 a b rmod
Q1 a b 0 qq
M1 a b 0 0 mm w=1u l=1u ad=1p
M2 a b 0 0 mm
A1 [a ~b] %vd(a,b) am
A2 a a a am
Xs a b a other k=2
.model am d_and
.model dd d
.if (1)
R9 a b 1
.endif
.ends
"""


def test_every_kind_of_device_comes_back() -> None:
    deck = Circuit("t", parse_library(DEVICES.format(more="k=1 q={2*k}")))
    again = Circuit("t", parse_library(netlist(xschem_files(deck, "c"), "c")))
    assert facts(again, "c") == facts(deck, "c")


def test_a_file_s_name_is_the_subcircuit_s() -> None:
    files = xschem_files(read(CIRCUITS / "cells" / "update.cir"), "update", called="mine")
    assert set(files) == {f"{n}.{end}" for n in ("mine", "bump", "wake") for end in ("sch", "sym")}
    assert ".subckt mine fa fb" in netlist(files, "mine")


@pytest.mark.parametrize(
    ("text", "called", "message"),
    [
        (".subckt c a b:1\nR1 a b:1 1\n.ends\n", "", "the name b:1 would be read as something"),
        (".subckt c a b\nR1 a b 1\nR1 b a 1\n.ends\n", "", "the name R1 stands twice in c"),
        (
            ".subckt c a b\nB1 a b v=tcleval(v(a))\n.ends\n",
            "",
            "would be run as a program by xschem",
        ),
        (
            ".subckt c a b\nX1 a b d/e\n.ends\n.subckt d/e a b\nR1 a b 1\n.ends\n",
            "",
            "the name d/e",
        ),
        (".subckt c a b\nR1 a b 1\n.ends\n", "a.b", "the name a.b would be read as something"),
        (
            ".subckt d a b\nR1 a b 1\n.ends\n.subckt c a b\nX1 a b d\n.ends\n",
            "d",
            "the file d.sch would hold two subcircuits",
        ),
    ],
)
def test_what_xschem_could_not_hold_is_refused(text: str, called: str, message: str) -> None:
    with pytest.raises(NetlistError, match=message):
        xschem_files(Circuit("t", parse_library(text)), "c", called=called)
