"""
A whole run and its bill
========================

A small lattice teaches itself in ngspice, then the result is asked. Its cells are ideal here, so that it takes a
second; the bill is that of behavioural sources and says so. In transistors it is the same five lines.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib.pyplot as plt

from learning import run

ideal = {f"cells.{slot}": f"{slot}_ideal" for slot in ("edge", "update", "clamp", "driver")}
quick = {
    **ideal,
    "network.rows": 3,
    "network.columns": 3,
    "network.roles.sources": ["0", "4"],
    "network.roles.targets": ["2"],
    "network.roles.ground": ["8"],
    "initial.spread_V": 0.2,
    "schedule.presentation_s": 5e-5,
    "schedule.epochs": 6,
    "schedule.evaluate_every": 1,
    "measure.audit": False,
}
with TemporaryDirectory() as folder:
    result = run("regression_twin", Path(folder) / "run", settings=quick)

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4))
marks = result.error_V2.history
left.semilogy([m.epoch for m in marks], [m.error_V2 for m in marks], "o-")
left.set(xlabel="epoch", ylabel="error, V²")
bill_J = {name: joules for name, joules in result.energy_J.items() if name != "total" and joules}
right.barh(list(bill_J), [1e9 * joules for joules in bill_J.values()], color="#dd8a3c")
right.set(xlabel="energy, nJ", xscale="log")
figure.suptitle(f"{result.design}, {', '.join(result.ideal_cells)} ideal", fontsize=10)
figure.tight_layout()
