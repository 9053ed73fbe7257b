"""Everything side by side, a row for each thing: ours, what it is held against, their ratio.

Each bench measures both of its sides in the same run. Processor time wherever one process does
the work, so that a busy machine spoils little; the study's row is wall time.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from statistics import median

from benchmarks import accelerated, closed_loop, parsers, study_speed, twin, warm_session
from benchmarks.accelerated import Cost, children_s, exponent

Say = Callable[[str], None]


@dataclass(frozen=True)
class Row:
    """A thing measured.

    Attributes:
        what: Of what, and the two sides' unit.
        ours: joulearn's side.
        beside: What it is held against.
        ratio: The first over the second, or whatever `note` says it is.
        note: What a reader must know: deviations, sizes.
    """

    what: str
    ours: float
    beside: float
    ratio: float
    note: str = ""


def _command(*, short: bool) -> Iterator[Row]:
    """`joulearn learn` against ``ngspice -b`` on the deck that it leaves: processor seconds."""
    sets = ["measure.audit=false", "schedule.evaluate_every=1", "learning.tolerance_V2=0"]
    sets += ["task.examples=5", "schedule.epochs=1"] if short else ["schedule.epochs=2"]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        chosen = [part for one in sets for part in ("--set", one)]
        command = [
            str(Path(sys.executable).with_name("joulearn")),
            "learn",
            "regression_twin",
            *chosen,
        ]
        ours = _child_s([*command, "--out", str(out)], Path(folder))
        raw = str(Path(folder) / "plain.raw")
        plain = _child_s(["ngspice", "-b", "-r", raw, str(out / "deck.cir")], Path(folder))
    yield Row(
        "whole command over plain ngspice -b, s", ours, plain, ours / plain,
        "with imports, query, bench and report, which do not grow with a run; audit off",
    )  # fmt: skip


def _child_s(command: list[str], folder: Path) -> float:
    before = children_s()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:4])} …: {(done.stderr or done.stdout)[-300:]}")
    return children_s() - before


def _session(*, short: bool) -> Iterator[Row]:
    found = warm_session.measure(20 if short else 40, 1 if short else 3)
    ours, theirs = found["warm_steps_per_s"], found["stock_steps_per_s"]
    apart_V = found["largest_gate_difference_V"]
    yield Row(
        "session's loop over stock PySpice's, steps/s", ours, theirs, ours / theirs,
        f"gates differ by at most {apart_V * 1e6:.2g} uV",
    )  # fmt: skip


def _steering(*, short: bool) -> Iterator[Row]:
    found = closed_loop.measure(1 if short else 3)
    closed_s, open_s = found["closed_s"], found["open_s"]
    yield Row(
        "decided while it runs over from the deck, s", closed_s, open_s, closed_s / open_s,
        f"largest difference of a probe {found['largest_difference']:g}",
    )  # fmt: skip


def _plants(*, short: bool) -> Iterator[Row]:
    for design in accelerated.DESIGNS:
        sets = accelerated.SHORT if not short else ("task.examples=5", "schedule.epochs=1")
        found = accelerated.side_by_side(design, sets)
        apart = found.apart
        worst = max((name for name in apart.energy), key=lambda name: abs(apart.energy[name]))
        yield Row(
            f"accelerated over ngspice, {design}, presentations/s", found.accelerated, found.spice,
            found.accelerated / found.spice,
            f"gates {apart.gates_V * 1e3:.2g} mV rms, root of the error "
            f"{apart.root_error_V * 1e3:+.2g} mV, {worst} {apart.energy[worst]:+.1%}",
        )  # fmt: skip


def _growth(*, short: bool) -> Iterator[Row]:
    for design in accelerated.DESIGNS:
        costs = list(accelerated.growth(design, (4, 8, 16) if short else (4, 8, 16, 32)))
        yield _grown(f"accelerated, {design}", costs)


def _spice_growth(*, short: bool) -> Iterator[Row]:
    for design in accelerated.DESIGNS[:1] if short else accelerated.DESIGNS:
        costs = list(accelerated.spice_growth(design, (4, 8) if short else (4, 8, 16)))
        yield _grown(f"ngspice, {design}", costs)


def _grown(name: str, costs: list[Cost]) -> Row:
    first, last = costs[0], costs[-1]
    began = f", starts in {first.start_s:.2g} and {last.start_s:.2g} s" if last.start_s else ""
    return Row(
        f"{name}: {last.edges} edges over {first.edges}, ms a presentation",
        last.seconds * 1e3, first.seconds * 1e3, last.seconds / first.seconds,
        f"exponent {exponent(costs):.2f}, {last.peak_MiB} MiB{began}",
    )  # fmt: skip


def _parsers(*, short: bool) -> Iterator[Row]:
    sizes = (1_000, 10_000) if short else (1_000, 10_000, 100_000)
    read: dict[tuple[str, int], float] = {}
    for found in parsers.measure(sizes, 20.0):
        if found["read_s"]:
            read[found["library"], found["elements"]] = found["elements"] / found["read_s"]
    for elements in sizes:
        ours = read["joulearn", elements]
        theirs = read.get(("PySpice", elements), float("nan"))
        yield Row(
            f"decks of {elements} elements read, over PySpice, elements/s", ours, theirs,
            ours / theirs, "PySpice stopped after 20 s" if isnan(theirs) else "",
        )  # fmt: skip


def _study(*, short: bool) -> Iterator[Row]:
    points = 12 if short else 60
    found = study_speed.compared(points, 1.0 if short else 4.0)
    two, one = points / found.two.wall_s, points / found.one.wall_s
    yield Row(
        "a study's points by 2 workers over 1, points/s", two, one, found.ratio,
        f"wall time; two processes that only count do {median(found.machine):.2f} times as much",
    )  # fmt: skip


def _twin(*, short: bool) -> Iterator[Row]:
    theirs, ours, apart = twin.side_by_side(500 if short else 2000, 2 if short else 3)
    yield Row(
        "twin over the paper's dense loop, steps/s", ours, theirs, ours / theirs,
        f"conductances differ by at most {apart:.1e}",
    )  # fmt: skip


BENCHES: Mapping[str, Callable[..., Iterator[Row]]] = {
    "command": _command,
    "session": _session,
    "steering": _steering,
    "plants": _plants,
    "growth": _growth,
    "spice-growth": _spice_growth,
    "parsers": _parsers,
    "study": _study,
    "twin": _twin,
}
"""Each takes `short` and yields its rows."""

HEAD = f"{'what':62}{'ours':>11}{'beside':>11}{'ratio':>10}  note"


def line(row: Row) -> str:
    """A row as a line of the table."""
    return f"{row.what:62}{row.ours:11.4g}{row.beside:11.4g}{row.ratio:10.3g}  {row.note}".rstrip()
