"""One draw is one chip: the same devices differ by the same amounts in whatever deck they stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from netlist.circuit import Circuit, Model, Primitive, Source
from netlist.errors import NetlistError
from netlist.parts.process import load_process
from netlist.parts.variation import NOMINAL, Chip, varied
from netlist.text.emitter import emit
from netlist.text.parser import parse

PROCESS = load_process("generic180")
MINE = Chip(mismatch=True, draw=7)
CELL = """\
.subckt pair a b vss w=2e-6
Xone a b vss vss nfet w={w} l=1e-6 m=4
Xtwo a b vss vss pfet w=1e-6 l=4e-6
R1 a vss 1e5
C1 b vss 1e-12
Rx a b r={1e5*v(a)}
.ends pair
"""


def deck(*names: str) -> Circuit:
    text = "t\n" + CELL + "".join(f"X{n} a b 0 pair\n" for n in names) + "Rout a 0 1e3\nVa a 0 1\n"
    circuit = parse(text)
    return replace(circuit, body=(*PROCESS.statements, *circuit.body))


def offsets(circuit: Circuit) -> dict[str, tuple[float, float]]:
    found = {}
    for device in circuit.body:
        if isinstance(device, Primitive) and device.name.lower().startswith("m"):
            values = {p.name: p.value for p in device.parameters}
            found[device.name] = (values["delvto"], values["mulu0"])
    return found


def values(circuit: Circuit) -> dict[str, float]:
    passives = (d for d in circuit.body if isinstance(d, Primitive) and d.name[0].lower() in "rc")
    return {d.name: d.value for d in passives}


def test_a_plain_chip_is_the_deck_itself() -> None:
    circuit = deck("p")
    assert varied(circuit, PROCESS, NOMINAL) is circuit
    assert varied(circuit, PROCESS, Chip(mismatch=True, scale=0.0)) is circuit


def test_one_slot_alone_differs_as_it_does_among_all() -> None:
    circuit = deck("edge_0", "update_0")
    every, alone = (
        offsets(varied(circuit, PROCESS, Chip(mismatch=True, draw=7, only=only)))
        for only in ((), ("update",))
    )
    assert every.keys() == alone.keys()
    for name, drawn in every.items():
        assert alone[name] == (drawn if ".xupdate_0." in name.lower() else (0.0, 1.0))
    passive = values(varied(circuit, PROCESS, Chip(mismatch=True, only=("update",))))
    assert passive["r.xedge_0.r1"] == 1e5
    assert passive["r.xupdate_0.r1"] != 1e5
    told = emit(varied(circuit, PROCESS, Chip(mismatch=True, only=("update",))))
    assert "mismatch times 1 in update alone" in told


def test_one_more_device_moves_nobody_elses_offsets() -> None:
    few, more = (offsets(varied(deck(*names), PROCESS, MINE)) for names in ("pq", "xpyqz"))
    assert len(few) == 4
    assert len(set(few.values())) == 4
    assert few.items() <= more.items()


@pytest.mark.parametrize("other", [{"draw": 8}, {"seed": 1}])
def test_another_chip_has_other_offsets(other: dict[str, int]) -> None:
    mine, others = (offsets(varied(deck("p"), PROCESS, c)) for c in (MINE, replace(MINE, **other)))
    assert mine.keys() == others.keys()
    assert not set(mine.values()) & set(others.values())


def test_the_same_chip_is_the_same_text_and_reads_back() -> None:
    circuit = varied(deck("p", "q"), PROCESS, MINE)
    text = emit(circuit)
    assert text == emit(varied(deck("p", "q"), PROCESS, MINE))
    assert parse(text) == circuit
    assert "* chip: draw 7 of seed 0, mismatch times 1" in text


def test_scale_stretches_the_same_draw() -> None:
    once, twice = (
        offsets(varied(deck("p"), PROCESS, replace(MINE, scale=scale))) for scale in (1.0, 2.0)
    )
    for name, (threshold_V, gain) in once.items():
        assert twice[name] == pytest.approx((2 * threshold_V, 2 * gain - 1))


def test_offsets_follow_pelgroms_law() -> None:
    """2,000 pairs: each deviation within 5 %, three of its own standard errors being 4.7 %."""
    found = offsets(varied(deck(*(f"p{i}" for i in range(2000))), PROCESS, MINE))
    for name, area_um2 in (("xone", 8.0), ("xtwo", 4.0)):
        drawn = np.array([value for key, value in found.items() if f".{name}." in key])
        deviations = drawn.std(axis=0)
        assert deviations == pytest.approx(np.array([3.5e-3, 1e-2]) / area_um2**0.5, rel=0.05)
        assert abs(drawn[:, 0].mean()) < 4 * deviations[0] / 2000**0.5


def test_resistors_and_capacitors_have_corners_and_mismatch() -> None:
    typical = values(varied(deck("p"), PROCESS, MINE))
    low = values(varied(deck("p"), PROCESS, replace(MINE, resistors="low")))
    high = values(varied(deck("p"), PROCESS, replace(MINE, capacitors="high")))
    alone = values(varied(deck("p"), PROCESS, Chip(resistors="high")))
    assert low["r.xp.r1"] == pytest.approx(0.85 * typical["r.xp.r1"])
    assert high["c.xp.c1"] == pytest.approx(1.15 * typical["c.xp.c1"])
    assert (low["c.xp.c1"], high["r.xp.r1"]) == (typical["c.xp.c1"], typical["r.xp.r1"])
    assert alone["r.xp.r1"] == pytest.approx(1.15e5)
    assert alone["c.xp.c1"] == 1e-12
    assert typical["r.xp.r1"] not in (1e5, alone["r.xp.r1"])
    assert typical["Rout"] == low["Rout"] == 1e3


def test_a_corner_alone_draws_nothing() -> None:
    circuit = varied(deck("p"), PROCESS, Chip(capacitors="low"))
    assert "delvto" not in emit(circuit)
    assert "* chip: no mismatch, resistors typical, capacitors low" in emit(circuit)


def test_a_process_without_figures_is_refused() -> None:
    process = replace(load_process("ald1106"), matching={})
    with pytest.raises(NetlistError, match="process ald1106 says nothing of mismatch") as error:
        varied(deck("p"), process, MINE)
    assert error.value.where == "variation.mismatch"


@pytest.mark.parametrize(
    ("card", "message"),
    [
        (".model n nmos level=2", "model n of m.xp.m1 is of level 2, and takes no offsets"),
        (".model n nmos level=1", "card n of level 1 does not say vto and kp as numbers"),
        ("* none", "model n of m.xp.m1 is not in the deck, and takes no offsets"),
    ],
)
def test_a_model_that_takes_no_offsets_is_refused(card: str, message: str) -> None:
    circuit = parse(f"t\n{card}\n.subckt c a\nM1 a a 0 0 n w=1e-6 l=1e-6\n.ends\nXp a c\n")
    with pytest.raises(NetlistError, match=message):
        varied(circuit, PROCESS, MINE)


@pytest.mark.parametrize("size", ["l=1e-6", "w=0 l=1e-6"])
def test_a_transistor_without_a_size_is_refused(size: str) -> None:
    card = ".model n nmos level=8"
    circuit = parse(f"t\n{card}\n.subckt c a\nM1 a a 0 0 n {size}\n.ends\nXp a c\n")
    with pytest.raises(NetlistError, match=r"w of m.xp.m1 is not known before the run"):
        varied(circuit, PROCESS, MINE)


def test_ngspice_takes_the_offsets(ngspice: Callable[..., dict]) -> None:
    """A threshold moved by delvto is one moved by the gate's voltage, a gain by mulu0 a current."""
    lines = (
        *("Vd d 0 0.05", "Vg g 0 0.8", "Vh h 0 0.75"),
        *("Va d da 0", "Ma da g 0 0 generic180_n w=1e-6 l=1e-6 delvto=0.05"),
        *("Vb d db 0", "Mb db h 0 0 generic180_n w=1e-6 l=1e-6"),
        *("Vc d dc 0", "Mc dc h 0 0 generic180_n w=1e-6 l=1e-6 mulu0=1.1"),
        *(".save i(va) i(vb) i(vc)", ".tran 1e-9 1e-8", ".end"),
    )
    text = emit(Circuit("t", PROCESS.statements)).replace(".end\n", "") + "\n".join(lines) + "\n"
    currents = {name: wave[-1] for name, wave in ngspice(text).items()}
    assert currents["i(va)"] == pytest.approx(currents["i(vb)"], rel=0.02)
    assert currents["i(vc)"] / currents["i(vb)"] == pytest.approx(1.1, rel=0.02)


