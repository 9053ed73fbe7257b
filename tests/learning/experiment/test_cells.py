"""Every shipped cell does what the first lines of its file claim, measured by plain ngspice.

The benches share decks, one operating-point sweep per cell family, because starting a simulator
costs more than the sweep. A tolerance is the figure the cell's own comment states; where the
comment gives none, it is what the cell measured when it was drawn, rounded up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from netlist.parts.cell import library_path, load_cell
from netlist.text.emitter import emit_statements

Waves = dict[str, np.ndarray]
Run = Callable[..., Waves]

RAIL_V = 1.8
GATE_V = 1.2
_MODELS = (library_path().parent / "processes" / "generic180.cir").read_text(encoding="utf-8")


def place(slot: str, cell: str, name: str, nets: Mapping[str, str], **parameters: float) -> str:
    """An X line, pins bound by name; rails as every bench has them."""
    everywhere = {"vdd": "vdd", "vss": "0", "vbias": "vbias"}
    instance = load_cell(slot, cell).instance(name, everywhere | dict(nets), parameters)
    return emit_statements((instance,))


def deck(cells: tuple[str, ...], *lines: str) -> str:
    """A deck with the models, some cells' files, a bias generator, a rail and the bench's lines."""
    files = [(library_path() / f"{n}.cir").read_text(encoding="utf-8") for n in ("bias", *cells)]
    return "\n".join(
        ["bench", _MODELS, *files, place("bias", "bias", "bias", {}), f"Vdd vdd 0 {RAIL_V}",
         "Vx x 0 0", ".options temp=27", *lines, ".end\n"]
    )  # fmt: skip


# --- edge ---------------------------------------------------------------------------------------

_EDGE = {"fa": "fa", "fb": "fb", "ca": "ca", "cb": "cb", "gate": "g"}


def _edge_bench(cell: str) -> str:
    """Twins at the same voltages, driven across their ends from 0 to 0.3 V about 0.225 V."""
    ends = [f"B{n} {n} 0 v=0.225{'+' if n.endswith('a') else '-'}0.5*v(x)" for n in _EDGE.values()
            if n != "g"]  # fmt: skip
    return deck((cell,), place("edge", cell, "e", _EDGE), f"Vg g 0 {GATE_V}", *ends,
                ".dc Vx -0.2 0.2 0.05")  # fmt: skip


@pytest.mark.parametrize("cell", ["edge", "edge_ideal"])
def test_edge_twins_are_equal(ngspice: Run, cell: str) -> None:
    wave = ngspice(_edge_bench(cell))
    free, clamped = wave["i(bfa)"], wave["i(bca)"]
    np.testing.assert_allclose(clamped, free, rtol=1e-9, atol=1e-15)
    assert np.ptp(free) > 1e-7


def test_edge_is_symmetric_and_a_few_microsiemens(ngspice: Run) -> None:
    wave = ngspice(_edge_bench("edge"))
    drop, current = wave["v(x)"], -wave["i(bfa)"]
    across = np.abs(drop) > 1e-9
    conductance = current[across] / drop[across]
    assert 1e-6 < conductance.min() < conductance.max() < 2e-5
    # ends are interchangeable: a MOSFET has no preferred direction
    # (but for the simulator's gmin, a picosiemens at every junction)
    np.testing.assert_allclose(current, -current[::-1], rtol=1e-5, atol=1e-12)


def test_edge_ideal_is_exact(ngspice: Run) -> None:
    wave = ngspice(_edge_bench("edge_ideal"))
    expected = 1e-5 * (GATE_V - 0.5) * wave["v(x)"]
    np.testing.assert_allclose(-wave["i(bfa)"], expected, rtol=1e-12, atol=1e-18)


# --- update -------------------------------------------------------------------------------------

_GAIN = 0.4e-6  # A/V^2, the update cell's comment
_UPDATE_PLACES = {  # free drop, clamped drop, lambda line, enable
    "free": ("v(x)", "0", 0.0, RAIL_V),
    "clamped": ("0", "v(x)", 0.0, RAIL_V),
    "both": ("v(x)", "v(x)", 0.0, RAIL_V),
    "mixed": ("v(x)", "0.6*v(x)", 0.0, RAIL_V),
    "lambda": ("v(x)", "0", RAIL_V, RAIL_V),
    "off": ("v(x)", "0.3", 0.0, 0.0),
}


def _update_bench(cell: str) -> str:
    return deck((cell,), *_update_lines(cell), ".dc Vx -0.3 0.3 0.03")


def _update_lines(cell: str) -> Iterator[str]:
    for case, (free, clamped, lambda_V, enable_V) in _UPDATE_PLACES.items():
        ends = {f"{n}{e}": f"{case}_{n}{e}" for n in "fc" for e in "ab"}
        lines = {"gate": f"g_{case}", "vlambda": f"l_{case}", "enable": f"en_{case}"}
        yield place("update", cell, case, ends | lines)
        yield f"Vg_{case} g_{case} 0 {GATE_V}"
        yield f"Vl_{case} l_{case} 0 {lambda_V}"
        yield f"Ven_{case} en_{case} 0 {enable_V}"
        for net, drop in (("f", free), ("c", clamped)):
            for end, sign in (("a", "+"), ("b", "-")):
                name = f"{case}_{net}{end}"
                yield f"B{name} {name} 0 v=0.225{sign}0.5*({drop})"


@pytest.fixture(scope="module")
def update(ngspice: Run) -> Waves:
    return ngspice(_update_bench("update"))


def _gate_current(wave: Waves, case: str) -> np.ndarray:
    """Current out of the update cell into the gate, amperes."""
    return wave[f"i(vg_{case})"]


@pytest.mark.parametrize(("case", "sign"), [("free", 1), ("clamped", -1)])
def test_update_follows_the_square_within_six_percent(update: Waves, case: str, sign: int) -> None:
    drop = update["v(x)"]
    there = np.abs(drop) > 0.02
    gain = sign * _gate_current(update, case)[there] / drop[there] ** 2
    middle = 0.5 * (gain.min() + gain.max())
    assert middle == pytest.approx(_GAIN, rel=0.05)
    assert np.abs(gain / middle - 1).max() < 0.06


def test_update_is_even(update: Waves) -> None:
    for case in ("free", "clamped"):
        current = _gate_current(update, case)
        np.testing.assert_allclose(current, current[::-1], rtol=1e-3, atol=1e-13)


def test_update_subtracts_the_clamped_square(update: Waves) -> None:
    """With dV_c = 0.6 dV_f the current is (1 - 0.36) of the free one alone."""
    mixed, drop = _gate_current(update, "mixed"), update["v(x)"]
    there = np.abs(drop) > 0.02
    gain = mixed[there] / (0.64 * drop[there] ** 2)
    np.testing.assert_allclose(gain, _GAIN, rtol=0.12)
    # equal drops teach nothing: below a thousandth of what one side alone would give
    assert np.abs(_gate_current(update, "both")).max() < 1e-3 * _GAIN * 0.3**2


def test_update_offset_and_hold(update: Waves) -> None:
    none = np.argmin(np.abs(update["v(x)"]))
    for case in ("free", "clamped", "both"):
        assert abs(_gate_current(update, case)[none]) < 5e-12
    # held: less than a picoampere, 1e-5 of a full-scale update
    assert np.abs(_gate_current(update, "off")).max() < 1e-12


def test_vlambda_hides_the_free_voltage(update: Waves) -> None:
    full = np.abs(_gate_current(update, "free")).max()
    assert np.abs(_gate_current(update, "lambda")).max() < 5e-3 * full


def test_update_offset_over_the_gate_range(ngspice: Run) -> None:
    """The mirrors' output conductance: below 40 pA from 0.7 V to 1.4 V, the floor of the error."""
    ends = {"fa": "m", "fb": "m", "ca": "m", "cb": "m", "gate": "x"}
    lines = {"vlambda": "0", "enable": "vdd"}
    wave = ngspice(
        deck(("update",), place("update", "update", "u", ends | lines), "Vm m 0 0.225",
             ".dc Vx 0.7 1.4 0.1")
    )  # fmt: skip
    offset = wave["i(vx)"]
    assert np.abs(offset).max() < 4e-11
    # it pulls the gate back to where pull-up and pull-down agree, never away
    assert np.all(np.diff(offset) < 0)


