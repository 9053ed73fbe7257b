"""Three engines on every shipped design: gates, energies by source and bills by block.

Decks of one epoch and few examples, so that all of it takes a few minutes. `make evidence` prints
the differences with the tolerances that designs are written with, and with tight ones; agreement
is asserted for the tight ones, where engines differ by the circuit and not by their steps.
"""

import numpy as np
import pytest

from learning.design.read import find_design, load_design
from learning.experiment.experiment import deck
from learning.experiment.prepare import prepare
from learning.measure.ledger import BLOCKS, Ledger
from learning.measure.probes import columns, main_probes
from spice_backend.conformance.crosscheck import TIGHT, crosscheck

pytestmark = pytest.mark.evidence

SHORT = {
    "regression": ["task.examples=2"],
    "xor": [],
    "iris": ["task.test_fraction=0.97"],
    "allostery": ["task.examples=2"],
    "csv": ["task.test_fraction=0.8"],
    "laboratory": ["task.examples=2"],
}
SMALL = 1e-2
"""A bill below this share of the whole is compared with this share of the whole: control lines give
back all but a ten-thousandth of it, and the ledger's trapezoids do not resolve what is left."""


@pytest.mark.parametrize("tolerances", ["as written", "tight"])
@pytest.mark.parametrize("name", SHORT)
def test_engines_agree_on_gates_and_energies(name, tolerances):
    words = ["schedule.epochs=1", *SHORT[name]]
    experiment = prepare(load_design(find_design(name), words))
    assembly = experiment.whole
    ledger = Ledger(assembly)
    probes = main_probes(assembly, ledger)
    text = deck(assembly, experiment.transient(experiment.schedule, probes))
    found = crosscheck(text, 600, options=TIGHT if tolerances == "tight" else None)
    assert [outcome.message for outcome in found.outcomes.values()] == ["", "", ""]
    ends, bills = {}, {}
    for engine, dataset in found.datasets.items():
        names = tuple(str(signal) for signal in dataset["signal"].values)
        values = dataset["values"].values
        ends[engine] = values[-1, columns(names, assembly.gates)]
        bills[engine] = ledger.energy(names, dataset["scale"].values, values)
    gate_V = max(np.abs(end - ends["ngspice"]).max() for end in ends.values())
    total_J = bills["ngspice"].sum()
    scale_J = np.maximum(np.abs(bills["ngspice"]), SMALL * total_J)
    shares = {engine: (bill - bills["ngspice"]) / scale_J for engine, bill in bills.items()}
    engine = max(shares, key=lambda one: np.abs(shares[one]).max())
    block = int(np.abs(shares[engine]).argmax())
    source = max(found.energies, key=lambda one: abs(one.difference))
    print(
        f"\n{name}, tolerances {tolerances}: largest difference of a gate {1e3 * gate_V:.4f} mV, "
        f"of a bill {100 * shares[engine][block]:+.4f} % ({BLOCKS[block]}, {engine}), of what a "
        f"source supplied {100 * source.difference:+.4f} % ({source.source}, {source.engines[1]})"
    )
    assert np.array_equal(ends["ngspice"], ends["ngspice -b"])
    assert gate_V > 0.0, "two engines that do not differ in a bit are one"
    if tolerances == "tight":
        assert gate_V <= 1e-3
        assert np.abs(shares[engine]).max() <= 5e-3
        assert abs(source.difference) <= 5e-3