BOARD = """\
t
.subckt parts a b vss
Xone a b vss vss nfet w=1e-4 l=1e-5
R1 a vss 1e5
R2 b vss 10
Vos_amplifier_f o vss 0
Bo b vss i=1e-3
.ends parts
Xupdate_0 a b 0 parts
Xupdate_1 a b 0 parts
Va a 0 1
Vos_amplifier b 0 0
"""


def board(text: str = BOARD) -> Circuit:
    circuit = parse(text)
    return replace(circuit, body=(*load_process("ald1106").statements, *circuit.body))


def test_parts_of_a_board_differ_by_their_data_sheets() -> None:
    process = load_process("ald1106")
    drawn: dict[str, list[float]] = {"vto": [], "r1": [], "r2": [], "vos": []}
    for draw in range(200):
        flat = varied(board(), process, Chip(mismatch=True, draw=draw))
        cards = {s.name: s for s in flat.body if isinstance(s, Model)}
        own = cards["ald1106_n.m.xupdate_0.xone.m0"]
        drawn["vto"].append({p.name: p.value for p in own.parameters}["vto"] - 0.7)
        drawn["r1"].append(values(flat)["r.xupdate_0.r1"] / 1e5 - 1.0)
        drawn["r2"].append(values(flat)["r.xupdate_0.r2"] / 10 - 1.0)
        sources = {s.name.lower(): s.dc for s in flat.body if isinstance(s, Source)}
        drawn["vos"].append(sources["v.xupdate_0.vos_amplifier_f"])
        assert sources["vos_amplifier"] == 0  # outside every cell
    for key, expected in {"vto": 1.42e-3, "r1": 3.3e-3, "r2": 3.3e-3, "vos": 3e-3}.items():
        assert np.std(drawn[key]) == pytest.approx(expected, rel=0.2), key
        assert abs(np.mean(drawn[key])) < 0.3 * expected, key
    assert parse(emit(flat)) == flat


def test_an_offset_nobody_gives_is_refused() -> None:
    with pytest.raises(NetlistError, match="says nothing of the offset of a part 'thing'"):
        varied(board(BOARD.replace("Vos_amplifier_f", "Vos_thing")), load_process("ald1106"), MINE)