def test_update_ideal_is_exact(ngspice: Run) -> None:
    wave = ngspice(_update_bench("update_ideal"))
    square = 4e-7 * wave["v(x)"] ** 2
    for case, factor in (("free", 1), ("clamped", -1), ("both", 0), ("mixed", 0.64), ("lambda", 0)):
        np.testing.assert_allclose(
            _gate_current(wave, case), factor * square, rtol=1e-9, atol=1e-18, err_msg=case
        )
    assert np.abs(_gate_current(wave, "off")).max() < 1e-18


def test_update_joins_the_gate_late_and_leaves_it_at_once(ngspice: Run) -> None:
    """The gate moves as a*dV^2*t, counted from about 3 us after enable rises until it falls."""
    ends = {"fa": "a", "fb": "b", "ca": "b", "cb": "b", "gate": "g", "vlambda": "0", "enable": "en"}
    wave = ngspice(
        deck(("update",), place("update", "update", "u", ends), "Va a 0 0.3", "Vb b 0 0.1",
             "Cg g 0 2.5e-12", ".ic v(g)=1.1",
             "Ven en 0 pwl 0 0 10e-6 0 10.2e-6 1.8 50e-6 1.8 50.2e-6 0",
             ".tran 1e-6 70e-6 0 1e-6")
    )  # fmt: skip
    time_s, gate_V = wave["time"], wave["v(g)"]
    at = lambda when_s: float(np.interp(when_s, time_s, gate_V))  # noqa: E731
    slope = (at(45e-6) - at(25e-6)) / 20e-6
    assert slope == pytest.approx(_GAIN * 0.2**2 / 2.5e-12, rel=0.12)
    joined_s = 45e-6 - (at(45e-6) - at(9e-6)) / slope
    assert 1e-6 < joined_s - 10.1e-6 < 6e-6
    assert at(69e-6) == pytest.approx(at(52e-6), abs=2e-4)
    # the switches' own charge, when they open
    assert at(52e-6) == pytest.approx(at(50e-6), abs=5e-3)


