"""A cell measured alone, from Python or the command line, and the files that leaves."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from learning.benches.benched import Benched, conditions, measure_cell
from learning.benches.measured import Condition, Measured
from learning.benches.stand import stand
from learning.benches.timing import IN_TURN, TWIN
from learning.errors import LearningError, of_netlist
from learning.report.cell_text import cell_text
from learning.writing import write_text
from netlist.errors import NetlistError
from netlist.parts.process import TYPICAL, load_process


def bench(
    cell: str | Path,
    *,
    process: str = "generic180",
    corners: Sequence[str] = (),
    temperatures: Sequence[float] = (),
    mismatch: int = 0,
    seed: int = 0,
    slot: str | None = None,
    beside: Mapping[str, str] | None = None,
    parameters: Mapping[str, float] | None = None,
    nudge: float | None = None,
    settle_s: float | None = None,
    window_s: float | None = None,
    bounds: Mapping[str, float] | None = None,
    out: str | Path | None = None,
    watch: Callable[[Condition], None] = lambda _: None,
) -> Benched:
    """Measure a cell alone by its slot's contract, in ngspice, on its very file.

    Args:
        cell: A shipped cell, or the path of a ``.cir`` file.
        process: A shipped process, or the path of its ``.toml`` file.
        corners: Of the process; none takes its typical one.
        temperatures: Degrees Celsius; none takes the process's own.
        mismatch: How many chips besides, whose devices differ from each other.
        seed: Where the chips' randomness starts.
        slot: What the cell is used as, where its pins leave a choice.
        beside: By slot, cells that give it its lines; others are found by what they offer.
        parameters: Parameters of the cell that differ from its defaults, SI units.
        nudge: η of a clamp.
        settle_s: Free part of a presentation, seconds.
        window_s: Its part in which the cell acts, seconds.
        bounds: Limits of one's own, by figure.
        out: Folder for tables, curves and pictures; None writes nothing.
        watch: Called before every condition.

    Returns:
        Figures and curves by condition, and verdicts.

    Raises:
        LearningError: When the cell, the process, a corner or a bound cannot be used.
        SpiceError: When the simulator cannot do it.
    """
    try:
        taken = load_process(process, corners[0] if corners else TYPICAL)
        stood = stand(
            str(cell), taken, slot=slot, beside=beside, parameters=parameters, nudge=nudge
        )
        wanted = conditions(
            tuple(corners) or (taken.corner,), temperatures or (taken.temperature_C,), mismatch
        )
        own = IN_TURN if stood.architecture.in_turn or stood.cell.slot == "sequencer" else TWIN
        timing = replace(own, settle_s=settle_s or own.settle_s, window_s=window_s or own.window_s)
        found = measure_cell(stood, wanted, given=bounds, timing=timing, seed=seed, watch=watch)
    except NetlistError as error:
        raise of_netlist(error) from error
    if out is not None:
        write_benched(found, Path(out))
    return found


def write_benched(benched: Benched, folder: Path) -> tuple[Path, ...]:
    """Write a bench's files.

    Args:
        benched: What was found.
        folder: Where ``bench.json``, ``bench.txt``, ``figures.csv`` and, for every curve,
            ``NAME.csv``, ``NAME.svg`` and ``NAME.png`` go; made when it is not there.

    Returns:
        The files.

    Raises:
        LearningError: When they cannot be written.
    """
    from learning.report.charts.cell_curves import write_curves  # noqa: PLC0415 - plots load late

    texts = {
        "bench.json": json.dumps(facts(benched), indent=1, ensure_ascii=False) + "\n",
        "bench.txt": cell_text(benched),
        "figures.csv": _table(_figure_rows(benched.found)),
    }
    texts |= {
        f"{curve.name}.csv": _table(_curve_rows(benched.found, curve.name))
        for curve in benched.found[0].curves
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            write_text(folder / name, text)
        return (*(folder / name for name in texts), *write_curves(benched.found, folder))
    except OSError as error:
        hint = "another folder for --out"
        raise LearningError(f"cannot write here: {error.strerror}", str(folder), hint) from error


def facts(benched: Benched) -> dict[str, object]:
    """A bench for a script: SI units, the unit beside each figure.

    Args:
        benched: What was found.

    Returns:
        What ``bench.json`` holds.
    """
    return {
        "cell": benched.cell,
        "slot": benched.slot,
        "architecture": benched.architecture,
        "process": benched.process,
        "beside": dict(benched.beside),
        "engine": benched.engine,
        "timing_s": asdict(benched.timing),
        "passed": benched.passed,
        "bounds": [
            {
                **asdict(verdict.bound),
                "worst": _finite(verdict.value),
                "condition": asdict(verdict.condition),
                "passed": verdict.passed,
            }
            for verdict in benched.verdicts
        ],
        "measured": [
            {
                **asdict(one.condition),
                "figures": {f.name: _finite(f.value) for f in one.figures},
            }
            for one in benched.found
        ],
        "meanings": {
            f.name: {"unit": f.unit, "meaning": f.meaning} for f in benched.found[0].figures
        },
    }


def _finite(value: float) -> float | None:
    """JSON knows no infinity."""
    return value if abs(value) < float("inf") else None


def _figure_rows(found: Sequence[Measured]) -> Iterator[tuple[object, ...]]:
    yield "corner", "temperature_C", "chip", "figure", "value", "unit"
    for one in found:
        for figure in one.figures:
            yield (*_condition(one), figure.name, repr(figure.value), figure.unit)


def _curve_rows(found: Sequence[Measured], name: str) -> Iterator[tuple[object, ...]]:
    (first,) = (curve for curve in found[0].curves if curve.name == name)
    units = (f"{what}_{unit}" if unit else what for what, unit in (first.x, first.y))
    yield "corner", "temperature_C", "chip", "line", *(word.replace(" ", "_") for word in units)
    for one in found:
        for curve in (curve for curve in one.curves if curve.name == name):
            for line, (x, y) in curve.lines.items():
                for pair in zip(x.tolist(), y.tolist(), strict=True):
                    yield (*_condition(one), line, *map(repr, pair))


def _condition(one: Measured) -> tuple[object, ...]:
    condition = one.condition
    return condition.corner, condition.temperature_C, condition.draw


def _table(rows: Iterator[tuple[object, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
