"""The accelerated plant beside ngspice, a line a machine: what its anchors say.

Run: ``python -m benchmarks.beside_spice [--only NAME ...]``. Each machine's first evaluation, first
epoch and an evaluation after it are played by both, at the tolerances a run has; where the plant
misses what it declares, against ngspice at tight ones, too, and that is what counts. Tables and
anchors are kept (`learning.fidelity.accelerated.store`), so that a line is played once.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from learning.design.read import find_design, load_design
from learning.errors import LearningError
from learning.experiment.prepare import prepare
from learning.fidelity import anchor
from learning.fidelity.plants import ACCELERATED, open_plant
from learning.measure.deviation import Deviation
from spice_backend.errors import SpiceError

HEAD = (
    "machine",
    "beside",
    "gates, mV rms",
    "root of the error, mV",
    "block farthest off",
    "held?",
)

WEIGHED = "learning.power_weight=0.05"

FEW = "simulator.anchor_examples=12"
"""A hundred flowers take ngspice half an hour; examples of a file come in its order."""

MACHINES: Mapping[str, tuple[str, ...]] = {
    **{f"regression, seed {seed}": ("regression", f"seed={seed}") for seed in range(5)},
    "regression, λ = 0.05": ("regression", WEIGHED),
    "regression, ss": ("regression", "corner=ss"),
    "regression, ff": ("regression", "corner=ff"),
    "regression, sky130": ("regression", "process=sky130"),
    "regression_long": ("regression_long",),
    "regression_twin": ("regression_twin",),
    "regression_twin, λ = 0.05": ("regression_twin", WEIGHED),
    "regression_twin, ss": ("regression_twin", "corner=ss"),
    "regression_twin, ff": ("regression_twin", "corner=ff"),
    "regression_twin, own edge": ("regression_twin", "cells.edge="),
    "xor": ("xor",),
    "xor, λ = 0.05": ("xor", WEIGHED),
    "xor_single": ("xor_single",),
    "allostery": ("allostery",),
    "allostery_single": ("allostery_single",),
    "csv": ("csv",),
    "csv_single": ("csv_single",),
    "iris": ("iris", FEW),
    "iris_single": ("iris_single", FEW),
}
"""A design and what is set of it, by the line's name."""

OWN_EDGE = """\
* an edge that only this table knows: a transistor beside a resistor, a gate of two capacitances
.subckt shunted fa fb ca cb gate vss r=4e5
Rf fa fb {r}
Rc ca cb {r}
Xf fa gate fb vss nfet w=5e-7 l=1.2e-5
Xc ca gate cb vss nfet w=5e-7 l=1.2e-5
Cg gate vss 8e-12
.ends shunted
"""


def lines(name: str, design: str, changes: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """What a machine's anchor says: a line, and a second one where tight tolerances were asked.

    Args:
        name: The line's.
        design: The design's name.
        changes: What is set of it.

    Yields:
        Texts under `HEAD`.
    """
    experiment = prepare(load_design(find_design(design), changes))
    with open_plant(ACCELERATED, experiment) as plant:
        found = anchor.anchored(plant)
        if found is None:
            return
        missed = anchor.missing(plant, found.judged)
        held = f"no: {missed}" if missed else "yes"
        yield (name, "a run", *_figures(found.own), "" if found.tight else held)
        if found.tight:
            yield ("", "tight", *_figures(found.tight), held)


def _figures(found: Deviation) -> tuple[str, str, str]:
    worst = max(found.energy, key=lambda block: abs(found.energy[block]))
    root = f"{found.root_error_V * 1e3:+.2f} of {found.truth_root_error_V * 1e3:.1f}"
    return f"{found.gates_V * 1e3:.2f}", root, f"{worst} {found.energy[worst]:+.2%}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table.

    Args:
        arguments: Of the command line; None takes this process's.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", choices=tuple(MACHINES), default=tuple(MACHINES))
    chosen = parser.parse_args(arguments)
    _say(HEAD)
    _say(("---",) * len(HEAD))
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder) / "shunted.cir"
        own.write_text(OWN_EDGE, encoding="utf-8")
        for name in chosen.only:
            design, *changes = MACHINES[name]
            given = [f"{one}{own}" if one.endswith("=") else one for one in changes]
            try:
                for line in lines(name, design, given):
                    _say(line)
            except (LearningError, SpiceError) as error:
                _say((name, "", "", "", "", f"no: {error}"))


def _say(cells: Sequence[str]) -> None:
    sys.stdout.write("| " + " | ".join(cells) + " |\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
