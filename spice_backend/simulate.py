"""Run somebody's deck as it stands and keep what it saved."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spice_backend.batch import run_batch
from spice_backend.decks.whole_deck import read_deck
from spice_backend.errors import DeckError
from spice_backend.safety.guard import refusal
from spice_backend.session.outcome import Outcome
from spice_backend.session.record import record
from spice_backend.session.session import Session
from spice_backend.waveforms.waveform import read_raws, write_netcdf, write_raw

if TYPE_CHECKING:
    import xarray as xr


def simulate(
    deck: Path, folder: Path, *, trust: bool = False, timeout_s: float | None = None
) -> dict[str, Any]:
    """Run a deck in ngspice and write its waveforms and its log.

    The deck decides what is analysed and saved; nothing is added to it. One that is not trusted
    runs in a session, confined; a trusted one in a plain ngspice process, with your rights.

    Args:
        deck: The deck.
        folder: Gets ``waveforms.nc`` (the last analysis), ``waveforms.raw`` (all) and ``log.txt``.
        trust: Run a deck that contains commands or reads other files.
        timeout_s: Wall time after which to give up, seconds.

    Returns:
        "engine", "analyses", "steps", "signals", "end" (last value of the scale) and
        "solver_time_s".

    Raises:
        DeckError: When the deck cannot be read or is refused.
        SpiceError: When the simulation fails.
    """
    outcome, datasets = _trusted(deck, timeout_s) if trust else _guarded(deck, timeout_s)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "log.txt").write_text("\n".join(outcome.log) + "\n", encoding="utf-8")
    outcome.check()
    write_netcdf(datasets[-1], folder / "waveforms.nc")
    write_raw(datasets, folder / "waveforms.raw", deck.stem)
    return {
        "engine": outcome.engine,
        "analyses": len(datasets),
        "steps": datasets[-1].sizes["step"],
        "signals": datasets[-1].sizes["signal"],
        "end": float(datasets[-1]["scale"][-1]),
        "solver_time_s": outcome.solver_time_s,
    }


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
    return text


def _guarded(deck: Path, timeout_s: float | None) -> tuple[Outcome, Sequence[xr.Dataset]]:
    text = guarded_deck(deck)
    with Session(timeout_s=timeout_s) as session:
        return record(session, text)


def _trusted(deck: Path, timeout_s: float | None) -> tuple[Outcome, Sequence[xr.Dataset]]:
    if not deck.is_file():
        raise DeckError("cannot read this deck: no such file", str(deck), "the path of a deck")
    scratch = Path(tempfile.mkdtemp(prefix="joulearn-"))
    try:
        outcome = run_batch(deck, scratch / "deck.raw", timeout_s)
        return outcome, read_raws(scratch / "deck.raw") if outcome.ok else []
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
