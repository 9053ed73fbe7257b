"""Every shipped design prepares, emits a deck that reads back equal, and ngspice loads it."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from learning import find_design, load_design, prepare
from learning.experiment.experiment import deck, macromodel_slots
from learning.measure.ledger import Ledger
from learning.measure.probes import main_probes
from netlist.machine.assembly import with_transient
from netlist.passes.leaves import leaves
from netlist.text.emitter import emit
from netlist.text.parser import parse

DESIGNS = sorted(p.stem for p in Path(str(files("circuits") / "designs")).glob("*.toml"))
_TABLE = "a,b,y\n0.1,0.2,0.15\n0.3,0.4,0.35\n0.2,0.1,0.15\n0.25,0.3,0.2\n"


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("table") / "mine.csv"
    path.write_text(_TABLE, encoding="utf-8")
    return path


def _prepared(name: str, table: Path):
    own = {"csv": (f"task.csv={table}",), "digits": ("task.test_fraction=0.99",)}.get(name, ())
    return prepare(load_design(find_design(name), (*own, "schedule.epochs=1")))


def test_the_designs_are_there() -> None:
    assert {"regression", "regression_twin", "allostery", "xor", "iris", "csv"} <= set(DESIGNS)


@pytest.mark.parametrize("name", DESIGNS)
def test_design_and_its_deck(name: str, table: Path, ngspice: Callable[..., dict]) -> None:
    experiment = _prepared(name, table)
    assembly = experiment.whole
    probes = main_probes(assembly, Ledger(assembly))
    transient = experiment.transient(experiment.schedule, probes)
    text = deck(assembly, transient)
    circuit = parse(text, "deck.cir")
    assert circuit == with_transient(assembly, transient)
    assert emit(circuit) == text
    again = _prepared(name, table)
    same = again.assembly(again.schedule, again.task.train, again.gates_V)
    assert deck(same, again.transient(again.schedule, probes)) == text
    n_transistor = sum(leaf.letter == "m" for leaf in leaves(circuit))
    twins = 0 if "edge" in macromodel_slots(experiment) else 2
    assert n_transistor >= twins * len(experiment.network.edges)
    if name == "digits":
        return  # its operating point takes ngspice half a minute
    # loads, finds its operating point and takes its first steps, every probe known
    tran = next(line for line in text.splitlines() if line.startswith(".tran"))
    waves = ngspice(text.replace(tran, ".tran 1e-8 1e-7 0 1e-8"))
    assert set(probes) <= set(waves)
    gates = [waves[f"v({gate})"][0] for gate in assembly.gates]
    np.testing.assert_allclose(gates, experiment.gates_V, atol=2e-3)
    held = [waves[f"v({node})"] for target in assembly.targets for node in target.free[:1]]
    assert all(np.all((volts > -0.1) & (volts < experiment.rail_V)) for volts in held)