# --- clamp, clamp pair and driver ---------------------------------------------------------------

_LOAD_S = 2e-5  # the conductance a target or source node sees, a handful of edges
_ETAS = (0.25, 0.5, 0.75)


def _nudge_bench(kind: str) -> str:
    """free at 0.2 V, label swept over the whole range, output loaded toward 0.2 V."""
    lines = ["Vf f 0 0.2", "Vm m 0 0.2"]
    for eta in _ETAS:
        name = f"n{round(100 * eta)}"
        pins = {"free": "f", "label": "x", "clamped": name}
        lines += [place("clamp", kind, name, pins, eta=eta), f"R{name} {name} m {1 / _LOAD_S}"]
    return deck((kind,), *lines, ".dc Vx 0 0.45 0.05")


def test_clamp_nudges_by_eta(ngspice: Run) -> None:
    wave = ngspice(_nudge_bench("clamp"))
    for eta in _ETAS:
        wanted = 0.2 + eta * (wave["v(x)"] - 0.2)
        error = wave[f"v(n{round(100 * eta)})"] - wanted
        same = np.argmin(np.abs(wave["v(x)"] - 0.2))
        assert abs(error[same]) < 1e-3, f"offset at eta {eta}"
        # the pair's curvature: grows with eta*(1-eta) and the square of label - free
        near = np.abs(wave["v(x)"] - 0.2) <= 0.1 + 1e-9
        assert np.abs(error[near]).max() < 4e-3, f"error at eta {eta}"
        assert np.abs(error).max() < 25e-3, f"error at eta {eta}"


