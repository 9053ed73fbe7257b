"""Processes: two files each, and every way in which they may not fit together."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from netlist.circuit import Circuit, Model, Subcircuit
from netlist.errors import NetlistError
from netlist.parts.foundry import take
from netlist.parts.process import load_foundry, load_process
from netlist.text.parser import parse
from tests.netlist.foundry_files import make_process, make_wheel

TABLE = """\
description = "a test"
models = "toy.cir"
rail_V = 3
gate_V = 1.5
temperature_C = -10

[cells.edge]
w = 2e-6
m = 2
"""

MODELS = """\
.model toy_n nmos level=1
.model toy_p pmos level=1
.subckt NFET D g s b w=1e-6 l=1e-6 M=1
M0 d g s b toy_n w={w} l={l} m={m}
.ends
.subckt pfet d g s b w=1e-6 l=1e-6 m=1 nf=1
M0 d g s b toy_p w={w} l={l} m={m}
.ends
"""


def process_files(folder: Path, table: str = TABLE, models: str | None = MODELS) -> str:
    (folder / "toy.toml").write_text(table, encoding="utf-8")
    if models is not None:
        (folder / "toy.cir").write_text(models, encoding="utf-8")
    return str(folder / "toy.toml")


def refusal(path: str, message: str) -> NetlistError:
    with pytest.raises(NetlistError, match=re.escape(message)) as error:
        load_process(path)
    return error.value


def test_process_from_a_file(tmp_path: Path) -> None:
    process = load_process(process_files(tmp_path))
    assert (process.name, process.description) == ("toy", "a test")
    assert (process.rail_V, process.gate_V, process.temperature_C) == (3.0, 1.5, -10.0)
    assert process.parameters == {"edge": {"w": 2e-6, "m": 2.0}}
    assert isinstance(process.rail_V, float)
    assert isinstance(process.parameters["edge"]["m"], float)
    assert [s.name for s in process.statements if isinstance(s, Subcircuit)] == ["NFET", "pfet"]


def test_what_may_be_left_out(tmp_path: Path) -> None:
    process = load_process(
        process_files(tmp_path, 'models = "toy.cir"\nrail_V = 3\ngate_V = 1.5\n')
    )
    assert (process.description, process.temperature_C, process.parameters) == ("", 27.0, {})


@pytest.mark.parametrize(
    ("name", "rail_V", "gate_V"), [("generic180", 1.8, 1.2), ("ald1106", 5.0, 2.5)]
)
def test_shipped_processes_are_found_from_any_folder(
    name: str,
    rail_V: float,
    gate_V: float,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    process = load_process(name)
    assert (process.name, process.rail_V, process.gate_V) == (name, rail_V, gate_V)
    assert process.description


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        (
            "generic_180",
            "did you mean generic180? shipped processes: ald1106, generic180, gf180mcu, sky130; ",
        ),
        (
            "zzz",
            "shipped processes: ald1106, generic180, gf180mcu, sky130; or the path of a .toml file",
        ),
        ("nowhere.toml", "or the path of a .toml file"),
        ("circuits/processes/ald1106.cir", "or the path of a .toml file"),
    ],
)
def test_no_such_process(name: str, hint: str) -> None:
    with pytest.raises(NetlistError, match=re.escape(f"there is no process {name!r}")) as error:
        load_process(name)
    assert error.value.where == "process"
    assert hint in error.value.hint
    assert error.value.hint.startswith("did you mean") == (name == "generic_180")


def test_not_toml(tmp_path: Path) -> None:
    path = process_files(tmp_path, "rail_V = \n")
    error = refusal(path, "this is not TOML: Invalid value (at line 1, column 10)")
    assert (error.where, error.hint) == (f"{path}:1", 'key = value, with text in "quotes"')


def test_no_models_file(tmp_path: Path) -> None:
    path = process_files(tmp_path, models=None)
    error = refusal(path, "there is no models file toy.cir")
    assert (error.where, error.hint) == (path, "models = a file here")


def test_unknown_key(tmp_path: Path) -> None:
    path = process_files(tmp_path, "rail = 3\n" + TABLE)
    error = refusal(path, "unknown key 'rail'")
    assert error.where == path
    assert error.hint == (
        "known keys: description, models, rail_V, gate_V, temperature_C, cells, corners, foundry, "
        "mismatch, passives, offsets, discrete"
    )


@pytest.mark.parametrize("key", ["models", "rail_V", "gate_V"])
def test_missing_key(tmp_path: Path, key: str) -> None:
    path = process_files(tmp_path, re.sub(rf"(?m)^{key} = .*\n", "", TABLE))
    error = refusal(path, f"the key {key} is missing")
    assert (error.where, error.hint) == (path, f"add {key} = …")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('rail_V = "1V8"', "rail_V = '1V8' is not a number"),
        ("gate_V = true", "gate_V = True is not a number"),
        ("temperature_C = [27]", "temperature_C = [27] is not a number"),
        ("rail_V = nan", "rail_V = nan is not a number"),
        ('w = "wide"', "cells.edge.w = 'wide' is not a number"),
    ],
)
def test_what_is_no_number(tmp_path: Path, line: str, message: str) -> None:
    key = line.split(" ", maxsplit=1)[0]
    path = process_files(tmp_path, re.sub(rf"(?m)^{key} = .*$", line, TABLE))
    error = refusal(path, message)
    assert error.where == path
    assert error.hint == "a plain number in SI units, such as 1.8 or 1e-6"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("[cells.egde]\nw = 1e-6\n", "no sizes can be given for egde"),
        ("[cells]\nedge = 1e-6\n", "no sizes can be given for edge"),
        ('cells = "edge"\n', "no sizes can be given for 'edge'"),
    ],
)
def test_sizes_of_what_is_no_slot(tmp_path: Path, lines: str, message: str) -> None:
    path = process_files(tmp_path, TABLE.partition("\n[cells")[0] + "\n" + lines)
    error = refusal(path, message)
    assert error.where == path
    assert error.hint == (
        "a table [cells.SLOT], where SLOT is one of edge, update, clamp, driver, bias, sequencer"
    )


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("nfet", ".subckt NFET", ".subckt nfet3"),
        ("pfet", ".subckt pfet d g s b", ".subckt pfet d s g b"),
        ("pfet", ".subckt pfet d g s b", ".subckt pfet d g s b x"),
        ("nfet", " M=1\n", "\n"),
    ],
    ids=["absent", "other order", "other number", "no m"],
)
def test_transistors_the_cells_cannot_use(tmp_path: Path, name: str, old: str, new: str) -> None:
    path = process_files(tmp_path, models=MODELS.replace(old, new, 1))
    error = refusal(path, f"process toy does not offer {name} as the cells use it")
    assert error.where == str(tmp_path / "toy.cir")
    assert error.hint == f".subckt {name} d g s b w=… l=… m=1 (metres)"


CORNERS = """
[corners.ss.toy_n]
level = 1
vto = 0.5
"""
CARDS = MODELS.replace("toy_n nmos level=1", "toy_n nmos level=1 vto=0.4")


def numbers(statements: tuple[object, ...], name: str) -> dict[str, object]:
    (model,) = (s for s in statements if isinstance(s, Model) and s.name == name)
    return {p.name: p.value for p in model.parameters}


def test_a_corner_changes_parameters_of_models(tmp_path: Path) -> None:
    path = process_files(tmp_path, TABLE + CORNERS, CARDS)
    typical, slow = load_process(path), load_process(path, "ss", -40.0)
    assert typical.corners == slow.corners == ("tt", "ss")
    assert (typical.corner, typical.temperature_C) == ("tt", -10.0)
    assert (slow.corner, slow.temperature_C) == ("ss", -40.0)
    assert numbers(typical.statements, "toy_n") == {"level": 1.0, "vto": 0.4}
    assert numbers(slow.statements, "toy_n") == {"level": 1.0, "vto": 0.5}
    assert numbers(slow.statements, "toy_p") == numbers(typical.statements, "toy_p")


def test_no_such_corner(tmp_path: Path) -> None:
    path = process_files(tmp_path, TABLE + CORNERS, CARDS)
    with pytest.raises(NetlistError, match="process toy has no corner 'ff'") as error:
        load_process(path, "ff")
    assert (error.value.where, error.value.hint) == ("corner", "its corners: tt, ss")


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("[corners.ss.toy]\nvto = 1", "a corner changes toy, which is no model of the process"),
        ("[corners.ss]\ntoy_n = 1", "a corner changes toy_n, which is no model of the process"),
        ("[corners.ss.toy_n]\nu0 = 1", "a corner changes u0, which model toy_n does not say"),
        ("[corners.ss.toy_n]\nvto = 'x'", "vto = 'x' is not a number"),
        ("[corners]\nss = 'slow'", "corner ss = 'slow' says nothing of use here"),
        ("[corners]\nss = 1", "corner ss = 1 says nothing of use here"),
    ],
)
def test_a_corner_that_means_nothing(tmp_path: Path, lines: str, message: str) -> None:
    path = process_files(tmp_path, f"{TABLE}\n{lines}\n", CARDS)
    with pytest.raises(NetlistError, match=re.escape(message)) as error:
        load_process(path, "ss")
    assert error.value.where == path


def test_corners_of_generic180_are_ordered_as_their_names_say() -> None:
    slow, typical, fast = (load_process("generic180", c).statements for c in ("ss", "tt", "ff"))
    for model, sign in (("generic180_n", 1), ("generic180_p", -1)):
        cards = [numbers(statements, model) for statements in (slow, typical, fast)]
        thresholds = [sign * card["vth0"] for card in cards]
        assert thresholds == sorted(thresholds, reverse=True)
        assert [c["u0"] for c in cards] == sorted(c["u0"] for c in cards)
        assert len({tuple(c) for c in cards}) == 1
    mixed = load_process("generic180", "sf").statements
    assert numbers(mixed, "generic180_n") == numbers(slow, "generic180_n")
    assert numbers(mixed, "generic180_p") == numbers(fast, "generic180_p")


@pytest.fixture
def fab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A process with a foundry, whose files have been taken."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("PDK_ROOT", raising=False)
    wheel = make_wheel(tmp_path / "fab.whl")
    path = make_process(tmp_path, wheel)
    foundry = load_foundry(path)
    assert foundry is not None
    take(foundry, wheel)
    return path


def test_a_deck_gets_the_foundry_s_cards_it_uses(fab: str) -> None:
    deck = parse("t\nX1 a a 0 0 nfet w=5e-7\nX2 a a 0 0 nfet w=2e-6 l=1e-5\n.end\n")
    for corner, vth0 in (("tt", 0.4), ("ss", 0.5)):
        process = load_process(fab, corner)
        assert (process.corner, process.source) == (corner, "fab-models 1.0")
        circuit = process.complete(Circuit("t", (*process.statements, *deck.body)))
        models = [s for s in circuit.body if isinstance(s, Model)]
        assert [m.name for m in models] == ["fab_n.0", "fab_n.2"]
        assert numbers(circuit.body, "fab_n.0")["vth0"] == vth0


def test_a_process_without_a_foundry_leaves_a_deck_alone() -> None:
    circuit = Circuit("t")
    assert load_process("generic180").complete(circuit) is circuit
    assert load_foundry("generic180") is None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('licence = "none, made up"', "license = 1", "[foundry] has no key license"),
        ('version = "1.0"\n', "", "[foundry.package] lacks version"),
        ("[foundry.tree]", "[foundry.trees]", "[foundry] has no key trees"),
        ('folders = ["fabB", "fabA"]', 'folder = "x"', "[foundry.tree] has no key folder"),
        ('ss = "slow"', "ss = {}", "corner ss = {} says nothing of use here"),
    ],
)
def test_a_foundry_that_is_not_one(fab: str, old: str, new: str, message: str) -> None:
    text = Path(fab).read_text(encoding="utf-8")
    assert old in text
    Path(fab).write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(NetlistError, match=re.escape(message)) as error:
        load_foundry(fab)
    assert error.value.where == fab


def test_the_example_in_the_documentation(tmp_path: Path) -> None:
    docs = Path(__file__).parents[3] / "docs" / "processes.md"
    text = docs.read_text(encoding="utf-8")
    for kind, name in (("spice", "mine.cir"), ("toml", "mine.toml")):
        (example,) = re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL)
        (tmp_path / name).write_text(example, encoding="utf-8")
    process = load_process(str(tmp_path / "mine.toml"), "ss")
    assert process.corners == ("tt", "ss")
    assert numbers(process.statements, "mine_n")["vth0"] == 0.46
    assert process.parameters == {"update": {"lswitch": 2.8e-7}}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("offsets = 3", "offsets. is 3"),
        ("[offsets]\namplifier = -1", "offsets.amplifier = -1 is not a positive number"),
        ("discrete = 1", "discrete = 1 is neither true nor false"),
    ],
)
def test_what_a_board_s_parts_say_is_checked(tmp_path: Path, lines: str, message: str) -> None:
    head = TABLE.partition("\n[cells")[0]
    path = process_files(tmp_path, f"{head}\n{lines}\n")
    with pytest.raises(NetlistError, match=message):
        load_process(path)
