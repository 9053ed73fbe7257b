"""Run somebody's deck as it stands and keep what it saved."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from spice_backend.batch import run_batch
from spice_backend.errors import DeckError
from spice_backend.guard import refusal
from spice_backend.waveform import read_raw, write_netcdf


def simulate(deck: Path, folder: Path, *, trust: bool = False) -> dict[str, Any]:
    """Run a deck in ngspice and write its waveforms and its log.

    The deck decides what is analysed and saved; nothing is added to it.

    Args:
        deck: The deck.
        folder: Gets ``waveforms.nc`` and ``log.txt``.
        trust: Run a deck that contains commands or reads other files.

    Returns:
        "engine", "steps", "signals", "end" (last value of the scale) and "solver_time_s".

    Raises:
        DeckError: When the deck cannot be read or is refused.
        SpiceError: When the simulation fails.
    """
    try:
        text = deck.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise DeckError(
            f"cannot read this deck: {error.strerror}", str(deck), "the path of a SPICE deck"
        ) from error
    reason = "" if trust else refusal(text)
    if reason:
        raise DeckError(reason, str(deck), "--trust, when you know what the deck does")
    scratch = Path(tempfile.mkdtemp(prefix="joulearn-"))
    try:
        outcome = run_batch(deck, scratch / "deck.raw")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "log.txt").write_text("\n".join(outcome.log) + "\n", encoding="utf-8")
        outcome.check()
        waveforms = read_raw(scratch / "deck.raw")
        write_netcdf(waveforms, folder / "waveforms.nc")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return {
        "engine": outcome.engine,
        "steps": waveforms.sizes["step"],
        "signals": waveforms.sizes["signal"],
        "end": float(waveforms["scale"][-1]),
        "solver_time_s": outcome.solver_time_s,
    }