def test_clamp_draws_nothing_from_free_and_label(ngspice: Run) -> None:
    wave = ngspice(_nudge_bench("clamp"))
    assert np.abs(wave["i(vf)"]).max() < 1e-12
    assert np.abs(wave["i(vx)"]).max() < 1e-12


def test_clamp_ideal_is_exact(ngspice: Run) -> None:
    wave = ngspice(_nudge_bench("clamp_ideal"))
    for eta in _ETAS:
        wanted = (1 - eta) * 0.2 + eta * wave["v(x)"]
        np.testing.assert_allclose(wave[f"v(n{round(100 * eta)})"], wanted, rtol=1e-12)


def _pair_bench(kind: str) -> str:
    """Free at 0.26 and 0.2 V; the label's difference swept from -0.2 to 0.2 V about 0.225 V."""
    lines = ["Vp p 0 0.26", "Vn n 0 0.2", "Bl l 0 v=0.225+0.5*v(x)", "Br r 0 v=0.225-0.5*v(x)"]
    ends = (("p", "n", "l", "r"), ("n", "p", "r", "l"))
    for eta in (0.5, 1.0):
        for free, other, label, reference in ends:
            out = f"{free}{round(100 * eta)}"
            pins = {"free": free, "other": other, "label": label, "reference": reference}
            lines.append(place("clamp", kind, out, pins | {"clamped": out}, eta=eta))
            lines.append(f"R{out} {out} {free} {1 / _LOAD_S}")
    return deck((kind,), *lines, ".dc Vx -0.2 0.2 0.05")


def _pair_errors(wave: Waves, eta: float) -> tuple[np.ndarray, np.ndarray]:
    """Error of the difference and of the mean of the pair, volts."""
    positive, negative = (wave[f"v({n}{round(100 * eta)})"] for n in "pn")
    wanted = 0.06 + eta * (wave["v(x)"] - 0.06)
    return positive - negative - wanted, 0.5 * (positive + negative) - 0.23


def test_clamp_pair_nudges_the_difference_and_keeps_the_mean(ngspice: Run) -> None:
    wave = ngspice(_pair_bench("clamp_pair"))
    for eta in (0.5, 1.0):
        difference, mean = _pair_errors(wave, eta)
        near = np.abs(wave["v(x)"] - 0.06) < 0.06
        assert np.abs(difference[near]).max() < 5e-3, f"eta {eta}"
        assert np.abs(difference).max() < 30e-3, f"eta {eta}"
        assert np.abs(mean).max() < 15e-3, f"eta {eta}"


def test_clamp_pair_ideal_is_exact(ngspice: Run) -> None:
    wave = ngspice(_pair_bench("clamp_pair_ideal"))
    for eta in (0.5, 1.0):
        for error in _pair_errors(wave, eta):
            np.testing.assert_allclose(error, 0, atol=1e-12)


def _driver_bench(kind: str) -> str:
    pins = {"in": "x", "out": "out"}
    return deck((kind,), place("driver", kind, "d", pins), "Vm m 0 0.2",
                f"Rload out m {1 / _LOAD_S}", ".dc Vx 0 0.45 0.05")  # fmt: skip


def test_driver_holds_its_input_voltage(ngspice: Run) -> None:
    wave = ngspice(_driver_bench("driver"))
    error = np.abs(wave["v(out)"] - wave["v(x)"])
    assert error[wave["v(x)"] > 0.09].max() < 3e-3
    # the sink is one N-MOS to ground: close to 0 V it runs out of drain voltage
    assert error.max() < 45e-3
    assert np.abs(wave["i(vx)"]).max() < 1e-12


def test_push_pull_driver_holds_its_input_and_gives_what_the_load_takes(ngspice: Run) -> None:
    wave, class_a = (ngspice(_driver_bench(kind)) for kind in ("driver_ab", "driver"))
    error = np.abs(wave["v(out)"] - wave["v(x)"])
    assert error[wave["v(x)"] > 0.09].max() < 2e-3
    assert error.max() < 45e-3
    idle = ngspice(_IDLE)["i(vdd)"][0]
    load = np.maximum((wave["v(out)"] - 0.2) * _LOAD_S, 0.0)
    own = -(wave["i(vdd)"] - idle) - load
    assert own.max() < 5e-6
    assert own.max() < 0.5 * -(class_a["i(vdd)"] - idle).min()


