"""The audit against a single transistor whose four terminals are driven up and down.

All that four sources supply must show as heat and stored charge, whichever end is the drain, for
each model level, polarity and multiplier; this is what says that signs, the multiplier and the end
a charge is counted from are read as ngspice means them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from learning.measure.audit import Audit
from netlist.text.parser import parse
from spice_backend.protocol.samples import Samples
from spice_backend.session.session import Session

FIRST_STEP_S = 1e-14
STEP_S = 1e-9
BSIM4 = (
    "level=54 version={version} toxe=2e-9 vth0={vth} u0=0.03 rdsmod=0 capmod=2 diomod=1 jss=1e-4 "
    "jsd=1e-4 cjs=1e-3 cjd=1e-3 cgso=0 cgdo=0 cgbo=0 cf=0 rbodymod={body}"
)
LEAKY = BSIM4 + (
    " igcmod=1 igbmod=1 toxref=2e-9 agidl=1e-9 bgidl=1e9 cgidl=0.5 egidl=0.5 "
    "alpha0=1e-6 alpha1=1 beta0=8"
)
CARDS = {
    "level 1": "level=1 vto={vth} tox=4e-9 u0=330 lambda=0.02 cj=1e-3 cgso=3e-10 cgdo=3e-10",
    "bsim3": "level=8 version=3.3.0 tox=4e-9 vth0={vth} u0=0.03 cj=1e-3 cgso=3e-10 cgdo=3e-10",
    "bsim4.5": BSIM4.replace("{version}", "4.5").replace("{body}", "0"),
    "bsim4.5 with body resistances": BSIM4.replace("{version}", "4.5").replace("{body}", "1"),
    "bsim4.8": BSIM4.replace("{version}", "4.8").replace("{body}", "0"),
    "leaky bsim4.5": LEAKY.replace("{version}", "4.5").replace("{body}", "0"),
}


def deck(card: str, kind: str, m: int) -> str:
    """A transistor that is driven through both modes of operation, junctions blocked."""
    sign = 1 if kind == "nmos" else -1
    rng = np.random.default_rng(2)
    lines = [f".model mod {kind} {card.format(vth=0.4 * sign)}"]
    for node, (low, high) in {"d": (0, 2), "g": (-0.5, 2), "s": (0, 2), "b": (-1, 0)}.items():
        volts = sign * rng.uniform(low, high, 8)
        points = " ".join(f"{(i + 0.1) * STEP_S:g} {v:.6g}" for i, v in enumerate(volts))
        # the audit's window opens at rest
        lines.append(f"V{node} {node} 0 pwl(0 {volts[0]:.6g} {points})")
    lines.append(f"M1 d g s b mod w=2e-6 l=1.5e-7 m={m} ad=1e-12 as=1e-12 pd=4e-6 ps=4e-6")
    lines.append(".options temp=27 gmin=1e-15 reltol=1e-5")
    lines.append(f".tran 1e-12 {7.1 * STEP_S:g} 0 2e-12")
    return "one transistor\n" + "\n".join(lines) + "\n.end\n"


@pytest.fixture(scope="module")
def session():
    with Session(timeout_s=60) as session:
        yield session


def _begun(take: Callable[[Samples], bool]) -> Callable[[Samples], bool]:
    """Leave out the first 10 fs.

    ngspice 39 begins level 1 with 0.3 A for so long, from sources that stand still, and a charge
    that no device takes.
    """

    def later(samples: Samples) -> bool:
        kept = samples.scale > FIRST_STEP_S
        return take(replace(samples, scale=samples.scale[kept], values=samples.values[kept]))

    return later


@pytest.mark.parametrize("m", [1, 3])
@pytest.mark.parametrize("kind", ["nmos", "pmos"])
@pytest.mark.parametrize("card", list(CARDS))
def test_a_transistor_s_energy_is_all_accounted_for(card, kind, m, session) -> None:
    circuit = parse(deck(CARDS[card], kind, m))
    audit = Audit(circuit)
    saved = f".save {' '.join(audit.probes)}\n.end\n"
    text = deck(CARDS[card], kind, m).replace(".end\n", saved)
    session.run(text, audit.probes, _begun(audit.take)).check()
    balance = audit.balance()
    assert not balance.blind
    assert balance.residual < 1e-3
    assert abs(balance.stored_J) > 4e-3 * abs(balance.supplied_J), "charges do not matter here"


def test_only_leaks_that_a_card_allows_are_asked_for() -> None:
    quiet = Audit(parse(deck(CARDS["bsim4.5"], "nmos", 1))).probes
    leaky = Audit(parse(deck(CARDS["leaky bsim4.5"], "nmos", 1))).probes
    assert set(leaky) - set(quiet) == {
        f"@m1[{name}]" for name in ("igs", "igd", "igcs", "igcd", "igb", "igidl", "igisl")
    }


def test_a_binned_transistor_is_not_overlooked() -> None:
    text = deck(CARDS["bsim4.5"], "nmos", 1).replace(".model mod ", ".model mod.7 ")
    assert "@m1[capbd]" in Audit(parse(text)).probes
    assert not Audit(parse(text)).blind


def test_a_switch_that_rings_in_coarse_steps_makes_no_heat() -> None:
    """The trapezoidal rule lets a switch's ends swap at every step, about a mean of nothing."""
    text = f".model mod nmos {CARDS['bsim3'].format(vth=0.4)}\nVd d 0 0\nM1 d g 0 0 mod\nVg g 0 2"
    audit = Audit(parse(f"a switch\n{text}\n.end\n"))
    swing = 0.02 * (-1.0) ** np.arange(9)
    told = {"v(d)": swing, "i(vd)": -1e-4 * swing, "@m1[id]": 1e-4 * np.abs(swing)}
    values = np.column_stack([told.get(name, np.zeros(9)) for name in audit.probes])
    audit.take(Samples(1e-6 * np.arange(9), values))
    assert set(told) <= set(audit.probes)
    assert audit.balance().dissipated_J == pytest.approx(0.0, abs=1e-25)
