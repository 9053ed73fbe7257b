"""The figures a study compares: a name, a unit, which way is better, and where a result has it.

Read from the typed result of a run, so that a study and a run's report never differ. A figure that
a run does not have (no test set, a tolerance that was not reached) is None: a spec on it fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from learning.errors import LearningError
from learning.measure.ledger import BLOCKS
from learning.result.result import Result
from netlist.naming import suggestion
from netlist.parts import slots

REACHED = "tolerance reached"
"""How a run ends that stopped at ``learning.tolerance_V2``."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a point.

    Attributes:
        name: With its unit at the end.
        unit: SI; empty for a plain number.
        meaning: What it is, in a line.
        low: Whether less is better.
        of: Takes it from a result.
    """

    name: str
    unit: str
    meaning: str
    low: bool
    of: Callable[[Result], float | None]


def _reached_J(r: Result) -> float | None:
    return r.energy_J["total"] if r.status == REACHED else None


def _improvement(r: Result) -> float | None:
    return r.error_V2.initial / r.error_V2.final if r.error_V2.final > 0 else None


def _block(block: str, title: str) -> Figure:
    what = f"energy of the block {title}, whole run"
    return Figure(f"energy_{block}_J", "J", what, True, lambda r: r.energy_J.get(block))


_TABLE = (
    Figure("error_V2", "V²", "error after learning", True, lambda r: r.error_V2.final),
    Figure("initial_error_V2", "V²", "error before it", True, lambda r: r.error_V2.initial),
    Figure("improvement", "", "error before over error after", False, _improvement),
    Figure(
        *("error_test_V2", "V²", "error on examples held out", True),
        lambda r: r.score.error.test_V2 if r.score else None,
    ),
    Figure(
        *("accuracy_train", "", "share in the right class, training", False),
        lambda r: r.accuracy.train if r.accuracy else None,
    ),
    Figure(
        *("accuracy_test", "", "share in the right class, held out", False),
        lambda r: r.accuracy.test if r.accuracy else None,
    ),
    Figure(
        *("r2_train", "", "share of the labels' variance, training", False),
        lambda r: r.score.r2.train if r.score else None,
    ),
    Figure(
        *("error_before_V2", "V²", "error of the sound machine before it broke", True),
        lambda r: r.broken.error_before_V2 if r.broken else None,
    ),
    Figure(
        *("error_broken_V2", "V²", "error right after edges broke", True),
        lambda r: r.error_V2.initial if r.broken else None,
    ),
    Figure(
        *("error_held_V2", "V²", "error after the wait retention.hold_s", True),
        lambda r: r.held.error_V2 if r.held else None,
    ),
    Figure("energy_J", "J", "all blocks, whole run", True, lambda r: r.energy_J["total"]),
    Figure(
        *("energy_to_tolerance_J", "J", "all blocks until learning.tolerance_V2 was reached"),
        *(True, _reached_J),
    ),
    Figure("power_W", "W", "all blocks, mean over the run", True, lambda r: r.power_W["total"]),
    Figure(
        *("energy_per_query_J", "J", "a query of the trained network", True),
        lambda r: r.inference.energy_per_query_J,
    ),
    Figure(
        *("settling_time_s", "s", "until an answer stands, slowest query", True),
        lambda r: r.inference.settling_time_s,
    ),
    Figure(
        *("overhead_ratio", "", "everything else ÷ the networks", True),
        lambda r: r.overhead_ratio,
    ),
    Figure(
        *("balance_residual", "", "what the audit did not find, of the supply", True),
        lambda r: r.energy_balance.residual if r.energy_balance else None,
    ),
    Figure("simulated_time_s", "s", "circuit time", True, lambda r: r.simulated_time_s),
    Figure("epochs", "", "epochs learned", True, lambda r: float(r.epochs)),
    Figure("transistors", "", "that the simulator saw", True, lambda r: float(r.transistors)),
    *(_block(block.name, block.title) for block in slots.BLOCKS),
    Figure("area_m2", "m²", "gates, capacitors and resistors, no wiring", True, lambda _: None),
)

FIGURES = {figure.name: figure for figure in _TABLE}
"""Every figure by its name; ``area_m2`` is the deck's to tell and not the result's."""

ENERGIES = tuple(f"energy_{block}_J" for block in BLOCKS)
"""The energies of the blocks, in the ledger's order."""


def find_figure(name: str, where: str) -> Figure:
    """A figure by its name.

    Args:
        name: A key of `FIGURES`.
        where: The place in the study file, for errors.

    Returns:
        The figure.

    Raises:
        LearningError: When no figure has that name.
    """
    if name not in FIGURES:
        listed = f"figures: {', '.join(FIGURES)}"
        raise LearningError(f"no figure is called {name}", where, suggestion(name, FIGURES, listed))
    return FIGURES[name]


def figures_of(result: Result, area_m2: float | None) -> dict[str, float | None]:
    """Every figure of a run.

    Args:
        result: Of the run.
        area_m2: Of its deck, square metres; None where nobody knows.

    Returns:
        By name, in SI units.
    """
    return dict(_taken(result)) | {"area_m2": area_m2}


def _taken(result: Result) -> Iterator[tuple[str, float | None]]:
    for figure in FIGURES.values():
        value = figure.of(result)
        yield figure.name, None if value is None else float(value)
