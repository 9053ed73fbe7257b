"""From a finished run to its page: figures drawn, numbers put into words, the template filled.

Everything a page shows stands in the page (styles, figures, the design), so that it can be sent by
mail and opened in ten years. Every string comes from a design, a table or a file name and is
escaped; only the figures, which are ours, go in as they are. No clock is read: the same run gives
the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import jinja2
from markupsafe import Markup

from learning.measure.ledger import NETWORKS
from learning.report.buildable import area, chip_words, square_um
from learning.report.charts import (
    closing_edges,
    conductance_scale,
    energy_bars,
    gate_history,
    learning_curve,
    network_drawings,
    presentation_waveforms,
    scatter,
)
from learning.report.comparison import comparison, number, standings, worse_than_mean
from learning.report.quantity import engineering, percent, scientific, times
from learning.report.retention import keeping_words
from learning.report.summary import (
    accuracies,
    balance_verdict,
    cells,
    headline,
    ledger,
    price,
    repetition,
    share,
    told_file,
    where,
)
from learning.report.unit_rows import RATIO, told_energy, unit_rows
from learning.result.read import Finished, Waveforms, read_finished
from learning.result.result import Result
from learning.running.folder import RunFolder
from learning.tasks.columns import told
from learning.writing import write_text

_BEFORE_UNIT = re.compile(r"(?<=[\d⁰¹²³⁴⁵⁶⁷⁸⁹]) (?=(?:%|V²|[afpnµmkMGT]?[JWs]\b))")

_FILTERS = {
    "engineering": engineering,
    "percent": percent,
    "scientific": scientific,
    "times": times,
    "share_of_variance": number,
    "area": area,
    "square_um": square_um,
    "told_energy": told_energy,
}


def write_report(folder: str | Path) -> Path:
    """Write ``report.html`` from what a run's folder holds.

    Args:
        folder: The folder of a finished run.

    Returns:
        The report.

    Raises:
        LearningError: When the folder holds no finished run, or its files are damaged.
    """
    run = RunFolder(Path(folder))
    write_text(run.report, page(read_finished(run)))
    return run.report


def page(finished: Finished) -> str:
    """Make the page.

    Args:
        finished: A finished run.

    Returns:
        HTML that refers to nothing outside itself.
    """
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(_FILTERS)
    template = files("learning.report").joinpath("template.html").read_text(encoding="utf-8")
    result, network = finished.result, finished.result.network
    return environment.from_string(template).render(
        r=result,
        design_text=finished.design,
        headline=[_unbroken(sentence) for sentence in headline(result)],
        ledger=_ledger_rows(result),
        balance=balance_verdict(result),
        accuracies=accuracies(result),
        comparison=_unbroken(comparison(result)),
        worse=worse_than_mean(result),
        standings=standings(result),
        where=where(result),
        cells=cells(result),
        files=_files(result),
        table=tuple(told(result.table)) if result.table else (),
        overhead_words=_unbroken(_overhead_words(result)),
        units=unit_rows(result),
        keeping=keeping_words(result),
        ratio_note=RATIO,
        chip=chip_words(result),
        repetition=repetition(result),
        has_stubs=bool(closing_edges(network.edges, network.positions)),
        figures=_figures(result, finished.waveforms),
    )


def _unbroken(text: str) -> str:
    """Keep numbers and their units on one line."""
    return _BEFORE_UNIT.sub("\N{NO-BREAK SPACE}", text)


def _overhead_words(result: Result) -> str:
    """What the bars say: how much of the energy computes, and who takes most of the rest."""
    energy_J, total_J = result.energy_J, result.energy_J["total"]
    networks_J = sum(energy_J[block] for block in NETWORKS)
    others = [(joules, name) for key, name, joules in ledger(energy_J) if key not in NETWORKS]
    most_J, most = max(others)
    return (
        f"{percent(share(networks_J, total_J))} of the energy went into the networks, "
        f"{percent(share(total_J - networks_J, total_J))} is overhead, the largest part of it "
        f"{most} ({percent(share(most_J, total_J))} of the whole). {price(result)}"
    )


@dataclass(frozen=True, slots=True)
class _LedgerRow:
    """A row of the page's ledger."""

    name: str
    energy_J: float
    power_W: float | None
    share: float
    overhead: bool


def _ledger_rows(result: Result) -> Sequence[_LedgerRow]:
    energy_J = result.energy_J
    return [
        _LedgerRow(
            name=name,
            energy_J=joules,
            power_W=result.power_W.get(key),
            share=share(joules, energy_J["total"]),
            overhead=key not in NETWORKS,
        )
        for key, name, joules in ledger(energy_J)
    ]


def _files(result: Result) -> Sequence[tuple[str, str]]:
    """Every file the run was made of: what it is, and its path and digest."""
    made = result.made_of
    if made is None:
        return ()
    named = [(f"{slot} cell", file) for slot, file in made.cells.items()]
    named += [("process", made.process), ("models", made.models)]
    named += [(what, f) for what, f in (("data", made.data), ("network", made.network)) if f]
    return [(what, told_file(file)) for what, file in named]


def _figures(result: Result, waveforms: Waveforms) -> dict[str, Markup]:
    network, conductances = result.network, result.conductances_S
    before, after = network_drawings(network, conductances)
    early, late = presentation_waveforms(waveforms.early, waveforms.late, waveforms.signals)
    drawn = {
        "learning_curve": learning_curve(result.error_V2),
        "energy_bars": energy_bars(result.energy_J),
        "gates": gate_history(waveforms.epochs, waveforms.gates_V, waveforms.gates),
        "before": before,
        "after": after,
        "scale": conductance_scale(network, conductances),
        "early": early,
        "late": late,
        **_scatters(result),
    }
    # Ours, and every letter in them was escaped when the SVG was written.
    return {name: Markup(element) for name, element in drawn.items()}  # noqa: S704


def _scatters(result: Result) -> dict[str, str]:
    """Predicted against wanted in volts, and in the table's units where it has some."""
    found = result.predictions
    if found is None:
        return {}
    drawn = {"volts": scatter(found, units=False)}
    return drawn | ({"units": scatter(found, units=True)} if found.train.wanted else {})
