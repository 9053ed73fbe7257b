"""One deck in several engines: by how much they differ, and where.

ngspice in a session, plain ``ngspice -b`` with none of our code in the way, and neospice, which
shares its ancestry but not its code. Step control differs between them, so waveforms are compared
as waveforms, on one grid, and by their ends, and energies by what the sources supplied.

Two engines that agree on a circuit still differ by what each allows itself per step, and update
cells add such errors up. `TIGHT` asks all of them for less, and the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from spice_backend.batch import run_batch
from spice_backend.conformance.supplied_energy import supplied_J
from spice_backend.decks.options import with_options
from spice_backend.errors import DeckError
from spice_backend.safety.folder import own_folder
from spice_backend.safety.guard import refusal
from spice_backend.session.outcome import Outcome
from spice_backend.session.record import record
from spice_backend.session.session import Session
from spice_backend.waveforms.waveform import read_raw

if TYPE_CHECKING:
    import xarray as xr

TIGHT: Mapping[str, float | str] = {"reltol": 1e-4, "abstol": 1e-14, "trtol": 1, "bypass": 0}
"""Options with which engines differ by the circuit they solve rather than by their steps."""

_GRID = 4001
_TIMEOUT = "--timeout"
_MOST_BYTES = 1 << 30
_SMALL = 1e-3


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


@dataclass(frozen=True, slots=True)
class EnergyDifference:
    """The difference of two engines in what one source supplied.

    Attributes:
        engines: Their names.
        source: The voltage source or ammeter.
        energy_J: What it supplied, or what crossed it, in the first engine.
        other_J: The same in the second.
        difference: Of the two, as a share of the first, or of a thousandth of all energies
            together where that is more.
    """

    engines: tuple[str, str]
    source: str
    energy_J: float
    other_J: float
    difference: float


@dataclass(frozen=True, slots=True)
class Crosscheck:
    """What came of one deck in several engines.

    Attributes:
        outcomes: How each engine ended.
        differences: Of every two that completed, by unit.
        energies: Of every two that completed, source by source.
        datasets: What each that completed saved in its last analysis.
    """

    outcomes: dict[str, Outcome]
    differences: tuple[Difference, ...]
    energies: tuple[EnergyDifference, ...]
    datasets: dict[str, xr.Dataset]


def engines() -> tuple[str, ...]:
    """The engines there are on this machine, the first the one all others are compared with."""
    second = ("neospice",) if find_spec("neospice") is not None else ()
    return ("ngspice", "ngspice -b", *second)


def crosscheck(
    deck: str,
    timeout_s: float | None = None,
    *,
    trust: bool = False,
    options: Mapping[str, float | str] | None = None,
) -> Crosscheck:
    """Run a deck in every engine and compare what it saves.

    Args:
        deck: Its text, without includes.
        timeout_s: For each engine, seconds.
        trust: Run it even if it contains commands.
        options: Simulator options over the deck's, the same for every engine, such as `TIGHT`.

    Returns:
        How each engine ended and by how much they differ.

    Raises:
        DeckError: When the deck is refused.
        SpiceError: When an engine cannot be started.
    """
    asked = with_options(deck, options or {})
    reason = "" if trust else refusal(deck) or refusal(asked)
    if reason:
        raise DeckError(reason, hint="--trust, when you know what the deck does")
    outcomes: dict[str, Outcome] = {}
    found: dict[str, xr.Dataset] = {}
    for name in engines():
        outcome, datasets = _run(name, asked, timeout_s, trust=trust)
        outcomes[name] = outcome
        if outcome.ok and datasets:
            found[name] = datasets[-1]
    energies = {name: supplied_J(deck, dataset) for name, dataset in found.items()}
    return Crosscheck(
        outcomes, tuple(_differences(found)), tuple(_energy_differences(energies)), found
    )


def _energy_differences(found: Mapping[str, Mapping[str, float]]) -> Iterator[EnergyDifference]:
    for first, second in combinations(found, 2):
        shared = [source for source in found[first] if source in found[second]]
        total_J = sum(abs(found[first][source]) for source in shared)
        for source in shared:
            one_J, other_J = found[first][source], found[second][source]
            scale_J = max(abs(one_J), _SMALL * total_J)
            share = (other_J - one_J) / scale_J if scale_J else 0.0
            yield EnergyDifference((first, second), source, one_J, other_J, share)


def _run(
    name: str, deck: str, timeout_s: float | None, *, trust: bool
) -> tuple[Outcome, Sequence[xr.Dataset]]:
    if name == "ngspice -b":
        with own_folder() as scratch:
            file, raw = scratch / "deck.cir", scratch / "deck.raw"
            file.write_bytes(deck.encode("utf-8", "surrogateescape"))
            outcome = run_batch(file, raw, timeout_s, timeout_name=_TIMEOUT)
            return outcome, [read_raw(raw)] if outcome.ok else []
    with Session(timeout_s=timeout_s, engine=name, timeout_name=_TIMEOUT) as session:
        return record(session, deck, trust=trust, most_bytes=_MOST_BYTES)


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