@pytest.mark.parametrize("load_ohm", [1e6, 5e4])
def test_push_pull_driver_settles_at_any_load(ngspice: Run, load_ohm: float) -> None:
    bench = deck(
        ("driver_ab",), place("driver", "driver_ab", "d", {"in": "x", "out": "out"}),
        f"Rload out 0 {load_ohm}", ".tran 2e-8 6e-5",
    )  # fmt: skip
    step = "PULSE(0.1 0.4 1e-5 1e-7 1e-7 2e-5 1e-3)"
    wave = ngspice(bench.replace("Vx x 0 0", f"Vx x 0 {step}"))
    time, out = wave["time"], wave["v(out)"]
    for begin, end, wanted in ((1.3e-5, 2.9e-5, 0.4), (3.3e-5, 6e-5, 0.1)):
        late = out[(time > begin) & (time < end)]
        assert np.ptp(late) < 2e-3, "rings"
        assert np.abs(late - wanted).max() < 4e-3


def test_driver_ideal_is_exact(ngspice: Run) -> None:
    wave = ngspice(_driver_bench("driver_ideal"))
    np.testing.assert_allclose(wave["v(out)"], wave["v(x)"], rtol=1e-12, atol=1e-15)


def test_ideal_cells_draw_what_they_push_from_their_rail(ngspice: Run) -> None:
    """Class B: the rail gives the current into the load while it is positive, and nothing else."""
    for wave, load in (
        (ngspice(_driver_bench("driver_ideal")), lambda w: (w["v(out)"] - 0.2) * _LOAD_S),
        (
            ngspice(_nudge_bench("clamp_ideal")),
            lambda w: sum(np.maximum(w[f"v(n{round(100 * e)})"] - 0.2, 0) * _LOAD_S for e in _ETAS),
        ),
    ):
        idle = ngspice(_IDLE)["i(vdd)"][0]
        drawn = -(wave["i(vdd)"] - idle)
        np.testing.assert_allclose(drawn, np.maximum(load(wave), 0), atol=2e-10)


_IDLE = deck((), ".dc Vx 0 0 1")
"""The bias generator alone, which every bench has."""


# --- bias ---------------------------------------------------------------------------------------


def test_bias_gives_quarter_microampere_units_at_any_supply(ngspice: Run) -> None:
    wave = ngspice(
        deck((), "Xunit out vbias vdd vdd pfet w=1e-6 l=1e-5", "Vout out 0 0.9",
             ".dc Vdd 1.5 1.98 0.06")
    )  # fmt: skip
    unit_A = wave["i(vout)"]
    nominal = float(np.interp(RAIL_V, wave["v(vdd)"], unit_A))
    assert nominal == pytest.approx(0.25e-6, rel=0.1)
    # independent of vdd to first order: the supply moves by 28 %, the current by a tenth of that
    assert np.ptp(unit_A) / nominal < 0.03


def test_bias_starts_by_itself(ngspice: Run) -> None:
    """From a dead supply, ramped up in 10 us, every node at 0 V before."""
    wave = ngspice(
        deck((), "Xunit out vbias vdd vdd pfet w=1e-6 l=1e-5", "Vout out 0 0.9",
             ".tran 1e-6 200e-6 0 1e-6 uic").replace("Vdd vdd 0 1.8", "Vdd vdd 0 pwl 0 0 10e-6 1.8")
    )  # fmt: skip
    assert wave["i(vout)"][-1] == pytest.approx(0.25e-6, rel=0.1)


def test_every_shipped_cell_is_on_a_bench_here() -> None:
    here = Path(__file__)
    source = "".join(p.read_text(encoding="utf-8") for p in here.parent.glob("test_*cells.py"))
    shipped = {path.stem for path in library_path().glob("*.cir")}
    benched = set(re.findall(r'["\']([a-z0-9_]+)["\']', source))
    assert shipped - benched == set()
