"""One deck in several engines: by how much they differ, and where.

ngspice in a session, plain ``ngspice -b`` with none of our code in the way, and neospice, which
shares its ancestry but not its code. Step control differs between them, so waveforms are compared
as waveforms, on one grid, and by their ends.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path

import numpy as np
import xarray as xr

from spice_backend.batch import run_batch
from spice_backend.errors import DeckError
from spice_backend.guard import refusal
from spice_backend.outcome import Outcome
from spice_backend.record import record
from spice_backend.session import Session
from spice_backend.waveform import read_raw

_GRID = 4001


@dataclass(frozen=True, slots=True)
class Difference:
    """The largest difference of two engines in one unit.

    Attributes:
        engines: Their names.
        unit: "V" or "A".
        largest: Largest difference between the waveforms, in the unit.
        signal: Where it is.
        scale: When it is, seconds.
        full_scale: Span of that signal, in the unit.
        at_end: Largest difference at the end of the run, in the unit.
        signal_at_end: Where that is.
    """

    engines: tuple[str, str]
    unit: str
    largest: float
    signal: str
    scale: float
    full_scale: float
    at_end: float
    signal_at_end: str


def engines() -> tuple[str, ...]:
    """The engines there are on this machine, the first the one all others are compared with."""
    second = ("neospice",) if find_spec("neospice") is not None else ()
    return ("ngspice", "ngspice -b", *second)


def crosscheck(
    deck: str, timeout_s: float | None = None, *, trust: bool = False
) -> tuple[dict[str, Outcome], list[Difference]]:
    """Run a deck in every engine and compare what it saves.

    Args:
        deck: Its text, without includes.
        timeout_s: For each engine, seconds.
        trust: Run it even if it contains commands.

    Returns:
        How each engine ended, and the differences of every two that completed, by unit.

    Raises:
        DeckError: When the deck is refused.
        SpiceError: When an engine cannot be started.
    """
    reason = "" if trust else refusal(deck)
    if reason:
        raise DeckError(reason, hint="--trust, when you know what the deck does")
    outcomes: dict[str, Outcome] = {}
    found: dict[str, xr.Dataset] = {}
    for name in engines():
        outcome, datasets = _run(name, deck, timeout_s, trust=trust)
        outcomes[name] = outcome
        if outcome.ok and datasets:
            found[name] = datasets[-1]
    return outcomes, list(_differences(found))


def _run(
    name: str, deck: str, timeout_s: float | None, *, trust: bool
) -> tuple[Outcome, Sequence[xr.Dataset]]:
    if name == "ngspice -b":
        with tempfile.TemporaryDirectory(prefix="joulearn-") as scratch:
            file, raw = Path(scratch) / "deck.cir", Path(scratch) / "deck.raw"
            file.write_text(deck, encoding="utf-8")
            outcome = run_batch(file, raw, timeout_s)
            return outcome, [read_raw(raw)] if outcome.ok else []
    kind = "neospice" if name == "neospice" else "ngspice"
    with Session(timeout_s=timeout_s, engine=kind) as session:  # type: ignore[arg-type]
        return record(session, deck, trust=trust)


def _differences(found: Mapping[str, xr.Dataset]) -> Iterator[Difference]:
    for first, second in combinations(found, 2):
        a, b = found[first], found[second]
        there = {str(name): index for index, name in enumerate(b["signal"].values)}
        shared = [str(name) for name in a["signal"].values if str(name) in there]
        units = {str(n): str(u) for n, u in zip(a["signal"].values, a["unit"].values, strict=True)}
        for unit in ("V", "A"):
            names = [name for name in shared if units[name] == unit]
            if names:
                yield _difference((first, second), unit, names, (a, b))


def _difference(
    pair: tuple[str, str], unit: str, names: Sequence[str], sets: tuple[xr.Dataset, xr.Dataset]
) -> Difference:
    end = min(float(one["scale"].values[-1]) for one in sets)
    grid = np.linspace(0.0, end, _GRID)
    first, second = (_on(grid, one, names) for one in sets)
    away = np.abs(first - second)
    step, signal = divmod(int(np.argmax(away)), len(names))
    last = int(np.argmax(away[-1]))
    return Difference(
        engines=pair,
        unit=unit,
        largest=float(away[step, signal]),
        signal=names[signal],
        scale=float(grid[step]),
        full_scale=float(np.ptp(first[:, signal])),
        at_end=float(away[-1, last]),
        signal_at_end=names[last],
    )


def _on(
    grid: np.ndarray[tuple[int], np.dtype[np.float64]], dataset: xr.Dataset, names: Sequence[str]
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    places = {str(name): index for index, name in enumerate(dataset["signal"].values)}
    scale, values = dataset["scale"].values, dataset["values"].values.real
    return np.column_stack([np.interp(grid, scale, values[:, places[name]]) for name in names])
