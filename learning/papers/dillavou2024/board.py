"""The published transistor board's figures beside those of the shipped one, with deviations.

The paper: Dillavou, Beyer, Stern, Liu, Miskin and Durian, "Machine learning without a processor:
emergent learning in a nonlinear analog network", PNAS 121, e2319718121, 2024 (arXiv 2311.00537).
Its abstract and opening could be read when this was written; S, V_th, V_0, tau_0 and 22 uF are
figures of it that stand in this repository since `circuits/designs/laboratory.toml` was made and
could not be read again, nor could its schematic: the update circuit is reconstructed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from learning.benches.measured import Measured
from learning.design.read import find_design, load_design
from learning.errors import LearningError
from learning.experiment.experiment import Experiment
from learning.experiment.prepare import prepare
from learning.measure.conductance import measure_conductances
from learning.studies.single.cell_bench import bench
from learning.studies.single.one_run import run
from learning.writing import write_text
from spice_backend.session.session import Session

DESIGN = "board_transistors"
"""The shipped board."""

QUERY_S = 1e-6
"""How long an answer takes: the abstract's "microseconds", at their shortest. The deck has no
capacitances in its network, so that it cannot tell."""

_S, _VTH_V, _V0_V, _TAU0_S = 7e-4, 0.7, 0.33, 18e-3
_PICOJOULES = (5e-12, 20e-12)

_GATES_V = np.linspace(1.5, 5.5, 9)
_MIDDLES_V = (0.05, 0.25, 0.45)


@dataclass(frozen=True, slots=True)
class Row:
    """One figure.

    Attributes:
        what: Its name.
        unit: SI.
        published: The paper's; the nearer end of a range.
        ours: Ours.
        how: How ours was found.
        source: Where theirs stands, and whether it could be read.
    """

    what: str
    unit: str
    published: float
    ours: float
    how: str
    source: str

    @property
    def deviation(self) -> float:
        """Ours against theirs, per cent."""
        return 100.0 * (self.ours / self.published - 1.0)


def compare_board(folder: Path, watch: Callable[[str], None] = lambda _: None) -> tuple[Row, ...]:
    """Measure the shipped board in ngspice and hold it against the paper.

    Args:
        folder: For the run and ``board.md``.
        watch: Told what is done.

    Returns:
        The rows.

    Raises:
        LearningError: When a design or a file cannot be used.
        SpiceError: When the simulator cannot do it.
    """
    experiment = prepare(load_design(find_design(DESIGN)))
    watch("conductances of an edge …")
    law = _law(experiment)
    watch("the update cell …")
    update = experiment.cells["update"].name
    found = bench(update, process=experiment.process.name).found[0]
    capacitance_F, gain = (_of(found, name) for name in ("capacitance_F", "gain_A_per_V2"))
    constant = capacitance_F / gain
    watch("the board learns …")
    result = run(DESIGN, out=folder / "run")
    edges = len(experiment.network.edges)
    edge_J = result.power_W["network_free"] / edges * QUERY_S
    nearest = float(np.clip(edge_J, *_PICOJOULES))
    rows = (*law, *_update(constant, capacitance_F), _energy(edge_J, nearest))
    write_text(folder / "board.md", table(rows))
    return rows


def _of(found: Measured, figure: str) -> float:
    value = found.value(figure)
    if value is None:
        raise LearningError(f"the bench has no figure {figure}", "bench", "an update cell's bench")
    return value


def _law(experiment: Experiment) -> tuple[Row, ...]:
    """K = S (V_G - V_th - mean V), fitted over gates and mean voltages."""
    with Session() as session:
        conductance = np.array([
            measure_conductances(
                session, experiment.process, experiment.cells["edge"],
                experiment.parameters("edge"), _GATES_V.tolist(),
                middle_V=middle_V, rail_V=experiment.rail_V,
            )
            for middle_V in _MIDDLES_V
        ])  # fmt: skip
    above_V = _GATES_V[None, :] - np.array(_MIDDLES_V)[:, None]
    slope, offset = np.polyfit(above_V.ravel(), conductance.ravel(), 1)
    law = _S * (above_V - _VTH_V)
    worst = int(np.argmax(np.abs(conductance / law - 1.0)))
    gate_V, middle_V = _GATES_V[worst % len(_GATES_V)], _MIDDLES_V[worst // len(_GATES_V)]
    fit = "fit of 27 conductances, gates 1.5 to 5.5 V, mean voltage 0.05 to 0.45 V"
    at = f"worst of the 27: gate {gate_V:g} V, mean voltage {middle_V:g} V"
    stated = "figure of the paper, not read again"
    return (
        Row("slope S of the conductance", "A/V²", _S, float(slope), fit, stated),
        Row("threshold V_th", "V", _VTH_V, float(-offset / slope), fit, stated),
        Row(
            *("conductance S (V_G - V_th - V)", "S", float(law.ravel()[worst])),
            *(float(conductance.ravel()[worst]), at, stated),
        ),
    )


def _update(constant_Vs: float, capacitance_F: float) -> tuple[Row, ...]:
    stated = "figures of the paper, not read again"
    return (
        Row(
            *("update constant V_0 tau_0", "V·s", _V0_V * _TAU0_S, constant_Vs),
            *("gate capacitor over the gain, both benched", stated),
        ),
        Row(
            *("capacitor at a gate", "F", 22e-6, capacitance_F),
            *("benched at the gate, with an edge", stated),
        ),
    )


def _energy(edge_J: float, nearest_J: float) -> Row:
    return Row(
        *("energy per edge and query, network alone", "J", nearest_J, edge_J),
        f"mean power of the free network over the run, over the edges, times {QUERY_S:g} s",
        "5 to 20 pJ, the authors to MIT Technology Review, June 2024, in reprints; abstract: "
        "picojoules, microseconds. The nearer end",
    )


def table(rows: tuple[Row, ...]) -> str:
    """The rows as Markdown.

    Args:
        rows: From `compare_board`.

    Returns:
        A table; lines end in a line feed.
    """
    head = "| figure | published | here | deviation | how | source |\n|---|---|---|---|---|---|\n"
    return head + "".join(
        f"| {r.what} | {r.published:.4g} {r.unit} | {r.ours:.4g} {r.unit} | "
        f"{r.deviation:+.2f} % | {r.how} | {r.source} |\n"
        for r in rows
    )


def data(rows: tuple[Row, ...]) -> list[dict[str, object]]:
    """The rows for a script.

    Args:
        rows: From `compare_board`.

    Returns:
        A dictionary each.
    """
    return [{**asdict(row), "deviation_percent": row.deviation} for row in rows]
