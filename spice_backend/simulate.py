"""Run somebody's deck as it stands and keep what it saved."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from spice_backend.batch import run_batch
from spice_backend.decks.whole_deck import read_deck
from spice_backend.errors import DeckError
from spice_backend.safety.guard import refusal
from spice_backend.safety.writing import replace_text
from spice_backend.session.outcome import Outcome
from spice_backend.session.record import record
from spice_backend.session.session import Session
from spice_backend.waveforms.waveform import read_raws, write_netcdf, write_raw

if TYPE_CHECKING:
    import xarray as xr

_RAW, _WAVEFORMS, _LOG = "waveforms.raw", "waveforms.nc", "log.txt"
_ANALYSIS = re.compile(
    r"^\s*\.(?:ac|dc|disto|noise|op|pss|pz|sens|sp|tf|tran)\b", re.IGNORECASE | re.MULTILINE
)
_END = re.compile(r"^\s*\.end\s*$", re.IGNORECASE | re.MULTILINE)
_TIMEOUT = "--timeout"
_MOST_BYTES = 1 << 30
"""Of waveforms in memory; a raw file that is larger is kept as it is."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """What came of a deck.

    Attributes:
        engine: Name and version.
        analyses: How many it made.
        steps: Points of the last one.
        signals: Signals of the last one.
        end: Last value of its scale; None without an analysis.
        unit: Of that scale, such as "s" of a transient; empty without an analysis.
        solver_time_s: Time the engine took, seconds.
        files: All that is new in the folder, by name.
    """

    engine: str
    analyses: int
    steps: int
    signals: int
    end: float | None
    unit: str
    solver_time_s: float
    files: tuple[str, ...]


def simulate(
    deck: str | Path,
    folder: str | Path,
    *,
    trust: bool = False,
    timeout_s: float | None = None,
) -> Simulated:
    """Run a deck in ngspice and write its waveforms and its log.

    The deck decides what is analysed and saved; nothing is added to it. One that is not trusted
    runs in a session, confined; a trusted one in a plain ngspice process, with your rights, in a
    folder inside `folder`. Whatever it writes there is kept, also when it fails or is ended.

    Args:
        deck: The deck.
        folder: Gets ``waveforms.nc`` (the last analysis), ``waveforms.raw`` (all) and ``log.txt``,
            and what a trusted deck writes by itself.
        trust: Run a deck that contains commands or reads other files.
        timeout_s: Wall time after which to give up, seconds; without one, a deck that ngspice
            reads for ever is given up all the same.

    Returns:
        What came of it.

    Raises:
        DeckError: When the deck cannot be read or is refused.
        SpiceError: When the simulation fails.
        OSError: When the folder cannot be written.
    """
    run = _trusted if trust else _guarded
    outcome, datasets, files = run(Path(deck), Path(folder), timeout_s)
    last = datasets[-1] if datasets else None
    return Simulated(
        engine=outcome.engine,
        analyses=len(datasets),
        steps=0 if last is None else last.sizes["step"],
        signals=0 if last is None else last.sizes["signal"],
        end=None if last is None or not last.sizes["step"] else float(last["scale"][-1]),
        unit="" if last is None else str(last["scale"].attrs.get("unit", "")),
        solver_time_s=outcome.solver_time_s,
        files=tuple(sorted(files)),
    )


def guarded_deck(deck: Path) -> str:
    """A deck's text, whole, if it is harmless.

    Args:
        deck: The deck.

    Returns:
        Its text, without includes.

    Raises:
        DeckError: When it cannot be read, reaches out of its folder or is refused.
    """
    text = read_deck(deck)
    reason = refusal(text)
    if reason:
        raise DeckError(reason, str(deck), "--trust, when you know what the deck does")
    if not _ANALYSIS.search(text):
        raise DeckError(
            "the deck asks for no analysis, so that there is nothing to simulate", str(deck),
            "a line such as .tran 1n 1u; a part of a deck is looked at by joulearn check",
        )  # fmt: skip
    # Plain ngspice does without; a session that is told a deck line by line waits for it.
    return text if _END.search(text) else f"{text}\n.end\n"


def _guarded(
    deck: Path, folder: Path, timeout_s: float | None
) -> tuple[Outcome, Sequence[xr.Dataset], list[str]]:
    text = guarded_deck(deck)
    with Session(timeout_s=timeout_s, timeout_name=_TIMEOUT) as session:
        outcome, datasets = record(session, text, most_bytes=_MOST_BYTES)
    folder.mkdir(parents=True, exist_ok=True)
    replace_text(folder / _LOG, "\n".join(outcome.log) + "\n")
    outcome.check()
    write_netcdf(datasets[-1], folder / _WAVEFORMS)
    write_raw(datasets, folder / _RAW, deck.stem)
    return outcome, datasets, [_LOG, _WAVEFORMS, _RAW]


def _trusted(
    deck: Path, folder: Path, timeout_s: float | None
) -> tuple[Outcome, Sequence[xr.Dataset], list[str]]:
    if not deck.is_file():
        raise DeckError("cannot read this deck: no such file", str(deck), "the path of a deck")
    folder.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="unfinished-", dir=folder))
    files = {_LOG}
    try:
        outcome = run_batch(deck, work / _RAW, timeout_s, timeout_name=_TIMEOUT)
    finally:
        files |= {path.name for path in work.iterdir()}
        _move(work, folder)
    replace_text(folder / _LOG, "\n".join(outcome.log) + "\n")
    outcome.check()
    if _RAW not in files:
        return outcome, [], sorted(files)
    if (folder / _RAW).stat().st_size > _MOST_BYTES:
        # Its raw file is all there; labelled arrays of it would not fit into memory.
        return outcome, [], sorted(files)
    datasets = read_raws(folder / _RAW)
    write_netcdf(datasets[-1], folder / _WAVEFORMS)
    return outcome, datasets, sorted({*files, _WAVEFORMS})


def _move(source: Path, target: Path) -> None:
    """Move what a run has left to where results are kept, over what earlier runs left there."""
    for path in sorted(source.iterdir()):
        other = target / path.name
        if all(one.is_dir() and not one.is_symlink() for one in (path, other)):
            _move(path, other)
        else:
            # This replaces a link of that name and does not follow it.
            path.replace(other)
    source.rmdir()
